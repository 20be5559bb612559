// What a process's limits and promises let it map: Linux's may_expand_vm, mlock_future_ok and security_vm_enough_memory.
// Counts are pages. Holds, in every function: Space.
import { PAGE_SHIFT } from '../abi/layout'
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from '../abi/resource'
import { VM_LOCKED, VM_NORESERVE, VM_SHARED, VM_WRITE } from '../map/vma'
import { tryCommit } from '../phys/commit'
import { isData, Mm } from './space'

/** A limit in whole pages. */
export function limitPages(mm: Mm, resource: u32): u64 {
  return mm.limit(resource).softNow >> PAGE_SHIFT
}

/** Whether VMAs with these flags may grow by so many pages: RLIMIT_AS and RLIMIT_DATA. */
export function mayExpandLocked(mm: Mm, flags: u32, pages: u64): bool {
  if (mm.total + pages > limitPages(mm, RLIMIT_AS)) return false
  if (!isData(flags)) return true
  const data = mm.data + pages
  if (data <= limitPages(mm, RLIMIT_DATA)) return true
  // valgrind sets the limit to 0 and means none
  const limit = mm.limit(RLIMIT_DATA)
  return limit.softNow === 0 && data <= limit.hardNow >> PAGE_SHIFT
}

/** Whether so many pages more of VMAs with these flags may be locked: RLIMIT_MEMLOCK, but not for root. */
export function mayLockLocked(mm: Mm, flags: u32, pages: u64): bool {
  if ((flags & VM_LOCKED) === 0 || mm.cred.isRoot) return true
  return mm.locked + pages <= limitPages(mm, RLIMIT_MEMLOCK)
}

/** Whether the process may lock anything. */
export function canLock(mm: Mm): bool {
  return mm.limit(RLIMIT_MEMLOCK).softNow !== 0 || mm.cred.isRoot
}

/** Whether the pages of VMAs with these flags are promised: private ones that may be written. */
export function isPromised(flags: u32): bool {
  return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE
}

/** Promises pages to the process; false if that is too much. */
export function commitLocked(mm: Mm, pages: u64): bool {
  return tryCommit(pages, mm.total, mm.cred.isRoot)
}
