// What the machine throws.
import { Rank } from '../core/layout.gen.js'
import * as errno from './errno.gen.js'
import * as panic from './panic.gen.js'
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from './signal.gen.js'

const NAMES = new Map<number, string>(Object.entries(errno).map(([name, number]) => [number, name]))

/** strerror's words for each error the machine knows. */
const MESSAGES: Readonly<Record<string, string>> = {
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  ESRCH: 'no such process',
  EINTR: 'interrupted system call',
  EIO: 'input/output error',
  ENXIO: 'no such device or address',
  E2BIG: 'argument list too long',
  EBADF: 'bad file descriptor',
  ECHILD: 'no child processes',
  EAGAIN: 'resource temporarily unavailable',
  ENOMEM: 'cannot allocate memory',
  EACCES: 'permission denied',
  EFAULT: 'bad address',
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  EXDEV: 'invalid cross-device link',
  ENODEV: 'no such device',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EINVAL: 'invalid argument',
  ENFILE: 'too many open files in system',
  EMFILE: 'too many open files',
  ENOTTY: 'inappropriate ioctl for device',
  ETXTBSY: 'text file busy',
  EFBIG: 'file too large',
  ENOSPC: 'no space left on device',
  ESPIPE: 'illegal seek',
  ERANGE: 'numerical result out of range',
  EDEADLK: 'resource deadlock avoided',
  ENAMETOOLONG: 'file name too long',
  ENOSYS: 'function not implemented',
  ENOTEMPTY: 'directory not empty',
  ENOMSG: 'no message of desired type',
  EIDRM: 'identifier removed',
  EOVERFLOW: 'value too large for defined data type',
  EMSGSIZE: 'message too long',
  EOPNOTSUPP: 'operation not supported',
  ETIMEDOUT: 'connection timed out',
}

/**
 * A system call failed: `errno` is Linux's number, above 0 as in C, `code` its name; `path` the file it was about, if one was
 * named. The message may end in a reason that the number does not tell.
 */
export class SysError extends Error {
  override readonly name = 'SysError'
  readonly code: string
  /** Which reference of a run found no memory. */
  index?: number

  constructor(
    readonly errno: number,
    readonly syscall: string,
    readonly path?: string,
    reason?: string,
  ) {
    const code = NAMES.get(errno) ?? `errno ${errno}`
    const words = `${code}: ${MESSAGES[code] ?? 'unknown error'}, ${syscall}${path === undefined ? '' : ` '${path}'`}`
    super(reason === undefined ? words : `${words}: ${reason}`)
    this.code = code
  }
}

/** The signal and the name of each code of a bad access. */
const FAULTS = new Map<number, readonly ['SIGSEGV' | 'SIGBUS', 'SEGV_MAPERR' | 'SEGV_ACCERR' | 'BUS_ADRERR']>([
  [SEGV_MAPERR, ['SIGSEGV', 'SEGV_MAPERR']],
  [SEGV_ACCERR, ['SIGSEGV', 'SEGV_ACCERR']],
  [BUS_ADRERR, ['SIGBUS', 'BUS_ADRERR']],
])

/** A load or store that the process's mappings do not allow, or beyond the end of what they show. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly signal: 'SIGSEGV' | 'SIGBUS'
  readonly code: 'SEGV_MAPERR' | 'SEGV_ACCERR' | 'BUS_ADRERR'

  constructor(
    code: number,
    readonly address: number,
    readonly access: 'read' | 'write',
    /** Which reference of a run it was. */
    readonly index?: number,
  ) {
    const [signal, name] = FAULTS.get(code) ?? ['SIGSEGV', 'SEGV_MAPERR']
    super(`${signal}: ${name} at 0x${address.toString(16)}, ${access}`)
    this.signal = signal
    this.code = name
  }
}

/** The machine is dead after a fault of its own: nothing more can be done with it on any thread. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic'
  readonly code: string

  constructor(number: number, first: number, second: number, cause?: unknown) {
    const code = Object.entries(panic).find(([, value]) => value === number)?.[0] ?? `PANIC_${number}`
    super(`${code} (${detailsOf(number, first, second)}): the machine is dead`, { cause })
    this.code = code
  }
}

/** What a panic is about: names where it has any. */
function detailsOf(code: number, first: number, second: number): string {
  if (code === panic.PANIC_DEAD_OWNER || code === panic.PANIC_STUCK_LOCK) {
    const rank = Object.entries(Rank).find(([, value]) => value === first)?.[0] ?? first
    return `the lock ${rank}, CPU ${second}`
  }
  return code === panic.PANIC_DEAD_THREAD ? `CPU ${first}, process ${second}` : `${first}, ${second}`
}
