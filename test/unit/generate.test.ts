import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type GenerateOptions, generateTrace, WORKLOADS, type Workload } from '#dist/trace/generate.js'
import { permutation, Random } from '#dist/trace/random.js'
import { exp, ln, Zipf } from '#dist/trace/zipf.js'

/** The start of the SHA-256 of each trace below, to be the same on every machine. */
const HASHES: Record<Workload, string> = {
  zipf: '9ffa66ec01611ec9',
  uniform: '8ad38642c8b6633e',
  loop: 'e44f660559fd1c8e',
  scan: '6c872af8c3fbf882',
  hotscan: '787ff6a329c36299',
  phases: '8d9d090180ce57ed',
}

/** The page numbers a trace refers to, in order. */
function pagesOf(options: GenerateOptions): number[] {
  const { chunks, ids } = generateTrace(options)
  return chunks.flatMap(chunk => Array.from(chunk, reference => Number(ids[reference & 0x7fffffff])))
}

function hash(options: GenerateOptions): string {
  const { chunks, ids } = generateTrace(options)
  const sum = createHash('sha256')
  for (const part of [...chunks, ids]) sum.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice())
  return sum.digest('hex').slice(0, 16)
}

describe.each(Object.keys(WORKLOADS) as Workload[])('a synthetic %s trace', workload => {
  const options = { workload, pages: 5000, references: 60_000, seed: 7, writes: 0.3 }

  it('is the same for the same seed on every machine', () => {
    expect(hash(options)).toBe(HASHES[workload])
  })

  it('has books that balance', () => {
    const trace = generateTrace(options)
    const references = trace.chunks.flatMap(chunk => Array.from(chunk))
    expect(references).toHaveLength(60_000)
    expect(trace.references).toBe(60_000)
    expect(trace.reads + trace.writes).toBe(60_000)
    expect(references.filter(reference => reference >>> 31 === 1)).toHaveLength(trace.writes)
    expect(trace.writes / 60_000).toBeCloseTo(0.3, 1.5)
    expect(new Set(trace.ids).size).toBe(trace.uniquePages)
    expect(trace.ids.every(id => id < 5000n)).toBe(true)
    let highest = -1
    for (const reference of references) {
      const id = reference & 0x7fffffff
      expect(id <= highest + 1).toBe(true)
      highest = Math.max(highest, id)
    }
    expect(highest + 1).toBe(trace.uniquePages)
  })

  it('refers to the same pages whatever the share of writes', () => {
    expect(pagesOf({ ...options, writes: 0 })).toEqual(pagesOf(options))
  })

  it('works with one page and with one reference', () => {
    expect(new Set(pagesOf({ workload, pages: 1, references: 20 }))).toEqual(new Set([0]))
    expect(pagesOf({ workload, references: 1 })).toHaveLength(1)
  })
})

describe('the shapes', () => {
  it('loop goes round all pages in order', () => {
    expect(pagesOf({ workload: 'loop', pages: 3, references: 7 })).toEqual([0, 1, 2, 0, 1, 2, 0])
  })

  it('scan makes runs of consecutive pages that stay in range', () => {
    const pages = pagesOf({ workload: 'scan', pages: 1000, references: 10_000, length: 100 })
    const starts = Array.from({ length: 100 }, (_, run) => pages[run * 100] as number)
    expect(pages).toEqual(starts.flatMap(start => Array.from({ length: 100 }, (_, i) => start + i)))
    expect(new Set(starts).size).toBeGreaterThan(80)
    expect(Math.max(...pages)).toBeLessThan(1000)
  })

  it('hotscan gives the hot set its share and loops over the rest', () => {
    const pages = pagesOf({ workload: 'hotscan', pages: 1000, references: 40_000, hot: 50, hotShare: 0.6 })
    const cold = pages.filter(page => page >= 50)
    expect(1 - cold.length / 40_000).toBeCloseTo(0.6, 1.5)
    expect(cold).toEqual(cold.map((_, i) => 50 + (i % 950)))
  })

  it('phases stays in one working set at a time and comes back', () => {
    const pages = pagesOf({ workload: 'phases', pages: 900, references: 9000, phases: 3, length: 1000 })
    expect(pages.map(page => Math.floor(page / 300))).toEqual(pages.map((_, i) => Math.floor(i / 1000) % 3))
  })

  it('zipf scatters the ranks: the most used pages are not neighbours', () => {
    const counts = new Map<number, number>()
    for (const page of pagesOf({ workload: 'zipf', pages: 10_000, references: 100_000 })) counts.set(page, (counts.get(page) ?? 0) + 1)
    const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10)
    const spread = top.map(([page]) => page).sort((a, b) => a - b)
    expect((spread.at(-1) as number) - (spread[0] as number)).toBeGreaterThan(3000)
  })

  it.each([
    [{ workload: 'zipfian' as Workload }, "unknown workload 'zipfian'; did you mean 'zipf'?"],
    [{ workload: 'zipf', pages: 0 }, 'pages is a whole number from 1 to 1073741824, not 0'],
    [{ workload: 'zipf', writes: 1.5 }, 'writes is a number from 0 to 1, not 1.5'],
    [{ workload: 'zipf', alpha: Number.NaN }, 'alpha is a number from 0 to 10, not NaN'],
    [{ workload: 'scan', pages: 10, length: 11 }, 'length is a whole number from 1 to 10, not 11'],
  ] as const)('%j is refused', (options, message) => {
    expect(() => generateTrace(options)).toThrow(message)
  })
})

describe('the zipf sampler', () => {
  it.each([0, 0.5, 0.9999999, 1, 1.2, 3])('draws ranks as often as theory says at alpha %d', alpha => {
    const size = 200
    const draws = 200_000
    const zipf = new Zipf(size, alpha, new Random(42))
    const counts = new Float64Array(size)
    for (let i = 0; i < draws; i++) (counts[zipf.next()] as number)++
    const total = Array.from(counts, (_, k) => (k + 1) ** -alpha).reduce((a, b) => a + b)
    const expected = Array.from(counts, (_, k) => (draws * (k + 1) ** -alpha) / total)
    // Chi-squared over the ranks with 10 or more draws expected; five standard deviations of room.
    const ranks = expected.flatMap((value, k) => (value >= 10 ? [k] : []))
    const chi = ranks.reduce((sum, k) => sum + ((counts[k] as number) - (expected[k] as number)) ** 2 / (expected[k] as number), 0)
    expect(chi).toBeLessThan(ranks.length + 5 * Math.sqrt(2 * ranks.length))
  })

  it('has a logarithm and an exponential right to the last bits', () => {
    const random = new Random(1)
    for (let i = 0; i < 10_000; i++) {
      const y = random.fraction() * 1200 - 600
      expect(Math.abs(exp(y) / Math.exp(y) - 1)).toBeLessThan(4e-16)
      const x = Math.exp(y)
      expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(y)))
    }
  })
})

describe('random numbers', () => {
  it('a permutation hits every number once', () => {
    for (const size of [1, 2, 3, 5, 64, 1000, 4097]) {
      const map = permutation(size, new Random(size))
      expect(new Set(Array.from({ length: size }, (_, i) => map(i))).size).toBe(size)
    }
  })

  it('different seeds and streams differ, large seeds too', () => {
    const first = [new Random(1), new Random(2), new Random(1, 1), new Random(2 ** 40 + 1), new Random(0)].map(random => random.next())
    expect(new Set(first).size).toBe(5)
  })
})
