// Waiting on words of memory: Linux's futexes, named as JavaScript's Atomics.
import { EINVAL } from '../abi/errno.gen.js'
import { CPU_FUTEX } from '../abi/layout.gen.js'
import { FutexKeyLayout, FutexWaiterLayout } from '../core/layout.gen.js'
import { whole } from './arguments.js'
import { AtomicAccess } from './atomics.js'

/** How a wait ended. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out'

/** The most a call can wake. */
const MOST = 0x7fffffff

/** futex(2)'s FUTEX_WAIT and FUTEX_WAKE. */
export class Futexes extends AtomicAccess {
  /**
   * Sleeps until another process notifies the 32-bit word at an address, if it is `expected`: 'ok'. 'not-equal' at once if it
   * is not, 'timed-out' after so many milliseconds. Who notifies may know the word by another address: in memory that is
   * shared, or shows a file, a word is known by the object's byte; in private memory by process and address.
   *
   * The whole thread sleeps, with all its processes; a browser's main thread, which must not, spins.
   *
   * Throws a SysError: EINVAL unless the address is a multiple of 4 and the time-out not negative; EFAULT if the word cannot be
   * read, or is private and cannot be written; ENOMEM; ESRCH if the process is killed meanwhile.
   */
  waitOn(address: number, expected: number, timeout = Number.POSITIVE_INFINITY): WaitResult {
    const { kernel, pid } = this
    if (typeof timeout !== 'number' || Number.isNaN(timeout)) throw new TypeError(`timeout must be a number, not ${String(timeout)}`)
    if (timeout < 0) this.fail(EINVAL, 'futex')
    const queued = kernel.exports.futex_queue(pid, whole(address, 'address'), whole(expected, 'expected'))
    if (this.check(queued, 'futex') === 1) return 'not-equal'
    kernel.sleepWhileZero(pid, kernel.cpuBlock + CPU_FUTEX + FutexKeyLayout.SIZE + FutexWaiterLayout.woken, timeout)
    return this.check(kernel.exports.futex_leave(pid), 'futex') === 1 ? 'ok' : 'timed-out'
  }

  /**
   * Wakes the processes that wait on the word at an address, at most `count` of them, those first that came first; returns how
   * many. None if `count` is 0, where Linux wakes one. Throws as waitOn does.
   */
  notify(address: number, count = Number.POSITIVE_INFINITY): number {
    if (count !== Number.POSITIVE_INFINITY && whole(count, 'count') < 0) this.fail(EINVAL, 'futex')
    return this.check(this.kernel.exports.futex_wake(this.pid, whole(address, 'address'), Math.min(count, MOST)), 'futex')
  }
}
