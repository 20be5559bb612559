import type { Twin, TwinFactory } from '../twin.ts'

/** The clock as a queue: a page that is passed over goes to its end. */
export const variants = ['bits=1', 'bits=7:initial=2', 'bits=2:initial=9']

export const twin: TwinFactory = (frames, { bits, initial }): Twin => {
  const most = 2 ** Number(bits) - 1
  const queue: { page: number; count: number }[] = [] // the hand is at its front
  return {
    reference(page) {
      const found = queue.find(entry => entry.page === page)
      if (found) {
        found.count = Math.min(found.count + 1, most)
        return 'hit'
      }
      let victim: number | undefined
      while (queue.length === frames) {
        const entry = queue.shift() as { page: number; count: number }
        if (entry.count === 0) victim = entry.page
        else queue.push({ page: entry.page, count: entry.count - 1 })
      }
      queue.push({ page, count: Math.min(Number(initial), most) })
      return { victim }
    },
  }
}
