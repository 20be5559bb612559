import { generateTrace, type MissRatioOptions, type MissRatioReport, missRatioCurve, replay, type Trace, UsageError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { logSpaced } from '#dist/sim/mrcCurve.js'
import { GOLDEN_TRACES, goldenTrace } from '../policy/traces.ts'
import { makeTrace } from '../unit/makeTrace.ts'
import { naiveMisses } from './naive.ts'

const pages = goldenTrace('hotscan', 20_000)
const golden = Object.fromEntries(GOLDEN_TRACES.map(name => [name, makeTrace(goldenTrace(name, 400_000), { chunk: 100_000 })]))

async function only(options: MissRatioOptions): Promise<MissRatioReport['curves'][number]> {
  const { curves } = await missRatioCurve(options)
  expect(curves.length).toBe(1)
  return curves[0] as MissRatioReport['curves'][number]
}

describe('missRatioCurve', () => {
  it("finds LRU's exact curve unless asked for something else", async () => {
    const { trace, pageSize, curves } = await missRatioCurve({ trace: pages })
    expect(trace).toMatchObject({ path: '(array)', references: 20_000, uniquePages: new Set(pages).size })
    expect(pageSize).toBe(4096)
    const [{ policy, method, curve, misses, seconds, ...rest }] = curves as [MissRatioReport['curves'][number]]
    const naive = naiveMisses(pages)
    expect({ policy, method }).toEqual({ policy: 'lru', method: 'exact' })
    expect([...(misses as Float64Array)]).toEqual(naive)
    expect(curve.map(point => point.frames)).toEqual(logSpaced(1, trace.uniquePages, 100))
    for (const { frames, misses, missRatio } of curve) expect([misses, missRatio]).toEqual([naive[frames], misses / 20_000])
    expect(seconds).toBeGreaterThan(0)
    expect(Object.keys(rest)).toEqual(['workingSets'])
  })

  it('tells the fewest frames that hold a working set', async () => {
    const { misses, workingSets } = await only({ trace: pages })
    const list = [...(misses as Float64Array)]
    const cold = new Set(pages).size
    expect(workingSets).toEqual([0.1, 0.05, 0.01].map(share => ({ share, frames: list.findIndex(m => m <= cold + share * 20_000) })))
  })

  it('is told of a single reference too', async () => {
    const { curve, workingSets } = await only({ trace: [7] })
    expect(curve).toEqual([{ frames: 1, misses: 1, missRatio: 1 }])
    expect(workingSets?.map(({ frames }) => frames)).toEqual([1, 1, 1])
  })

  it("simulates a user's object, even one that is called lru", async () => {
    const filled: number[] = []
    const bypass = {
      name: 'lru',
      init: () => {},
      miss: () => false,
      access() {},
      insert: (slot: number) => filled.push(slot),
      evict: () => 0,
    }
    const { misses, curve } = await only({ trace: pages, policies: bypass, frames: 10 })
    expect(misses).toBeUndefined()
    expect(curve).toEqual([{ frames: 10, misses: 20_000, missRatio: 1 }])
    expect(filled).toEqual([])
  })

  it('takes the sizes that are asked for, past the last page too', async () => {
    const { curve } = await only({ trace: pages, frames: '10,50%,1GiB' })
    const cold = new Set(pages).size
    expect(curve.map(point => point.frames)).toEqual([10, Math.round(cold / 2), 262_144])
    expect(curve.at(-1)?.misses).toBe(cold)
  })

  it('simulates other policies, which then miss as replay says', async () => {
    const { curves } = await missRatioCurve({ trace: pages, policies: 'fifo,lru,clock', points: 6 })
    expect(curves.map(({ policy, method }) => [policy, method])).toEqual([
      ['fifo', 'exact'],
      ['lru', 'exact'],
      ['clock', 'exact'],
    ])
    const frames = logSpaced(1, new Set(pages).size, 6)
    const { results } = await replay({ trace: pages, policies: 'fifo,lru,clock', frames })
    expect(curves.flatMap(({ policy, curve }) => curve.map(point => [policy, point.frames, point.misses]))).toEqual(
      results.map(({ policy, frames, misses }) => [policy, frames, misses]),
    )
  })

  it('reports progress to the end of each phase', async () => {
    const seen = new Map<string, [number, number | undefined]>()
    await missRatioCurve({
      trace: pages,
      policies: ['lru', 'clock'],
      frames: [400, 500],
      sample: 0.5,
      check: true,
      onProgress: ({ phase, done, total }) => seen.set(phase, [done, total]),
    })
    expect(seen.get('measuring')).toEqual([40_000, 40_000])
    expect(seen.get('replaying')).toEqual([40_000, 40_000])
  })

  it('stops when it is aborted', async () => {
    const abort = new AbortController()
    const running = missRatioCurve({ trace: pages, signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) })
    await expect(running).rejects.toThrow('enough')
  })
})

describe('a sampled curve', () => {
  it.each(GOLDEN_TRACES)('at rate 1 is the exact one: %s', async name => {
    const [exact, sampled] = await Promise.all([only({ trace: golden[name] as Trace }), only({ trace: golden[name] as Trace, sample: 1 })])
    expect(sampled.method).toBe('shards')
    expect(sampled.misses).toEqual(exact.misses)
    expect(sampled.sample).toEqual({ pages: golden[name]?.uniquePages, rate: 1, references: 400_000 })
  })

  it.each(GOLDEN_TRACES)('of a size that holds all pages is the exact one: %s', async name => {
    const exact = await only({ trace: golden[name] as Trace })
    expect((await only({ trace: golden[name] as Trace, sampleSize: 1e6 })).misses).toEqual(exact.misses)
  })

  // The largest errors over seeds 1 to 12, and a little more.
  it.each([
    ['skew', 0.1, 0.025],
    ['skew', 0.02, 0.045],
    ['hotscan', 0.1, 0.018],
    ['hotscan', 0.02, 0.045],
    ['phases', 0.1, 0.006],
    ['phases', 0.02, 0.01],
    ['loop', 0.1, 0.03],
    ['loop', 0.02, 0.085],
  ] as const)('of %s at rate %d is off by less than %d', async (name, sample, bound) => {
    for (const seed of [1, 2, 3]) {
      const { meanAbsoluteError } = await only({ trace: golden[name] as Trace, sample, seed, check: true })
      expect(meanAbsoluteError, `seed ${seed}`).toBeLessThan(bound)
      expect(meanAbsoluteError).toBeGreaterThan(0)
    }
  })

  it.each([
    ['skew', 0.02],
    ['hotscan', 0.018],
    ['phases', 0.008],
    ['loop', 0.03],
  ] as const)('of %s from a fixed size holds as many pages and is off by less than %d', async (name, bound) => {
    for (const seed of [1, 2, 3]) {
      const { sample, meanAbsoluteError } = await only({ trace: golden[name] as Trace, sampleSize: 1000, seed, check: true })
      expect(sample?.pages).toBe(1000)
      expect(sample?.rate).toBe(1000 / (golden[name] as Trace).uniquePages)
      expect(meanAbsoluteError, `seed ${seed}`).toBeLessThan(bound)
    }
  })

  it('falls from all references to no fewer than the first ones', async () => {
    for (const options of [{ sample: 0.01 }, { sample: 0.3 }, { sampleSize: 3 }, { sampleSize: 500 }]) {
      const { misses } = (await only({ trace: golden.hotscan as Trace, ...options })) as { misses: Float64Array }
      expect(misses[0]).toBe(400_000)
      expect(misses.every((count, i) => i === 0 || count <= (misses[i - 1] as number))).toBe(true)
      expect(misses.at(-1)).toBeGreaterThanOrEqual(golden.hotscan?.uniquePages as number)
    }
  })

  it('starts at the smallest size that it can tell', async () => {
    expect((await only({ trace: golden.skew as Trace, sample: 0.01 })).curve[0]?.frames).toBe(100)
  })
})

describe('a miniature simulation', () => {
  it('is close to the full one', async () => {
    for (const name of GOLDEN_TRACES) {
      const trace = golden[name] as Trace
      const { curves } = await missRatioCurve({ trace, policies: 'clock,fifo', sample: 0.25, points: 6, check: true })
      for (const { policy, method, sample, curve, meanAbsoluteError } of curves) {
        expect(method).toBe('miniature')
        expect(sample?.rate).toBeCloseTo(0.25, 1)
        expect(curve.length).toBe(6)
        expect(meanAbsoluteError, `${policy} on ${name}`).toBeLessThan(0.055)
      }
    }
  })

  it('with every page is the full one', async () => {
    const options = { trace: pages, policies: 'clock', frames: [16, 1000] }
    expect((await only({ ...options, sample: 1 })).curve).toEqual((await only(options)).curve)
    expect((await only({ ...options, sampleSize: 1e9 })).curve).toEqual((await only(options)).curve)
  })

  it('starts at the smallest size that it can tell, whatever the sample', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { curve, sample } = await only({ trace: golden.phases as Trace, policies: 'clock', sample: 0.05, points: 2, seed })
      expect(curve.length).toBe(2)
      expect(Math.round((curve[0]?.frames as number) * (sample?.rate as number))).toBe(16)
    }
  })

  it('refuses a size that is too small for it', async () => {
    await expect(missRatioCurve({ trace: pages, policies: 'clock', frames: [50, 5000], sample: 0.1 })).rejects.toThrow(
      '50 frames are 5 in miniature, and fewer than 16 say little; take a larger sample or larger sizes',
    )
  })
})

describe('options that make no sense', () => {
  it.each([
    [{ sample: 0 }, 'a sampling rate is above 0 and at most 1, not 0'],
    [{ sample: 1.5 }, 'a sampling rate is above 0 and at most 1, not 1.5'],
    [{ sample: Number.NaN }, 'a sampling rate is above 0 and at most 1, not NaN'],
    [{ sample: 0.1, sampleSize: 10 }, 'a sample has a rate or a size, not both'],
    [{ sampleSize: 0 }, 'a sample size is a whole number from 1 to 4294967295, not 0'],
    [{ points: 0 }, 'the number of points is a whole number from 1 to 1000000, not 0'],
    [{ points: 3, frames: 10 }, 'either the sizes are given or how many points there are, not both'],
    [{ check: true }, 'there is nothing to check: the curve is exact without a sample'],
    [{ policies: [] }, 'no policy given: policies is an empty list'],
    [{ frames: 0 }, "a cache needs at least 1 frame, not '0'"],
    [{ seed: 0 }, 'seed is a whole number from 1 to 4294967295, not 0'],
  ] as const)('%j: %s', async (options, message) => {
    const running = missRatioCurve({ trace: generateTrace({ workload: 'loop', pages: 10, references: 100 }), ...options })
    await expect(running).rejects.toThrow(UsageError)
    await expect(running).rejects.toThrow(message)
  })
})
