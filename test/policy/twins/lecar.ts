import { pcg32 } from '../pcg.ts'
import type { TwinFactory } from '../twin.ts'

interface Entry {
  page: number
  uses: number
  last: number
}

/** LeCaR, after algorithm 1 of the paper. */
export const twin: TwinFactory = (frames, { rate, discount, history }, seed) => {
  const random = pcg32(seed)
  const capacity = Math.floor(frames * Number(history))
  const perReference = Number(discount) ** (1 / frames)
  const cached: Entry[] = []
  const histories: Record<'lru' | 'lfu', { page: number; time: number }[]> = { lru: [], lfu: [] }
  const weights = { lru: 0.5, lfu: 0.5 }
  let time = 0

  function regret(page: number): void {
    for (const expert of ['lru', 'lfu'] as const) {
      const at = histories[expert].findIndex(entry => entry.page === page)
      if (at < 0) continue
      const left = histories[expert].splice(at, 1)[0]?.time ?? 0
      weights[expert] *= Math.exp(-Number(rate) * perReference ** (time - left))
      const share = Math.min(0.99, Math.max(0.01, weights.lru / (weights.lru + weights.lfu)))
      weights.lru = share
      weights.lfu = 1 - share
    }
  }

  function evict(): number {
    const [oldest] = cached.toSorted((a, b) => a.last - b.last) as [Entry]
    const [rarest] = cached.toSorted((a, b) => a.uses - b.uses || a.last - b.last) as [Entry]
    let victim = oldest
    if (oldest !== rarest) {
      const expert = random(2 ** 32) / 2 ** 32 < weights.lru ? 'lru' : 'lfu'
      if (expert === 'lfu') victim = rarest
      histories[expert].push({ page: victim.page, time })
      if (histories[expert].length > capacity) histories[expert].shift()
    }
    cached.splice(cached.indexOf(victim), 1)
    return victim.page
  }

  return {
    reference(page) {
      time++
      const found = cached.find(entry => entry.page === page)
      if (found) {
        found.uses++
        found.last = time
        return 'hit'
      }
      regret(page)
      const victim = cached.length === frames ? evict() : undefined
      cached.push({ page, uses: 1, last: time })
      return { victim }
    },
  }
}
