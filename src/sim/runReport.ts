// What a run in the machine reports: the object `runTrace` returns and `faultline run --json` prints.

import type { Vmstat } from '../sys/machine.js'
import type { Mechanism, ReclaimPolicy } from '../sys/policy.js'
import type { RunCounts } from '../sys/run.js'
import type { FaultCosts, FaultTimes } from './cost.js'
import type { TraceSummary } from './report.js'
import type { Backing } from './workload.js'

/** The machine that a trace was executed in. */
export interface RunMachine {
  /** Its memory, in bytes. */
  memory: number
  /** How many frames could be had for pages and what else there is, once it was booted. */
  frames: number
  /** Its swap, in bytes; 0 for none. */
  swap: number
  /** The most that the pages of its processes may be, by a control group, in bytes; null for no such limit. */
  memoryMax: number | null
  /** Which pages it evicts, and what is left out of that. */
  policy: ReclaimPolicy
  /** Frames that the policy has for pages; null for linux-6.12, which has no fixed number. */
  policyFrames: number | null
  without: readonly Mechanism[]
  backing: Backing
  /** Processes that executed the trace; of a trace of events, as many as it names. */
  processes: number
  contents: boolean
  /** Whether each page was written once before. */
  fill: boolean
}

/** The outcome of a run. */
export interface RunReport extends RunCounts {
  trace: TraceSummary
  machine: RunMachine
  /** References executed, by all processes together: the four ways to find a page, `tlbHits` to `majorFaults`, add up to them. */
  references: number
  /** What the machine counted meanwhile, and, in `nr_…`, how many pages it has of what in the end, by the names of /proc/vmstat. */
  vmstat: Vmstat & Record<`nr_${string}`, number>
  /** What faults cost. */
  cost: FaultCosts
  /** Seconds that processes would have waited in faults, by what they swap to. */
  time: FaultTimes
  /** Time spent executing, without decoding the trace and booting. */
  seconds: number
  referencesPerSecond: number
}
