// futex(2), FUTEX_WAIT and FUTEX_WAKE: arguments validated in Linux's order (kernel/futex/waitwake.c of 6.18).
// A wait is two calls, between which the host sleeps until the waiter's word says that it was woken.
// Takes: Space, by faults; Futex, Tables.
import { EFAULT, EINVAL } from '../abi/errno'
import { TASK_PAGES } from '../abi/limits'
import { enterWaiterLocked, FutexBucket, FutexKey, leaveWaiter, wakeWaiters } from '../ipc/futex'
import { findKey, peek } from '../mm/futex'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** The key of a word, in the CPU block; 0 or -errno. */
function keyAt(task: Task, address: u64): i32 {
  if ((address & 3) !== 0) return -EINVAL
  if (address >> 12 >= TASK_PAGES) return -EFAULT
  return findKey(task.mm, address, FutexKey.of(Cpu.current))
}

/** Enters this thread among the waiters of the word at an address, if that is `expected`; 1 if it is not, or -errno. */
export function queue(task: Task, address: u64, expected: u32): i32 {
  const key = FutexKey.of(Cpu.current)
  while (true) {
    const error = keyAt(task, address)
    if (error !== 0) return error
    const bucket = FutexBucket.of(key)
    // who changes the word and then wakes either is seen here, or finds the waiter
    bucket.lock(Rank.Futex)
    const value = peek(task.mm, address)
    if (value === <i64>expected) enterWaiterLocked(bucket, key)
    bucket.unlock(Rank.Futex)
    if (value >= 0) return value === <i64>expected ? 0 : 1
  }
}

/** Ends the wait of this thread; 1 if it was woken, 0 if it was not. */
export function leave(): i32 {
  return <i32>leaveWaiter(Cpu.current)
}

/** Wakes at most `count` threads that wait on the word at an address; returns how many, or -errno. */
export function wake(task: Task, address: u64, count: u32): i32 {
  const error = keyAt(task, address)
  return error === 0 ? <i32>wakeWaiters(FutexKey.of(Cpu.current), count) : error
}
