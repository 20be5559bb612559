import type { TwinFactory } from '../twin.ts'

// After Figure 2 of the paper. The arrays are in order of age, the oldest page first.
export const twin: TwinFactory = (c, parameters) => {
  const paper = parameters.history === 'paper'
  const [t1, t2, b1, b2]: [number[], number[], number[], number[]] = [[], [], [], []]
  const referenced = new Set<number>()
  let p = 0

  const step = (other: number, own: number): number => Math.max(1, paper ? other / own : Math.floor(other / own))
  const forget = (list: number[], page: number): boolean => {
    const at = list.indexOf(page)
    if (at >= 0) list.splice(at, 1)
    return at >= 0
  }

  function replace(): number {
    for (;;) {
      const once = t1.length >= Math.max(1, p)
      const page = (once ? t1 : t2).shift() as number
      if (!referenced.delete(page)) {
        ;(once ? b1 : b2).push(page)
        return page
      }
      t2.push(page)
    }
  }

  /** Shortens the histories after an eviction; `known`: the missed page was in one. */
  function trim(known: boolean): void {
    if (paper && known) return
    if (t1.length + b1.length >= c) b1.shift()
    else if (paper && b1.length + b2.length > c) b2.shift()
  }

  return {
    reference(page) {
      if (t1.includes(page) || t2.includes(page)) {
        referenced.add(page)
        return 'hit'
      }
      if (b1.includes(page)) p = Math.min(p + step(b2.length, b1.length), c)
      else if (b2.includes(page)) p = Math.max(p - step(b1.length, b2.length), 0)
      const known = forget(b1, page) || forget(b2, page)
      let victim: number | undefined
      if (t1.length + t2.length === c) {
        victim = replace()
        trim(known)
      }
      ;(known ? t2 : t1).push(page)
      return { victim }
    },
  }
}
