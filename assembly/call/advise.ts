// madvise, msync, mincore: arguments validated in the order of Linux's mm/madvise.c, mm/msync.c and mm/mincore.c (6.18).
// Addresses and lengths are bytes. Takes: Space and what it nests.
import { EINVAL, ENOMEM } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import {
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
} from '../abi/mman'
import { Use } from '../map/inode'
import { VM_LOCKED, VM_SHARED, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { adviseLocked, residencyLocked, syncLocked } from '../mm/advise'
import { populateAll } from '../mm/populate'
import { Task } from '../proc/task'
import { pageOutVma } from '../reclaim/advise'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { pagesOf } from './memory'

const OFFSET: u64 = PAGE_SIZE - 1
const LIMIT: u64 = (<u64>TASK_PAGES) << PAGE_SHIFT

/** Whether this is advice, to a kernel without huge pages and without merging of equal pages. */
function isAdvice(advice: u32): bool {
  if (advice <= MADV_DONTNEED || (advice >= MADV_FREE && advice <= MADV_DOFORK)) return true
  if (advice >= MADV_DONTDUMP && advice <= MADV_PAGEOUT) return true
  return advice >= MADV_POPULATE_READ && advice <= MADV_DONTNEED_LOCKED
}

/** Takes advice about a range. Takes: Space. */
export function advise(task: Task, address: u64, length: u64, advice: u32): i32 {
  if (!isAdvice(advice) || (address & OFFSET) !== 0) return -EINVAL
  const bytes = pagesOf(length) << PAGE_SHIFT
  if ((length !== 0 && bytes === 0) || address + bytes < address) return -EINVAL
  const mm = task.mm
  const start = address >> PAGE_SHIFT
  const end = (address + bytes) >> PAGE_SHIFT
  if (advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE) return populateAll(mm, start, end, advice === MADV_POPULATE_WRITE)
  if (advice === MADV_PAGEOUT) return pageOutRange(task, start, end)
  mm.lockAll(Rank.Space)
  const error = adviseLocked(mm, start, end, advice)
  mm.unlock(Rank.Space)
  return error
}

/** Evicts what can be of [start, end), of objects only what the process could write: 0, ENOMEM at a hole, EINVAL at what is locked. Takes: Space. */
function pageOutRange(task: Task, start: u64, end: u64): i32 {
  const mm = task.mm
  let result: i32 = 0
  let at = start
  mm.lockShared(Rank.Space)
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) result = -ENOMEM
    if (!vma || vma.start >= end) break
    if ((vma.flags & VM_LOCKED) !== 0) {
      result = -EINVAL
      break
    }
    const to = min(end, vma.end)
    const objects = canSee(task, vma)
    // a private mapping's own pages are the process's in any case
    if (objects || (vma.flags & VM_SHARED) === 0) pageOutVma(mm, max(at, vma.start), to, objects)
    at = to
  }
  mm.unlockShared(Rank.Space)
  return result
}

/** Writes changes of shared mappings back to their files, if those are on a disk. Takes: Space. */
export function sync(task: Task, address: u64, length: u64, flags: u32): i32 {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0 || (address & OFFSET) !== 0) return -EINVAL
  if ((flags & (MS_ASYNC | MS_SYNC)) === (MS_ASYNC | MS_SYNC)) return -EINVAL
  const bytes = pagesOf(length) << PAGE_SHIFT
  if (address + bytes < address) return -ENOMEM
  const mm = task.mm
  mm.lockAll(Rank.Space)
  const error = syncLocked(mm, address >> PAGE_SHIFT, (address + bytes) >> PAGE_SHIFT, flags)
  mm.unlock(Rank.Space)
  return error
}

/** Whether the process may know which pages of a VMA's object are in memory: it owns the file, or may write it. */
function canSee(task: Task, vma: Vma): bool {
  const object = vma.object
  if (!object || object.use !== Use.File || task.isRoot || object.uid === task.euid) return true
  return (object.mode & (task.isIn(object.gid) ? 0o020 : 0o002)) !== 0
}

/**
 * Writes which pages of a range are in memory to the CPU's buffer, a byte each, as many as it holds; returns their number.
 * EINVAL, or ENOMEM if not all of these are mapped. Takes: Space.
 */
export function residency(task: Task, address: u64, length: u64): i32 {
  if ((address & OFFSET) !== 0) return -EINVAL
  if (address > LIMIT || length > LIMIT - address) return -ENOMEM
  const mm = task.mm
  const start = address >> PAGE_SHIFT
  const end = start + min<u64>(pagesOf(length), PAGE_SIZE)
  const vector = Cpu.current.buffer
  mm.lockAll(Rank.Space)
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) break
    at = residencyLocked(mm, vma, at, end, vector + <usize>(at - start), canSee(task, vma))
  }
  mm.unlock(Rank.Space)
  return at < end ? -ENOMEM : <i32>(end - start)
}
