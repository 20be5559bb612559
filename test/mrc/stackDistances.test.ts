import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '#dist/core/errors.js'
import { coreModule } from '#dist/core/module.js'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { StackDistances, type StackDistancesOptions, stackDistancesFootprint } from '#dist/core/stackDistances.js'
import { missesByFrames } from '#dist/sim/mrcCurve.js'
import { densify, GOLDEN_TRACES, goldenTrace, xorshift } from '../policy/traces.ts'
import { naiveMisses } from './naive.ts'

const module = coreModule('mrc', 'debug')

/** Misses by frames by stack distances in the debug build, its books checked after each part. */
function misses(references: Uint32Array, options: StackDistancesOptions, part = references.length): number[] {
  const distances = new StackDistances({ module, ...options })
  for (let at = 0; at < references.length; at += part) {
    distances.run(references.subarray(at, at + part))
    distances.check()
  }
  return [...missesByFrames(distances.histogram, references.length)]
}

function lruMisses(references: Uint32Array, pages: number, frames: number): number {
  const replayer = new Replayer({ policy: choosePolicy('lru'), frames, pages })
  replayer.run(references)
  return replayer.counts.misses
}

/** References that mix a skew, loops and bursts. */
const mixed = fc
  .record({
    seed: fc.integer({ min: 1, max: 2 ** 31 }),
    pages: fc.integer({ min: 1, max: 400 }),
    length: fc.integer({ min: 1, max: 1500 }),
  })
  .map(({ seed, pages, length }) => {
    const next = xorshift(seed)
    const kinds = [
      () => next() % pages,
      () => Math.floor(((next() % pages) * (next() % pages)) / pages),
      (i: number) => i % pages,
      (i: number) => Math.floor(i / 9) % pages,
    ]
    return Array.from({ length }, (_, i) => (kinds[Math.floor(i / 97) % 4] as (i: number) => number)(i))
  })

describe('stack distances', () => {
  it("give the misses of a naive stack, wherever the slots' renumbering falls", () => {
    fc.assert(
      fc.property(mixed, fc.integer({ min: 64, max: 300 }), fc.integer({ min: 1, max: 700 }), (pages, spare, part) => {
        const { references, ids } = densify(pages)
        expect(misses(references, { pages: ids.length, slots: ids.length + spare }, part)).toEqual(naiveMisses(pages))
      }),
      { numRuns: 60 },
    )
  })

  it('renumber as often as the slots run out, and before every group with none to spare', () => {
    const { references, ids } = densify(Array.from({ length: 6400 }, (_, i) => i % 100))
    const compactions = (slots: number): number => {
      const distances = new StackDistances({ pages: ids.length, slots, module })
      distances.run(references)
      return distances.compactions
    }
    expect(compactions(6400)).toBe(0)
    expect(compactions(164)).toBe(Math.floor((6400 - 128) / 64))
    expect(() => compactions(163)).toThrow(RangeError)
  })

  it.each(GOLDEN_TRACES)('give the misses of the LRU policy at every size of %s over a thousand pages', name => {
    const { references, ids } = densify(goldenTrace(name, 20_000).map(page => page % 1009))
    const lru = Array.from({ length: ids.length }, (_, i) => lruMisses(references, ids.length, i + 1))
    expect(misses(references, { pages: ids.length })).toEqual([references.length, ...lru])
  })

  it.each(GOLDEN_TRACES)('give the misses of the LRU policy at sizes up to all pages of %s', name => {
    const { references, ids } = densify(goldenTrace(name, 100_000))
    const own = misses(references, { pages: ids.length })
    for (let frames = 1; frames <= ids.length; frames = Math.ceil(frames * 1.1)) {
      expect([frames, own[frames]]).toEqual([frames, lruMisses(references, ids.length, frames)])
    }
  })

  it('count over many words, groups, blocks and levels', () => {
    // A loop over enough pages that the slots fill three far levels: every distance is the number of pages.
    const pages = 300_000
    const loop = Uint32Array.from({ length: 3 * pages }, (_, i) => i % pages)
    const distances = new StackDistances({ pages, slots: pages + 70_000 })
    distances.run(loop)
    expect(distances.compactions).toBeGreaterThan(3)
    const { histogram } = distances
    expect(histogram[pages]).toBe(2 * pages)
    expect(histogram.reduce((sum, count) => sum + count)).toBe(2 * pages)
  })

  it('leave out whether a reference writes', () => {
    const { references, ids } = densify(goldenTrace('skew', 5000))
    const written = references.map((page, i) => (i % 3 === 0 ? page | 0x80000000 : page))
    expect(misses(written, { pages: ids.length })).toEqual(misses(references, { pages: ids.length }))
  })

  it('take at most 16 bytes a distinct page', () => {
    expect(stackDistancesFootprint(1e6) / 1e6).toBeLessThan(16)
    expect(stackDistancesFootprint(20e6) / 20e6).toBeLessThan(16)
  })

  it('say how many pages fit', () => {
    expect(() => new StackDistances({ pages: 2 ** 30 })).toThrow(UsageError)
    expect(() => new StackDistances({ pages: 2 ** 30 })).toThrow(
      /^stack distances of 1073741824 pages need \d+\.\d GiB and a pass holds 4, where about 3\d{8} pages fit/,
    )
  })
})
