// What the machine throws.
import * as errno from './errno.gen.js'
import * as panic from './panic.gen.js'
import { SEGV_ACCERR } from './signal.gen.js'

const NAMES = new Map<number, string>(Object.entries(errno).map(([name, number]) => [number, name]))

/** strerror's words for each error the machine knows. */
const MESSAGES: Readonly<Record<string, string>> = {
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  ESRCH: 'no such process',
  EBADF: 'bad file descriptor',
  ECHILD: 'no child processes',
  EAGAIN: 'resource temporarily unavailable',
  ENOMEM: 'cannot allocate memory',
  EACCES: 'permission denied',
  EEXIST: 'file exists',
  EINVAL: 'invalid argument',
  ENOSPC: 'no space left on device',
  EIDRM: 'identifier removed',
}

/** A system call failed: `errno` is Linux's number, `code` its name. */
export class SysError extends Error {
  override readonly name = 'SysError'
  readonly code: string

  constructor(
    readonly errno: number,
    readonly syscall: string,
  ) {
    const code = NAMES.get(errno) ?? `errno ${errno}`
    super(`${code}: ${MESSAGES[code] ?? 'unknown error'}, ${syscall}`)
    this.code = code
  }
}

/** A load or store that the process's mappings do not allow. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly signal = 'SIGSEGV'
  readonly code: 'SEGV_MAPERR' | 'SEGV_ACCERR'

  constructor(
    code: number,
    readonly address: number,
    readonly access: 'read' | 'write',
  ) {
    const name = code === SEGV_ACCERR ? 'SEGV_ACCERR' : 'SEGV_MAPERR'
    super(`SIGSEGV: ${name} at 0x${address.toString(16)}, ${access}`)
    this.code = name
  }
}

/** The machine is dead after a fault of its own: nothing more can be done with it on any thread. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic'
  readonly code: string

  constructor(number: number, first: number, second: number, cause?: unknown) {
    const code = Object.entries(panic).find(([, value]) => value === number)?.[0] ?? `PANIC_${number}`
    super(`${code} (${first}, ${second}): the machine is dead`, { cause })
    this.code = code
  }
}
