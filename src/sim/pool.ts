// Runs replay jobs on worker threads over one trace in shared memory. Whatever happens, no
// worker outlives the call.
import { Worker } from 'node:worker_threads'
import { InputError, UsageError } from '../core/errors.js'
import type { PolicyChoice } from '../core/policies.js'
import type { Tally } from './report.js'

/** One policy at one size. */
export interface ReplayJob {
  policy: PolicyChoice
  frames: number
  /** The module the policy is in. */
  module: WebAssembly.Module
}

/** What every worker is given: nothing in it is copied but the list of jobs. */
export interface WorkerInput {
  jobs: readonly ReplayJob[]
  trace: {
    chunks: readonly Uint32Array<SharedArrayBuffer>[]
    future?: readonly Uint32Array<SharedArrayBuffer>[]
    ids: BigUint64Array<SharedArrayBuffer>
    /** Number of distinct pages. */
    pages: number
  }
  seed: number
  /** The index of the next job to be taken. */
  cursor: Int32Array<SharedArrayBuffer>
}

/** What a worker posts: references done since its last message, a job's tally, or why a job failed. */
export type WorkerMessage =
  | { references: number }
  | { job: number; tally: Tally }
  | { job: number; failure: { name: string; message: string; stack: string } }

/** How a pool runs. */
export interface PoolOptions extends Omit<WorkerInput, 'cursor'> {
  /** Number of worker threads. */
  threads: number
  signal?: AbortSignal | undefined
  /** Called with the number of references replayed since the last call. */
  onReferences?: (references: number) => void
}

/**
 * Runs every job, in the order given as workers become free, and returns their tallies.
 *
 * Rejects with the first job's failure, or the signal's reason; workers are terminated first.
 */
export async function runJobs({ threads, signal, onReferences, ...input }: PoolOptions): Promise<Tally[]> {
  signal?.throwIfAborted()
  const workerInput: WorkerInput = { ...input, cursor: new Int32Array(new SharedArrayBuffer(4)) }
  const tallies: Tally[] = []
  const workers = Array.from({ length: Math.min(threads, input.jobs.length) }, () => {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData: workerInput, execArgv: [] })
  })
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort)
  })
  const receive = (message: WorkerMessage): void => {
    if ('references' in message) onReferences?.(message.references)
    else if ('tally' in message) tallies[message.job] = message.tally
    else throw revive(input.jobs[message.job] as ReplayJob, message.failure)
  }
  try {
    await Promise.race([aborted, Promise.all(workers.map(worker => finished(worker, receive)))])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await Promise.all(workers.map(worker => worker.terminate()))
  }
  return tallies
}

/** Resolves when the worker ends well; rejects if it breaks, or if what receives its messages throws. */
function finished(worker: Worker, receive: (message: WorkerMessage) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      try {
        receive(message)
      } catch (error) {
        reject(error)
      }
    })
    worker.on('error', reject)
    worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a replay worker ended with code ${code}`))))
  })
}

/** The error of a worker as this thread would have thrown it. */
function revive({ policy, frames }: ReplayJob, { name, message, stack }: { name: string; message: string; stack: string }): Error {
  if (name === 'UsageError') return new UsageError(message)
  if (name === 'InputError') return new InputError(message)
  const error = new Error(`policy ${policy.label} with ${frames} frames: ${message}`)
  error.stack = `${error.message}\n${stack}`
  return error
}
