// Every policy at every size over one decoded trace.
import { availableParallelism } from 'node:os'
import { InputError } from '../core/errors.js'
import type { PolicyChoice } from '../core/policies.js'
import { replayFootprint, replayModule } from '../core/replayer.js'
import type { Trace } from '../trace/trace.js'
import type { FramesResolver } from './frames.js'
import { nextReferences } from './future.js'
import { type ReplayJob, runJobs } from './pool.js'
import { type ReplayResult, type Tally, toResult } from './report.js'

/** What to simulate, and how. */
export interface SimulationOptions {
  policies: readonly PolicyChoice[]
  frames: FramesResolver
  /** Seed of the policies' random numbers. */
  seed: number
  /** Worker threads; the number of CPUs unless given. */
  jobs?: number | undefined
  signal?: AbortSignal | undefined
  /** Called with the references replayed so far, of all policies and sizes together, and how many there will be. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** A job, where its result goes, and how much memory its engine takes. */
interface PlannedJob extends ReplayJob {
  bytes: number
}

/**
 * Replays a trace under every policy at every size; results by policy, then by frames.
 *
 * Throws a UsageError, before any work, if an engine does not fit in 4 GiB, and an InputError
 * for an empty trace or one too long for a policy that sees the future.
 */
export async function simulate(trace: Trace, options: SimulationOptions): Promise<ReplayResult[]> {
  if (trace.references === 0) throw new InputError(`${trace.path}: the trace is empty`)
  const planned = plan(trace, options)
  // Memory costs time: the engines with the most state are the slowest, and start first.
  const order = planned.toSorted((a, b) => b.bytes - a.bytes)
  const future = order.some(job => job.policy.info.sees === 'the future') ? await nextReferences(trace, options.signal) : undefined
  const total = planned.length * trace.references
  let done = 0
  const tallies = await runJobs({
    jobs: order.map(({ policy, frames, module }) => ({ policy, frames, module })),
    trace: { chunks: trace.chunks, ids: trace.ids, pages: trace.uniquePages, ...(future && { future }) },
    seed: options.seed,
    threads: threadsFor(order, options.jobs),
    signal: options.signal,
    onReferences: references => {
      done += references
      options.onProgress?.(done, total)
    },
  })
  const byJob = new Map(order.map((job, index) => [job, tallies[index] as Tally]))
  return planned.map(job => toResult(trace, job.policy.label, job.frames, byJob.get(job) as Tally))
}

function plan(trace: Trace, { policies, frames }: SimulationOptions): PlannedJob[] {
  const sizes = frames(trace)
  const module = replayModule()
  return policies.flatMap(policy =>
    sizes.map(frames => ({ policy, frames, module, bytes: replayFootprint({ policy, frames, pages: trace.uniquePages, module }) })),
  )
}

/** As many threads as asked for, but no more than have engines that fit into the free memory together. */
function threadsFor(order: readonly PlannedJob[], jobs = availableParallelism()): number {
  const free = process.availableMemory()
  let fitting = 0
  for (let bytes = 0; fitting < order.length; fitting++) {
    bytes += (order[fitting] as PlannedJob).bytes
    if (bytes > free) break
  }
  return Math.max(1, Math.min(jobs, fitting))
}
