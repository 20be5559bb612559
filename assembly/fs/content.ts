// What is in a file: reading, writing, resizing, reserving, holes: tmpfs's file operations in Linux's
// mm/shmem.c; where a disk's differ, fs/diskContent has them. A piece of a file is read or written whole under the inode's lock, as is a truncation.
// Takes: Mapping, Tables, Slab, Zone.
import { EFBIG, ENOSPC, ENXIO, EPERM } from '../abi/errno'
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, FALLOC_FL_KEEP_SIZE, O_NOATIME } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { Cred } from '../ipc/perm'
import { hasBlockLocked, hasWrittenLocked, reserveBlockLocked } from '../map/disk'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { radixNext } from '../map/radix'
import { isValue } from '../map/swapEntry'
import { bringBack, dropBytesLocked, getFrame, How, isReserved, resizeLocked, useFrameLocked } from '../mm/shmem'
import { hasBytes } from '../phys/contents'
import { Frame, PG_DIRTY } from '../phys/frame'
import { markAccessed } from '../phys/lru'
import { putFrame } from '../phys/pcp'
import { Rank } from '../sync/lockdep'
import { readFromDisk, writeToDisk } from './diskContent'
import { accessedLocked, dropPrivilegesLocked, modifiedLocked, pieceOf } from './touch'

const OFFSET: u64 = PAGE_SIZE - 1
const WRITE_SEALS: u32 = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE

/** Reads up to the end of a page; returns how many bytes there were, 0 at the end of the file; ENOMEM or EIO if it cannot be brought back from swap, or read. */
export function readPiece(file: File, offset: u64, bytes: u32, to: usize): i32 {
  const inode = file.inode
  if (inode.isDisk) return readFromDisk(file, offset, bytes, to)
  while (true) {
    inode.lock(Rank.Mapping)
    const size = inode.bytes
    const piece = offset >= size ? 0 : <u32>min<u64>(pieceOf(offset, bytes), size - offset)
    const found = piece !== 0 && offset < PAGES_END ? inode.entryLocked(<u32>(offset >> PAGE_SHIFT)) : 0
    if (!isValue(found)) {
      const frame = changetype<Frame>(found)
      readLocked(frame, <u32>(offset & OFFSET), piece, to)
      // as Linux has it: who reads a page from its first byte on
      if (frame && (offset & OFFSET) === 0 && !isReserved(frame)) markAccessed(frame)
      if ((file.flags & O_NOATIME) === 0) accessedLocked(inode)
    }
    inode.unlock(Rank.Mapping)
    if (!isValue(found)) return piece
    const error = bringBack(inode, <u32>(offset >> PAGE_SHIFT), false)
    if (error !== 0) return error
  }
}

/** Copies bytes of a page, zeros if it is not there. Holds: Mapping. */
function readLocked(frame: Frame | null, offset: u32, bytes: u32, to: usize): void {
  if (frame && hasBytes(frame.pfn)) memory.copy(to, frame.page + offset, bytes)
  else memory.fill(to, 0, bytes)
}

/** Why a seal forbids writing the bytes [offset, end): EPERM, or 0. Holds: Mapping. */
function checkWriteLocked(inode: Inode, end: u64): i32 {
  if ((inode.seals & WRITE_SEALS) !== 0) return -EPERM
  return (inode.seals & F_SEAL_GROW) !== 0 && end > inode.bytes ? -EPERM : 0
}

/**
 * Writes up to the end of a page, behind the file's end if `append` says so; returns how many bytes, or
 * EPERM by a seal, EFBIG, ENOSPC, ENOMEM, EIO.
 */
export function writePiece(inode: Inode, cred: Cred, offset: u64, bytes: u32, from: usize, append: bool): i32 {
  if (inode.isDisk) return writeToDisk(inode, cred, offset, bytes, from, append)
  while (true) {
    inode.lock(Rank.Mapping)
    const at = append ? inode.bytes : offset
    const piece = pieceOf(at, bytes)
    const error = at >= PAGES_END ? -EFBIG : checkWriteLocked(inode, at + piece)
    const found = inode.entryLocked(<u32>(at >> PAGE_SHIFT))
    const frame = changetype<Frame>(isValue(found) ? 0 : found)
    if (error === 0 && frame) {
      frame.setFlags(PG_DIRTY)
      if (hasBytes(frame.pfn)) memory.copy(frame.page + <usize>(at & OFFSET), from, piece)
      useFrameLocked(frame)
      if (at + piece > inode.bytes) resizeLocked(inode, at + piece)
      dropPrivilegesLocked(inode, cred)
      modifiedLocked(inode)
    }
    inode.unlock(Rank.Mapping)
    if (error !== 0) return error
    if (frame) return piece
    const pfn = getFrame(inode, <u32>(at >> PAGE_SHIFT), How.Reserve)
    if (pfn < 0) return pfn
    putFrame(Frame.at(pfn))
  }
}

/** Moves the end of a file: 0, or EPERM by a seal. */
export function resize(inode: Inode, cred: Cred, bytes: u64): i32 {
  inode.lock(Rank.Mapping)
  const old = inode.bytes
  const forbidden = bytes < old ? F_SEAL_SHRINK : bytes > old ? F_SEAL_GROW : 0
  const error = (inode.seals & forbidden) !== 0 ? -EPERM : 0
  if (error === 0) {
    resizeLocked(inode, bytes)
    dropPrivilegesLocked(inode, cred)
    modifiedLocked(inode)
  }
  inode.unlock(Rank.Mapping)
  return error
}

/** Makes a hole of [offset, end): the file keeps its size, private copies their contents. 0, or EPERM by a seal. */
export function punchHole(inode: Inode, cred: Cred, offset: u64, end: u64): i32 {
  inode.lock(Rank.Mapping)
  const error = (inode.seals & WRITE_SEALS) !== 0 ? -EPERM : 0
  if (error === 0) {
    dropBytesLocked(inode, offset, end, false)
    dropPrivilegesLocked(inode, cred)
    modifiedLocked(inode)
  }
  inode.unlock(Rank.Mapping)
  return error
}

/**
 * Gives the pages of [offset, end) frames, and moves the file's end behind them unless the mode is
 * KEEP_SIZE: 0, EPERM by a seal, EFBIG beyond where pages can be, or ENOSPC or ENOMEM with the reserved pages of the range gone again.
 */
export function reserve(inode: Inode, cred: Cred, mode: u32, offset: u64, end: u64): i32 {
  const limit: u64 = inode.mount.maxBlocks
  const behind = (end + OFFSET) >> PAGE_SHIFT
  if ((inode.seals & F_SEAL_GROW) !== 0 && end > inode.bytes) return -EPERM
  if (limit !== 0 && behind - (offset >> PAGE_SHIFT) > limit) return -ENOSPC
  if (end > PAGES_END) return -EFBIG
  if (inode.isDisk) return reserveBlocks(inode, cred, mode, offset, end)
  const first = <u32>(offset >> PAGE_SHIFT)
  const last = <u32>behind - 1
  for (let index = first; index <= last; index++) {
    // a page in swap stays there: brought back it could push out the next one, again and again
    if (isWritten(inode, index)) continue
    const pfn = getFrame(inode, index, How.Reserve)
    if (pfn < 0) {
      if (index > first) dropReserved(inode, first, index - 1)
      return pfn
    }
    putFrame(Frame.at(pfn))
  }
  inode.lock(Rank.Mapping)
  let error: i32 = 0
  if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && end > inode.bytes) {
    if ((inode.seals & F_SEAL_GROW) !== 0) error = -EPERM
    else resizeLocked(inode, end)
  }
  dropPrivilegesLocked(inode, cred)
  modifiedLocked(inode)
  inode.unlock(Rank.Mapping)
  return error
}

/** As reserve, of a disk's file: its pages get blocks, which stay if there are not enough. */
function reserveBlocks(inode: Inode, cred: Cred, mode: u32, offset: u64, end: u64): i32 {
  let error: i32 = 0
  inode.lock(Rank.Mapping)
  for (let index = offset >> PAGE_SHIFT; index < (end + OFFSET) >> PAGE_SHIFT && error === 0; index++) {
    error = reserveBlockLocked(inode, <u32>index)
  }
  if (error === 0) {
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && end > inode.bytes) resizeLocked(inode, end)
    dropPrivilegesLocked(inode, cred)
    modifiedLocked(inode)
  }
  inode.unlock(Rank.Mapping)
  return error
}

/** Whether a page of a file is there, in memory or in swap, and not only reserved. Takes: Mapping. */
function isWritten(inode: Inode, index: u32): bool {
  inode.lock(Rank.Mapping)
  const found = inode.entryLocked(index)
  const written = found !== 0 && (isValue(found) || !isReserved(changetype<Frame>(found)))
  inode.unlock(Rank.Mapping)
  return written
}

/** Takes the pages of [first, last] that are only reserved out of a file; nothing maps those. */
function dropReserved(inode: Inode, first: u32, last: u32): void {
  inode.lock(Rank.Mapping)
  for (let index = radixNext(inode.root, first); index >= 0 && index <= <i64>last; index = radixNext(inode.root, <u32>index + 1)) {
    const found = inode.entryLocked(<u32>index)
    if (!isValue(found) && isReserved(changetype<Frame>(found))) {
      inode.giveBlocks(inode.dropRangeLocked(<u32>index, <u32>index))
    }
  }
  inode.unlock(Rank.Mapping)
}

/** Whether a page of the file is a hole. Holds: Mapping. */
function isHoleLocked(inode: Inode, index: u64): bool {
  const found = index < PAGES_END >> PAGE_SHIFT ? inode.entryLocked(<u32>index) : 0
  if (inode.isDisk) return index >= PAGES_END >> PAGE_SHIFT || isDiskHoleLocked(inode, <u32>index, found)
  return found === 0 || (!isValue(found) && isReserved(changetype<Frame>(found)))
}

/** As isHoleLocked, of a disk's file: a page without a block, or whose block was never written, unless it is in memory. Holds: Mapping. */
function isDiskHoleLocked(inode: Inode, index: u32, found: u32): bool {
  if (!hasBlockLocked(inode, index)) return true
  return !hasWrittenLocked(inode, index) && (found === 0 || isValue(found))
}

/** The first page from one on that may be no hole; -1 if there is none. Holds: Mapping. */
function nextDataLocked(inode: Inode, index: u32): i64 {
  return radixNext(inode.isDisk ? inode.stored : inode.root, index)
}

/** Where data begins, from a place in the file on: SEEK_DATA; ENXIO if none does. */
export function seekData(inode: Inode, offset: u64): i64 {
  let found: i64 = -ENXIO
  inode.lock(Rank.Mapping)
  const length = <i64>inode.length
  let index: i64 = offset < min(inode.bytes, PAGES_END) ? nextDataLocked(inode, <u32>(offset >> PAGE_SHIFT)) : -1
  while (index >= 0 && index < length) {
    if (!isHoleLocked(inode, index)) {
      found = max<i64>(index << PAGE_SHIFT, offset)
      break
    }
    index = nextDataLocked(inode, <u32>index + 1)
  }
  inode.unlock(Rank.Mapping)
  return found
}

/** Where a hole begins, from a place in the file on: SEEK_HOLE, and there is one at the end; ENXIO from the end on. */
export function seekHole(inode: Inode, offset: u64): i64 {
  inode.lock(Rank.Mapping)
  const size = inode.bytes
  let at = offset
  while (at < size && !isHoleLocked(inode, at >> PAGE_SHIFT)) at = ((at >> PAGE_SHIFT) + 1) << PAGE_SHIFT
  inode.unlock(Rank.Mapping)
  return offset >= size ? -ENXIO : min<u64>(at, size)
}
