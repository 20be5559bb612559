import type { Twin } from '../twin.ts'

/** SIEVE, after figure 1 of the paper. */
export function twin(frames: number): Twin {
  const queue: { page: number; visited: boolean }[] = [] // oldest first
  let hand: number | undefined // the page the hand stands at
  return {
    reference(page) {
      const found = queue.find(entry => entry.page === page)
      if (found) {
        found.visited = true
        return 'hit'
      }
      let victim: number | undefined
      if (queue.length === frames) {
        let at = queue.findIndex(entry => entry.page === hand)
        if (at < 0) at = 0
        for (let entry = queue[at]; entry?.visited; entry = queue[at]) {
          entry.visited = false
          at = (at + 1) % queue.length
        }
        hand = queue[at + 1]?.page
        victim = queue[at]?.page
        queue.splice(at, 1)
      }
      queue.push({ page, visited: false })
      return { victim }
    },
  }
}
