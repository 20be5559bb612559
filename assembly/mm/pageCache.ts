// Pages of files on disks, as they come into memory and are written back: Linux's mm/filemap.c and mm/page-writeback.c. A page is
// read under its inode's lock, and written under it, so that nobody finds one that is on its way. A page that differs from its block
// is dirty, and has a block. Shared mappings show a clean page read-only, so that the first write by way of each
// entry comes here: then the page becomes dirty. Takes: Tables, Lru, Mount, Slab, Zone.
import { EINVAL, EIO, ENOMEM } from '../abi/errno'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PGMAJFAULT } from '../abi/vmstat'
import { readBlockLocked, reserveBlockLocked, writeBlockLocked } from '../map/disk'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { radixNext } from '../map/radix'
import { isShadow, isValue, shadowIn } from '../map/swapEntry'
import { comeBack } from '../map/workingset'
import { hasBytes, zeroFrame } from '../phys/contents'
import { Frame, PG_DIRTY, PG_RECLAIM, State } from '../phys/frame'
import { countFor } from '../phys/group'
import { drainLru, NO_FAULT, rotateReclaimable } from '../phys/lru'
import { freeFrame, putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { allocUser } from '../phys/user'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { cleanEntriesLocked } from './rmap'

/** A frame for a page of a disk's inode, which is not there yet; null if there is no memory. Takes: Zone. */
export function newCached(inode: Inode): Frame | null {
  const frame = allocUser()
  if (frame) frame.stampUser(State.Object, changetype<u32>(inode), 0)
  return frame
}

/** Enters a frame, whose contents are right, where none is; `reads` says whether that counts as coming back, `advice` for whom, as `addToLru` has it. False if there is no memory. Holds: Mapping. */
function enterLocked(inode: Inode, index: u32, frame: Frame, reads: bool, advice: u32): bool {
  const found = inode.entryLocked(index)
  // a page that is written is no refault: filemap_add_folio
  const shadow: u32 = isShadow(found) && (reads || Superblock.only.policy !== 0) ? shadowIn(found) : 0
  frame.index = index
  if (!inode.placeLocked(index, frame)) return false
  comeBack(frame, shadow, advice)
  return true
}

/** Reads a page into a frame, and enters it where none is: 0, EIO, ENOMEM. Holds: Mapping. */
function readLocked(inode: Inode, index: u32, frame: Frame, reads: bool, advice: u32): i32 {
  const error = readBlockLocked(inode, index, frame)
  if (error !== 0) return error
  return enterLocked(inode, index, frame, reads, advice) ? 0 : -ENOMEM
}

/** Reads a page of a disk's inode in, for a fault or not, unless it is there: 0, EINVAL beyond the inode's end, ENOMEM, EIO. Takes: Mapping. */
export function readIn(inode: Inode, index: u32, faults: bool): i32 {
  const frame = newCached(inode)
  if (!frame) return -ENOMEM
  inode.lock(Rank.Mapping)
  const found = inode.entryLocked(index)
  const absent = found === 0 || isValue(found)
  let error: i32 = 0
  if (absent) {
    error = <u64>index < inode.length ? readLocked(inode, index, frame, true, faults ? Cpu.current.advice : NO_FAULT) : -EINVAL
    if (faults && (error === 0 || error === -EIO)) countFor(Cpu.current.group, PGMAJFAULT)
  }
  inode.unlock(Rank.Mapping)
  if (!absent || error !== 0) freeFrame(frame)
  return error
}

/** Reads the pages [first, end) of a disk's inode in, as far as there is memory, and they can be read. Takes: Mapping. */
export function readRange(inode: Inode, first: u64, end: u64): void {
  for (let index = first; index < min(end, inode.length) && index <= 0xffffffff; index++) {
    inode.lock(Rank.Mapping)
    const found = inode.entryLocked(<u32>index)
    inode.unlock(Rank.Mapping)
    if ((found === 0 || isValue(found)) && readIn(inode, <u32>index, false) !== 0) return
  }
}

/** Enters a frame for a page that is about to be written, `whole` if nothing of its block is to stay: 0, EIO, ENOMEM. Holds: Mapping. */
export function enterForWriteLocked(inode: Inode, index: u32, frame: Frame, whole: bool): i32 {
  if (!whole) return readLocked(inode, index, frame, false, NO_FAULT)
  zeroFrame(frame)
  return enterLocked(inode, index, frame, false, NO_FAULT) ? 0 : -ENOMEM
}

/** Notes that a page differs from its block, which it is given if it has none: 0, ENOSPC, ENOMEM. Holds: Mapping. */
export function dirtyLocked(inode: Inode, index: u32, frame: Frame): i32 {
  const error = reserveBlockLocked(inode, index)
  if (error === 0 && frame.setFlags(PG_DIRTY) === 0) inode.dirty++
  return error
}

/** Writes a dirty page to its block: 0, or EIO, which who syncs the file is told. It is clean in either case. Holds: Mapping. */
export function writeBackLocked(inode: Inode, index: u32, frame: Frame): i32 {
  // from now on who writes comes to us first
  cleanEntriesLocked(inode, index, frame)
  frame.clearFlags(PG_DIRTY)
  inode.dirty--
  const left = inode.bytes - ((<u64>index) << PAGE_SHIFT)
  // what a mapping wrote behind the end is in no file
  if (left < PAGE_SIZE && hasBytes(frame.pfn)) memory.fill(frame.page + <usize>left, 0, PAGE_SIZE - <usize>left)
  const error = writeBlockLocked(inode, index, frame)
  if (error !== 0 && ((inode.errors & 1) !== 0 || inode.errors === 0)) inode.errors = ((inode.errors >> 1) + 1) << 1
  if (frame.clearFlags(PG_RECLAIM) !== 0) rotateReclaimable(frame)
  return error
}

/** Writes the dirty pages [first, last] of an inode back; returns how many. Takes: Mapping. */
export function writeBack(inode: Inode, first: u32, last: u32): u32 {
  let written: u32 = 0
  inode.lock(Rank.Mapping)
  let index: i64 = inode.dirty === 0 ? -1 : radixNext(inode.root, first)
  while (index >= 0 && index <= <i64>last && inode.dirty !== 0) {
    const found = inode.entryLocked(<u32>index)
    if (!isValue(found) && changetype<Frame>(found).has(PG_DIRTY)) {
      writeBackLocked(inode, <u32>index, changetype<Frame>(found))
      written++
    }
    index = index === 0xffffffff ? -1 : radixNext(inode.root, <u32>index + 1)
  }
  inode.unlock(Rank.Mapping)
  return written
}

/** Writes the dirty pages [first, last] of an open file back: 0, or EIO, once for each error and open file, if one could not be written since it was opened. Takes: Mapping. */
export function syncFile(file: File, first: u32, last: u32): i32 {
  const inode = file.inode
  if (!inode.isDisk) return 0
  writeBack(inode, first, last)
  inode.lock(Rank.Mapping)
  const failed = file.errors !== inode.errors
  if (failed) {
    inode.errors |= 1
    file.errors = inode.errors
  }
  inode.unlock(Rank.Mapping)
  return failed ? -EIO : 0
}

/** Takes those of the pages [first, last] of a disk's inode out of memory that are clean, and that nobody uses. Linux's invalidate_mapping_pages. Takes: Mapping. */
export function dropClean(inode: Inode, first: u32, last: u32): void {
  drainLru()
  inode.lock(Rank.Mapping)
  for (let index = radixNext(inode.root, first); index >= 0 && index <= <i64>last; ) {
    const found = inode.entryLocked(<u32>index)
    const frame = changetype<Frame>(isValue(found) ? 0 : found)
    if (frame && frame.refCount === 1 && !frame.has(PG_DIRTY)) {
      frame.addRef()
      inode.dropCleanLocked(<u32>index, frame, 0)
      putFrame(frame)
    }
    index = index === 0xffffffff ? -1 : radixNext(inode.root, <u32>index + 1)
  }
  inode.unlock(Rank.Mapping)
}
