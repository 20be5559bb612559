import type { Twin } from '../twin.ts'

/** FIFO with reinsertion: the same decisions as a clock. */
export function twin(frames: number): Twin {
  const queue: { page: number; referenced: boolean }[] = [] // oldest first
  return {
    reference(page) {
      const found = queue.find(entry => entry.page === page)
      if (found) {
        found.referenced = true
        return 'hit'
      }
      let victim: number | undefined
      while (queue.length === frames) {
        const oldest = queue.shift() as { page: number; referenced: boolean }
        if (oldest.referenced) queue.push({ page: oldest.page, referenced: false })
        else victim = oldest.page
      }
      queue.push({ page, referenced: false })
      return { victim }
    },
  }
}
