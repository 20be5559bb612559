// How a process waits at an IPC object: its thread sleeps on the waiter's word, or a promise awaits it.
import { EAGAIN, EDEADLK, ESRCH } from '../abi/errno.gen.js'
import { WaiterLayout } from '../core/layout.gen.js'
import { ShmCalls } from './shm.js'

/** The longest sleep before looking for a panic, or whether anybody is left, in milliseconds. */
const PATIENCE = 100

/** Waiting that ends when the core says so, the time is over or the process. */
export class WaitingCalls extends ShmCalls {
  /** What a waiter was answered, after ending its wait with an errno if nobody did. */
  #finish(waiter: number, errno: number, syscall: string): number {
    return this.check(this.kernel.exports.ipc_finish(this.pid, waiter, errno), syscall)
  }

  /** Sleeps until a waiter is answered, for `seconds` at most. Throws a SysError, EAGAIN when the time is over, EDEADLK if nobody is left to answer. */
  protected sleep(waiter: number, seconds: number, syscall: string): number {
    const { kernel, pid } = this
    const end = performance.now() + seconds * 1000
    const word = waiter + WaiterLayout.status
    while (true) {
      // ends the process, and so the wait, if it was killed
      const alone = this.check(kernel.exports.ipc_sleep(pid), syscall) === 1
      const left = end - performance.now()
      if (left <= 0 || kernel.view.getInt32(word, true) !== 0) return this.#finish(waiter, EAGAIN, syscall)
      if (alone && left === Number.POSITIVE_INFINITY) return this.#finish(waiter, EDEADLK, syscall)
      kernel.sleepWhileZero(pid, word, Math.min(left, PATIENCE))
    }
  }

  /**
   * Resolves with what `read` makes of a waiter's answer; rejects as `sleep` throws, but for EDEADLK. What the answer left in
   * the CPU's block must be read at once, as others of the thread's processes call meanwhile.
   */
  protected async settle<Result>(waiter: number, seconds: number, syscall: string, read: (answer: number) => Result): Promise<Result> {
    const { kernel, pid } = this
    const end = performance.now() + seconds * 1000
    const word = waiter + WaiterLayout.status
    // if the process has ended, so have its waiters
    while (kernel.exports.cpu_attend(pid)) {
      const left = end - performance.now()
      if (left <= 0 || kernel.view.getInt32(word, true) !== 0) return read(this.#finish(waiter, EAGAIN, syscall))
      await kernel.changed(word, Math.min(left, PATIENCE))
    }
    return this.fail(ESRCH, syscall)
  }

  /** A time-out in seconds. Throws a TypeError if it is no number. */
  protected seconds(value: number): number {
    if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`seconds must be a number, not ${String(value)}`)
    return value
  }
}
