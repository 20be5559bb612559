// What a system call does in a test, as a value.
import { FaultError, SysError } from 'faultline'

/** What a call returns, or the code of the error it throws: 'EINVAL', 'SEGV_MAPERR'. */
export function outcome<T>(call: () => T): T | string {
  try {
    return call()
  } catch (error) {
    if (error instanceof SysError || error instanceof FaultError) return error.code
    throw error
  }
}

/** The code of the error a call throws, undefined if it returns. */
export function codeOf(call: () => unknown): string | undefined {
  return outcome(() => void call())
}
