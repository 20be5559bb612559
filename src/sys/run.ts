// Batches of page references.
import { BUFFER_SIZE, CPU_RUN, PAGE_SIZE } from '../abi/layout.gen.js'
import { RunCountsLayout } from '../core/layout.gen.js'
import { whole } from './arguments.js'
import { Futexes } from './futex.js'

/** How the references of a run found their pages; the four add up to the references. */
export interface RunCounts {
  /** In the TLB. */
  tlbHits: number
  /** In the page tables. */
  walks: number
  /** By a fault that was served from memory. */
  minorFaults: number
  /** By a fault that had to wait for the page from elsewhere, such as swap. */
  majorFaults: number
}

/** References to pages. */
export class Runs extends Futexes {
  /**
   * References pages as loads and stores would, wholly in the core: the TLB, the page tables' accessed and dirty
   * bits, faults and all their consequences, but no bytes.
   *
   * A Uint32Array holds page numbers counted from the page at `base`, a multiple of 4096; bit 31 is set for a
   * write, as in the packed traces of a replay. A BigUint64Array holds page numbers themselves, and bit 63.
   *
   * Throws the FaultError of the first bad reference, unless a handler mends it; its `index` says which it is, and those
   * before it have been executed.
   */
  run(references: Uint32Array | BigUint64Array, base = 0): RunCounts {
    if (whole(base, 'base') % PAGE_SIZE !== 0) throw new RangeError(`base 0x${base.toString(16)} is not a multiple of ${PAGE_SIZE}`)
    const near = references instanceof Uint32Array
    if (!near && !(references instanceof BigUint64Array)) throw new TypeError('references must be a Uint32Array or a BigUint64Array')
    const { kernel, pid } = this
    const { view, buffer } = kernel
    const counts: RunCounts = { tlbHits: 0, walks: 0, minorFaults: 0, majorFaults: 0 }
    const batch = near ? new Uint32Array(view.buffer, buffer, BUFFER_SIZE / 4) : new BigUint64Array(view.buffer, buffer, BUFFER_SIZE / 8)
    const at = kernel.cpuBlock + CPU_RUN
    let tries = 0
    for (let index = 0; index < references.length; ) {
      const part = references.subarray(index, index + batch.length)
      batch.set(part as never)
      const done = near ? kernel.exports.run_near(pid, base / PAGE_SIZE, part.length) : kernel.exports.run_far(pid, part.length)
      counts.tlbHits += view.getUint32(at + RunCountsLayout.hits, true)
      counts.walks += view.getUint32(at + RunCountsLayout.walks, true)
      counts.minorFaults += view.getUint32(at + RunCountsLayout.minorFaults, true)
      counts.majorFaults += view.getUint32(at + RunCountsLayout.majorFaults, true)
      index += done
      tries = done > 0 ? 0 : tries
      if (done < part.length) this.fault(tries++, index)
    }
    return counts
  }
}
