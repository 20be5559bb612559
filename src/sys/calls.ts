// What every system call of a process needs.
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
    if (result < 0) throw new SysError(-result, syscall)
    return result
  }
}
