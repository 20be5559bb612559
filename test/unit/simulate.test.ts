import { describe, expect, it } from 'vitest'
import { UsageError } from '#dist/core/errors.js'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer, replayFootprint } from '#dist/core/replayer.js'
import { parseFrames } from '#dist/sim/frames.js'
import { simulate } from '#dist/sim/simulate.js'
import { densify, goldenTrace } from '../policy/traces.ts'
import { makeTrace } from './makeTrace.ts'

const trace = makeTrace(goldenTrace('hotscan', 100_000), { chunk: 30_000, writes: i => i % 3 === 0 })
const policies = ['lru', 'clock'].map(name => choosePolicy(name))
const frames = parseFrames('100,10%')
const timeless = (results: readonly { seconds: number; referencesPerSecond: number }[]) =>
  results.map(({ seconds, referencesPerSecond, ...counts }) => {
    expect(referencesPerSecond).toBeCloseTo(trace.references / seconds, 3)
    return counts
  })

describe('simulate', () => {
  it('counts what a Replayer counts', async () => {
    const results = await simulate(trace, { policies, frames, seed: 1 })
    for (const { policy, frames, hits, misses, missRatio, coldMisses, evictions, dirtyEvictions, references } of results) {
      const replayer = new Replayer({ policy: choosePolicy(policy), frames, pages: trace.uniquePages })
      for (const chunk of trace.chunks) replayer.run(chunk)
      expect({ misses, evictions, dirtyEvictions }).toEqual(replayer.counts)
      expect(dirtyEvictions).toBeGreaterThan(0)
      expect(hits + misses).toBe(references)
      expect(missRatio).toBe(misses / references)
      expect(coldMisses).toBe(trace.uniquePages)
    }
  })

  it('tells OPT the future, in whatever chunks the trace is', async () => {
    const pages = goldenTrace('phases', 50_000)
    const { references, future, ids } = densify(pages)
    const opt = choosePolicy('opt')
    const [result] = await simulate(makeTrace(pages, { chunk: 7_777 }), { policies: [opt], frames: parseFrames('500'), seed: 1 })
    const replayer = new Replayer({ policy: opt, frames: 500, pages: ids.length })
    replayer.run(references, future)
    expect(result?.misses).toBe(replayer.counts.misses)
  })

  it('answers by policy and then by size, in parallel as on one thread', async () => {
    const serial = await simulate(trace, { policies, frames, seed: 1, jobs: 1 })
    const parallel = await simulate(trace, { policies, frames, seed: 1, jobs: 4 })
    expect(timeless(parallel)).toEqual(timeless(serial))
    const tenth = Math.round(trace.uniquePages / 10)
    expect(parallel.map(r => `${r.policy} ${r.frames}`)).toEqual(['lru 100', `lru ${tenth}`, 'clock 100', `clock ${tenth}`])
  })

  it('reports progress up to the last reference', async () => {
    const seen: [number, number][] = []
    await simulate(trace, { policies, frames, seed: 1, onProgress: (done, total) => seen.push([done, total]) })
    expect(seen.at(-1)).toEqual([400_000, 400_000])
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b))
  })

  it('stops and leaves no worker when it is aborted', async () => {
    const abort = new AbortController()
    const running = simulate(trace, { policies, frames, seed: 1, signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) })
    await expect(running).rejects.toThrow('enough')
    expect(process.getActiveResourcesInfo().filter(name => name === 'MessagePort')).toEqual([])
  })

  it('refuses sizes that no engine can hold before it starts', async () => {
    const huge = simulate(trace, { policies, frames: parseFrames(['1GiB', 2 ** 29]), seed: 1 })
    await expect(huge).rejects.toThrow(
      /^policy lru with 536870912 frames over \d+ pages needs 6\.0 GiB and an engine holds 4, where 357\d+ frames fit/,
    )
  })

  it('counts the bytes of a policy that remembers many more pages than it holds', () => {
    for (const [spec, need] of [
      ['mq:out=16', '5\\.1'],
      ['lecar:history=10', '5\\.2'],
    ] as const) {
      const size = { policy: choosePolicy(spec), frames: 16_000_000, pages: 268_000_000 }
      expect(() => replayFootprint(size)).toThrow(new RegExp(`^policy ${spec} with 16000000 frames .* needs ${need} GiB`))
    }
  })

  it('says how many pages fit if a trace has too many', () => {
    const tooMany = { policy: choosePolicy('lru'), frames: 1000, pages: 1_200_000_000 }
    expect(() => replayFootprint(tooMany)).toThrow(
      /^policy lru with 1000 frames over 1200000000 pages needs 4\.5 GiB and an engine holds 4, where 107\d{7} pages fit; take fewer frames, a larger page size or a sample/,
    )
    expect(() => new Replayer(tooMany)).toThrow(UsageError)
  })

  it('says that a trace is empty', async () => {
    await expect(simulate(makeTrace([]), { policies, frames, seed: 1 })).rejects.toThrow('(array): the trace is empty')
  })
})
