// Changing what an address space maps: entering, taking away, changing rights, with splitting and
// merging of VMAs. Arguments are page numbers and checked already. Holds, in every function whose
// name ends in Locked: Space. Takes: Ipc, Mapping, Tables, Slab, Zone.
import { EACCES, ENOMEM } from '../abi/errno'
import { nextMapped, tableEnd, walk } from '../map/pagetable'
import { hidden, isPresent, readOnly } from '../map/pte'
import { flushPage } from '../map/tlb'
import { freeVma, VM_ACCOUNT, VM_LOCKED, VM_MAY_SHIFT, VM_NORESERVE, VM_RIGHTS, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { commit, uncommit } from '../phys/commit'
import { Rank } from '../sync/lockdep'
import { commitLocked, isPromised, mayExpandLocked } from './limits'
import { behind, isCrowdedLocked, joinLocked, modifyLocked, splitLocked } from './merge'
import { endVmaLocked, Mm, unmapPages } from './space'

/** Whether any VMA reaches into [start, end). */
export function isUsedLocked(mm: Mm, start: u64, end: u64): bool {
  const vma = findVma(mm.vmas, start)
  return vma !== null && vma.start < end
}

/** Enters a new VMA in place of whatever is mapped there, and joins it with its neighbours; on an error the VMA is gone. */
export function mapLocked(mm: Mm, vma: Vma): i32 {
  const start = vma.start
  const end = vma.end
  const error = isolateLocked(mm, start, end)
  if (error !== 0 || !promiseLocked(mm, vma)) {
    freeVma(vma)
    return -ENOMEM
  }
  endRangeLocked(mm, start, end)
  joinLocked(mm, vma)
  return 0
}

/** Promises a new VMA's pages, less those that go when it comes; false if a limit forbids them. */
function promiseLocked(mm: Mm, vma: Vma): bool {
  let mapped: u64 = 0
  let promised: u64 = 0
  let old = findVma(mm.vmas, vma.start)
  while (old && old.start < vma.end) {
    mapped += old.end - old.start
    if ((old.flags & VM_ACCOUNT) !== 0) promised += old.end - old.start
    old = behind(mm, old)
  }
  const pages = vma.end - vma.start
  if (!mayExpandLocked(mm, vma.flags, pages - mapped)) return false
  if (!isPromised(vma.flags)) return true
  if (!commitLocked(mm, pages - promised)) return false
  // as what goes gives its own back
  commit(promised)
  vma.flags |= VM_ACCOUNT
  return true
}

/** Splits VMAs so that none reaches across the borders of [start, end); 0 or ENOMEM. */
function isolateLocked(mm: Mm, start: u64, end: u64): i32 {
  const vma = findVma(mm.vmas, start)
  if (!vma || vma.start >= end) return 0
  if (vma.start < start) {
    if (end < vma.end && isCrowdedLocked(mm)) return -ENOMEM
    if (!splitLocked(mm, vma, start)) return -ENOMEM
  }
  const last = findVma(mm.vmas, end - 1)
  if (last && last.start < end && last.end > end && !splitLocked(mm, last, end)) return -ENOMEM
  return 0
}

/** Takes away the VMAs in [start, end), across whose borders none reaches. */
function endRangeLocked(mm: Mm, start: u64, end: u64): void {
  let vma = findVma(mm.vmas, start)
  if (!vma || vma.start >= end) return
  unmapPages(mm, start, end)
  while (vma && vma.start < end) {
    endVmaLocked(mm, vma)
    vma = findVma(mm.vmas, start)
  }
}

/** Unmaps [start, end), splitting the VMAs at its borders; 0, or ENOMEM with nothing unmapped. */
export function unmapLocked(mm: Mm, start: u64, end: u64): i32 {
  const error = isolateLocked(mm, start, end)
  if (error === 0) endRangeLocked(mm, start, end)
  return error
}

/** Gives part of a VMA rights, and promises its pages if they become writable: 0 or ENOMEM. */
function protectVmaLocked(mm: Mm, vma: Vma, start: u64, end: u64, rights: u32): i32 {
  const old = vma.flags
  const pages = end - start
  let flags = (old & ~VM_RIGHTS) | rights
  let promised: u64 = 0
  if ((rights & VM_WRITE) !== 0) {
    if (!mayExpandLocked(mm, flags, pages) && mayExpandLocked(mm, old, pages)) return -ENOMEM
    if ((old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE)) === 0) {
      if (!commitLocked(mm, pages)) return -ENOMEM
      promised = pages
      flags |= VM_ACCOUNT
    }
  } else if (vma.object === null && vma.anon === 0) flags &= ~VM_ACCOUNT
  if (!modifyLocked(mm, vma, start, end, flags)) {
    uncommit(promised)
    return -ENOMEM
  }
  if ((old & ~flags & VM_ACCOUNT) !== 0) uncommit(pages)
  narrowPages(mm, start, end, rights)
  return 0
}

/** Gives the part of [start, end) in its first VMA the rights; returns where it ends, ENOMEM at a hole, EACCES where the right may not be given. */
export function protectNextLocked(mm: Mm, start: u64, end: u64, rights: u32): i64 {
  const vma = findVma(mm.vmas, start)
  if (!vma || vma.start > start) return -ENOMEM
  if ((rights & ~(vma.flags >> VM_MAY_SHIFT) & VM_RIGHTS) !== 0) return -EACCES
  const to = min(end, vma.end)
  const error = (vma.flags & VM_RIGHTS) === rights ? 0 : protectVmaLocked(mm, vma, start, to, rights)
  return error === 0 ? <i64>to : error
}

/** Whether a page is locked, of private memory, and becomes writable with these rights: it is to be no copy later. */
export function becomesWritableLocked(mm: Mm, vpn: u64, rights: u32): bool {
  const vma = findVma(mm.vmas, vpn)
  return vma !== null && (rights & VM_WRITE) !== 0 && (vma.flags & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED
}

/** Takes rights away from mapped pages; the right to write, if it is given, is found by the next fault. Takes: Tables. */
function narrowPages(mm: Mm, start: u64, end: u64, rights: u32): void {
  const cpus = mm.cpusNow
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn, end)) {
    const stop = tableEnd(vpn, end)
    for (let at = walk(mm.tables, vpn); vpn < stop; vpn++, at += 8) {
      const pte = load<u64>(at)
      if (!isPresent(pte)) continue
      store<u64>(at, hidden((rights & VM_WRITE) === 0 ? readOnly(pte) : pte, rights === 0))
      flushPage(cpus, vpn, mm.id)
    }
  }
  mm.tablesLock.unlock(Rank.Tables)
}
