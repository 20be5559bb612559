// Locking memory: VMAs are marked, and the pages of them that are there or come to be there stay. Linux's mm/mlock.c.
// Page numbers. Holds, in every function: Space. Takes: Ipc, Mapping.
import { ENOMEM } from '../abi/errno'
import { VM_LOCKED, VM_LOCKS, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { behind, modifyLocked } from './merge'
import { Mm } from './space'

/** Gives the VMAs of [start, end) these of VM_LOCKS; 0, or ENOMEM at a hole, where it ends. */
export function setLocksLocked(mm: Mm, start: u64, end: u64, locks: u32): i32 {
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) return -ENOMEM
    const to = min(end, vma.end)
    const flags = (vma.flags & ~VM_LOCKS) | locks
    if (flags !== vma.flags && !modifyLocked(mm, vma, at, to, flags)) return -ENOMEM
    at = to
  }
  return 0
}

/** Gives all VMAs these of VM_LOCKS. */
export function setAllLocksLocked(mm: Mm, locks: u32): void {
  let vma: Vma | null = mm.list.isEmpty ? changetype<Vma>(0) : changetype<Vma>(mm.list.next)
  while (vma) {
    const flags = (vma.flags & ~VM_LOCKS) | locks
    if (flags !== vma.flags) vma = modifyLocked(mm, vma, vma.start, vma.end, flags)
    if (vma) vma = behind(mm, vma)
  }
}

/** Pages of [start, end) that are locked. */
export function lockedPagesLocked(mm: Mm, start: u64, end: u64): u64 {
  let pages: u64 = 0
  let vma = findVma(mm.vmas, start)
  while (vma && vma.start < end) {
    if ((vma.flags & VM_LOCKED) !== 0) pages += min(end, vma.end) - max(start, vma.start)
    vma = behind(mm, vma)
  }
  return pages
}
