import { describe, expect, it } from 'vitest'
import { choosePolicy, policies } from '#dist/core/policies.js'
import { Replayer, replayModule } from '#dist/core/replayer.js'
import { densify, goldenTrace, xorshift } from './traces.ts'

const REMOVED = 0x80000000

/** Policies that give pages up though no frame is needed (see Policy.surplus). */
const SURPLUS = new Set(['lirs', 'qdlp', 'slru', 'wtinylfu'])

/** Replays skewed references with removals and refused evictions in between, keeps books of its own, and compares. */
function replayWithTrouble(policy: string, frames: number, seed: number): void {
  const next = xorshift(seed)
  const span = 3 * frames + 2
  const { references, ids, future } = densify(Array.from({ length: 1200 }, () => Math.floor(((next() % span) * (next() % span)) / span)))
  const replayer = new Replayer({ policy: choosePolicy(policy), frames, pages: ids.length, seed, ids, module: replayModule('debug') })
  const resident = (): Set<number> => new Set(replayer.resident.filter(page => page < REMOVED))
  const removed = new Set<number>()
  let known = resident()
  const booked = { misses: 0, evictions: 0 }
  for (let i = 0; i < references.length; i++) {
    const page = references[i] as number
    const trouble = next() % 16
    if (trouble < 3 && known.size > 0) {
      const victim = [...known][next() % known.size] as number
      replayer.remove(victim)
      removed.add(victim)
      known.delete(victim)
      replayer.check()
      if (resident().size !== known.size) expect.fail(`${policy}, seed ${seed}: removing page ${victim} before reference ${i}`)
    }
    replayer.refuseEvictions(trouble < 6 ? trouble : 0)
    replayer.run(references.subarray(i, i + 1), future.subarray(i, i + 1))
    replayer.check()
    const now = resident()
    const gone = [...known].filter(other => !now.has(other))
    if (!known.has(page)) booked.misses++
    booked.evictions += gone.length
    const needed = known.size === frames && now.has(page) && !known.has(page) ? 1 : 0
    const given = SURPLUS.has(policy) ? 1 : 0
    const unasked = [...now].filter(other => other !== page && !known.has(other))
    const { misses, evictions } = replayer.counts
    // Asked first, because an expectation costs more than the reference it is about.
    if (misses !== booked.misses || evictions !== booked.evictions || unasked.length > 0 || gone.length > needed + given) {
      const context = `${policy}, seed ${seed}, ${frames} frames, reference ${i} to page ${page}`
      expect({ misses, evictions, unasked }, context).toEqual({ ...booked, unasked: [] })
      expect(gone.length, `${context}: a page left only to make room`).toBeLessThanOrEqual(needed + given)
    }
    known = now
  }
  expect(removed.size, 'pages were removed').toBeGreaterThan(0)
}

describe.each(policies.map(p => p.name))('%s with removals and refused evictions', policy => {
  it.each([1, 2, 3, 5, 16, 60])('keeps its books with %i frames', frames => {
    for (const seed of [11, 12]) replayWithTrouble(policy, frames, seed)
  })
})

describe('a refused eviction', () => {
  const { references, ids } = densify(goldenTrace('hotscan', 3000, 9).map(page => page % 211))

  it.each(['clock', 'fifo', 'lfu', 'lfuda', 'lru', 'lruk', 'mru'])('leaves %s with the same victim', policy => {
    const [plain, refused] = [0, 1].map(() => {
      return new Replayer({ policy: choosePolicy(policy), frames: 50, pages: ids.length, module: replayModule('debug') })
    }) as [Replayer, Replayer]
    for (let i = 0; i < references.length; i++) {
      refused.refuseEvictions(i % 3)
      for (const replayer of [plain, refused]) replayer.run(references.subarray(i, i + 1))
      if (refused.resident.some((page, slot) => page !== plain.resident[slot])) expect.fail(`another victim at reference ${i}`)
    }
    expect(refused.counts).toEqual(plain.counts)
  })
})
