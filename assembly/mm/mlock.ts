// Locking memory: VMAs are marked, and the pages of them that are there or come to be there stay. Linux's mm/mlock.c.
// Page numbers. Holds, in every function: Space. Takes: Ipc, Mapping, Tables, Lru.
import { ENOMEM } from '../abi/errno'
import { VM_LOCKED, VM_LOCKS, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { drainLru } from '../phys/lru'
import { Rank } from '../sync/lockdep'
import { behind, modifyLocked } from './merge'
import { Mm } from './space'
import { markRangeLocked } from './unevictable'

/** Gives [start, end) of a VMA these of VM_LOCKS; returns the VMA it belongs to then, null if there is no memory for one more. */
function setVmaLocked(mm: Mm, vma: Vma, start: u64, end: u64, locks: u32): Vma | null {
  const old = vma.flags
  const flags = (old & ~VM_LOCKS) | locks
  if (flags === old) return vma
  const changed = ((flags ^ old) & VM_LOCKED) !== 0
  // who takes a page away meanwhile lets go of a lock of it too often, if at all, and reclaim mends that
  if (changed && locks === 0) markPages(mm, start, end, false)
  const part = modifyLocked(mm, vma, start, end, flags)
  if (part && changed && locks !== 0) markPages(mm, start, end, true)
  return part
}

/** Notes for each page of [start, end) that is there that one more locked mapping shows it, or one less. */
export function markPages(mm: Mm, start: u64, end: u64, lock: bool): void {
  drainLru()
  mm.tablesLock.lock(Rank.Tables)
  markRangeLocked(mm.tables, start, end, lock)
  mm.tablesLock.unlock(Rank.Tables)
}

/** Gives the VMAs of [start, end) these of VM_LOCKS; 0, or ENOMEM at a hole, where it ends. */
export function setLocksLocked(mm: Mm, start: u64, end: u64, locks: u32): i32 {
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) return -ENOMEM
    const to = min(end, vma.end)
    if (!setVmaLocked(mm, vma, at, to, locks)) return -ENOMEM
    at = to
  }
  return 0
}

/** Gives all VMAs these of VM_LOCKS. */
export function setAllLocksLocked(mm: Mm, locks: u32): void {
  let vma: Vma | null = mm.list.isEmpty ? changetype<Vma>(0) : changetype<Vma>(mm.list.next)
  while (vma) {
    vma = setVmaLocked(mm, vma, vma.start, vma.end, locks)
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
