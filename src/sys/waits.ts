// How a process waits at an IPC object or on a word of memory: its thread sleeps on the waiter's word, or a promise awaits it.
import { EAGAIN, EDEADLK, ESRCH } from '../abi/errno.gen.js'
import { WaiterLayout } from '../core/layout.gen.js'
import { Calls } from './calls.js'

/** The longest sleep before looking for a panic, or whether anybody is left, in milliseconds. */
export const PATIENCE = 100

/** Awaits something; until then Node does not end for having nothing to do, as Atomics.waitAsync lets it. */
export async function awake<Result>(wait: () => Promise<Result>): Promise<Result> {
  const alive = setInterval(() => {}, 2 ** 30)
  try {
    return await wait()
  } finally {
    clearInterval(alive)
  }
}

/** Waiting that ends when the core says so, the time is over or the process. */
export class WaitingCalls extends Calls {
  /** What a waiter was answered, after ending its wait with an errno if nobody did. */
  protected finish(waiter: number, errno: number, syscall: string): number {
    return this.check(this.kernel.exports.ipc_finish(this.pid, waiter, errno), syscall)
  }

  /**
   * Sleeps until a waiter is answered, for `seconds` at most. Throws a SysError: errno `late` when the time is over; EDEADLK if nobody is
   * left to answer, of the same IPC namespace where only who is in that could.
   */
  protected sleep(waiter: number, seconds: number, syscall: string, { late = EAGAIN, inNamespace = true } = {}): number {
    const { kernel, pid } = this
    const end = performance.now() + seconds * 1000
    const word = waiter + WaiterLayout.status
    while (true) {
      const left = end - performance.now()
      if (left <= 0 || kernel.view.getInt32(word, true) !== 0) return this.finish(waiter, late, syscall)
      // ends the process, and so the wait, if it was killed
      const alone = this.check(kernel.exports.ipc_sleep(pid, Number(inNamespace)), syscall) === 1
      if (alone && left === Number.POSITIVE_INFINITY) return this.finish(waiter, EDEADLK, syscall)
      kernel.sleepWhileZero(pid, word, Math.min(left, PATIENCE))
    }
  }

  /**
   * Resolves with what `read` makes of a waiter's answer; rejects as `sleep` throws, but for EDEADLK, and with errno `late` when the
   * time is over. What the answer left in the CPU's block must be read at once, as others of the thread's processes call meanwhile.
   */
  protected async settle<Result>(
    waiter: number,
    seconds: number,
    syscall: string,
    read: (answer: number) => Result,
    late = EAGAIN,
  ): Promise<Result> {
    const { kernel, pid } = this
    const end = performance.now() + seconds * 1000
    const word = waiter + WaiterLayout.status
    return awake(async () => {
      // if the process has ended, so have its waiters
      while (kernel.exports.cpu_attend(pid)) {
        const left = end - performance.now()
        if (left <= 0 || kernel.view.getInt32(word, true) !== 0) return read(this.finish(waiter, late, syscall))
        await kernel.changed(word, 0, Math.min(left, PATIENCE))
      }
      return this.fail(ESRCH, syscall)
    })
  }

  /** A time-out in seconds. Throws a TypeError if it is no number. */
  protected seconds(value: number): number {
    if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`seconds must be a number, not ${String(value)}`)
    return value
  }
}
