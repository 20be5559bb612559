// mremap: arguments validated in the order of Linux's mm/mremap.c (6.18), which moves several mappings at once
// where the length stays the same. Takes: Space and what it nests.
import { EAGAIN, EFAULT, EINVAL, ENOMEM } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../abi/mman'
import { VM_ACCOUNT, VM_LOCKED, VM_SHARED, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { commitLocked, mayExpandLocked, mayLockLocked } from '../mm/limits'
import { meetLocked, resizeLocked } from '../mm/merge'
import { isUsedLocked, unmapLocked } from '../mm/mmap'
import { emptyLocked, moveLocked, Remap } from '../mm/mremap'
import { populate } from '../mm/populate'
import { Mm } from '../mm/space'
import { Sysctl } from '../phys/sysctl'
import { Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { pagesOf, placeLocked } from './memory'

const OFFSET: u64 = PAGE_SIZE - 1
const LIMIT: u64 = (<u64>TASK_PAGES) << PAGE_SHIFT
const FLAGS: u32 = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP
/** Flags with which the caller names the new address, or a hint. */
const ELSEWHERE: u32 = MREMAP_FIXED | MREMAP_DONTUNMAP

/**
 * Makes the mapping at an address longer or shorter, or moves it; returns its address, or -errno. An old length of 0 maps
 * what a shared mapping shows once more. Takes: Space.
 */
export function remap(task: Task, address: u64, oldLength: u64, length: u64, flags: u32, newAddress: u64): f64 {
  const old = pagesOf(oldLength)
  const pages = pagesOf(length)
  if ((flags & ~FLAGS) !== 0 || (address & OFFSET) !== 0 || pages === 0 || pages > TASK_PAGES) return -EINVAL
  const mm = task.mm
  const request = Remap.current
  request.from = address >> PAGE_SHIFT
  request.oldPages = old
  request.pages = pages
  request.to = newAddress >> PAGE_SHIFT
  request.flags = flags
  if ((flags & ELSEWHERE) !== 0) {
    if (newAddress > LIMIT - (pages << PAGE_SHIFT) || (newAddress & OFFSET) !== 0 || (flags & MREMAP_MAYMOVE) === 0) return -EINVAL
    if ((flags & MREMAP_DONTUNMAP) !== 0 && old !== pages) return -EINVAL
    if (address + (old << PAGE_SHIFT) > newAddress && newAddress + (pages << PAGE_SHIFT) > address) return -EINVAL
  }
  mm.lockAll(Rank.Space)
  const result = remapLocked(task, mm, request)
  const vma = result < 0 ? changetype<Vma>(0) : lookUpLocked(mm, result)
  const filled = vma !== null && (vma.flags & VM_LOCKED) !== 0
  mm.unlock(Rank.Space)
  if (filled && pages > old) populate(mm, <u64>result + old, <u64>result + pages)
  return result < 0 ? <f64>result : <f64>(result << PAGE_SHIFT)
}

/** The page number of the mapping, or -errno. Holds: Space. */
function remapLocked(task: Task, mm: Mm, request: Remap): i64 {
  const flags = request.flags
  if ((flags & ELSEWHERE) !== 0 && !hasSpareLocked(mm, 5)) return -ENOMEM
  if ((flags & MREMAP_FIXED) !== 0 && request.oldPages === request.pages) return moveEachLocked(task, mm, request)
  const vma = lookUpLocked(mm, request.from)
  if (!vma) return -EFAULT
  const error = checkLocked(mm, vma, request)
  if (error !== 0) return error
  if ((flags & ELSEWHERE) !== 0) return remapToLocked(task, mm, request)
  if (request.oldPages === request.pages) return request.from
  if (request.oldPages < request.pages) return expandLocked(task, mm, vma, request)
  const shrunk = shrinkLocked(mm, request)
  return shrunk === 0 ? request.from : shrunk
}

/** Whether there may be so many mappings more. Holds: Space. */
function hasSpareLocked(mm: Mm, spare: i32): bool {
  return <i32>mm.count < <i32>Sysctl.only.maxMapCount - spare
}

/** The VMA that has a page, null if none has. Holds: Space. */
function lookUpLocked(mm: Mm, vpn: u64): Vma | null {
  const vma = findVma(mm.vmas, vpn)
  return vma !== null && vma.start <= vpn ? vma : changetype<Vma>(0)
}

/** Moves everything that is mapped in the range, gaps left between as they are: Linux's remap_move. Holds: Space. */
function moveEachLocked(task: Task, mm: Mm, request: Remap): i64 {
  const first = request.from
  const end = first + request.oldPages
  let target = request.to
  let last = first
  let result: i64 = -EFAULT
  let vma = findVma(mm.vmas, first)
  while (vma && vma.start < end) {
    const isFirst = last === first
    if (isFirst && vma.start > first) return -EFAULT
    // an attachment moves alone
    if (vma.segment !== 0 && (!isFirst || vma.end < end)) return -EFAULT
    const start = max(vma.start, first)
    request.from = start
    request.oldPages = min(end, vma.end) - start
    request.pages = request.oldPages
    request.to = isFirst ? target : target + (vma.start - last)
    last = vma.end
    const error = checkLocked(mm, vma, request)
    const moved = error === 0 ? remapToLocked(task, mm, request) : error
    if (moved < 0) return moved
    if (isFirst) result = moved
    target = <u64>moved + request.pages
    vma = findVma(mm.vmas, last)
  }
  return result
}

/** Whether the request makes sense for the VMA at its start, and is within limits: 0, EINVAL, EFAULT, EAGAIN, ENOMEM. Holds: Space. */
function checkLocked(mm: Mm, vma: Vma, request: Remap): i32 {
  const oldPages = request.oldPages
  const pages = request.pages
  if (pages <= oldPages && (request.flags & ELSEWHERE) === 0) return 0
  if (oldPages === 0 && (vma.flags & VM_SHARED) === 0) return -EINVAL
  // what a mapping loses may reach beyond its end
  if (min(oldPages, pages) > vma.end - request.from) return -EFAULT
  if (pages <= oldPages) return 0
  if (!mayLockLocked(mm, vma.flags, pages - oldPages)) return -EAGAIN
  return mayExpandLocked(mm, vma.flags, pages - oldPages) ? 0 : -ENOMEM
}

/** Moves a mapping to where the caller says, or hints at. Holds: Space. */
function remapToLocked(task: Task, mm: Mm, request: Remap): i64 {
  const to = request.to
  const pages = request.pages
  if ((request.flags & MREMAP_FIXED) !== 0) {
    const error = unmapLocked(mm, to, to + pages)
    if (error !== 0) return error
  }
  if (request.oldPages > pages) {
    const error = shrinkLocked(mm, request)
    if (error !== 0) return error
    request.oldPages = pages
  }
  if ((request.flags & MREMAP_DONTUNMAP) !== 0) {
    const vma = lookUpLocked(mm, request.from)
    if (vma && !mayExpandLocked(mm, vma.flags, pages)) return -ENOMEM
  }
  return placeAndMoveLocked(task, mm, request, to << PAGE_SHIFT)
}

/** Unmaps what is too long. Holds: Space. */
function shrinkLocked(mm: Mm, request: Remap): i32 {
  const start = request.from + request.pages
  const pages = request.oldPages - request.pages
  return pages > TASK_PAGES - start ? -EINVAL : unmapLocked(mm, start, start + pages)
}

/** Makes a mapping longer, where it is if there is room, else elsewhere if it may move. Holds: Space. */
function expandLocked(task: Task, mm: Mm, vma: Vma, request: Remap): i64 {
  const end = request.from + request.pages
  const atEnd = request.from + request.oldPages === vma.end
  // where the mapping may not be put it may not grow
  const allowed = placeLocked(mm, vma.start << PAGE_SHIFT, end - vma.start, true, task.isRoot) >= 0
  if (atEnd && allowed && !isUsedLocked(mm, vma.end, end)) {
    if ((vma.flags & VM_ACCOUNT) !== 0 && !commitLocked(mm, end - vma.end)) return -ENOMEM
    resizeLocked(mm, vma, vma.start, end)
    meetLocked(mm, vma)
    return request.from
  }
  if ((request.flags & MREMAP_MAYMOVE) === 0) return -ENOMEM
  return placeAndMoveLocked(task, mm, request, 0)
}

/** Finds a place, at an address or hint, moves the mapping there, and takes the old one away. Holds: Space. */
function placeAndMoveLocked(task: Task, mm: Mm, request: Remap, address: u64): i64 {
  const from = request.from
  const oldPages = request.oldPages
  const flags = request.flags
  const to = placeLocked(mm, address, request.pages, (flags & MREMAP_FIXED) !== 0, task.isRoot)
  if (to < 0) return to
  request.to = to
  const vma = lookUpLocked(mm, from)
  if (!vma) return -EFAULT
  if (!hasSpareLocked(mm, 3)) return -ENOMEM
  const error = moveLocked(mm, vma, request)
  if (error !== 0) return error
  if ((flags & MREMAP_DONTUNMAP) !== 0) emptyLocked(mm, from, from + oldPages)
  // where a split fails for want of memory the old mapping stays, empty, as in Linux
  else if (oldPages > 0) unmapLocked(mm, from, from + oldPages)
  return to
}
