// mmap, munmap, mprotect: arguments validated in Linux's order (mm/mmap.c, mm/vma.c, mm/mprotect.c of 6.12).
// Addresses and lengths are bytes. Takes: Space and what it nests.

import { EAGAIN, EBADF, EEXIST, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { MMAP_BASE_PAGES, TASK_PAGES } from '../abi/limits'
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
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
import { File } from '../map/file'
import { Use } from '../map/inode'
import { freeVma, newVma, VM_GROWSDOWN, VM_LOCKED, VM_MAY_SHIFT, VM_NORESERVE, VM_RIGHTS, VM_SHARED } from '../map/vma'
import { findLowRoom, findRoom, findVma, roomEnd } from '../map/vmaTree'
import { canLock, mayLockLocked } from '../mm/limits'
import { becomesWritableLocked, isUsedLocked, mapLocked, protectNextLocked, unmapLocked } from '../mm/mmap'
import { populate } from '../mm/populate'
import { Mm } from '../mm/space'
import { NEVER } from '../phys/commit'
import { Sysctl } from '../phys/sysctl'
import { Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { fileOf } from './file'
import { fileFlags, showSealed, showZero } from './mapFile'

const OFFSET: u64 = PAGE_SIZE - 1
const RIGHTS: u32 = PROT_READ | PROT_WRITE | PROT_EXEC
/** Binary logarithm of the size of huge pages, 2 MiB. */
const HUGE_SIZE: u32 = 21
/** Where MAP_32BIT maps, in pages. */
const LOW_START: u64 = 0x40000
const LOW_END: u64 = 0x80000
const ALL_MAY: u32 = VM_RIGHTS << VM_MAY_SHIFT

/** Bytes as pages, rounded up; 0 if they are more than 2^64 - 4096. */
export function pagesOf(bytes: u64): u64 {
  return ((bytes + OFFSET) & ~OFFSET) >> PAGE_SHIFT
}

/** The lowest page that a process without privilege may map: vm.mmap_min_addr. */
export function lowestPage(): u64 {
  return (Sysctl.only.mmapMinAddr >> PAGE_SHIFT) + (Sysctl.only.mmapMinAddr & OFFSET ? 1 : 0)
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
    return address >> PAGE_SHIFT < lowestPage() && !root ? -EPERM : address >> PAGE_SHIFT
  }
  const lowest = lowestPage()
  const hint = address >> PAGE_SHIFT === 0 ? 0 : max(address >> PAGE_SHIFT, lowest)
  if (hint !== 0 && hint <= TASK_PAGES - pages && hasRoomLocked(mm, hint, pages)) return hint
  let room = findRoom(mm.vmas, mm.list, pages, max(lowest, 1), MMAP_BASE_PAGES)
  if (room === 0) room = findRoom(mm.vmas, mm.list, pages, max(lowest, 1), TASK_PAGES)
  return room === 0 ? -ENOMEM : room
}

/** Whether nothing is mapped in so many pages, nor too near below what grows down. Holds: Space. */
function hasRoomLocked(mm: Mm, start: u64, pages: u64): bool {
  const next = findVma(mm.vmas, start)
  return !next || start + pages <= roomEnd(next)
}

/** Where pages go with MAP_32BIT: at the hint if that is below 2 GiB, else between 1 and 2 GiB, the lowest room. Holds: Space. */
function placeLowLocked(mm: Mm, address: u64, pages: u64): i64 {
  if (pages > LOW_END) return -ENOMEM
  const hint = address >> PAGE_SHIFT
  if (hint !== 0 && hint <= LOW_END - pages && hasRoomLocked(mm, hint, pages)) return hint
  const room = findLowRoom(mm.vmas, mm.list, pages, LOW_START, LOW_END)
  return room === 0 ? -ENOMEM : room
}

/** What a request for huge pages fails with, as none are reserved: EINVAL for a size that does not exist, else ENOMEM. */
export function hugeError(flags: u32): i32 {
  const size = (flags >> MAP_HUGE_SHIFT) & MAP_HUGE_MASK
  return size === 0 || size === HUGE_SIZE ? -ENOMEM : -EINVAL
}

/** mmap(2); returns the address, or -errno. Takes: Space. */
export function map(task: Task, address: u64, length: u64, prot: u32, flags: u32, fd: i32, offset: u64): f64 {
  if ((offset & OFFSET) !== 0) return -EINVAL
  const anonymous = (flags & MAP_ANONYMOUS) !== 0
  const file = anonymous ? changetype<File>(0) : fileOf(task, fd)
  if (!file && !anonymous) return -EBADF
  if (length === 0 || (file && (flags & MAP_HUGETLB) !== 0)) return -EINVAL
  if ((flags & MAP_HUGETLB) !== 0) return hugeError(flags)
  const pages = pagesOf(length)
  if (pages === 0) return -ENOMEM
  const mm = task.mm
  mm.lockAll(Rank.Space)
  const start = placeNewLocked(task, address, pages, flags)
  const extra = extraFlags(mm, flags)
  let error = start < 0 ? <i32>start : lockError(mm, flags, extra, pages)
  if (error === 0) {
    const rights = file ? fileFlags(file, pages, prot, flags, offset) : anonymousFlags(prot, flags)
    const shown = file && file.inode.use !== Use.Device ? file : changetype<File>(0)
    error = rights < 0 ? rights : mapNewLocked(mm, task, start, pages, rights | extra, shown, offset)
  }
  mm.unlock(Rank.Space)
  if (error !== 0) return error
  // what cannot be made present is no error
  if ((extra & VM_LOCKED) !== 0 || (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE) populate(mm, start, <u64>start + pages)
  return <f64>(start << PAGE_SHIFT)
}

/** What the flags of mmap, and mlockall before it, give a VMA beside its rights. */
function extraFlags(mm: Mm, flags: u32): u32 {
  let extra = mm.defaults
  if ((flags & MAP_LOCKED) !== 0) extra |= VM_LOCKED
  if ((flags & MAP_GROWSDOWN) !== 0) extra |= VM_GROWSDOWN
  if ((flags & MAP_NORESERVE) !== 0 && Sysctl.only.overcommitMemory !== NEVER) extra |= VM_NORESERVE
  return extra
}

/** Whether memory may be mapped locked, as these flags ask: 0, EPERM, EAGAIN. Holds: Space. */
function lockError(mm: Mm, flags: u32, extra: u32, pages: u64): i32 {
  if ((flags & MAP_LOCKED) !== 0 && !canLock(mm)) return -EPERM
  return mayLockLocked(mm, extra, pages) ? 0 : -EAGAIN
}

/** Where a new mapping goes: a page number, or -errno. Holds: Space. */
function placeNewLocked(task: Task, address: u64, pages: u64, flags: u32): i64 {
  const mm = task.mm
  if (mm.count > Sysctl.only.maxMapCount) return -ENOMEM
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0
  const low = (flags & MAP_32BIT) !== 0 && !fixed
  const start = low ? placeLowLocked(mm, address, pages) : placeLocked(mm, address, pages, fixed, task.isRoot)
  if (start < 0) return start
  return (flags & MAP_FIXED_NOREPLACE) !== 0 && isUsedLocked(mm, start, <u64>start + pages) ? -EEXIST : start
}

/** The flags of a VMA of anonymous memory, or -errno. */
function anonymousFlags(prot: u32, flags: u32): i32 {
  const type = flags & MAP_TYPE
  if (type !== MAP_SHARED && type !== MAP_PRIVATE) return -EINVAL
  if (type === MAP_SHARED && (flags & MAP_GROWSDOWN) !== 0) return -EINVAL
  return (prot & RIGHTS) | ALL_MAY | (type === MAP_SHARED ? VM_SHARED : 0)
}

/** Maps a file, or anonymous memory if that is null, with the flags of its VMA. Holds: Space. */
function mapNewLocked(mm: Mm, task: Task, start: u64, pages: u64, flags: u32, file: File | null, offset: u64): i32 {
  const shared = (flags & VM_SHARED) !== 0
  const vma = newVma(mm.id, start, start + pages, flags)
  if (!vma) return -ENOMEM
  let error: i32 = 0
  if (file) error = showSealed(vma, file, offset >> PAGE_SHIFT)
  else if (shared) error = showZero(vma, task)
  if (error === 0) return mapLocked(mm, vma)
  freeVma(vma)
  return error
}

/** Takes away whatever is mapped in the range. Takes: Space. */
export function unmap(task: Task, address: u64, length: u64): i32 {
  const limit: u64 = (<u64>TASK_PAGES) << PAGE_SHIFT
  if ((address & OFFSET) !== 0 || address > limit || length > limit - address || length === 0) return -EINVAL
  const mm = task.mm
  const start = address >> PAGE_SHIFT
  mm.lockAll(Rank.Space)
  const error = unmapLocked(mm, start, start + pagesOf(length))
  mm.unlock(Rank.Space)
  return error
}

/** Where mprotect begins with PROT_GROWSDOWN, at the start of the mapping, which must grow down; none grows up. ENOMEM, EINVAL. Holds: Space. */
function stackStartLocked(mm: Mm, start: u64, end: u64, down: bool): i64 {
  const vma = findVma(mm.vmas, start)
  if (!vma || vma.start >= (down ? end : start + 1)) return -ENOMEM
  return down && (vma.flags & VM_GROWSDOWN) !== 0 ? <i64>vma.start : -EINVAL
}

/** Makes pages present; meanwhile the lock is not held. Holds: Space. */
function fillLocked(mm: Mm, start: u64, end: u64): void {
  mm.unlock(Rank.Space)
  populate(mm, start, end)
  mm.lockAll(Rank.Space)
}

/** Changes the rights of a range, VMA by VMA up to the first hole or refusal; what is locked and becomes writable is written. Takes: Space. */
function protectRange(mm: Mm, start: u64, end: u64, rights: u32): i32 {
  let at = start
  let error: i32 = 0
  mm.lockAll(Rank.Space)
  while (at < end && error === 0) {
    const fills = becomesWritableLocked(mm, at, rights)
    const to = protectNextLocked(mm, at, end, rights)
    if (to < 0) error = <i32>to
    else {
      if (fills) fillLocked(mm, at, to)
      at = to
    }
  }
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
  if (grows === 0) return protectRange(mm, start, end, prot & RIGHTS)
  mm.lockAll(Rank.Space)
  const from = stackStartLocked(mm, start, end, (grows & PROT_GROWSDOWN) !== 0)
  mm.unlock(Rank.Space)
  return from < 0 ? <i32>from : protectRange(mm, from, end, prot & RIGHTS)
}
