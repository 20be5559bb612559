import type { TwinFactory } from '../twin.ts'

type Page = { page: number; kind: 'hot' | 'cold' | 'gone'; test: boolean; referenced: boolean }

export const variants = ['cold=0.5', 'cold=1']

export const twin: TwinFactory = (frames, parameters) => {
  // The clock as a list in the order in which the hands pass; HAND_hot stands before ring[0],
  // so that the list head, where pages come in, is the end.
  const ring: Page[] = []
  // The page each of the other hands looks at next; undefined while the clock is empty.
  let cold: Page | undefined
  let test: Page | undefined
  let target = Math.max(1, Math.floor(frames * (parameters.cold as number)))

  const count = (kind: Page['kind']): number => ring.filter(p => p.kind === kind).length
  const after = (p: Page): Page => ring[(ring.indexOf(p) + 1) % ring.length] as Page
  const remove = (p: Page): void => {
    const next = ring.length > 1 ? after(p) : undefined
    if (cold === p) cold = next
    if (test === p) test = next
    ring.splice(ring.indexOf(p), 1)
  }
  const toHead = (p: Page): void => {
    if (ring.includes(p)) remove(p)
    ring.push(p)
    cold ??= p
    test ??= p
  }
  const raise = (): void => {
    target = Math.min(frames, target + 1)
  }
  /** The test period of a page ends without a reference. */
  const endTest = (p: Page): void => {
    if (!p.test) return
    p.test = false
    target = Math.max(1, target - 1)
    if (p.kind === 'gone') remove(p)
  }

  function runHot(): void {
    while (count('hot') > frames - target) {
      for (;;) {
        const p = ring[0] as Page
        const demoted = p.kind === 'hot' && !p.referenced
        if (p.kind === 'hot') {
          p.kind = demoted ? 'cold' : 'hot'
          p.referenced = false
        } else endTest(p)
        // The hand passes the page, which now stands at the list head.
        if (ring[0] === p) ring.push(ring.shift() as Page)
        if (demoted) break
      }
      while (count('hot') > 0 && ring[0]?.kind !== 'hot') {
        const p = ring[0] as Page
        endTest(p)
        if (ring[0] === p) ring.push(ring.shift() as Page)
      }
    }
  }

  function runTest(): void {
    while (count('gone') > frames) {
      const p = test as Page
      test = after(p)
      if (p.kind !== 'hot') endTest(p)
    }
  }

  function runCold(): number {
    for (;;) {
      const p = cold as Page
      cold = after(p)
      if (p.kind !== 'cold') continue
      if (!p.referenced) {
        if (p.test) p.kind = 'gone'
        else remove(p)
        runTest()
        return p.page
      }
      p.referenced = false
      toHead(p)
      if (p.test) {
        p.test = false
        p.kind = 'hot'
        raise()
        runHot()
      } else p.test = true
    }
  }

  return {
    reference(page) {
      const found = ring.find(p => p.page === page)
      if (found && found.kind !== 'gone') {
        found.referenced = true
        return 'hit'
      }
      const resident = count('hot') + count('cold')
      if (parameters.compat === 'libcachesim' && resident === frames) return { victim: undefined }
      if (found) {
        raise()
        remove(found)
      }
      const victim = resident === frames ? runCold() : undefined
      const hot = found !== undefined || (resident < frames && count('hot') < frames - target)
      toHead({ page, kind: hot ? 'hot' : 'cold', test: !hot, referenced: false })
      runHot()
      return { victim }
    },
  }
}
