import type { Twin } from '../twin.ts'

export function twin(frames: number): Twin {
  const queue: number[] = [] // oldest first
  return {
    reference(page) {
      if (queue.includes(page)) return 'hit'
      const victim = queue.length === frames ? queue.shift() : undefined
      queue.push(page)
      return { victim }
    },
    remove(page) {
      queue.splice(queue.indexOf(page), 1)
    },
  }
}
