// What the references of a workload met in the machine, all in all, and how long that took.
import type { Process } from '../sys/process.js'
import type { RunCounts } from '../sys/run.js'

/** Counts of a workload's references. */
export class Tally implements RunCounts {
  references = 0
  tlbHits = 0
  walks = 0
  minorFaults = 0
  majorFaults = 0
  /** Time in the machine. */
  seconds = 0

  /** Lets a process execute references, as `process.run` does, and adds up how it went. */
  run(process: Process, references: Uint32Array | BigUint64Array, base = 0): void {
    const start = performance.now()
    const counts = process.run(references, base)
    this.seconds += (performance.now() - start) / 1000
    this.references += references.length
    this.tlbHits += counts.tlbHits
    this.walks += counts.walks
    this.minorFaults += counts.minorFaults
    this.majorFaults += counts.majorFaults
  }
}
