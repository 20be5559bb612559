// From a page to the address spaces that map it: Linux's mm/rmap.c. Who takes pages out of an object goes through the
// object's VMAs; who reclaims has one frame, and goes through the VMAs of its family or its object. There each VMA that
// covers the frame's index has at most one entry that maps it. Takes, unless it says otherwise: Mapping or Family, Tables.
import { LOOK_AROUND } from '../abi/mechanism'
import { Family } from '../map/family'
import { holdObject, Inode, putInode } from '../map/inode'
import { noteCleared, walk } from '../map/pagetable'
import { ACCESSED, cleaned, DIRTY, isPresent, makeSwap, pfnOf, unused } from '../map/pte'
import { SwapArea } from '../map/swapArea'
import { slotOf } from '../map/swapEntry'
import { TlbEntry } from '../map/tlb'
import { VM_EXEC, VM_LOCKED, VM_RAND_READ, VM_SEQ_READ, Vma } from '../map/vma'
import { Frame, PG_DIRTY, PG_MLOCKED, PG_SWAPBACKED, State } from '../phys/frame'
import { Group } from '../phys/group'
import { lockFrame } from '../phys/pinned'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { lookAround } from './lookAround'
import { Mm, unmapPagesLocked } from './space'

/** In what `referenced` returns: how many entries were used; a VMA that maps the frame is locked; one that used it may execute it. */
export const PTES: u32 = 0x3fffffff
export const BY_LOCKED: u32 = (<u32>1) << 31
export const BY_EXECUTABLE: u32 = (<u32>1) << 30

/** In what is found of a frame's entries: the two above, below them how many were used, and how many there were, each this. */
const MARKS: u64 = BY_LOCKED | BY_EXECUTABLE
const ENTRY: u64 = (<u64>1) << 32
/** Instead of a swap entry: the entries stay, and forget that they were used. */
const FORGET: u32 = 0xffffffff

/** Unmaps the pages [first, last] of an object wherever they are mapped, private copies too if `copies` says so. Holds: Mapping. Takes: Tables. */
export function unmapObjectLocked(inode: Inode, first: u32, last: u32, copies: bool): void {
  const list = inode.vmas
  for (let link = list.next; link !== list; link = link.next) {
    const vma = Vma.ofShared(link)
    const mm = changetype<Mm>(vma.space)
    mm.tablesLock.lock(Rank.Tables)
    const end = vma.offset + (vma.end - vma.start)
    if (vma.offset <= <u64>last && end > <u64>first) {
      const from = vma.start + (<u64>first > vma.offset ? <u64>first - vma.offset : 0)
      const to = min<u64>(vma.end, vma.start + (<u64>last - vma.offset) + 1)
      unmapPagesLocked(mm, vma, from, to, copies)
    }
    mm.tablesLock.unlock(Rank.Tables)
  }
}

/** Makes the entries by which an object's VMAs show a page clean, and such that the next write faults. Linux's folio_mkclean. Holds: Mapping. Takes: Tables. */
export function cleanEntriesLocked(inode: Inode, index: u32, frame: Frame): void {
  if (frame.mapCount === 0) return
  const list = inode.vmas
  for (let link = list.next; link !== list; link = link.next) {
    const vma = Vma.ofShared(link)
    if (<u64>index < vma.offset || <u64>index - vma.offset >= vma.end - vma.start) continue
    const mm = changetype<Mm>(vma.space)
    const vpn = vma.start + (<u64>index - vma.offset)
    mm.tablesLock.lock(Rank.Tables)
    const at = walk(mm.tables, vpn)
    const pte: u64 = at === 0 ? 0 : load<u64>(at)
    if (isPresent(pte) && pfnOf(pte) === frame.pfn && cleaned(pte) !== pte) {
      store<u64>(at, cleaned(pte))
      TlbEntry.flush(mm.cpusNow, vpn, mm.id)
    }
    mm.tablesLock.unlock(Rank.Tables)
  }
}

/**
 * How many of the entries that map a frame, to which the caller has a reference, were used since they were asked last, with BY_LOCKED and
 * BY_EXECUTABLE. VMAs that are read in order or at random do not count, nor do those of others than the group that is reclaimed; at a locked one it stops. Linux's folio_referenced. Takes: Mapping or Family, Tables.
 */
export function referenced(frame: Frame): u32 {
  return <u32>visitEntries(frame, FORGET)
}

/**
 * Takes a frame, to which the caller has a reference, out of all page tables: where a private page was stands its swap entry
 * then, counted once more for each, where an object's was nothing, nor where a private page was that may be dropped. If an entry was dirty, so is the frame. False if it is still mapped:
 * it is locked, or it may not be dropped, or somebody came between. Linux's try_to_unmap. Takes: Mapping or Family, Tables, Swap.
 */
export function unmapFrame(frame: Frame, entry: u32): bool {
  visitEntries(frame, entry)
  return frame.mapCount === 0
}

/** Does what `entry` says with the entries that map a frame, and returns what was found. */
function visitEntries(frame: Frame, entry: u32): u64 {
  if (frame.mapCount === 0) return 0
  return frame.state === State.Anonymous ? visitFamily(frame, entry) : visitObject(frame, entry)
}

/** Of a private page. */
function visitFamily(frame: Frame, entry: u32): u64 {
  const lock = Family.lockOf(frame.owner)
  lock.lock(Rank.Family)
  // as long as it is mapped, its family is there
  const maps = frame.mapCount
  const list = changetype<Family>(frame.owner)
  let found: u64 = 0
  if (maps !== 0)
    for (let link = list.next; link !== list && goesOn(found, maps); link = link.next) {
      found = join(found, visit(Vma.ofKin(link), frame, frame.place, entry))
    }
  lock.unlock(Rank.Family)
  return found
}

/** Of an object's page. */
function visitObject(frame: Frame, entry: u32): u64 {
  const inode = holdObject(frame)
  if (!inode) return 0
  inode.lock(Rank.Mapping)
  const maps = frame.mapCount
  const list = inode.vmas
  let found: u64 = 0
  for (let link = list.next; link !== list && goesOn(found, maps); link = link.next) {
    found = join(found, visit(Vma.ofShared(link), frame, <u32>frame.index, entry))
  }
  inode.unlock(Rank.Mapping)
  putInode(inode)
  return found
}

/** Whether there may be more entries that matter. */
function goesOn(found: u64, maps: u32): bool {
  return (found & BY_LOCKED) === 0 && <u32>(found >> 32) < maps
}

/** What two visits found. */
function join(one: u64, other: u64): u64 {
  return (one + (other & ~MARKS)) | (other & MARKS)
}

/** Whether it does not matter if a VMA of these flags used a page: it is read in order or at random, or by others than the group that is reclaimed. Linux's invalid_folio_referenced_vma. */
function isOverlooked(mm: Mm, flags: u32): bool {
  if ((flags & (VM_SEQ_READ | VM_RAND_READ)) !== 0) return true
  const target = Cpu.current.target
  return target !== 0 && atomic.load<u32>(changetype<usize>(mm), offsetof<Mm>('group')) !== target
}

/** Does what `entry` says with the entry by which a VMA maps the page at an index, if that is the frame. Takes: Tables. */
function visit(vma: Vma, frame: Frame, index: u64, entry: u32): u64 {
  const first = vma.offset
  if (index < first || index - first >= vma.end - vma.start) return 0
  // changed by others meanwhile, as they may
  const flags = atomic.load<u32>(changetype<usize>(vma), offsetof<Vma>('flags'))
  const mm = changetype<Mm>(vma.space)
  if (entry === FORGET && isOverlooked(mm, flags)) return 0
  const vpn = vma.start + (index - first)
  mm.tablesLock.lock(Rank.Tables)
  const at = walk(mm.tables, vpn)
  const pte: u64 = at === 0 ? 0 : load<u64>(at)
  let found: u64 = 0
  if (isPresent(pte) && pfnOf(pte) === frame.pfn) {
    found = ENTRY
    if ((flags & VM_LOCKED) !== 0) {
      found |= BY_LOCKED
      // found lazily, where it was not counted
      if (!frame.has(PG_MLOCKED)) lockFrame(frame)
    } else if (entry !== FORGET) {
      if (entry !== 0 || frame.state !== State.Anonymous || isDroppable(frame, pte)) takeAwayLocked(mm, vpn, at, frame, entry)
    } else if ((pte & ACCESSED) !== 0) {
      if (looksAround()) lookAround(mm, vma, vpn, at, frame)
      else {
        store<u64>(at, unused(pte))
        TlbEntry.flush(mm.cpusNow, vpn, mm.id)
      }
      found |= (flags & VM_EXEC) !== 0 ? <u64>BY_EXECUTABLE | 1 : 1
    }
  }
  mm.tablesLock.unlock(Rank.Tables)
  return found
}

/** Whether entries beside one that was used are looked at as well. */
function looksAround(): bool {
  return Group.root.hasGenerations && (Superblock.only.without & LOOK_AROUND) === 0
}

/** Whether a private page that MADV_FREE gave away may be dropped: it was not written since, else it is as any other again, and nobody but its entries and the caller has it. Holds: Tables. */
function isDroppable(frame: Frame, pte: u64): bool {
  if ((pte & DIRTY) !== 0) frame.setFlags(PG_DIRTY)
  if (!frame.has(PG_DIRTY)) return frame.refCount === frame.mapCount + 1
  frame.setFlags(PG_SWAPBACKED)
  return false
}

/** Takes the entry at `at` away, which maps the frame at a page; where it was stands the swap entry, if there is one, which the caller holds, as the frame. Holds: Tables. */
function takeAwayLocked(mm: Mm, vpn: u64, at: usize, frame: Frame, entry: u32): void {
  const pte = load<u64>(at)
  if ((pte & DIRTY) !== 0) frame.setFlags(PG_DIRTY)
  store<u64>(at, entry === 0 ? 0 : makeSwap(entry, pte))
  TlbEntry.flush(mm.cpusNow, vpn, mm.id)
  if (frame.state === State.Anonymous) mm.anonymous--
  else mm.shared--
  // the caller's reference stays, and its slot does
  frame.dropMapping()
  if (entry === 0) noteCleared(mm.tables, vpn, 1)
  else {
    SwapArea.of(entry).hold(slotOf(entry))
    mm.swapped++
  }
}
