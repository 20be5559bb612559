// The reference traces: made by the library's own generator, so that they are the same on every machine.
import { type GenerateOptions, generateTrace } from 'faultline'

/** Pages and references of a trace. */
export const PAGES = 8192
export const REFERENCES = 300_000

/** The kernel's statistics are read after so many references. */
export const EVERY = 100

/** Bit of a reference that writes. */
export const WRITE = 0x80000000

// Of scans over a hot set and of phases there are many: of these, what the kernel does depends least on how late it looks at
// its statistics (see README).
const WORKLOADS = {
  'zipf-0.8': { workload: 'zipf', alpha: 0.8 },
  'zipf-1.0': { workload: 'zipf', alpha: 1 },
  'zipf-1.2': { workload: 'zipf', alpha: 1.2 },
  uniform: { workload: 'uniform' },
  hotscan: { workload: 'hotscan', hot: 2048, alpha: 0.6 },
  phases: { workload: 'phases', phases: 2, alpha: 1, length: 10_000 },
  loop: { workload: 'loop' },
} as const satisfies Record<string, GenerateOptions>

/** The traces' names. */
export type TraceName = keyof typeof WORKLOADS
export const TRACES = Object.keys(WORKLOADS) as TraceName[]

const made = new Map<string, Uint32Array>()

/** A trace with its share of writes: a page number a reference, and WRITE. With `scale`, one of so many times fewer pages and references. */
export function trace(name: TraceName, writes: number, scale = 1): Uint32Array {
  const key = `${name} ${writes} ${scale}`
  const known = made.get(key)
  if (known) return known
  const workload: GenerateOptions = { ...WORKLOADS[name] }
  if (workload.hot !== undefined) workload.hot /= scale
  if (workload.length !== undefined) workload.length /= scale
  const { chunks, ids } = generateTrace({ ...workload, pages: PAGES / scale, references: REFERENCES / scale, writes })
  const references = Uint32Array.from(
    chunks.flatMap(chunk => [...chunk]),
    word => (word & WRITE) | Number(ids[word & ~WRITE]),
  )
  made.set(key, references)
  return references
}
