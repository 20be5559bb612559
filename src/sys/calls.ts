// What every system call of a process needs.
import { EDEADLK, ESRCH } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import type { Kernel } from '../core/kernel.js'

/** Why a call that sleeps throws EDEADLK where Linux would sleep. */
const ALONE = 'no other thread has a process that could end the wait; promise forms, such as semopAsync, let this one go on'

/** A process's number, the number of its thread that this one is, and the kernel on this thread. */
export class Calls {
  readonly pid: number
  /** The thread's own number: the pid in the process's first thread. */
  readonly tid: number
  readonly #kernel: Kernel

  constructor(kernel: Kernel, pid: number, tid = pid) {
    this.#kernel = kernel
    this.pid = pid
    this.tid = tid
  }

  /** @internal */
  protected get kernel(): Kernel {
    return this.#kernel
  }

  /** A call's result; throws the SysError of one below 0, about a path if one is given. */
  protected check(result: number, syscall: string, path?: string): number {
    if (result < 0) this.fail(-result, syscall, path)
    return result
  }

  /** Throws a SysError, about a path or one of a run's references if one is given. */
  protected fail(errno: number, syscall: string, path?: string, index?: number): never {
    if (errno === ESRCH) this.kernel.onLost()
    const error = new SysError(errno, syscall, path, errno === EDEADLK ? ALONE : undefined)
    if (index !== undefined) error.index = index
    throw error
  }
}
