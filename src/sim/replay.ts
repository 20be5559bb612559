// `replay`: the library's main job. Opens traces one after the other and replays each under every
// policy at every size.
import { existsSync } from 'node:fs'
import { InputError, UsageError } from '../core/errors.js'
import type { TraceOptions } from '../trace/decode.js'
import { openTrace, type TraceSource } from '../trace/open.js'
import type { Trace } from '../trace/trace.js'
import { type FramesSpec, parseFrames } from './frames.js'
import { combine, type ReplayReport, type ReplayResult, summarize, type TraceSummary } from './report.js'
import { type PolicySpec, selectPolicies } from './select.js'
import { simulate } from './simulate.js'

/** A trace to replay: one that is open, or what `openTrace` takes. */
export type ReplaySource = Trace | TraceSource

/** How far a replay is: bytes decoded of a trace, or references replayed by all policies and sizes together. */
export interface ReplayProgress {
  phase: 'decoding' | 'replaying'
  done: number
  /** Undefined if it cannot be known, as with standard input. */
  total: number | undefined
}

/** What to replay, and how. */
export interface ReplayOptions extends Omit<TraceOptions, 'onProgress'> {
  /** A trace, or an array of several; an array of numbers is one trace. */
  trace: ReplaySource | readonly ReplaySource[]
  /** Policies with parameters, such as `['lru', 's3fifo:small=0.2', './mine.ts']`, `'all'`, or objects (slower); the main ones unless given. */
  policies?: PolicySpec
  /** Cache sizes, such as `'1000,10%,64MiB'`; a few shares of the distinct pages unless given. */
  frames?: FramesSpec
  /** Worker threads; the number of CPUs unless given. */
  jobs?: number
  /** Seed of the policies' random numbers, from 1 to 2^32 - 1; 1 unless given. */
  seed?: number
  /** Stops the replay, which then rejects with the signal's reason. */
  signal?: AbortSignal
  onProgress?: (progress: ReplayProgress) => void
}

/**
 * Replays page traces through replacement policies at several cache sizes, on worker threads.
 *
 * Throws a UsageError for options that make no sense, before any work where it can be told, and
 * an InputError for a trace that cannot be read; no worker is left running.
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { jobs, seed = 1, signal, onProgress } = options
  requireWhole('jobs', jobs ?? 1, 1024)
  requireWhole('seed', seed, 2 ** 32 - 1)
  const frames = parseFrames(options.frames)
  const policies = await selectPolicies(options.policies)
  const parts: { trace: TraceSummary; pageSize: number; results: ReplayResult[] }[] = []
  const traces = sources(options.trace)
  requireFiles(traces)
  for (const source of traces) {
    signal?.throwIfAborted()
    const trace = isTrace(source) ? source : await open(source, options)
    const results = await simulate(trace, {
      policies,
      frames,
      jobs,
      seed,
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'replaying', done, total }),
    })
    parts.push({ trace: summarize(trace), pageSize: trace.pageSize, results })
  }
  return combine(parts)
}

function open(source: TraceSource, { onProgress, ...options }: ReplayOptions): Promise<Trace> {
  return openTrace(source, { ...options, onProgress: (done, total) => onProgress?.({ phase: 'decoding', done, total }) })
}

function sources(trace: ReplayOptions['trace']): readonly ReplaySource[] {
  if (!Array.isArray(trace) || trace.every(item => typeof item === 'number')) return [trace as ReplaySource]
  if (trace.some(item => typeof item === 'number'))
    throw new UsageError('an array of traces holds paths and traces, not numbers among them')
  return trace as readonly ReplaySource[]
}

/** Misses files before the long work on those ahead of them. */
function requireFiles(traces: readonly ReplaySource[]): void {
  for (const trace of traces) {
    if (typeof trace !== 'string') continue
    const bare = trace.replace(/^\w+:/, '')
    if (bare !== '-' && !existsSync(trace) && !existsSync(bare)) throw new InputError(`${trace}: no such file`)
  }
}

/** Whether a source is a trace that is open. */
export function isTrace(source: ReplaySource): source is Trace {
  return typeof source === 'object' && source !== null && 'chunks' in source && 'uniquePages' in source
}

/** Throws a UsageError unless the value is a whole number from 1 to `max`. */
export function requireWhole(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) throw new UsageError(`${name} is a whole number from 1 to ${max}, not ${value}`)
}
