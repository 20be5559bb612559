import type { Twin } from '../twin.ts'

// After Figure 4 of the paper. Sets keep their order: the oldest element comes first.
const oldest = (set: Set<number>): number => set.values().next().value as number

export function twin(c: number): Twin {
  const [t1, t2, b1, b2] = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()]
  let p = 0

  function replace(inB2: boolean): number {
    if (t1.size > 0 && (t1.size > p || (inB2 && t1.size === p) || t2.size === 0)) {
      const victim = oldest(t1)
      t1.delete(victim)
      b1.add(victim)
      return victim
    }
    const victim = oldest(t2)
    t2.delete(victim)
    b2.add(victim)
    return victim
  }

  /** Case IV of the paper: the page is known to no list. */
  function replaceForStranger(): number {
    if (t1.size + b1.size === c) {
      if (b1.size === 0) {
        const victim = oldest(t1)
        t1.delete(victim)
        return victim
      }
      b1.delete(oldest(b1))
    } else if (t1.size + t2.size + b1.size + b2.size === 2 * c) {
      b2.delete(oldest(b2))
    }
    return replace(false)
  }

  return {
    reference(x) {
      if (t1.delete(x) || t2.delete(x)) {
        t2.add(x)
        return 'hit'
      }
      const full = t1.size + t2.size === c
      const inB1 = b1.has(x)
      const inB2 = b2.has(x)
      if (!inB1 && !inB2) {
        const victim = full ? replaceForStranger() : undefined
        t1.add(x)
        return { victim }
      }
      if (inB1) p = Math.min(p + Math.max(b2.size / b1.size, 1), c)
      else p = Math.max(p - Math.max(b1.size / b2.size, 1), 0)
      b1.delete(x)
      b2.delete(x)
      const victim = full ? replace(inB2) : undefined
      t2.add(x)
      return { victim }
    },
  }
}
