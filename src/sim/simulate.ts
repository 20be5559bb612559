// Every policy at every size over one decoded trace.
import { availableParallelism } from 'node:os'
import { InputError } from '../core/errors.js'
import { replayFootprint, replayModule } from '../core/replayer.js'
import type { Trace } from '../trace/trace.js'
import type { FramesResolver } from './frames.js'
import { nextReferences } from './future.js'
import { type LocalJob, runLocally } from './local.js'
import { type ReplayJob, runJobs } from './pool.js'
import { type ReplayResult, type Tally, toResult } from './report.js'
import { labelOf, type Policy, seesFuture } from './select.js'

/** What to simulate, and how. */
export interface SimulationOptions {
  policies: readonly Policy[]
  frames: FramesResolver
  /** Seed of the policies' random numbers. */
  seed: number
  /** Worker threads; the number of CPUs unless given. */
  jobs?: number | undefined
  signal?: AbortSignal | undefined
  /** Called with the references replayed so far, of all policies and sizes together, and how many there will be. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** A job for a worker, and how much memory its engine takes. */
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
  const sizes = options.frames(trace)
  const plans = options.policies.flatMap(policy => sizes.map(frames => plan(policy, frames, trace)))
  // Memory costs time: the engines with the most state are the slowest, and start first.
  const remote = plans.filter(job => 'bytes' in job).toSorted((a, b) => b.bytes - a.bytes)
  const local = plans.filter((job): job is LocalJob => !('bytes' in job))
  const tallies = await runAll(trace, remote, local, options)
  return plans.map(job => toResult(trace, labelOf(job.policy), job.frames, tallies.get(job) as Tally))
}

function plan(policy: Policy, frames: number, { uniquePages: pages }: Trace): PlannedJob | LocalJob {
  if (!('info' in policy)) return { policy, frames }
  const module = policy.module ?? replayModule()
  return { policy, frames, module, bytes: replayFootprint({ policy, frames, pages, module }) }
}

/** Runs jobs on workers and those that cannot go there on this thread; the first failure stops both. */
async function runAll(trace: Trace, remote: readonly PlannedJob[], local: readonly LocalJob[], options: SimulationOptions) {
  const jobs = [...remote, ...local]
  const future = jobs.some(job => seesFuture(job.policy)) ? await nextReferences(trace, options.signal) : undefined
  const total = jobs.length * trace.references
  const stop = new AbortController()
  let done = 0
  const shared = {
    trace: { chunks: trace.chunks, ids: trace.ids, pages: trace.uniquePages, ...(future && { future }) },
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    onReferences: (references: number) => {
      done += references
      options.onProgress?.(done, total)
    },
  }
  const running = [
    runJobs({
      ...shared,
      jobs: remote.map(({ policy, frames, module }) => ({ policy, frames, module })),
      seed: options.seed,
      threads: threadsFor(remote, options.jobs),
    }),
    runLocally(local, shared),
  ]
  for (const part of running) part.catch(error => stop.abort(error))
  await Promise.allSettled(running)
  const tallies = (await Promise.all(running)).flat()
  return new Map(jobs.map((job, index) => [job, tallies[index] as Tally]))
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
