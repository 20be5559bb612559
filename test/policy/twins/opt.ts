import type { Twin } from '../twin.ts'

const NEVER = 0xffffffff

/** Belady's MIN: looks at every page; of those never referenced again, the one referenced last goes. */
export function twin(frames: number): Twin {
  const next = new Map<number, number>() // by last reference, oldest first
  return {
    reference(page, future) {
      const hit = next.delete(page)
      let victim: number | undefined
      if (!hit && next.size === frames) {
        const never = [...next.keys()].filter(other => next.get(other) === NEVER)
        const farthest = Math.max(...next.values())
        victim = never.at(-1) ?? [...next.keys()].find(other => next.get(other) === farthest)
        next.delete(victim as number)
      }
      next.set(page, future)
      return hit ? 'hit' : { victim }
    },
  }
}
