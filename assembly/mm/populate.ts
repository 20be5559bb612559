// Faulting pages in ahead of use: mm_populate of Linux's mm/gup.c. Page numbers. Only the process itself changes its
// VMAs, so what was looked up stands without the lock. Takes: Space, and what faults take.
import { EFAULT, EINVAL, ENOMEM } from '../abi/errno'
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from '../abi/signal'
import { VM_LOCKONFAULT, VM_READ, VM_RIGHTS, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Rank } from '../sync/lockdep'
import { fault } from './fault'
import { Mm } from './space'

/** The first VMA that ends behind a page, null if there is none. Takes: Space. */
function vmaFrom(mm: Mm, vpn: u64): Vma | null {
  mm.lock(Rank.Space)
  const vma = findVma(mm.vmas, vpn)
  mm.unlock(Rank.Space)
  return vma
}

/** What a failed fault means to a call: ENOMEM where nothing is mapped or no memory is left, `denied` where the right is missing, EFAULT beyond a file's end. */
function errorOf(code: i32, denied: i32): i32 {
  if (code === SEGV_ACCERR) return denied
  return code === BUS_ADRERR ? -EFAULT : code === SEGV_MAPERR ? -ENOMEM : code
}

/** Makes pages of a VMA present: private ones that may be written are written, so that they are no copies later. Takes: Space. */
function populateVma(mm: Mm, vma: Vma, start: u64, end: u64): i32 {
  const flags = vma.flags
  if ((flags & VM_LOCKONFAULT) !== 0) return 0
  if ((flags & VM_RIGHTS) === 0) return -EFAULT
  const write = (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE
  for (let vpn = start; vpn < end; vpn++) {
    const code = fault(mm, vpn, write)
    if (code !== 0) return errorOf(code, -EFAULT)
  }
  return 0
}

/** Makes the pages of [start, end) present, over holes; where it fails it goes on behind the VMA. Takes: Space. */
export function populate(mm: Mm, start: u64, end: u64): void {
  let vma = vmaFrom(mm, start)
  while (vma && vma.start < end) {
    populateVma(mm, vma, max(start, vma.start), min(end, vma.end))
    vma = vmaFrom(mm, vma.end)
  }
}

/** Makes the pages of [start, end) present, over holes; 0, or the first failure: EFAULT, ENOMEM. Takes: Space. */
export function populateFully(mm: Mm, start: u64, end: u64): i32 {
  if (start >= end) return 0
  let vma = vmaFrom(mm, start)
  while (vma && vma.start < end) {
    const error = populateVma(mm, vma, max(start, vma.start), min(end, vma.end))
    if (error !== 0) return error
    vma = vmaFrom(mm, vma.end)
  }
  return 0
}

/** Makes all pages of [start, end) present for reading or writing: MADV_POPULATE_READ and _WRITE. 0, ENOMEM at a hole, EINVAL where the right is missing, EFAULT. Takes: Space. */
export function populateAll(mm: Mm, start: u64, end: u64, write: bool): i32 {
  let at = start
  while (at < end) {
    const vma = vmaFrom(mm, at)
    if (!vma || vma.start > at) return -ENOMEM
    // unlike a load, which may read what can be written or executed
    if (!write && (vma.flags & VM_READ) === 0) return -EINVAL
    for (const to = min(end, vma.end); at < to; at++) {
      const code = fault(mm, at, write)
      if (code !== 0) return errorOf(code, -EINVAL)
    }
  }
  return 0
}
