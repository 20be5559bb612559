// Moving mappings: page-table entries, private pages' too, go from one place of an address space to another,
// and the VMA with them: Linux's mm/mremap.c. Page numbers, checked already. Holds, in every function: Space.
// Takes: Ipc, Mapping, Family, Tables, Slab, Zone.
import { ENOMEM } from '../abi/errno'
import { MREMAP_DONTUNMAP } from '../abi/mman'
import { Family } from '../map/family'
import { File } from '../map/file'
import { nextMapped, noteCleared, noteSet, reach, walk } from '../map/pagetable'
import { moved } from '../map/pte'
import { flushPage } from '../map/tlb'
import { freeVma, joinFamily, newVma, quitFamily, showFile, VM_ACCOUNT, VM_LOCKED, VM_LOCKS, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { commit, uncommit } from '../phys/commit'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { commitLocked } from './limits'
import { joinLocked, setFlagsLocked } from './merge'
import { markPages } from './mlock'
import { Mm } from './space'

/** What mremap was asked to do, in pages: Linux's vma_remap_struct. It stands in the CPU's buffer during the call. */
@unmanaged
@final
export class Remap {
  /** Where the mapping is, and how long it is and becomes. */
  from: u64
  oldPages: u64
  pages: u64
  /** Where it goes. */
  to: u64
  /** Flags of mremap. */
  flags: u32

  @inline
  static get current(): Remap {
    return changetype<Remap>(Cpu.current.buffer)
  }
}

/**
 * Makes a VMA of `remap.pages` at `remap.to`, where nothing is mapped, that shows what `vma` shows from `remap.from` on,
 * and moves the pages to it. 0, or ENOMEM with nothing moved.
 */
export function moveLocked(mm: Mm, vma: Vma, remap: Remap): i32 {
  const from = remap.from
  const to = remap.to
  const pages = remap.pages
  // of what moves, only what it grows by is promised anew; both are counted until the old one goes
  const promised = (vma.flags & VM_ACCOUNT) !== 0 ? pages : 0
  const kept = (remap.flags & MREMAP_DONTUNMAP) === 0 && promised !== 0 ? min(remap.oldPages, pages) : 0
  if (promised !== 0 && !commitLocked(mm, promised - kept)) return -ENOMEM
  commit(kept)
  const copy = newVma(mm.id, to, to + pages, vma.flags)
  if (!copy) {
    uncommit(promised)
    return -ENOMEM
  }
  const object = vma.object
  // private memory without pages may become part of what it now stands beside
  if (object !== null || vma.anon !== 0) copy.offset = vma.indexOf(from)
  joinFamily(copy, vma.anon, vma.family)
  if (vma.file) showFile(copy, changetype<File>(vma.file), copy.offset)
  // first the pages, so that a failure leaves no VMA that would have to be split from its neighbours
  if (movePages(mm, vma, from, to, remap.oldPages)) {
    joinLocked(mm, copy)
    return 0
  }
  freeVma(copy)
  uncommit(promised)
  return -ENOMEM
}

/** Moves the entries of so many pages; false, with none moved, if there is no memory for tables. Takes: Mapping, Family, Tables. */
function movePages(mm: Mm, vma: Vma, from: u64, to: u64, pages: u64): bool {
  const object = vma.object
  const family = changetype<u32>(vma.family)
  // who goes from a page to who maps it goes from VMA to VMA under these locks, and must not come between
  if (object) object.lock(Rank.Mapping)
  if (family !== 0) Family.lockOf(family).lock(Rank.Family)
  mm.tablesLock.lock(Rank.Tables)
  const copied = copyEntriesLocked(mm, from, to, pages)
  // on success what was copied goes, else the copies; pages and their counts stay as they are
  clearEntriesLocked(mm, copied === pages ? from : to, copied)
  mm.tablesLock.unlock(Rank.Tables)
  if (family !== 0) Family.lockOf(family).unlock(Rank.Family)
  if (object) object.unlock(Rank.Mapping)
  return copied === pages
}

/** Copies the entries of so many pages; returns how many pages it came to the end of before there was no memory. Holds: Tables. */
function copyEntriesLocked(mm: Mm, from: u64, to: u64, pages: u64): u64 {
  const end = from + pages
  for (let vpn = nextMapped(mm.tables, from, end); vpn < end; vpn = nextMapped(mm.tables, vpn + 1, end)) {
    const at = reach(mm.tables, vpn - from + to)
    if (at === 0) return vpn - from
    store<u64>(at, moved(load<u64>(walk(mm.tables, vpn))))
    noteSet(at, 1)
  }
  return pages
}

/** Clears the entries of so many pages, which others map too. Holds: Tables. */
function clearEntriesLocked(mm: Mm, start: u64, pages: u64): void {
  const cpus = mm.cpusNow
  const end = start + pages
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn + 1, end)) {
    store<u64>(walk(mm.tables, vpn), 0)
    flushPage(cpus, vpn, mm.id)
    noteCleared(mm.tables, vpn, 1)
  }
}

/** Leaves a mapping whose pages were moved behind: it is locked no more, and if all of them were, never had private ones. */
export function emptyLocked(mm: Mm, start: u64, end: u64): void {
  const vma = findVma(mm.vmas, start)
  if (!vma) return
  if (vma.start === start && vma.end === end) quitFamily(vma)
  if ((vma.flags & VM_LOCKS) === 0) return
  if ((vma.flags & VM_LOCKED) !== 0) markPages(mm, vma.start, vma.end, false)
  setFlagsLocked(mm, vma, vma.flags & ~VM_LOCKS)
}
