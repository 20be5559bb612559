// Waits on words of memory that nobody ends, and wakes of nobody: a program runs one call at a time.
import { SysError } from 'faultline'
import type { Calls } from '../call.js'

const [EAGAIN, ETIMEDOUT] = [11, 110]
const [FUTEX, FUTEX_WAIT, FUTEX_WAKE] = [202, 0, 1]

/** A struct timespec, as the agent takes bytes. */
function timespec(milliseconds: number): string {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)))
  bytes.writeBigInt64LE(BigInt((milliseconds - 1000 * Math.floor(milliseconds / 1000)) * 1_000_000), 8)
  return `in:${bytes.toString('hex')}`
}

export const futexCalls: Calls = {
  /** Address, expected value, milliseconds. */
  futex_wait: {
    linux: ([address = 0, expected = 0, milliseconds = 0]) => [
      'syscall',
      FUTEX,
      address,
      FUTEX_WAIT,
      expected,
      timespec(Number(milliseconds)),
    ],
    machine: (p, [address = 0, expected = 0, milliseconds = 0]) => {
      const result = p.waitOn(address, expected, milliseconds)
      if (result === 'ok') return 0
      throw new SysError(result === 'not-equal' ? EAGAIN : ETIMEDOUT, 'futex')
    },
    generate: world => (world.executes ? undefined : [world.address(), world.below(2), 0]),
    weight: 2,
  },
  /** Address, how many to wake. */
  futex_wake: {
    linux: ([address = 0, count = 0]) => ['syscall', FUTEX, address, FUTEX_WAKE, count],
    machine: (p, [address = 0, count = 0]) => p.notify(address, count),
    generate: world => (world.executes ? undefined : [world.address(), 1]),
    weight: 1,
  },
}
