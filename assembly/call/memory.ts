// mmap, munmap, mprotect: arguments validated in Linux's order (mm/mmap.c, mm/vma.c, mm/mprotect.c of 6.12).
// Addresses and lengths are bytes. Takes: Space and what it nests.

import { EBADF, EEXIST, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { O_RDWR, S_IFREG } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { MAX_MAP_COUNT, MMAP_BASE_PAGES, MMAP_MIN_PAGES, TASK_PAGES } from '../abi/limits'
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_HUGETLB,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_TYPE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
} from '../abi/mman'
import { File, newFile, putFile } from '../map/file'
import { newInode, putInode, Use } from '../map/inode'
import { Mount } from '../map/mount'
import { freeVma, newVma, showFile, VM_MAY_SHIFT, VM_RIGHTS, VM_SHARED } from '../map/vma'
import { findRoom } from '../map/vmaTree'
import { translate } from '../mm/access'
import { isUsedLocked, mapLocked, protectLocked, unmapLocked } from '../mm/mmap'
import { canCommit } from '../mm/shmem'
import { Mm } from '../mm/space'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

const OFFSET: u64 = PAGE_SIZE - 1
const RIGHTS: u32 = PROT_READ | PROT_WRITE | PROT_EXEC
/** Binary logarithm of the size of huge pages, 2 MiB. */
const HUGE_SIZE: u32 = 21
const ALL_MAY: u32 = VM_RIGHTS << VM_MAY_SHIFT

/** Bytes as pages, rounded up; 0 if they are more than 2^64 - 4096. */
export function pagesOf(bytes: u64): u64 {
  return ((bytes + OFFSET) & ~OFFSET) >> PAGE_SHIFT
}

/**
 * Where `pages` pages go: the address itself if it is fixed, else the hint if there is room, else
 * the highest room. Returns the page number, or -errno. Holds: Space.
 */
export function placeLocked(mm: Mm, address: u64, pages: u64, fixed: bool, root: bool): i64 {
  if (pages > TASK_PAGES) return -ENOMEM
  if (fixed) {
    if (address > (TASK_PAGES - pages) << PAGE_SHIFT) return -ENOMEM
    if ((address & OFFSET) !== 0) return -EINVAL
    return address >> PAGE_SHIFT < MMAP_MIN_PAGES && !root ? -EPERM : address >> PAGE_SHIFT
  }
  const hint = address >> PAGE_SHIFT === 0 ? 0 : max(address >> PAGE_SHIFT, <u64>MMAP_MIN_PAGES)
  if (hint !== 0 && hint <= TASK_PAGES - pages && !isUsedLocked(mm, hint, hint + pages)) return hint
  let room = findRoom(mm.vmas, mm.list, pages, MMAP_MIN_PAGES, MMAP_BASE_PAGES)
  if (room === 0) room = findRoom(mm.vmas, mm.list, pages, MMAP_MIN_PAGES, TASK_PAGES)
  return room === 0 ? -ENOMEM : room
}

/** What a request for huge pages fails with, as none are reserved: EINVAL for a size that does not exist, else ENOMEM. */
export function hugeError(flags: u32): i32 {
  const size = (flags >> MAP_HUGE_SHIFT) & MAP_HUGE_MASK
  return size === 0 || size === HUGE_SIZE ? -ENOMEM : -EINVAL
}

/** Maps anonymous memory; returns its address, or -errno. Takes: Space. */
export function map(task: Task, address: u64, length: u64, prot: u32, flags: u32, offset: u64): f64 {
  if ((offset & OFFSET) !== 0) return -EINVAL
  if ((flags & MAP_ANONYMOUS) === 0) return -EBADF
  if (length === 0) return -EINVAL
  if ((flags & MAP_HUGETLB) !== 0) return hugeError(flags)
  const pages = pagesOf(length)
  if (pages === 0) return -ENOMEM
  const mm = task.mm
  mm.lock(Rank.Space)
  const start = mapAnonymousLocked(task, address, pages, prot, flags)
  mm.unlock(Rank.Space)
  if (start < 0) return <f64>start
  if ((flags & MAP_POPULATE) !== 0) populate(mm, start, pages, prot)
  return <f64>(start << PAGE_SHIFT)
}

/** Holds: Space. */
function mapAnonymousLocked(task: Task, address: u64, pages: u64, prot: u32, flags: u32): i64 {
  const mm = task.mm
  if (mm.count > MAX_MAP_COUNT) return -ENOMEM
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0
  const start = placeLocked(mm, address, pages, fixed, task.isRoot)
  if (start < 0) return start
  const end = <u64>start + pages
  if ((flags & MAP_FIXED_NOREPLACE) !== 0 && isUsedLocked(mm, start, end)) return -EEXIST
  const type = flags & MAP_TYPE
  if (type !== MAP_SHARED && type !== MAP_PRIVATE) return -EINVAL
  if (type === MAP_SHARED && (flags & MAP_GROWSDOWN) !== 0) return -EINVAL
  const counted = (flags & MAP_NORESERVE) === 0 && (type === MAP_SHARED || (prot & PROT_WRITE) !== 0)
  if (counted && !canCommit(pages)) return -ENOMEM
  const vma = newVma(mm.id, start, end, (prot & RIGHTS) | ALL_MAY | (type === MAP_SHARED ? VM_SHARED : 0))
  if (!vma) return -ENOMEM
  if (type === MAP_SHARED) {
    const file = newZeroFile(task, pages)
    if (!file) {
      freeVma(vma)
      return -ENOMEM
    }
    showFile(vma, file, 0)
    putFile(file)
  }
  const error = mapLocked(mm, vma)
  return error === 0 ? start : error
}

/** A file of shared anonymous memory: Linux's shmem_zero_setup. Null if there is no memory. */
function newZeroFile(task: Task, pages: u64): File | null {
  if (pages > 0xffffffff) return null
  const inode = newInode(Mount.internal, Use.Zero, pages << PAGE_SHIFT, S_IFREG | 0o777, task.euid, task.egid)
  if (!inode) return null
  const file = newFile(inode, O_RDWR)
  if (!file) putInode(inode)
  return file
}

/** Faults pages in ahead of use, as far as memory reaches; a failure is no error, as in Linux. */
function populate(mm: Mm, start: u64, pages: u64, prot: u32): void {
  if ((prot & RIGHTS) === 0) return
  for (let vpn = start; vpn < start + pages; vpn++) {
    if (translate(mm, vpn << PAGE_SHIFT, (prot & PROT_WRITE) !== 0) === 0) return
    Cpu.current.closeSection()
  }
}

/** Takes away whatever is mapped in the range. Takes: Space. */
export function unmap(task: Task, address: u64, length: u64): i32 {
  const limit: u64 = (<u64>TASK_PAGES) << PAGE_SHIFT
  if ((address & OFFSET) !== 0 || address > limit || length > limit - address || length === 0) return -EINVAL
  const mm = task.mm
  const start = address >> PAGE_SHIFT
  mm.lock(Rank.Space)
  const error = unmapLocked(mm, start, start + pagesOf(length))
  mm.unlock(Rank.Space)
  return error
}

/** Changes the rights of a range that is mapped throughout. Takes: Space. */
export function protect(task: Task, address: u64, length: u64, prot: u32): i32 {
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP)
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || (address & OFFSET) !== 0) return -EINVAL
  if (length === 0) return 0
  const start = address >> PAGE_SHIFT
  const end = start + pagesOf(length)
  if (pagesOf(length) === 0 || end > (<u64>1) << 52) return -ENOMEM
  if ((prot & ~(RIGHTS | PROT_SEM | grows)) !== 0) return -EINVAL
  const mm = task.mm
  mm.lock(Rank.Space)
  // no mapping grows
  const error = grows === 0 ? protectLocked(mm, start, end, prot & RIGHTS) : isUsedLocked(mm, start, end) ? -EINVAL : -ENOMEM
  mm.unlock(Rank.Space)
  return error
}
