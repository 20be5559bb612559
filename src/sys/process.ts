// A process: its family. Its other system calls, and its loads and stores, are the classes it extends.
import { whole } from './arguments.js'
import { IdentityCalls } from './identity.js'

/**
 * One process of a machine, to be used on the thread that made it. Addresses and sizes are in
 * bytes. Every method throws a SysError where Linux sets errno, ESRCH once the process has ended,
 * and a TypeError if an argument is no whole number. Loads and stores throw a FaultError where
 * Linux sends SIGSEGV, and a SysError ENOMEM where it would kill.
 */
export class Process extends IdentityCalls {
  /** A child on the same thread, with a copy of this process's memory. */
  fork(): Process {
    return new Process(this.kernel, this.check(this.kernel.exports.task_fork(this.pid), 'fork'))
  }

  /** Ends the process. Its children become init's. */
  exit(code: number): void {
    this.check(this.kernel.exports.task_exit(this.pid, whole(code, 'code') & 255), 'exit')
  }

  /** A child that has ended, which is then gone; undefined if none of the children has ended yet. */
  wait(): { pid: number; exitCode: number } | undefined {
    const pid = this.check(this.kernel.exports.task_wait(this.pid), 'wait')
    return pid === 0 ? undefined : { pid, exitCode: this.kernel.view.getUint32(this.kernel.cpuField('extra'), true) }
  }
}
