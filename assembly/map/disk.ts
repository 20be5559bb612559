// Disks: file systems whose files have a home in blocks of a page each, which the host keeps. What of a file is where stands
// here, as its names do: in a radix tree of each inode, from pages to blocks (map/blocks). A block is taken when
// its page is first to be written; until it was, or for a hole, the page is zeros. The host moves the bytes, at once, on the
// thread that asks. Takes: Mount, Slab.
import { DISK_NONE } from '../abi/disk'
import { ENOMEM, ENOSPC } from '../abi/errno'
import { BUFFER_SIZE, PAGE_SIZE } from '../abi/layout'
import { PGPGIN, PGPGOUT } from '../abi/vmstat'
import { hasBytes, zeroFrame } from '../phys/contents'
import { Frame } from '../phys/frame'
import { Superblock } from '../phys/superblock'
import { countMany } from '../phys/vmstat'
import { Cpu } from '../sync/cpu'
import { diskRead, diskWrite } from '../sync/host'
import { blockOf, freeBlock, takeBlock, UNWRITTEN } from './blocks'
import { Inode } from './inode'
import { MountIndex } from './mount'
import { Node, radixEnter, radixGet, radixReplace } from './radix'

/** What moving a page counts, as PGPGIN and PGPGOUT are KiB. */
const KIBIBYTES: u32 = PAGE_SIZE / 1024

/** What stands in the tree of an inode's blocks at an index; 0 for a hole. Holds: Mapping. */
function storedLocked(inode: Inode, index: u32): u32 {
  return radixGet(inode.stored, index)
}

/** Whether a page of a disk's inode has a block. Holds: Mapping. */
export function hasBlockLocked(inode: Inode, index: u32): bool {
  return storedLocked(inode, index) !== 0
}

/** Whether a page of a disk's inode has a block that was written. Holds: Mapping. */
export function hasWrittenLocked(inode: Inode, index: u32): bool {
  const stored = storedLocked(inode, index)
  return stored !== 0 && (stored & UNWRITTEN) === 0
}

/** Gives a page of a disk's inode a block, unless it has one: 0, ENOSPC, ENOMEM. Holds: Mapping. Takes: Mount, Slab. */
export function reserveBlockLocked(inode: Inode, index: u32): i32 {
  if (storedLocked(inode, index) !== 0) return 0
  const block = takeBlock(inode.mount)
  if (block === 0) return -ENOSPC
  if (radixEnter(inode.storedAt, index, (block << 1) | UNWRITTEN) === 0) {
    freeBlock(inode.mount, block)
    return -ENOMEM
  }
  inode.blocks++
  return 0
}

/** Whether the host has the bytes of an inode's blocks that a frame's are read from, or written to. */
function areBytesStored(inode: Inode, frame: Frame): bool {
  return inode.mount.backing !== DISK_NONE && hasBytes(frame.pfn)
}

/** The number by which the host knows an inode's disk. */
function diskOf(inode: Inode): u32 {
  return inode.mount.number - MountIndex.Disk
}

/** Reads a page of a disk's inode into a frame: 0, or EIO. Holds: Mapping. */
export function readBlockLocked(inode: Inode, index: u32, frame: Frame): i32 {
  const stored = storedLocked(inode, index)
  if (stored === 0 || (stored & UNWRITTEN) !== 0) {
    zeroFrame(frame)
    return 0
  }
  countMany(PGPGIN, KIBIBYTES)
  return areBytesStored(inode, frame) ? diskRead(diskOf(inode), blockOf(stored), frame.page) : 0
}

/** Writes a page of a disk's inode, which has a block, from a frame: 0, or EIO. Holds: Mapping. */
export function writeBlockLocked(inode: Inode, index: u32, frame: Frame): i32 {
  const stored = storedLocked(inode, index)
  countMany(PGPGOUT, KIBIBYTES)
  const error = areBytesStored(inode, frame) ? diskWrite(diskOf(inode), blockOf(stored), frame.page) : 0
  if (error === 0 && (stored & UNWRITTEN) !== 0) radixReplace(changetype<Node>(inode.stored), index, stored & ~UNWRITTEN)
  return error
}

/** Makes the bytes [from, to) of a page that is in its block alone zeros, where it can be read and written, by way of the CPU's buffer. Linux brings the page in. Holds: Mapping. */
export function clearBlockPartLocked(inode: Inode, index: u32, from: u32, to: u32): void {
  if (!hasWrittenLocked(inode, index) || inode.mount.backing === DISK_NONE || Superblock.only.lowFrames !== Superblock.only.frames) return
  const page = Cpu.current.buffer
  const block = blockOf(storedLocked(inode, index))
  if (diskRead(diskOf(inode), block, page) !== 0) return
  memory.fill(page + from, 0, to - from)
  diskWrite(diskOf(inode), block, page)
}

if (BUFFER_SIZE < PAGE_SIZE) ERROR('the buffer holds no page')
