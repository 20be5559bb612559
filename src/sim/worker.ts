// A worker thread of a replay: takes the next job that no other worker has taken, until none is left.
import { parentPort, workerData } from 'node:worker_threads'
import { Replayer } from '../core/replayer.js'
import type { WorkerInput, WorkerMessage } from './pool.js'
import { replaySteps } from './run.js'

/** References between two reports of progress: some tens of milliseconds. */
const STEP = 2 ** 20

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

function runJob({ trace, jobs, seed }: WorkerInput, index: number): void {
  const job = jobs[index] as WorkerInput['jobs'][number]
  try {
    const replayer = new Replayer({ ...job, pages: trace.pages, ids: trace.ids, seed })
    const { future, ...blind } = trace
    const steps = replaySteps(replayer, job.policy.info.sees === 'the future' ? trace : blind, STEP)
    let step = steps.next()
    for (; !step.done; step = steps.next()) post({ references: step.value })
    post({ job: index, tally: step.value })
  } catch (error) {
    const { name, message, stack = message } = error instanceof Error ? error : new Error(String(error))
    post({ job: index, failure: { name, message, stack } })
  }
}

const input = workerData as WorkerInput
for (;;) {
  const index = Atomics.add(input.cursor, 0, 1)
  if (index >= input.jobs.length) break
  runJob(input, index)
}
