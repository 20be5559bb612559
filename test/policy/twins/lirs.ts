import type { TwinFactory } from '../twin.ts'

export const variants = ['hir=0.3', 'hir=1', 'hir=0.5:compat=libcachesim']

type Status = 'lir' | 'hir' | 'gone' | 'phantom'

export const twin: TwinFactory = (frames, parameters) => {
  const hirLimit = Math.max(1, Math.floor(frames * (parameters.hir as number)))
  const lirLimit = frames - hirLimit
  // The stack S and the queue Q, oldest first, and the evicted pages of S in order of eviction.
  const stack = new Map<number, Status>()
  const queue = new Set<number>()
  const gone = new Set<number>()

  const first = <T>(values: Iterable<T>): T | undefined => [...values][0]
  const lirPages = (): number => [...stack.values()].filter(status => status === 'lir').length
  const place = (page: number, status: Status): void => {
    stack.delete(page)
    stack.set(page, status)
  }
  const drop = (page: number): void => {
    stack.delete(page)
    gone.delete(page)
  }

  function prune(): void {
    while (stack.size > 1 && first(stack.values()) !== 'lir') drop(first(stack.keys()) as number)
  }

  function evictFromQueue(): number {
    const victim = first(queue) as number
    queue.delete(victim)
    if (stack.has(victim)) {
      stack.set(victim, 'gone')
      gone.add(victim)
    }
    return victim
  }

  /** If there may be no more LIR pages, the oldest becomes HIR; if then Q is too long, it evicts. */
  function roomForLir(): number | undefined {
    if (lirPages() < lirLimit) return undefined
    prune()
    const oldest = first(stack.keys()) as number
    stack.delete(oldest)
    const victim = queue.size === hirLimit ? evictFromQueue() : undefined
    queue.add(oldest)
    prune()
    return victim
  }

  function hitInQueue(page: number): void {
    const inStack = stack.has(page)
    queue.delete(page)
    if (lirLimit > 0 && inStack) {
      place(page, 'hir')
      roomForLir()
      place(page, 'lir')
      return
    }
    queue.add(page)
    // Costs a LIR page its status although the page stays HIR: libCacheSim's way.
    const victim = lirLimit > 0 ? roomForLir() : undefined
    if (victim !== page) place(page, 'hir')
    else if (parameters.compat === 'libcachesim') place(page, 'phantom')
    else {
      place(page, 'gone')
      gone.add(page)
    }
  }

  function miss(page: number): number | undefined {
    const full = lirPages() + queue.size === frames
    const returning = stack.has(page)
    if (returning && lirLimit > 0) {
      // The page already stands on top of S, out of the way of pruning.
      place(page, 'phantom')
      gone.delete(page)
      const victim = roomForLir()
      place(page, 'lir')
      return victim
    }
    drop(page)
    const victim = full ? evictFromQueue() : undefined
    if (lirPages() < lirLimit) place(page, 'lir')
    else {
      place(page, 'hir')
      queue.add(page)
    }
    return victim
  }

  function reference(page: number): 'hit' | { victim: number | undefined } {
    const status = stack.get(page)
    if (status === 'lir') {
      place(page, 'lir')
      prune()
      return 'hit'
    }
    if (queue.has(page)) {
      hitInQueue(page)
      return 'hit'
    }
    const victim = miss(page)
    return status === 'phantom' ? 'hit' : { victim }
  }

  return {
    reference(page) {
      const outcome = reference(page)
      while (stack.size > 2 * frames && gone.size > 0) drop(first(gone) as number)
      return outcome
    },
  }
}
