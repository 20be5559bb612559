// mlock, mlock2, munlock, mlockall, munlockall: arguments validated in the order of Linux's mm/mlock.c (6.18).
// Addresses and lengths are bytes. Takes: Space and what it nests.
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT } from '../abi/mman'
import { RLIMIT_MEMLOCK } from '../abi/resource'
import { VM_LOCKED, VM_LOCKONFAULT } from '../map/vma'
import { canLock, limitPages } from '../mm/limits'
import { lockedPagesLocked, setAllLocksLocked, setLocksLocked } from '../mm/mlock'
import { populate, populateFully } from '../mm/populate'
import { Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { pagesOf } from './memory'

const OFFSET: u64 = PAGE_SIZE - 1

/** The flags that VMAs get. */
function locksFor(onFault: bool): u32 {
  return VM_LOCKED | (onFault ? VM_LOCKONFAULT : 0)
}

/** The end of a range of bytes, as a page number; of one that passes the end of all addresses, a page before its start. */
function endOf(address: u64, length: u64): u64 {
  const start = address & ~OFFSET
  return (start + (pagesOf(length + (address & OFFSET)) << PAGE_SHIFT)) >> PAGE_SHIFT
}

/** Locks a range in memory, and makes its pages present unless they are to be locked as they come. Takes: Space. */
export function lock(task: Task, address: u64, length: u64, flags: u32): i32 {
  if ((flags & ~MLOCK_ONFAULT) !== 0) return -EINVAL
  const mm = task.mm
  if (!canLock(mm)) return -EPERM
  const start = address >> PAGE_SHIFT
  const pages = pagesOf(length + (address & OFFSET))
  const end = endOf(address, length)
  mm.lockAll(Rank.Space)
  const limit = limitPages(mm, RLIMIT_MEMLOCK)
  let locked = pages + mm.locked
  if (locked > limit && !task.isRoot && end >= start) locked -= lockedPagesLocked(mm, start, end)
  let error: i32 = locked > limit && !task.isRoot ? -ENOMEM : 0
  if (error === 0) error = end < start ? -EINVAL : setLocksLocked(mm, start, end, locksFor((flags & MLOCK_ONFAULT) !== 0))
  mm.unlock(Rank.Space)
  if (error !== 0) return error
  const failed = populateFully(mm, start, end)
  // as POSIX has it
  return failed === -EFAULT ? -ENOMEM : failed === -ENOMEM ? -EAGAIN : failed
}

/** Takes the lock from a range. Takes: Space. */
export function unlock(task: Task, address: u64, length: u64): i32 {
  const mm = task.mm
  const start = address >> PAGE_SHIFT
  const end = endOf(address, length)
  if (end < start) return -EINVAL
  mm.lockAll(Rank.Space)
  const error = setLocksLocked(mm, start, end, 0)
  mm.unlock(Rank.Space)
  return error
}

/** Locks what is mapped, or what will be, or both. Takes: Space. */
export function lockAll(task: Task, flags: u32): i32 {
  if (flags === 0 || flags === MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) !== 0) return -EINVAL
  const mm = task.mm
  if (!canLock(mm)) return -EPERM
  const current = (flags & MCL_CURRENT) !== 0
  const locks = locksFor((flags & MCL_ONFAULT) !== 0)
  mm.lockAll(Rank.Space)
  const allowed = !current || mm.total <= limitPages(mm, RLIMIT_MEMLOCK) || task.isRoot
  if (allowed) {
    mm.defaults = (flags & MCL_FUTURE) !== 0 ? locks : 0
    if (current) setAllLocksLocked(mm, locks)
  }
  mm.unlock(Rank.Space)
  if (!allowed) return -ENOMEM
  if (current) populate(mm, 0, TASK_PAGES)
  return 0
}

/** Takes the lock from all memory, and from what will be mapped. Takes: Space. */
export function unlockAll(task: Task): i32 {
  const mm = task.mm
  mm.lockAll(Rank.Space)
  mm.defaults = 0
  setAllLocksLocked(mm, 0)
  mm.unlock(Rank.Space)
  return 0
}
