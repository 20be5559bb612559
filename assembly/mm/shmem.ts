// Pages of inodes in memory: the one way to them, whoever asks, and the way they go again: Linux's
// mm/shmem.c. Takes: Mapping, Tables, Slab, Zone.
import { EINVAL, ENOMEM, ENOSPC } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { Inode } from '../map/inode'
import { hasBytes, zeroFrame } from '../phys/contents'
import { Frame, PG_SWAPBACKED, State } from '../phys/frame'
import { freeFrame } from '../phys/pcp'
import { allocUser } from '../phys/user'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { unmapObjectLocked } from './rmap'

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
 * The number of the inode's frame at an index, made of zeros if there was none, with a reference for
 * the caller; EINVAL beyond the inode's end, ENOMEM, ENOSPC if its mount is full. The frame is taken
 * before the lock: another thread may enter its own in between, which then stands.
 */
export function getFrame(inode: Inode, index: u32, how: How): i32 {
  const bounded = how !== How.Reserve
  if (bounded && <u64>index >= inode.length) return -EINVAL
  const present = how === How.Missing ? changetype<Frame>(0) : findFrame(inode, index)
  if (present) return present.pfn
  if (!inode.takeBlock()) return -ENOSPC
  const fresh = allocUser()
  if (!fresh) {
    inode.giveBlocks(1)
    return -ENOMEM
  }
  zeroFrame(fresh)
  fresh.stamp(State.Object, changetype<u32>(inode), PG_SWAPBACKED)
  fresh.index = bounded ? <u64>index : <u64>index | RESERVED
  inode.lock(Rank.Mapping)
  const inside = !bounded || <u64>index < inode.length
  const frame = inside ? inode.enterLocked(index, fresh) : changetype<Frame>(0)
  if (frame) {
    if (frame !== fresh) useFrameLocked(frame)
    frame.addRef()
  }
  inode.unlock(Rank.Mapping)
  if (frame !== fresh) {
    inode.giveBlocks(1)
    freeFrame(fresh)
  }
  return frame ? frame.pfn : inside ? -ENOMEM : -EINVAL
}

/** The inode's frame at an index with a reference for the caller; null if there is none. */
function findFrame(inode: Inode, index: u32): Frame | null {
  const cpu = Cpu.current
  cpu.beginWalk(changetype<usize>(inode))
  const frame = changetype<Frame>(inode.entryAt(index))
  const reserved = frame !== null && isReserved(frame)
  if (frame && !reserved) frame.addRef()
  cpu.endWalk()
  return reserved ? findReserved(inode, index) : frame
}

/**
 * The number of the inode's frame at an index, counted as mapped once more, by an entry that the caller makes before it
 * lets go of the tables; 0 if there is none, -1 if it was only reserved. Holds: Tables of the space.
 */
export function findMappedLocked(inode: Inode, index: u32): i32 {
  const cpu = Cpu.current
  cpu.beginWalk(changetype<usize>(inode))
  const frame = changetype<Frame>(inode.entryAt(index))
  const reserved = frame !== null && isReserved(frame)
  if (frame && !reserved) frame.addMapping()
  cpu.endWalk()
  return reserved ? -1 : frame ? frame.pfn : 0
}

/** As findFrame; the page, which was only reserved, has contents then, even if it is reserved again. */
function findReserved(inode: Inode, index: u32): Frame | null {
  inode.lock(Rank.Mapping)
  const frame = changetype<Frame>(inode.entryLocked(index))
  if (frame) {
    useFrameLocked(frame)
    frame.addRef()
  }
  inode.unlock(Rank.Mapping)
  return frame
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
  inode.giveBlocks(inode.dropRangeLocked(first, last))
  unmapObjectLocked(inode, first, last, copies)
}

/** Makes the bytes [from, to) of a page zeros, if it is there. Holds: Mapping. */
function zeroPartLocked(inode: Inode, index: u32, from: u32, to: u32): void {
  const frame = changetype<Frame>(inode.entryLocked(index))
  if (frame && hasBytes(frame.pfn)) memory.fill(frame.page + from, 0, to - from)
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

/** Moves the inode's end; what was beyond a new, lower end is gone from everywhere. Linux's shmem_setattr. Holds: Mapping. */
export function resizeLocked(inode: Inode, bytes: u64): void {
  const old = inode.bytes
  atomic.store<u64>(changetype<usize>(inode), bytes, offsetof<Inode>('bytes'))
  // pages that were reserved behind the end go even if the end stays
  if (bytes <= old) dropBytesLocked(inode, bytes, PAGES_END, true)
}
