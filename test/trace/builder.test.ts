import { InputError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { coreModule } from '#dist/core/module.js'
import { TraceBuilder } from '#dist/trace/builder.js'
import { xorshift } from '../policy/traces.ts'
import { pagesOf, textOf } from './traces.ts'

/** Ids that are hard on a hash: one after the other, far apart, equal in most of their bits. */
const PATTERNS: Readonly<Record<string, (i: number) => bigint>> = {
  consecutive: BigInt,
  'every 4096th': i => BigInt(i) << 12n,
  'in the high half': i => BigInt(i) << 32n,
  'with both halves alike': i => BigInt(i) * 0x1_0000_0001n,
  'with high bits alone': i => BigInt(i) << 46n,
}

describe.each(['debug', 'release'] as const)('the id map, %s build', target => {
  const module = coreModule('ids', target)

  it.each(Object.entries(PATTERNS))('keeps pages apart that are %s, while it grows', (_, idOf) => {
    const builder = new TraceBuilder({ module })
    const ids = Array.from({ length: 120_000 }, (_, i) => idOf(i))
    for (const round of [1, 2]) for (const id of ids) builder.push(Number(id & 0xffffffffn), Number(id >> 32n), round - 1)
    const trace = builder.finish('(test)', 'test')
    expect(trace).toMatchObject({ references: 240_000, uniquePages: 120_000, reads: 120_000, writes: 120_000 })
    expect([...trace.ids].every((id, i) => id === ids[i])).toBe(true)
    expect(trace.chunks.flatMap(chunk => [...chunk]).every((reference, i) => (reference & 0x7fffffff) === i % 120_000)).toBe(true)
  })

  it('does as a Map does on random references', () => {
    const next = xorshift(7)
    const builder = new TraceBuilder({ module })
    const expected: bigint[] = []
    for (let i = 0; i < 100_000; i++) {
      const [lo, hi] = [next() % 300, next() % 100]
      builder.push(lo, hi, 0)
      expected.push((BigInt(hi) << 32n) | BigInt(lo))
    }
    const trace = builder.finish('(test)', 'test')
    expect(pagesOf(trace)).toEqual(expected)
    expect([...trace.ids]).toEqual([...new Set(expected)])
  })

  it('makes pages of addresses', () => {
    const builder = new TraceBuilder({ module })
    builder.shift = 12
    for (const [lo, hi, write] of [
      [0xfff, 0, 0],
      [0x1000, 0, 1],
      [0xffffffff, 0xffffffff, 0],
    ] as const)
      builder.push(lo, hi, write)
    expect(textOf(builder.finish('(test)', 'test'))).toBe('0r 1w 4503599627370495r')
  })

  it('says how many pages fit when they do not', () => {
    const fits = (maximum: number): number => {
      const builder = new TraceBuilder({ module, maximum })
      let pages = 0
      try {
        for (; pages < 1e6; pages++) builder.push(pages, 0, 0)
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
        const [, limit] = /^more than (\d+) distinct pages, and no more fit/.exec((error as Error).message) ?? []
        return Number(limit)
      }
      throw new Error('everything fitted')
    }
    // 16 wasm pages hold the smallest index and keys; 64 hold twice that.
    const [small, large] = [fits(16), fits(64)]
    expect(small).toBeGreaterThan(20_000)
    expect(large).toBeGreaterThan(3 * small)
    // Just as many as it says do fit.
    const builder = new TraceBuilder({ module, maximum: 16 })
    for (let page = 0; page < small; page++) builder.push(page, 0, 0)
    expect(builder.finish('(test)', 'test').uniquePages).toBe(small)
  })
})
