// A decoded trace: what the readers produce and the simulators consume.

import type { TraceEvents } from './events.js'

/** How many references one chunk of a decoded trace holds at most. */
export const CHUNK = 4 * 1024 * 1024

/**
 * A trace in memory, shared between threads: every reference is 4 bytes, the dense id of its page
 * with bit 31 set for a write. Dense ids count up from 0 in order of first appearance, so the
 * first reference to each page carries the highest id so far.
 */
export interface Trace {
  /** Where it came from: a path, or `-`, or `(array)` and the like. */
  path: string
  /** The format's name, such as `oracleGeneral`. */
  format: string
  /** Bytes in a page. For object formats one id is one page, whatever its size. */
  pageSize: number
  /** Number of references; `reads + writes`. */
  references: number
  /** Number of distinct pages. */
  uniquePages: number
  reads: number
  writes: number
  /** The references, each chunk over a SharedArrayBuffer of its own, all full but the last. */
  chunks: readonly Uint32Array<SharedArrayBuffer>[]
  /** The original page number (address / pageSize, or object id) of each dense id. */
  ids: BigUint64Array<SharedArrayBuffer>
  /** Of a trace that says which processes execute what, and how their memory comes and goes. */
  events?: TraceEvents
}
