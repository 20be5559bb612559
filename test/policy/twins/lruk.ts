import type { Twin, TwinFactory } from '../twin.ts'

/** The control block of the paper's section 2.1.3; hist[0] is HIST(p, 1), undefined is unknown. */
interface Block {
  hist: (number | undefined)[]
  last: number
  /** Of an evicted page: how many evictions there had been before. */
  evicted: number
}

export const variants = ['k=1', 'k=3:correlated=4', 'correlated=20', 'retained=0', 'k=2:retained=3.5:correlated=1', 'k=8']

export const twin: TwinFactory = (frames, { k, correlated, retained }): Twin => {
  const depth = Number(k)
  const period = Number(correlated)
  const memory = Math.floor(Number(retained) * frames)
  const blocks = new Map<number, Block>()
  const slots: number[] = []
  let now = 0
  let evictions = 0

  /** Oldest K-th last reference first, unknown ones before all; then oldest last reference; slots are in order. */
  const before = (a: Block, b: Block): number => {
    const [x, y] = [a.hist[depth - 1], b.hist[depth - 1]]
    if (x === undefined && y === undefined) return a.last - b.last
    return (x ?? -1) - (y ?? -1)
  }
  const block = (page: number): Block => blocks.get(page) as Block
  const chooseVictim = (): number => {
    const eligible = slots.filter(page => now - block(page).last > period)
    if (eligible.length > 0) return [...eligible].sort((a, b) => before(block(a), block(b)))[0] as number
    return [...slots].sort((a, b) => block(a).last - block(b).last)[0] as number
  }
  const shift = (hist: (number | undefined)[], by: number): void => {
    for (let i = depth - 1; i > 0; i--) {
      const earlier = hist[i - 1]
      hist[i] = earlier === undefined ? undefined : earlier + by
    }
    hist[0] = now
  }

  return {
    reference(page) {
      now++
      if (slots.includes(page)) {
        const found = block(page)
        if (now - found.last > period) shift(found.hist, found.last - (found.hist[0] as number))
        found.last = now
        return 'hit'
      }
      const old = blocks.get(page)
      const hist: (number | undefined)[] = old && evictions - old.evicted <= memory ? old.hist : []
      let slot = slots.length
      let victim: number | undefined
      if (slots.length === frames) {
        victim = chooseVictim()
        slot = slots.indexOf(victim)
        block(victim).evicted = evictions++
      }
      shift(hist, 0)
      slots[slot] = page
      blocks.set(page, { hist, last: now, evicted: -1 })
      return { victim }
    },
  }
}
