// Replays policies that cannot leave this thread: objects. Other work runs between the steps.
import { setImmediate } from 'node:timers/promises'
import { ObjectReplayer, type PolicyObject } from '../core/objectReplayer.js'
import type { Tally } from './report.js'
import { type References, replaySteps } from './run.js'

/** References between two looks at other work: some tens of milliseconds. */
const STEP = 2 ** 17

/** One object at one size. */
export interface LocalJob {
  policy: PolicyObject
  frames: number
}

/** What local jobs run on. */
export interface LocalOptions {
  trace: References & { pages: number }
  signal: AbortSignal
  /** Called with the number of references replayed since the last call. */
  onReferences: (references: number) => void
}

/** Runs every job in order and returns their tallies. Rejects with what a policy throws, or the signal's reason. */
export async function runLocally(jobs: readonly LocalJob[], { trace, signal, onReferences }: LocalOptions): Promise<Tally[]> {
  const tallies: Tally[] = []
  for (const { policy, frames } of jobs) {
    const steps = replaySteps(new ObjectReplayer({ policy, frames, pages: trace.pages }), trace, STEP)
    let step = steps.next()
    for (; !step.done; step = steps.next()) {
      onReferences(step.value)
      await setImmediate()
      signal.throwIfAborted()
    }
    tallies.push(step.value)
  }
  return tallies
}
