// Locked memory, the heap and resource limits.
import { RlimitReportLayout } from '../core/layout.gen.js'
import { whole } from './arguments.js'
import { MemoryCalls } from './memory.js'

/** A resource limit: what applies, and how far a process without privilege may raise it; Infinity for none. */
export interface Rlimit {
  soft: number
  hard: number
}

/** The argument as the core takes a limit: none is 2^64, the end of what it can count. */
function limitOf(value: number, name: string): number {
  return value === Number.POSITIVE_INFINITY ? 2 ** 64 : whole(value, name)
}

/** mlock(2), brk(2), getrlimit(2) and their like. */
export class LimitCalls extends MemoryCalls {
  /** Locks a range in memory and makes its pages present; with MLOCK_ONFAULT as `flags`, they are locked as they come to be. */
  mlock(address: number, length: number, flags = 0): void {
    const { mm_lock } = this.kernel.exports
    this.check(mm_lock(this.pid, whole(address, 'address'), whole(length, 'length'), whole(flags, 'flags')), 'mlock')
  }

  /** Takes the lock from a range. */
  munlock(address: number, length: number): void {
    this.check(this.kernel.exports.mm_unlock(this.pid, whole(address, 'address'), whole(length, 'length')), 'munlock')
  }

  /** Locks all memory that is mapped, with MCL_CURRENT, or that will be, with MCL_FUTURE. */
  mlockall(flags: number): void {
    this.check(this.kernel.exports.mm_lock_all(this.pid, whole(flags, 'flags')), 'mlockall')
  }

  /** Takes the lock from all memory, and from what will be mapped. */
  munlockall(): void {
    this.check(this.kernel.exports.mm_unlock_all(this.pid), 'munlockall')
  }

  /** Moves the end of the heap to an address; returns where it is then, which is where it was if it cannot move. */
  brk(address: number): number {
    return this.check(this.kernel.exports.mm_break(this.pid, whole(address, 'address')), 'brk')
  }

  /** A resource limit: one of the RLIMIT constants. */
  getrlimit(resource: number): Rlimit {
    const { view, buffer, exports } = this.kernel
    this.check(exports.limit_get(this.pid, whole(resource, 'resource')), 'getrlimit')
    const { soft, hard } = RlimitReportLayout
    return { soft: view.getFloat64(buffer + soft, true), hard: view.getFloat64(buffer + hard, true) }
  }

  /** Sets a resource limit; only root raises the hard one. */
  setrlimit(resource: number, { soft, hard }: Rlimit): void {
    const { limit_set } = this.kernel.exports
    this.check(limit_set(this.pid, whole(resource, 'resource'), limitOf(soft, 'soft'), limitOf(hard, 'hard')), 'setrlimit')
  }
}
