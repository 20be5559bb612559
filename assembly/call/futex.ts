// futex(2): FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET, FUTEX_REQUEUE and FUTEX_CMP_REQUEUE; set_robust_list(2) and
// get_robust_list(2). Arguments validated in Linux's order (kernel/futex/waitwake.c, requeue.c and syscalls.c of 6.18).
// A wait is two calls: this makes a Waiter, on whose word the host sleeps or which it awaits; the other ends the wait.
// Takes: Space, by faults; Futex, Tables, Tasks.
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, ESRCH } from '../abi/errno'
import { ROBUST_LIST_HEAD_SIZE } from '../abi/futex'
import { PID_MAX } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { FutexBucket, FutexKey, lockBoth, unlockBoth } from '../ipc/bucket'
import { enterWaiterLocked, requeueWaitersLocked, wakeWaitersLocked } from '../ipc/futex'
import { freeWaiter, newWaiter, Waiter } from '../ipc/waiter'
import { findKey, peek } from '../mm/futex'
import { anyThread, currentThread, Task, Tasks } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** The key of a word; 0 or -errno. */
function keyAt(task: Task, address: u64, key: FutexKey): i32 {
  if ((address & 3) !== 0) return -EINVAL
  if (address >> 12 >= TASK_PAGES) return -EFAULT
  return findKey(task.mm, address, key)
}

/**
 * Makes the process wait on the word at an address for who wakes one of some bits, if the word is `expected`: the address of a
 * Waiter, or 0 if it is not; or -errno.
 */
export function queue(task: Task, address: u64, expected: u32, bits: u32): f64 {
  if (bits === 0) return -EINVAL
  const waiter = newWaiter(null, task, currentThread(task).waiters)
  if (!waiter) return -ENOMEM
  const result = enterIfExpected(task, waiter, address, expected, bits)
  if (result === 1) return <f64>changetype<usize>(waiter)
  freeWaiter(waiter)
  return result
}

/** Makes a waiter wait; 1, 0 if the word is not `expected`, or -errno. */
function enterIfExpected(task: Task, waiter: Waiter, address: u64, expected: u32, bits: u32): i32 {
  const key = FutexKey.of(Cpu.current)
  while (true) {
    const error = keyAt(task, address, key)
    if (error !== 0) return error
    const bucket = FutexBucket.of(key)
    // who changes the word and then wakes either is seen here, or finds the waiter
    bucket.lock(Rank.Futex)
    const value = peek(task.mm, address)
    if (value === <i64>expected) enterWaiterLocked(bucket, waiter, key, bits)
    bucket.unlock(Rank.Futex)
    if (value >= 0) return value === <i64>expected ? 1 : 0
  }
}

/** Wakes at most `count` that wait on the word at an address for one of some bits; returns how many, or -errno. */
export function wake(task: Task, address: u64, count: u32, bits: u32): i32 {
  if (bits === 0) return -EINVAL
  const key = FutexKey.of(Cpu.current)
  const error = keyAt(task, address, key)
  if (error !== 0) return error
  const bucket = FutexBucket.of(key)
  bucket.lock(Rank.Futex)
  const woken = wakeWaitersLocked(bucket, key, count, bits)
  bucket.unlock(Rank.Futex)
  return <i32>woken
}

/** What requeue is told. It stands in the CPU's buffer. */
@unmanaged
@final
export class RequeueOrder {
  /** How many to wake, and how many of the others to make wait elsewhere. */
  wake: i32
  move: i32
  /** Whether the word must be `expected`. */
  compares: u32
  expected: u32
}

/**
 * Wakes some that wait on the word at an address, and makes some of the others wait on the word at `target`; returns how many
 * that are together. EAGAIN if the word is not what it must be; or -errno.
 */
export function requeue(task: Task, address: u64, target: u64, order: RequeueOrder): i32 {
  if (order.wake < 0 || order.move < 0) return -EINVAL
  const from = FutexKey.of(Cpu.current)
  const to = FutexKey.second(Cpu.current)
  while (true) {
    let error = keyAt(task, address, from)
    if (error === 0) error = keyAt(task, target, to)
    if (error !== 0) return error
    const bucket = FutexBucket.of(from)
    const other = FutexBucket.of(to)
    lockBoth(bucket, other)
    const value: i64 = order.compares !== 0 ? peek(task.mm, address) : <i64>order.expected
    let done: u32 = 0
    if (value === <i64>order.expected) {
      done = wakeWaitersLocked(bucket, from, order.wake, ~(<u32>0))
      done += requeueWaitersLocked(from, to, order.move)
    }
    unlockBoth(bucket, other)
    if (value >= 0) return value === <i64>order.expected ? <i32>done : -EAGAIN
  }
}

/** Says where the list of the locks is that a thread holds; EINVAL if its head has another size than Linux's. */
export function setRobustList(task: Task, head: u64, bytes: u32): i32 {
  if (bytes !== ROBUST_LIST_HEAD_SIZE) return -EINVAL
  currentThread(task).robustList = head
  return 0
}

/** Whether a process may look at another: ptrace_may_access with the real ids. */
function mayLookAt(task: Task, other: Task): bool {
  if (task === other || task.isRoot) return true
  const sameUser = task.uid === other.uid && task.uid === other.euid && task.uid === other.suid
  return sameUser && task.gid === other.gid && task.gid === other.egid && task.gid === other.sgid
}

/** Where the list of a thread's locks is, 0 if nowhere; this thread's if the number is 0. ESRCH, EPERM. Takes: Tasks. */
export function getRobustList(task: Task, pid: i32): f64 {
  if (pid === 0) return <f64>currentThread(task).robustList
  if (pid < 0 || <u32>pid >= PID_MAX) return -ESRCH
  Tasks.only.lock(Rank.Tasks)
  const other = anyThread(pid)
  let result: f64 = -ESRCH
  if (other) result = mayLookAt(task, other.process) ? <f64>other.robustList : -EPERM
  Tasks.only.unlock(Rank.Tasks)
  return result
}
