// Faulting pages in ahead of use: mm_populate of Linux's mm/gup.c. Page numbers. Takes: Space, and what faults take.
import { EFAULT, EINVAL, ENOMEM } from '../abi/errno'
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from '../abi/signal'
import { VM_READ, VM_RIGHTS, VM_SHARED, VM_WRITE } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Rank } from '../sync/lockdep'
import { fault } from './fault'
import { Mm } from './space'

/** Of a VMA that is no more, or not there. */
const NOTHING: u32 = 0xffffffff

/** The flags of the VMA that has a page, NOTHING if none has. Takes: Space. */
function flagsAt(mm: Mm, vpn: u64): u32 {
  mm.lock(Rank.Space)
  const vma = findVma(mm.vmas, vpn)
  const flags = vma !== null && vma.start <= vpn ? vma.flags : NOTHING
  mm.unlock(Rank.Space)
  return flags
}

/** The first page from `vpn` on that is mapped by a VMA, `end` if there is none below that. Takes: Space. */
function nextUsed(mm: Mm, vpn: u64, end: u64): u64 {
  mm.lock(Rank.Space)
  const vma = findVma(mm.vmas, vpn)
  const found = vma ? min(end, max(vpn, vma.start)) : end
  mm.unlock(Rank.Space)
  return found
}

/** What a failed fault means to a call: ENOMEM where nothing is mapped or no memory is left, `denied` where the right is missing, EFAULT beyond a file's end. */
function errorOf(code: i32, denied: i32): i32 {
  if (code === SEGV_ACCERR) return denied
  return code === BUS_ADRERR ? -EFAULT : code === SEGV_MAPERR ? -ENOMEM : code
}

/**
 * Makes the pages of [start, end) present, over holes, as far as rights allow: private ones that may be written are
 * written, so that they are no copies later. 0, or the first failure: EFAULT, ENOMEM. Takes: Space.
 */
export function populate(mm: Mm, start: u64, end: u64): i32 {
  for (let vpn = nextUsed(mm, start, end); vpn < end; vpn = nextUsed(mm, vpn + 1, end)) {
    const flags = flagsAt(mm, vpn)
    if ((flags & VM_RIGHTS) === 0) return -EFAULT
    const code = fault(mm, vpn, (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE)
    if (code !== 0) return errorOf(code, -EFAULT)
  }
  return 0
}

/** Makes all pages of [start, end) present for reading or writing: MADV_POPULATE_READ and _WRITE. 0, ENOMEM at a hole, EINVAL where the right is missing, EFAULT. Takes: Space. */
export function populateAll(mm: Mm, start: u64, end: u64, write: bool): i32 {
  for (let vpn = start; vpn < end; vpn++) {
    const flags = flagsAt(mm, vpn)
    if (flags === NOTHING) return -ENOMEM
    // unlike a load, which may read what can be written or executed
    if (!write && (flags & VM_READ) === 0) return -EINVAL
    const code = fault(mm, vpn, write)
    if (code !== 0) return errorOf(code, -EINVAL)
  }
  return 0
}
