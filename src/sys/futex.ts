// Waiting on words of memory: Linux's futexes, named as JavaScript's Atomics; and robust lists.
import { EINVAL, ETIMEDOUT } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { FUTEX_BITSET_MATCH_ANY, ROBUST_LIST_HEAD_SIZE } from '../abi/futex.gen.js'
import { RequeueOrderLayout, WaiterLayout } from '../core/layout.gen.js'
import { shown, whole } from './arguments.js'
import { AtomicAccess } from './atomics.js'
import { PATIENCE } from './waits.js'

/** How a wait ended. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out'

/** The most a call can wake. */
const MOST = 0x7fffffff

/** A count, as the core takes it; Infinity is as many as there are. */
function counted(value: number, name: string): number {
  return value === Number.POSITIVE_INFINITY ? MOST : Math.max(-1, Math.min(whole(value, name), MOST))
}

/** futex(2)'s FUTEX_WAIT, FUTEX_WAKE and FUTEX_REQUEUE; set_robust_list(2). */
export class Futexes extends AtomicAccess {
  /** Waits on a word if it is `expected`: the address of a waiter, 0 if the word is not. */
  #queue(address: number, expected: number, timeout: number, bits: number, sleeps: boolean): number {
    if (typeof timeout !== 'number' || Number.isNaN(timeout)) throw new TypeError(`timeout must be a number, not ${shown(timeout)}`)
    const words = [whole(address, 'address'), whole(expected, 'expected'), whole(bits, 'bits')] as const
    if (timeout < 0) this.fail(EINVAL, 'futex')
    return this.check(this.kernel.exports.futex_queue(this.pid, ...words, Number(sleeps)), 'futex')
  }

  /**
   * Sleeps until another process notifies the 32-bit word at an address, if it is `expected`: 'ok'. 'not-equal' at once if it
   * is not, 'timed-out' after so many milliseconds. Who notifies may know the word by another address: in memory that is
   * shared, or shows a file, a word is known by the object's byte; in private memory by process and address. Only who
   * notifies for one of the `bits` ends the wait (FUTEX_WAIT_BITSET).
   *
   * The whole thread sleeps, with all its processes; a browser's main thread, which must not, spins.
   *
   * Throws a SysError: EINVAL unless the address is a multiple of 4, the time-out not negative and `bits` not 0; EFAULT if the word
   * cannot be read, or is private and cannot be written; ENOMEM; ESRCH if the process is killed meanwhile; and EDEADLK, where
   * Linux would sleep for ever, if there is no time-out and no other thread has a process that could notify.
   */
  waitOn(address: number, expected: number, timeout = Number.POSITIVE_INFINITY, bits: number = FUTEX_BITSET_MATCH_ANY): WaitResult {
    const waiter = this.#queue(address, expected, timeout, bits, true)
    if (waiter === 0) return 'not-equal'
    const end = performance.now() + timeout
    // most waits are over before it is worth a look whether anybody is there
    this.kernel.sleepWhileZero(this.pid, waiter + WaiterLayout.status, Math.min(timeout, PATIENCE))
    const seconds = (end - performance.now()) / 1000
    return this.#resultOf(() => this.sleep(waiter, seconds, 'futex', { late: ETIMEDOUT, inNamespace: false }))
  }

  /**
   * As waitOn, but the thread goes on, and the promise resolves as waitOn returns. It stands in line from now on, with any
   * number of others. Rejects as waitOn throws. As long as it is pending, Node does not end by itself.
   */
  async waitOnAsync(
    address: number,
    expected: number,
    timeout = Number.POSITIVE_INFINITY,
    bits: number = FUTEX_BITSET_MATCH_ANY,
  ): Promise<WaitResult> {
    const waiter = this.#queue(address, expected, timeout, bits, false)
    if (waiter === 0) return 'not-equal'
    try {
      await this.settle(waiter, timeout / 1000, 'futex', () => undefined, ETIMEDOUT)
      return 'ok'
    } catch (error) {
      return this.#resultOf(() => {
        throw error
      })
    }
  }

  /** 'ok', or 'timed-out' if it throws ETIMEDOUT. */
  #resultOf(end: () => void): WaitResult {
    try {
      end()
      return 'ok'
    } catch (error) {
      if (error instanceof SysError && error.errno === ETIMEDOUT) return 'timed-out'
      throw error
    }
  }

  /**
   * Wakes the processes that wait on the word at an address for one of the `bits`, at most `count` of them, those first that came
   * first; returns how many. None if `count` is 0, where Linux wakes one. Throws as waitOn does.
   */
  notify(address: number, count = Number.POSITIVE_INFINITY, bits: number = FUTEX_BITSET_MATCH_ANY): number {
    const most = counted(count, 'count')
    const words = [whole(address, 'address'), whole(bits, 'bits')] as const
    if (most < 0) this.fail(EINVAL, 'futex')
    return this.check(this.kernel.exports.futex_wake(this.pid, words[0], most, words[1]), 'futex')
  }

  /**
   * Wakes at most `wake` of the processes that wait on the word at an address, and makes at most `move` of the others wait on the
   * word at `target` instead, so that they do not all wake up for a lock that only one can have; returns how many
   * that are together. FUTEX_REQUEUE; with `expected` FUTEX_CMP_REQUEUE.
   *
   * Throws a SysError: EAGAIN if the word is not `expected`, EINVAL if a number is negative; and as waitOn does.
   */
  requeue(address: number, wake: number, move: number, target: number, expected?: number): number {
    const { exports, view, buffer } = this.kernel
    view.setInt32(buffer + RequeueOrderLayout.wake, counted(wake, 'wake'), true)
    view.setInt32(buffer + RequeueOrderLayout.move, counted(move, 'move'), true)
    view.setUint32(buffer + RequeueOrderLayout.compares, Number(expected !== undefined), true)
    view.setUint32(buffer + RequeueOrderLayout.expected, expected === undefined ? 0 : whole(expected, 'expected'), true)
    return this.check(exports.futex_requeue(this.pid, whole(address, 'address'), whole(target, 'target')), 'futex')
  }

  /**
   * Says where this thread's list of the locks is that it holds: struct robust_list_head, three numbers of 64 bits. When the thread
   * ends, however it does, the kernel sets FUTEX_OWNER_DIED in the word of each that has the thread's number (`tid`), and wakes one
   * that waits for it. 0 for no list. A child of fork has none, nor a thread of clone. Throws a SysError EINVAL unless `length` is 24.
   */
  set_robust_list(head: number, length: number = ROBUST_LIST_HEAD_SIZE): void {
    this.check(this.kernel.exports.robust_set(this.pid, whole(head, 'head'), whole(length, 'length')), 'set_robust_list')
  }

  /** Where the list of the thread with that number is, of the caller if `pid` is 0. Throws a SysError: ESRCH, EPERM if it is another user's. */
  get_robust_list(pid = 0): number {
    return this.check(this.kernel.exports.robust_get(this.pid, whole(pid, 'pid')), 'get_robust_list')
  }
}
