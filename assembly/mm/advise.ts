// What a process says of its memory, VMA by VMA: Linux's mm/madvise.c, mm/msync.c and mm/mincore.c. Page numbers.
// Holds, in every function: Space. Takes: Ipc, Mapping, Tables.
import { EACCES, EAGAIN, EBUSY, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE } from '../abi/fcntl'
import {
  MADV_COLD,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_KEEPONFORK,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
} from '../abi/mman'
import { Inode } from '../map/inode'
import { lookUp, nextMapped } from '../map/pagetable'
import { isPresent, isSwap, swapOf } from '../map/pte'
import { isSwapCached } from '../map/swap'
import { entryOf, isSwapValue, isValue } from '../map/swapEntry'
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_LOCKED,
  VM_MAY_SHIFT,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_WIPEONFORK,
  VM_WRITE,
  Vma,
} from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Frame } from '../phys/frame'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { coolDown, freeLater } from './adviseUse'
import { modifyLocked } from './merge'
import { readRange, syncFile } from './pageCache'
import { bringRange, dropPagesLocked, isReserved } from './shmem'
import { Mm, unmapPages } from './space'
import { readPage } from './swapAhead'

/** Takes a piece of advice, known to be one, about [start, end); over holes, and then ENOMEM. */
export function adviseLocked(mm: Mm, start: u64, end: u64, advice: u32): i32 {
  let result: i32 = 0
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) result = -ENOMEM
    if (!vma || vma.start >= end) return result
    const to = min(end, vma.end)
    const error = adviseVmaLocked(mm, vma, max(at, vma.start), to, advice)
    if (error !== 0) return error
    at = to
  }
  return result
}

/** Takes advice about pages of one VMA. */
function adviseVmaLocked(mm: Mm, vma: Vma, start: u64, end: u64, advice: u32): i32 {
  const flags = vma.flags
  const locked = (flags & VM_LOCKED) !== 0
  switch (advice) {
    case MADV_WILLNEED:
      bringIn(mm, vma, start, end)
      return 0
    case MADV_COLD:
      if (locked) return -EINVAL
      coolDown(mm, start, end)
      return 0
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
      if (locked && advice === MADV_DONTNEED) return -EINVAL
      unmapPages(mm, start, end)
      return 0
    case MADV_FREE:
      if (locked || vma.object !== null) return -EINVAL
      freeLater(mm, start, end)
      return 0
    case MADV_REMOVE:
      return removePages(vma, start, end)
    case MADV_WIPEONFORK:
      if (vma.object) return -EINVAL
  }
  const changed = changedFlags(flags, advice)
  if (changed === flags || modifyLocked(mm, vma, start, end, changed)) return 0
  return -EAGAIN
}

/** Brings what is in swap or on a disk into memory, as far as there is room: of an object its pages, else the process's. Takes: Mapping, Tables. */
function bringIn(mm: Mm, vma: Vma, start: u64, end: u64): void {
  const object = vma.object
  if (object) {
    if (object.isDisk) readRange(object, vma.indexOf(start), vma.indexOf(end))
    else bringRange(object, vma.indexOf(start), vma.indexOf(end))
    return
  }
  let fits = true
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end && fits; vpn = nextMapped(mm.tables, vpn + 1, end))
    fits = readPage(mm, vma, vpn, false)
  mm.tablesLock.unlock(Rank.Tables)
}

/** A VMA's flags after advice that changes nothing else. */
function changedFlags(flags: u32, advice: u32): u32 {
  switch (advice) {
    case MADV_NORMAL:
      return flags & ~(VM_RAND_READ | VM_SEQ_READ)
    case MADV_SEQUENTIAL:
      return (flags & ~VM_RAND_READ) | VM_SEQ_READ
    case MADV_RANDOM:
      return (flags & ~VM_SEQ_READ) | VM_RAND_READ
    case MADV_DONTFORK:
      return flags | VM_DONTCOPY
    case MADV_DOFORK:
      return flags & ~VM_DONTCOPY
    case MADV_WIPEONFORK:
      return flags | VM_WIPEONFORK
    case MADV_KEEPONFORK:
      return flags & ~VM_WIPEONFORK
    case MADV_DONTDUMP:
      return flags | VM_DONTDUMP
    case MADV_DODUMP:
      return flags & ~VM_DONTDUMP
  }
  return flags
}

/** Punches a hole into the object that a shared, writable mapping shows: EINVAL without an object, EACCES, EPERM if it is sealed. Takes: Mapping. */
function removePages(vma: Vma, start: u64, end: u64): i32 {
  const object = vma.object
  if ((vma.flags & VM_LOCKED) !== 0 || !object) return -EINVAL
  const shared: u32 = VM_SHARED | (VM_WRITE << VM_MAY_SHIFT)
  if ((vma.flags & shared) !== shared) return -EACCES
  object.lock(Rank.Mapping)
  const sealed = (object.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0
  const first = vma.indexOf(start)
  const last = min<u64>(vma.indexOf(end - 1), 0xffffffff)
  if (!sealed && first <= last) dropPagesLocked(object, <u32>first, <u32>last, false)
  if (!sealed) {
    object.modified = now()
    object.changed = object.modified
  }
  object.unlock(Rank.Mapping)
  return sealed ? -EPERM : 0
}

/** Writes what shared mappings of files on disks show back, with MS_SYNC: EIO if that failed; ENOMEM at a hole, EBUSY where pages are to be invalidated that are locked. Takes: Mapping. */
export function syncLocked(mm: Mm, start: u64, end: u64, flags: u32): i32 {
  let result: i32 = 0
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) result = -ENOMEM
    if (!vma || vma.start >= end || (result !== 0 && flags === MS_ASYNC)) return result
    if ((flags & MS_INVALIDATE) !== 0 && (vma.flags & VM_LOCKED) !== 0) return -EBUSY
    const error = (flags & MS_SYNC) !== 0 ? syncVma(vma, max(at, start), min(end, vma.end)) : 0
    if (error !== 0) return error
    at = vma.end
  }
  return result
}

/** Writes the pages [start, end) of a shared mapping back to its file: 0 or EIO. Takes: Mapping. */
function syncVma(vma: Vma, start: u64, end: u64): i32 {
  const file = vma.file
  if (!file || (vma.flags & VM_SHARED) === 0 || vma.indexOf(start) > 0xffffffff) return 0
  return syncFile(file, <u32>vma.indexOf(start), <u32>min<u64>(vma.indexOf(end - 1), 0xffffffff))
}

/** Writes a byte a page from `start` on to `vector`, 1 if it is in memory, up to the end of the VMA or `end`; returns the page reached, 0 if `start` is mapped by nothing. `canSee` says whether the VMA's object may be looked into. Takes: Mapping, Tables. */
export function residencyLocked(mm: Mm, vma: Vma, start: u64, end: u64, vector: usize, canSee: bool): u64 {
  const to = min(end, vma.end)
  const object = vma.object
  for (let vpn = start; vpn < to; vpn++) {
    mm.tablesLock.lock(Rank.Tables)
    const pte = lookUp(mm.tables, vpn)
    const mapped = isPresent(pte) || (isSwap(pte) && isSwapCached(swapOf(pte)))
    mm.tablesLock.unlock(Rank.Tables)
    const present = !canSee || mapped || (pte === 0 && object !== null && hasPage(object, vma.indexOf(vpn)))
    store<u8>(vector + <usize>(vpn - start), present ? 1 : 0)
  }
  return to
}

/** Whether an object's page has contents in memory, and is not reserved alone. */
function hasPage(object: Inode, index: u64): bool {
  if (index > 0xffffffff) return false
  object.lock(Rank.Mapping)
  const found = object.entryLocked(<u32>index)
  const cached = isSwapValue(found) && isSwapCached(entryOf(found))
  const present = cached || (found !== 0 && !isValue(found) && !isReserved(changetype<Frame>(found)))
  object.unlock(Rank.Mapping)
  return present
}
