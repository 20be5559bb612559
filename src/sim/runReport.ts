// What a run in the machine reports: the object `runTrace` returns and `faultline run --json` prints.

import type { Vmstat } from '../sys/machine.js'
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
  backing: Backing
  /** Processes that executed the trace; of a trace of events, as many as it names. */
  processes: number
  contents: boolean
}

/** The outcome of a run. */
export interface RunReport extends RunCounts {
  trace: TraceSummary
  machine: RunMachine
  /** References executed, by all processes together: the four ways to find a page, `tlbHits` to `majorFaults`, add up to them. */
  references: number
  /** What the machine counted meanwhile, by the names of /proc/vmstat. */
  vmstat: Vmstat
  /** What faults cost. */
  cost: FaultCosts
  /** Seconds that processes would have waited in faults, by what they swap to. */
  time: FaultTimes
  /** Time spent executing, without decoding the trace and booting. */
  seconds: number
  referencesPerSecond: number
}
