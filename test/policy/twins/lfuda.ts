import type { Twin } from '../twin.ts'

export function twin(frames: number): Twin {
  const frequency = new Map<number, number>()
  let queue: { page: number; key: number }[] = [] // in the order in which they got their key
  let age = 0
  return {
    reference(page) {
      const hit = frequency.has(page)
      let victim: number | undefined
      if (!hit && queue.length === frames) {
        age = Math.min(...queue.map(entry => entry.key))
        victim = queue.find(entry => entry.key === age)?.page as number
        frequency.delete(victim)
      }
      queue = queue.filter(entry => entry.page !== page && entry.page !== victim)
      const count = (frequency.get(page) ?? 0) + 1
      frequency.set(page, count)
      queue.push({ page, key: count + age })
      return hit ? 'hit' : { victim }
    },
    remove(page) {
      queue = queue.filter(entry => entry.page !== page)
      frequency.delete(page)
    },
  }
}
