// Evicting one page: what Linux's shrink_folio_list does with a folio once it has decided to (mm/vmscan.c), and shmem_writepage
// (mm/shmem.c). The caller took the frame from its list and has one reference to it; what is not freed is the caller's still.
// While a page is written, a count of its slot is kept, so that the slot stays its own whatever others do. Takes: Mapping, Family, Tables, Swap.
import { PGLAZYFREED } from '../abi/vmstat'
import { holdObject, Inode, putInode } from '../map/inode'
import { allocSwap, freeSwap, holdSwapCache, putPrivate, setSwapShadow, swapCacheEvict, swapCacheLeave } from '../map/swap'
import { writeSwap } from '../map/swapIo'
import { noteEviction, shadowFor } from '../map/workingset'
import { writeBackLocked } from '../mm/pageCache'
import { unmapFrame } from '../mm/rmap'
import { Frame, PG_DIRTY, PG_RECLAIM, PG_SWAPBACKED, State } from '../phys/frame'
import { countIn, Group } from '../phys/group'
import { freeFrame } from '../phys/pcp'
import { Rank } from '../sync/lockdep'
import { noteWrite } from './trace'

/** What became of a page: one of the first three, and whether it was written on the way. */
export enum Outcome {
  /** It is free, with the caller's reference. */
  Freed = 1,
  /** It stays, where it was in its list. */
  Keep = 2,
  /** It stays, and is to be active. */
  Activate = 4,
  Written = 8,
}

/** Evicts a private page, or one of an object; what became of it, bits of Outcome. A dirty page of a disk's file is written only if `writes` says so. */
export function pageOut(frame: Frame, writes: bool): u32 {
  if (frame.state !== State.Anonymous) return pageOutObject(frame, writes)
  if (!frame.has(PG_SWAPBACKED)) return discard(frame)
  let entry = holdSwapCache(frame)
  if (entry === 0) {
    // nobody wants it any more
    if (frame.mapCount === 0) return release(frame)
    entry = allocSwap(frame, true)
    if (entry === 0) return Outcome.Activate
    frame.setFlags(PG_DIRTY)
  }
  const outcome = unmapFrame(frame, entry) ? writePrivate(frame, entry) : Outcome.Activate
  if ((outcome & Outcome.Freed) === 0) freeSwap(entry)
  else if (swapCacheEvict(frame, entry, shadowFor(frame))) {
    noteEviction(frame)
    // the last reference is the caller's, and nobody comes to another
    freeFrame(frame)
    return outcome
  }
  // a slot that nothing refers to is not kept for a page that stays
  swapCacheLeave(frame)
  return (outcome & Outcome.Written) | ((outcome & Outcome.Activate) !== 0 ? Outcome.Activate : Outcome.Keep)
}

/** Gives the caller's reference back. */
function release(frame: Frame): u32 {
  putPrivate(frame)
  return Outcome.Freed
}

/** Drops a page that MADV_FREE gave away, unless it was written since: then it is as any other again. */
function discard(frame: Frame): u32 {
  if (!unmapFrame(frame, 0)) return Outcome.Activate
  countIn(Group.at(frame.group), PGLAZYFREED, 1)
  return release(frame)
}

/** Writes a page that nothing maps to its slot, if that has not its contents: Freed if it may go. */
function writePrivate(frame: Frame, entry: u32): u32 {
  // who writes to it from now on marks it again
  if (frame.clearFlags(PG_DIRTY) === 0) return Outcome.Freed
  if (writeSwap(entry, frame) === 0) {
    noteWrite(frame)
    return Outcome.Freed | Outcome.Written
  }
  frame.setFlags(PG_DIRTY)
  return Outcome.Keep | Outcome.Written
}

function pageOutObject(frame: Frame, writes: bool): u32 {
  const inode = holdObject(frame)
  // it was taken out of its object
  if (!inode) return release(frame)
  let outcome: u32 = Outcome.Activate
  if (inode.lockedFor === 0 && unmapFrame(frame, 0)) {
    inode.lock(Rank.Mapping)
    if (frame.owner !== changetype<u32>(inode)) outcome = Outcome.Freed
    else outcome = inode.isDisk ? dropLocked(inode, frame, writes) : sendLocked(inode, frame)
    inode.unlock(Rank.Mapping)
  }
  putInode(inode)
  return (outcome & Outcome.Freed) !== 0 ? outcome | release(frame) : outcome
}

/** Takes a page of a disk's file that nothing maps out of its inode, with a shadow in its place: Freed if it is the caller's alone. Holds: Mapping. */
function dropLocked(inode: Inode, frame: Frame, writes: bool): u32 {
  const index = <u32>frame.index
  let outcome: u32 = 0
  if (frame.has(PG_DIRTY)) {
    if (!writes) {
      // who writes it back has it be the next to go
      frame.setFlags(PG_RECLAIM)
      return Outcome.Activate
    }
    writeBackLocked(inode, index, frame)
    noteWrite(frame)
    outcome = Outcome.Written
  }
  if (!inode.dropCleanLocked(index, frame, shadowFor(frame))) return outcome | Outcome.Keep
  noteEviction(frame)
  return outcome | Outcome.Freed
}

/** Takes a page that nothing maps out of its object, to swap unless it was never written: Freed if it is the caller's alone. Holds: Mapping. */
function sendLocked(inode: Inode, frame: Frame): u32 {
  const index = <u32>frame.index
  if (!frame.has(PG_DIRTY)) {
    if (!inode.dropCleanLocked(index, frame, 0)) return Outcome.Keep
    inode.giveBlocks(1)
    return Outcome.Freed
  }
  const entry = allocSwap(frame, false)
  if (entry === 0) return Outcome.Activate
  if (!inode.sendLocked(index, frame, entry)) {
    freeSwap(entry)
    return Outcome.Keep
  }
  if (writeSwap(entry, frame) === 0) {
    noteWrite(frame)
    setSwapShadow(entry, shadowFor(frame))
    noteEviction(frame)
    return Outcome.Freed | Outcome.Written
  }
  // it stays the object's, which takes its reference back
  frame.addRef()
  inode.bringLocked(index, frame)
  freeSwap(entry)
  return Outcome.Keep | Outcome.Written
}
