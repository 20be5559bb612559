// What a replay reports: the object `replay` returns and `faultline replay --json` prints.
import type { Trace } from '../trace/trace.js'

/** What a replayed trace is. */
export interface TraceSummary {
  path: string
  format: string
  references: number
  /** Number of distinct pages. */
  uniquePages: number
  reads: number
  writes: number
}

/** The outcome of one policy at one size. */
export interface ReplayResult {
  /** The path of the trace; present if several were replayed. */
  trace?: string
  /** The policy as it was asked for, such as `s3fifo:small=0.2`. */
  policy: string
  /** Size of the cache, in page frames. */
  frames: number
  references: number
  hits: number
  misses: number
  /** Misses by references, from 0 to 1. */
  missRatio: number
  /** First references to a page, which every policy misses. */
  coldMisses: number
  /** Pages evicted. */
  evictions: number
  /** Pages evicted that had been written since they came in. */
  dirtyEvictions: number
  /** Time spent replaying, without decoding the trace. */
  seconds: number
  referencesPerSecond: number
}

/** The outcome of a replay. */
export interface ReplayReport {
  /** The trace, or the traces in order if several were given. */
  trace: TraceSummary | TraceSummary[]
  /** Bytes in a page; of several traces whose pages differ in size, each one's in order. */
  pageSize: number | number[]
  /** By trace, then by policy in the order they were given, then by frames ascending. */
  results: ReplayResult[]
}

/** What an engine counted. */
export interface Tally {
  misses: number
  evictions: number
  dirtyEvictions: number
  seconds: number
}

export function summarize({ path, format, references, uniquePages, reads, writes }: Trace): TraceSummary {
  return { path, format, references, uniquePages, reads, writes }
}

export function toResult({ references, uniquePages }: Trace, policy: string, frames: number, tally: Tally): ReplayResult {
  const { misses, evictions, dirtyEvictions, seconds } = tally
  return {
    policy,
    frames,
    references,
    hits: references - misses,
    misses,
    missRatio: misses / references,
    coldMisses: uniquePages,
    evictions,
    dirtyEvictions,
    seconds,
    // The clock may be too coarse for the shortest traces; the rate stays a number.
    referencesPerSecond: references / Math.max(seconds, 1e-7),
  }
}

/** One report on several traces, each with its results. A path that comes again is numbered, so that results say which is meant. */
export function combine(parts: readonly { trace: TraceSummary; pageSize: number; results: ReplayResult[] }[]): ReplayReport {
  const [first] = parts
  if (first && parts.length === 1) return first
  const seen = new Map<string, number>()
  const named = parts.map(({ trace, results, pageSize }) => {
    const count = (seen.get(trace.path) ?? 0) + 1
    seen.set(trace.path, count)
    const path = count === 1 ? trace.path : `${trace.path} (${count})`
    return { trace: { ...trace, path }, pageSize, results: results.map(result => ({ trace: path, ...result })) }
  })
  const pageSizes = named.map(part => part.pageSize)
  return {
    trace: named.map(part => part.trace),
    pageSize: new Set(pageSizes).size === 1 ? (pageSizes[0] as number) : pageSizes,
    results: named.flatMap(part => part.results),
  }
}
