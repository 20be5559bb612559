// Waits on words of memory that nobody ends, and wakes of nobody: a program runs one call at a time.
import { SysError, type WaitResult } from 'faultline'
import { type Calls, syscall } from '../call.js'

const [EAGAIN, ETIMEDOUT] = [11, 110]
const [FUTEX, SET_ROBUST_LIST] = [202, 273]
const [FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET] = [0, 1, 3, 4, 9, 10]

/** A struct timespec, as the agent takes bytes. */
function timespec(milliseconds: number): string {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)))
  bytes.writeBigInt64LE(BigInt((milliseconds - 1000 * Math.floor(milliseconds / 1000)) * 1_000_000), 8)
  return `in:${bytes.toString('hex')}`
}

/** What Linux answers to a wait that ended so. */
function waited(result: WaitResult): number {
  if (result === 'ok') return 0
  throw new SysError(result === 'not-equal' ? EAGAIN : ETIMEDOUT, 'futex')
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
    machine: (p, [address = 0, expected = 0, milliseconds = 0]) => waited(p.waitOn(address, expected, milliseconds)),
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
  /** Address, expected value, bits: a wait until a time that is over. */
  futex_wait_bitset: {
    linux: ([address = 0, expected = 0, bits = 0]) => ['syscall', FUTEX, address, FUTEX_WAIT_BITSET, expected, timespec(0), 0, bits],
    machine: (p, [address = 0, expected = 0, bits = 0]) => waited(p.waitOn(address, expected, 0, bits)),
    generate: world => (world.executes ? undefined : [world.address(), world.below(2), world.below(4)]),
    weight: 1,
  },
  /** Address, how many to wake, bits. */
  futex_wake_bitset: {
    linux: ([address = 0, count = 0, bits = 0]) => ['syscall', FUTEX, address, FUTEX_WAKE_BITSET, count, 0, 0, bits],
    machine: (p, [address = 0, count = 0, bits = 0]) => p.notify(address, count, bits),
    generate: world => (world.executes ? undefined : [world.address(), 1, world.below(3)]),
    weight: 1,
  },
  /** Address, how many to wake, how many to move, where to. */
  futex_requeue: {
    linux: ([address = 0, wake = 0, move = 0, target = 0]) => ['syscall', FUTEX, address, FUTEX_REQUEUE, wake, move, target],
    machine: (p, [address = 0, wake = 0, move = 0, target = 0]) => p.requeue(address, wake, move, target),
    generate: world => (world.executes ? undefined : [world.address(), world.below(4) - 1, world.below(4) - 1, world.address()]),
    weight: 1,
  },
  /** As futex_requeue, and what the word must be. */
  futex_cmp_requeue: {
    linux: ([address = 0, wake = 0, move = 0, target = 0, expected = 0]) => [
      'syscall',
      FUTEX,
      address,
      FUTEX_CMP_REQUEUE,
      wake,
      move,
      target,
      expected,
    ],
    machine: (p, [address = 0, wake = 0, move = 0, target = 0, expected = 0]) => p.requeue(address, wake, move, target, expected),
    generate: world =>
      world.executes ? undefined : [world.address(), world.below(4) - 1, world.below(4) - 1, world.address(), world.below(2)],
    weight: 1,
  },
  /** Address of the head, its size. */
  set_robust_list: {
    linux: syscall(SET_ROBUST_LIST),
    machine: (p, [head = 0, length = 0]) => {
      p.set_robust_list(head, length)
      return 0
    },
    generate: world => [world.address(), world.below(8) === 0 ? 23 : 24],
    weight: 1,
  },
}
