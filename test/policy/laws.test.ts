// What holds for every policy, or for one policy beside another.
import { replay } from 'faultline'
import { describe, expect, it } from 'vitest'
import { choosePolicy, policies } from '#dist/core/policies.js'
import { type ReplayCounts, Replayer, WRITE } from '#dist/core/replayer.js'
import { densify, GOLDEN_TRACES, type GoldenTrace, goldenTrace } from './traces.ts'

type Dense = ReturnType<typeof densify>

const names = policies.map(p => p.name)
const traces = Object.fromEntries(GOLDEN_TRACES.map(name => [name, densify(goldenTrace(name, 30_000, 3))])) as Record<GoldenTrace, Dense>
const SIZES = [1, 2, 10, 100, 1000]

/** Replays a whole trace on the release build. */
function run(policy: string, frames: number, { references, ids, future }: Dense, seed = 1): ReplayCounts & { resident: number } {
  const replayer = new Replayer({ policy: choosePolicy(policy), frames, pages: ids.length, ids, seed })
  replayer.run(references, future)
  return { ...replayer.counts, resident: replayer.resident.filter(page => page < WRITE).length }
}

/** Misses of the optimal policy: evict the page whose next reference is furthest away. */
function belady(frames: number, { references, future }: Dense): number {
  const next = new Map<number, number>() // next reference of each resident page
  let misses = 0
  references.forEach((page, i) => {
    if (!next.has(page)) {
      misses++
      if (next.size === frames) {
        let furthest = page
        let when = -1
        for (const [other, at] of next) if (at > when) [furthest, when] = [other, at]
        next.delete(furthest)
      }
    }
    next.set(page, future[i] as number)
  })
  return misses
}

describe.each(GOLDEN_TRACES)('on %s', name => {
  const trace = traces[name]
  const optimum = new Map(SIZES.map(frames => [frames, belady(frames, trace)]))

  it.each(names)('%s never misses less than the optimum, and its books balance', policy => {
    for (const frames of SIZES) {
      const { misses, evictions, resident } = run(policy, frames, trace)
      const context = `${policy} with ${frames} frames on ${name}`
      expect(misses, context).toBeGreaterThanOrEqual(optimum.get(frames) as number)
      expect(misses, context).toBeLessThanOrEqual(trace.references.length)
      expect(resident, context).toBeLessThanOrEqual(frames)
      // What came in is there or was evicted; a page that bypassed the cache did neither.
      expect(evictions + resident, context).toBeLessThanOrEqual(misses)
    }
  })

  it.each(names)('%s misses only first references when every page has a frame', policy => {
    const pages = trace.ids.length
    for (const frames of [pages, 2 * pages]) expect(run(policy, frames, trace).misses, `${policy} with ${frames} frames`).toBe(pages)
  })

  it.each(names)('%s does the same again with the same seed', policy => {
    expect(run(policy, 100, trace, 7)).toEqual(run(policy, 100, trace, 7))
  })

  it.each([
    ['gclock:bits=1', 'clock'],
    ['lruk:k=1', 'lru'],
  ])('%s is %s', (special, plain) => {
    for (const frames of SIZES) expect(run(special, frames, trace), `${frames} frames`).toEqual(run(plain, frames, trace))
  })
})

describe('stack policies', () => {
  const { references, ids } = densify(goldenTrace('hotscan', 4000, 5).map(page => page % 300))

  it.each(['lru', 'mru'])('with %s, a larger cache holds every page that a smaller one holds, at any time', name => {
    const caches = [1, 2, 3, 7, 20, 100, 299].map(frames => new Replayer({ policy: choosePolicy(name), frames, pages: ids.length }))
    for (let i = 0; i < references.length; i++) {
      let smaller = new Set<number>()
      for (const cache of caches) {
        cache.run(references.subarray(i, i + 1))
        const larger = new Set(cache.resident)
        expect(
          [...smaller].filter(page => !larger.has(page)),
          `after reference ${i}`,
        ).toEqual([])
        smaller = larger
      }
    }
  })
})

describe('counts', () => {
  it.each(names)('%s evicts dirty what was written since it came in', policy => {
    const { references, ...rest } = traces.phases
    const written = run(policy, 500, { references: references.map(page => (page | WRITE) >>> 0), ...rest })
    const read = run(policy, 500, traces.phases)
    expect(written).toEqual({ ...read, dirtyEvictions: read.evictions })
    expect(read.dirtyEvictions).toBe(0)
  })

  it('hits and misses add up to the references, and cold misses are the distinct pages', async () => {
    const pages = goldenTrace('loop', 20_000)
    const { results } = await replay({ trace: pages, policies: names, frames: [10, '10%', '100%'] })
    expect(results).toHaveLength(3 * names.length)
    for (const { policy, frames, references, hits, misses, missRatio, coldMisses } of results) {
      const context = `${policy} with ${frames} frames`
      expect(references, context).toBe(pages.length)
      expect(hits + misses, context).toBe(references)
      expect(missRatio, context).toBeCloseTo(misses / references, 12)
      expect(coldMisses, context).toBe(new Set(pages).size)
    }
  })

  it('random misses differently with another seed, and about as much as FIFO', () => {
    const fifo = run('fifo', 1000, traces.skew).misses
    const random = [1, 2, 3, 4, 5].map(seed => run('random', 1000, traces.skew, seed).misses)
    expect(new Set(random).size).toBeGreaterThan(1)
    for (const misses of random) expect(Math.abs(misses - fifo) / fifo).toBeLessThan(0.02)
  })
})

describe('memory', () => {
  const SMALL = ['clock', 'fifo', 'lru', 'sieve']
  const bytes = (policy: string, pages: number, share: number): number =>
    new Replayer({ policy: choosePolicy(policy), frames: pages * share, pages }).footprint

  it.each(names)('%s needs at most 16 or 32 bytes a distinct page when each has a frame, and when a tenth has', policy => {
    for (const share of [0.1, 1]) {
      const perPage = (bytes(policy, 200_000, share) - bytes(policy, 20_000, share)) / 180_000
      expect(perPage, `frames for ${share} of the pages`).toBeLessThanOrEqual(SMALL.includes(policy) ? 16 : 32)
    }
  })
})
