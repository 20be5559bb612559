// The reference traces that an integer recurrence defines (see test/README.md), and helpers.

/** A stream of 32-bit numbers: Marsaglia's xorshift. */
export function xorshift(seed: number): () => number {
  let x = seed >>> 0
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
}

/** The names of the golden traces. */
export const GOLDEN_TRACES = ['skew', 'hotscan', 'phases', 'loop'] as const
export type GoldenTrace = (typeof GOLDEN_TRACES)[number]

/** The page numbers of a golden trace. */
export function goldenTrace(name: GoldenTrace, references: number, seed = 1): number[] {
  const next = xorshift(seed)
  const skewed = (h: number): number => {
    const a = next() % h
    return Math.floor((a * (next() % h)) / h)
  }
  let s = 0
  const page = {
    skew: () => skewed(20000),
    hotscan: () => ((next() & 3) !== 0 ? skewed(4000) : 1_000_000 + (s++ % 12000)),
    phases: (i: number) => (Math.floor(i / 50000) % 3) * 7000 + skewed(6000),
    loop: () => ((next() & 15) === 0 ? 50000 + skewed(3000) : s++ % 8000),
  }[name]
  return Array.from({ length: references }, (_, i) => page(i))
}

/** Dense ids in order of first appearance, as the trace engine assigns them. */
export function densify(pages: readonly number[]): { references: Uint32Array; ids: BigUint64Array; future: Uint32Array } {
  const dense = new Map<number, number>()
  const references = Uint32Array.from(pages, page => {
    const id = dense.get(page) ?? dense.size
    dense.set(page, id)
    return id
  })
  const future = new Uint32Array(pages.length)
  const upcoming = new Uint32Array(dense.size).fill(0xffffffff)
  for (let i = pages.length - 1; i >= 0; i--) {
    const id = references[i] as number
    future[i] = upcoming[id] as number
    upcoming[id] = i
  }
  return { references, ids: BigUint64Array.from(dense.keys(), BigInt), future }
}
