// Reading and writing files on disks: filemap_read of Linux's mm/filemap.c, and generic_perform_write. A piece of a file is read or
// written whole under the inode's lock, as elsewhere. Takes: Mapping, Tables, Lru, Mount, Slab, Zone.
import { EFBIG, ENOMEM } from '../abi/errno'
import { O_NOATIME } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { Cred } from '../ipc/perm'
import { reserveBlockLocked } from '../map/disk'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { isValue } from '../map/swapEntry'
import { dirtyLocked, enterForWriteLocked, newCached, readIn } from '../mm/pageCache'
import { resizeLocked } from '../mm/shmem'
import { hasBytes } from '../phys/contents'
import { Frame } from '../phys/frame'
import { markAccessed } from '../phys/lru'
import { freeFrame } from '../phys/pcp'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { accessedLocked, dropPrivilegesLocked, modifiedLocked, pieceOf } from './touch'

const OFFSET: u64 = PAGE_SIZE - 1

/** Notes the end of a read of a page; whoever reads the same page by the same open file again and again uses it once. Holds: Mapping. */
function noteReadLocked(file: File, frame: Frame, offset: u64, bytes: u32): void {
  if ((file.lastRead - 1) >> PAGE_SHIFT !== offset >> PAGE_SHIFT) markAccessed(frame)
  file.lastRead = offset + bytes
}

/** Reads up to the end of a page; returns how many bytes there were, 0 at the end of the file; ENOMEM, EIO. */
export function readFromDisk(file: File, offset: u64, bytes: u32, to: usize): i32 {
  const inode = file.inode
  const index = <u32>(offset >> PAGE_SHIFT)
  Cpu.current.arrived = 0
  while (true) {
    inode.lock(Rank.Mapping)
    const size = inode.bytes
    const piece = offset >= size ? 0 : <u32>min<u64>(pieceOf(offset, bytes), size - offset)
    const hole = offset >= PAGES_END
    const found = piece !== 0 && !hole ? inode.entryLocked(index) : 0
    const frame = changetype<Frame>(isValue(found) ? 0 : found)
    const done = piece === 0 || hole || frame !== null
    if (done) {
      if (frame && hasBytes(frame.pfn)) memory.copy(to, frame.page + <usize>(offset & OFFSET), piece)
      else memory.fill(to, 0, piece)
      if (frame) noteReadLocked(file, frame, offset, piece)
      if ((file.flags & O_NOATIME) === 0) accessedLocked(inode)
    }
    inode.unlock(Rank.Mapping)
    if (done) return piece
    const error = readIn(inode, index, false)
    if (error !== 0 && <u64>index < inode.length) return error
  }
}

/**
 * Writes up to the end of a page, behind the file's end if `append` says so; returns how many bytes, or EFBIG, ENOSPC, ENOMEM, or EIO
 * if what is not written of the page cannot be read. A page that is not in memory is brought in, unless nothing of it is to stay.
 */
export function writeToDisk(inode: Inode, cred: Cred, offset: u64, bytes: u32, from: usize, append: bool): i32 {
  let spare = changetype<Frame>(0)
  Cpu.current.arrived = 0
  while (true) {
    inode.lock(Rank.Mapping)
    const at = append ? inode.bytes : offset
    const piece = pieceOf(at, bytes)
    const found = at >= PAGES_END ? 0 : inode.entryLocked(<u32>(at >> PAGE_SHIFT))
    const frame = changetype<Frame>(isValue(found) ? 0 : found)
    const ready = at >= PAGES_END || frame !== null || spare !== null
    let error: i32 = at >= PAGES_END ? -EFBIG : 0
    if (ready && error === 0) {
      error = writeLocked(inode, at, piece, from, frame ? frame : spare, frame === null)
      if (error === 0) {
        if (!frame) spare = changetype<Frame>(0)
        dropPrivilegesLocked(inode, cred)
        modifiedLocked(inode)
      }
    }
    inode.unlock(Rank.Mapping)
    if (ready) {
      if (spare) freeFrame(spare)
      return error !== 0 ? error : <i32>piece
    }
    spare = changetype<Frame>(newCached(inode))
    if (!spare) return -ENOMEM
  }
}

/** Writes bytes within a page, by a frame that is the page's or, if it `comes`, is to be: 0, ENOSPC, ENOMEM, EIO. Holds: Mapping. */
function writeLocked(inode: Inode, at: u64, piece: u32, from: usize, frame: Frame, comes: bool): i32 {
  const index = <u32>(at >> PAGE_SHIFT)
  const begin = <u32>(at & OFFSET)
  // before a page is brought in that there is no room for
  let error = reserveBlockLocked(inode, index)
  const whole = begin === 0 && (piece === PAGE_SIZE || at + piece >= inode.bytes)
  if (error === 0 && comes) error = enterForWriteLocked(inode, index, frame, whole)
  if (error === 0) error = dirtyLocked(inode, index, frame)
  if (error !== 0) return error
  if (at + piece > inode.bytes) resizeLocked(inode, at + piece)
  if (hasBytes(frame.pfn)) memory.copy(frame.page + begin, from, piece)
  return 0
}
