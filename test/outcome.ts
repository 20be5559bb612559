// What a system call does in a test, as a value.
import { FaultError, SysError } from 'faultline'

/** The code of an error that a call may throw; anything else is thrown on. */
function expected(error: unknown): string {
  if (error instanceof SysError || error instanceof FaultError) return error.code
  throw error
}

/** What a call returns, or the code of the error it throws: 'EINVAL', 'SEGV_MAPERR'. */
export function outcome<T>(call: () => T): T | string {
  try {
    return call()
  } catch (error) {
    return expected(error)
  }
}

/** The code of the error a call throws, undefined if it returns. */
export function codeOf(call: () => unknown): string | undefined {
  return outcome(() => void call())
}

/** The code of the error a call throws, 'ok' if it returns. */
export function answerOf(call: () => unknown): string {
  return codeOf(call) ?? 'ok'
}

/** What a promise resolves with, or the code of the error it is rejected with. */
export function settled<T>(promise: Promise<T>): Promise<T | string> {
  return promise.catch(expected)
}

/** What a call throws, undefined if it returns. */
export function errorOf(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}
