// What every system call of a process needs.
import { ESRCH } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import type { Kernel } from '../core/kernel.js'

/** A process's number, and the kernel on this thread. */
export class Calls {
  readonly pid: number
  /** @internal */
  protected readonly kernel: Kernel

  constructor(kernel: Kernel, pid: number) {
    this.kernel = kernel
    this.pid = pid
  }

  /** A call's result; throws the SysError of one below 0. */
  protected check(result: number, syscall: string): number {
    if (result < 0) this.fail(-result, syscall)
    return result
  }

  /** Throws a SysError. */
  protected fail(errno: number, syscall: string): never {
    if (errno === ESRCH) this.kernel.onLost()
    throw new SysError(errno, syscall)
  }
}
