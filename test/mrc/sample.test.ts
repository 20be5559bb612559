import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coreModule } from '#dist/core/module.js'
import { PageSample } from '#dist/core/pageSample.js'
import { StackDistances } from '#dist/core/stackDistances.js'
import { sampledTrace, sampleFor } from '#dist/sim/mrcSample.js'
import { goldenTrace } from '../policy/traces.ts'
import { makeTrace } from '../unit/makeTrace.ts'
import { naiveMisses } from './naive.ts'

const pages = goldenTrace('skew', 100_000)
const trace = makeTrace(pages, { chunk: 30_000, writes: i => i % 5 === 0 })

/** The hashes of all pages, in the order of their dense ids. */
function hashesOf(ids: BigUint64Array, seed: number): number[] {
  const hashes: number[] = []
  new PageSample(ids, seed, hash => {
    hashes.push(hash)
    return false
  })
  return hashes
}

describe('a sample of pages', () => {
  it('hashes neighbouring page numbers to numbers that are spread evenly from 0 to 1', () => {
    const buckets = new Uint32Array(64)
    for (const hash of hashesOf(
      BigUint64Array.from({ length: 64_000 }, (_, i) => BigInt(i)),
      1,
    ))
      buckets[Math.floor(hash * 64)] = (buckets[Math.floor(hash * 64)] as number) + 1
    // 1000 expected in each, with a deviation of 31.
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(160)
  })

  it('is another one for another seed', () => {
    const [a, b] = [1, 2].map(seed => new Set(hashesOf(trace.ids, seed).flatMap((hash, page) => (hash < 0.1 ? [page] : []))))
    const both = [...(a as Set<number>)].filter(page => b?.has(page)).length
    expect(both / trace.uniquePages).toBeCloseTo(0.01, 1)
  })

  it('keeps every reference to its pages and no other, numbered in the order of their first appearance', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 500 }), fc.double({ min: 0.05, max: 1, noNaN: true }), (list, rate) => {
        const whole = makeTrace(list, { chunk: 70, writes: i => i % 3 === 0 })
        const sample = new PageSample(whole.ids, 1, hash => hash < rate)
        fc.pre(sample.size > 0)
        const { references, uniquePages, reads, writes, chunks, ids } = sampledTrace(whole, { rate }, 1)
        const chosen = new Set(hashesOf(whole.ids, 1).flatMap((hash, page) => (hash < rate ? [Number(whole.ids[page])] : [])))
        const kept = list.flatMap((page, i) => (chosen.has(page) ? [{ page, write: i % 3 === 0 }] : []))
        const own = chunks.flatMap(chunk => [...chunk]).map(r => ({ page: Number(ids[r & 0x7fffffff]), write: r >>> 31 === 1 }))
        expect(own).toEqual(kept)
        expect([...ids]).toEqual([...new Set(kept.map(({ page }) => BigInt(page)))])
        expect({ references, uniquePages, writes, reads }).toEqual({
          references: kept.length,
          uniquePages: chosen.size,
          writes: kept.filter(({ write }) => write).length,
          reads: kept.filter(({ write }) => !write).length,
        })
      }),
      { numRuns: 50 },
    )
  })

  it('is refused if it is empty', () => {
    expect(() => sampleFor(makeTrace([1, 2, 3]), { rate: 1e-9 }, 1)).toThrow(
      'a sample at rate 1e-9 of 3 pages is empty; take a higher rate',
    )
  })
})

describe('a sample of fixed size', () => {
  it('holds at any time the pages with the lowest hashes of those seen so far', () => {
    const size = 50
    const hashes = hashesOf(trace.ids, 7)
    const { pages: sample, events } = sampleFor(trace, { size }, 7)
    const candidates = hashes.flatMap((_, page) => (sample.has(page) ? [page] : []))
    const victims = new Map(events.map(({ page, victim }) => [candidates[page], candidates[victim]]))
    const now = new Set<number>()
    for (let seen = 1; seen <= trace.uniquePages; seen++) {
      const page = seen - 1
      if (sample.has(page)) now.add(page)
      if (victims.has(page)) now.delete(victims.get(page) as number)
      if (seen % 97 !== 0) continue
      const lowest = hashes
        .map((hash, page) => ({ hash, page }))
        .slice(0, seen)
        .sort((a, b) => a.hash - b.hash)
      expect([...now].sort((a, b) => a - b)).toEqual(
        lowest
          .slice(0, size)
          .map(({ page }) => page)
          .sort((a, b) => a - b),
      )
    }
  })

  it('never holds more pages, and its books balance while pages leave', () => {
    const { pages: sample, events } = sampleFor(trace, { size: 100 }, 1)
    const module = coreModule('mrc', 'debug')
    const distances = new StackDistances({ pages: sample.size, limit: trace.uniquePages, events, slots: sample.size + 64, module })
    for (const chunk of trace.chunks) {
      for (let at = 0; at < chunk.length; at += 500) {
        for (const references of sample.filter(chunk.subarray(at, at + 500))) distances.runSampled(references)
        distances.check()
        expect(distances.live).toBeLessThanOrEqual(100)
      }
    }
    expect(distances.live).toBe(100)
    expect(distances.gap / (trace.uniquePages / 100)).toBeCloseTo(1, 1)
    expect(distances.compactions).toBeGreaterThan(0)
    expect(distances.weight).toBeGreaterThan(distances.sampled)
  })

  it('gives the exact distances while it holds all pages', () => {
    const { pages: sample, events, gap } = sampleFor(trace, { size: trace.uniquePages }, 1)
    expect({ events, gap, size: sample.size }).toEqual({ events: [], gap: 1, size: trace.uniquePages })
    const small = makeTrace(pages.slice(0, 3000))
    const distances = new StackDistances({ pages: small.uniquePages, module: coreModule('mrc', 'debug') })
    for (const chunk of small.chunks) distances.runSampled(chunk)
    let density = 0
    let misses = 3000
    const own = [...distances.histogram].map(change => {
      const here = misses
      density += change
      misses -= density
      return here
    })
    expect(own).toEqual(naiveMisses(pages.slice(0, 3000)))
  })
})
