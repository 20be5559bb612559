// Pages of inodes in memory: the one way to them, whoever asks, and the way they go again: Linux's
// mm/shmem.c; of disks' inodes mm/pageCache knows more. Takes: Mapping, Tables, Swap, Slab, Zone.
import { EINVAL, ENOMEM, ENOSPC } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { PGMAJFAULT } from '../abi/vmstat'
import { clearBlockPartLocked, hasBlockLocked } from '../map/disk'
import { Inode } from '../map/inode'
import { radixNext } from '../map/radix'
import { freeSwap, lookUpSwap, payerOf, SOLE, swapShadow } from '../map/swap'
import { SwapArea } from '../map/swapArea'
import { entryOf, isSwapValue, isValue } from '../map/swapEntry'
import { clearSwapPart, readSwap } from '../map/swapIo'
import { comeBack } from '../map/workingset'
import { copyFrame, hasBytes, zeroFrame } from '../phys/contents'
import { Frame, PG_ACTIVE, PG_DIRTY, PG_READAHEAD, PG_SWAPBACKED, PG_UNEVICTABLE, PG_WORKINGSET, State } from '../phys/frame'
import { countFor } from '../phys/group'
import { addToLru, NO_FAULT } from '../phys/lru'
import { freeFrame, putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { allocUser, allocUserFor } from '../phys/user'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { dirtyLocked, readIn } from './pageCache'
import { unmapObjectLocked } from './rmap'
import { noteSlotHit, readSlotsBeside } from './swapCluster'

/** What a page is wanted for. */
export enum How {
  /** A fault: the page is below the inode's end. */
  Fault,
  /** A fault that has just found no page there. */
  Missing,
  /** To be written, or for later: it may be behind the end, and stays a hole to SEEK_DATA until it is used. */
  Reserve,
}

/** In a frame's index: the page was reserved, and neither written nor mapped since. */
const RESERVED: u64 = (<u64>1) << 32

/** Whether the frame of an inode's page was only reserved: it reads as a hole. Once it is not, it never is again. */
export function isReserved(frame: Frame): bool {
  return (atomic.load<u64>(changetype<usize>(frame), offsetof<Frame>('index')) & RESERVED) !== 0
}

/**
 * The number of the inode's frame at an index, brought back from swap, read from its disk or made of zeros if there was none, with a reference for
 * the caller; EINVAL beyond the inode's end, ENOMEM, ENOSPC if its mount is full, EIO if it cannot be read. The frame is taken
 * before the lock: another thread may enter its own in between, which then stands.
 */
export function getFrame(inode: Inode, index: u32, how: How): i32 {
  const bounded = how !== How.Reserve
  while (true) {
    if (bounded && <u64>index >= inode.length) return -EINVAL
    const present = how === How.Missing ? 0 : findFrame(inode, index)
    if (present !== 0 && !isValue(present)) return changetype<Frame>(present).pfn
    const result = inode.isDisk
      ? readIn(inode, index, bounded)
      : present === 0
        ? makeFrame(inode, index, bounded)
        : bringBack(inode, index, bounded)
    if (result !== 0) return result
    how = bounded ? How.Fault : How.Reserve
  }
}

/** As getFrame, where nothing was found; 0 if what is there now is in swap. */
function makeFrame(inode: Inode, index: u32, bounded: bool): i32 {
  if (!inode.takeBlock()) return -ENOSPC
  const fresh = allocUser()
  if (!fresh) {
    inode.giveBlocks(1)
    return -ENOMEM
  }
  zeroFrame(fresh)
  // what is only read is no loss; what was reserved was promised
  fresh.stampUser(State.Object, changetype<u32>(inode), bounded ? PG_SWAPBACKED : PG_SWAPBACKED | PG_DIRTY)
  fresh.index = bounded ? <u64>index : <u64>index | RESERVED
  inode.lock(Rank.Mapping)
  const inside = !bounded || <u64>index < inode.length
  const entered = inside ? inode.enterLocked(index, fresh) : 0
  const frame = changetype<Frame>(isValue(entered) ? 0 : entered)
  if (frame) {
    if (frame !== fresh) useFrameLocked(frame)
    frame.addRef()
  }
  inode.unlock(Rank.Mapping)
  if (frame === fresh) listFrame(inode, fresh, bounded ? Cpu.current.advice : NO_FAULT)
  else {
    inode.giveBlocks(1)
    freeFrame(fresh)
  }
  return frame ? frame.pfn : entered !== 0 ? 0 : inside ? -ENOMEM : -EINVAL
}

/** Has an inode's new page come into its list, for whom `advice` says, as `addToLru` has it; one of a locked segment is unevictable. */
export function listFrame(inode: Inode, frame: Frame, advice: u32): void {
  if (inode.lockedFor !== 0) frame.setFlags(PG_UNEVICTABLE)
  addToLru(frame, advice)
}

/** The control group that is to pay for an inode's page, which is in swap, as it comes back. Takes: Mapping. */
function payerOfPage(inode: Inode, index: u32): u32 {
  if (Superblock.only.groups === 1) return 0
  inode.lock(Rank.Mapping)
  const found = inode.entryLocked(index)
  const payer = isSwapValue(found) ? payerOf(entryOf(found)) : Cpu.current.group
  inode.unlock(Rank.Mapping)
  return payer
}

/** Brings an inode's page back from swap, if it is there, for a fault or not: 0, ENOMEM, or EIO if it cannot be read. Linux's shmem_swapin_folio. Takes: Mapping, Swap. */
export function bringBack(inode: Inode, index: u32, faults: bool): i32 {
  const frame = allocUserFor(payerOfPage(inode, index))
  if (!frame) return -ENOMEM
  frame.stampUser(State.Object, changetype<u32>(inode), PG_SWAPBACKED | PG_DIRTY)
  frame.index = index
  // the page is read under the lock, as it is written, so that nobody finds a slot whose page is on its way
  inode.lock(Rank.Mapping)
  const found = inode.entryLocked(index)
  const entry: u32 = isSwapValue(found) ? entryOf(found) : 0
  const cached = changetype<Frame | null>(entry === 0 ? 0 : lookUpSwap(entry) & ~SOLE)
  const read = entry !== 0 && !cached
  if (read && faults) countFor(Cpu.current.group, PGMAJFAULT)
  const shadow: u32 = entry === 0 ? 0 : swapShadow(entry)
  const error = read ? readSwap(entry, frame) : 0
  if (cached) takeOver(frame, cached)
  if (entry !== 0 && error === 0) {
    inode.bringLocked(index, frame)
    freeSwap(entry)
    if (inode.lockedFor !== 0) frame.setFlags(PG_UNEVICTABLE)
    comeBack(frame, shadow, faults ? Cpu.current.advice : NO_FAULT)
  }
  inode.unlock(Rank.Mapping)
  if (cached) putFrame(cached)
  if (entry === 0 || error !== 0) freeFrame(frame)
  else if (read && faults && SwapArea.of(entry).isSlow) readSlotsBeside(entry, Cpu.current.advice)
  return error
}

/** Makes a frame what one in the swap cache is, which was read ahead of use. Linux puts that one into the object. */
function takeOver(frame: Frame, cached: Frame): void {
  copyFrame(frame, cached)
  frame.setFlags(cached.flags & (PG_ACTIVE | PG_WORKINGSET))
  if (cached.clearFlags(PG_READAHEAD) !== 0) noteSlotHit()
}

/** The first index from one on whose page is in swap; -1 if there is none. Takes: Mapping. */
function nextSwapped(inode: Inode, index: u32): i64 {
  inode.lock(Rank.Mapping)
  let at = inode.swapped === 0 ? -1 : radixNext(inode.root, index)
  while (at >= 0 && !isSwapValue(inode.entryLocked(<u32>at))) at = at === 0xffffffff ? -1 : radixNext(inode.root, <u32>at + 1)
  inode.unlock(Rank.Mapping)
  return at
}

/** Brings the pages [first, end) of an inode back from swap, as far as there is memory, and they can be read. Takes: Mapping. */
export function bringRange(inode: Inode, first: u64, end: u64): void {
  for (let at = first; at < end && at <= 0xffffffff; at++) {
    const next = nextSwapped(inode, <u32>at)
    if (next < 0 || <u64>next >= end || bringBack(inode, <u32>next, false) !== 0) return
    at = next
  }
}

/** The inode's frame at an index with a reference for the caller, or the value there; 0 if there is neither. */
function findFrame(inode: Inode, index: u32): u32 {
  const cpu = Cpu.current
  cpu.beginWalk(changetype<usize>(inode))
  const found = inode.entryAt(index)
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  const reserved = frame !== null && isReserved(frame)
  if (frame && !reserved) frame.addRef()
  cpu.endWalk()
  return reserved ? findReserved(inode, index) : found
}

/**
 * The number of the inode's frame at an index, counted as mapped once more, by an entry that the caller makes before it
 * lets go of the tables; 0 if there is none, -1 if it was only reserved, or is in swap. Holds: Tables of the space.
 */
export function findMappedLocked(inode: Inode, index: u32): i32 {
  Cpu.current.beginWalk(changetype<usize>(inode))
  const found = findMappedInWalk(inode, index)
  Cpu.current.endWalk()
  return found
}

/** As findMappedLocked, in a walk of the inode that the caller is in. Holds: Tables of the space. */
export function findMappedInWalk(inode: Inode, index: u32): i32 {
  const found = inode.entryAt(index)
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  const reserved = frame !== null && isReserved(frame)
  if (frame && !reserved) frame.addMapping()
  return reserved || isValue(found) ? -1 : frame ? frame.pfn : 0
}

/** As findFrame; the page, which was only reserved, has contents then, even if it is reserved again. */
function findReserved(inode: Inode, index: u32): u32 {
  inode.lock(Rank.Mapping)
  const found = inode.entryLocked(index)
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  if (frame) {
    useFrameLocked(frame)
    frame.addRef()
  }
  inode.unlock(Rank.Mapping)
  return found
}

/** Makes a page that was only reserved one with contents, zeros. Holds: Mapping. */
export function useFrameLocked(frame: Frame): void {
  if (isReserved(frame)) frame.index &= ~RESERVED
}

/**
 * Takes the pages [first, last] out of an inode and out of every address space that shows them;
 * private copies of them go too if `copies` says so, as they do when a file is truncated. A fault at
 * the same time either maps before this unmaps, or sees the inode's generation change. Holds: Mapping.
 */
export function dropPagesLocked(inode: Inode, first: u32, last: u32, copies: bool): void {
  const dropped = inode.dropRangeLocked(first, last)
  if (!inode.isDisk) inode.giveBlocks(dropped)
  unmapObjectLocked(inode, first, last, copies)
  if (inode.isDisk) inode.freeBlocksLocked(first, last)
}

/** Makes the bytes [from, to) of a page zeros, if it is there. Holds: Mapping. */
function zeroPartLocked(inode: Inode, index: u32, from: u32, to: u32): void {
  const found = inode.entryLocked(index)
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  if (isSwapValue(found)) clearSwapPart(entryOf(found), from, to)
  if (frame && hasBytes(frame.pfn)) memory.fill(frame.page + from, 0, to - from)
  if (!inode.isDisk) return
  if (!frame) clearBlockPartLocked(inode, index, from, to)
  else if (hasBlockLocked(inode, index)) dirtyLocked(inode, index, frame)
}

/**
 * Makes a hole of the bytes [from, behind): whole pages go, of others the bytes become zeros. Private copies
 * go too if `copies` says so. Linux's shmem_truncate_range. Holds: Mapping.
 */
export function dropBytesLocked(inode: Inode, from: u64, behind: u64, copies: bool): void {
  const to = min(behind, PAGES_END)
  if (from >= to) return
  const first = (from + (PAGE_SIZE - 1)) >> PAGE_SHIFT
  const end = to >> PAGE_SHIFT
  const fromOffset = <u32>from & (PAGE_SIZE - 1)
  const toOffset = <u32>to & (PAGE_SIZE - 1)
  if (first > end) {
    zeroPartLocked(inode, <u32>end, fromOffset, toOffset)
    return
  }
  if (fromOffset !== 0) zeroPartLocked(inode, <u32>first - 1, fromOffset, PAGE_SIZE)
  if (toOffset !== 0) zeroPartLocked(inode, <u32>end, 0, toOffset)
  if (first < end) dropPagesLocked(inode, <u32>first, <u32>end - 1, copies)
}

/** Makes what a mapping wrote behind the end of a disk's file zeros, up to what is to be its end, as it becomes a part of the file. Linux's pagecache_isize_extended. Holds: Mapping. */
function clearTailLocked(inode: Inode, end: u64, newEnd: u64): void {
  const offset = <u32>end & (PAGE_SIZE - 1)
  const found = offset === 0 ? 0 : inode.entryLocked(<u32>(end >> PAGE_SHIFT))
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  if (frame && hasBytes(frame.pfn)) memory.fill(frame.page + offset, 0, <usize>min<u64>(newEnd - end, PAGE_SIZE - offset))
}

/** Moves the inode's end; what was beyond a new, lower end is gone from everywhere. Linux's shmem_setattr. Holds: Mapping. */
export function resizeLocked(inode: Inode, bytes: u64): void {
  const old = inode.bytes
  atomic.store<u64>(changetype<usize>(inode), bytes, offsetof<Inode>('bytes'))
  // pages that were reserved behind the end go even if the end stays
  if (bytes <= old) dropBytesLocked(inode, bytes, PAGES_END, true)
  else if (inode.isDisk) clearTailLocked(inode, old, bytes)
}
