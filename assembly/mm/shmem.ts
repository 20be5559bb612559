// Pages of inodes in memory: the one way to them, whoever asks, and the way they go again: Linux's
// mm/shmem.c. Takes: Mapping, Tables, Slab, Zone.
import { EINVAL, ENOMEM } from '../abi/errno'
import { Inode } from '../map/inode'
import { zeroFrame } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Need } from '../phys/zone'
import { Rank } from '../sync/lockdep'
import { unmapObjectLocked } from './rmap'

/** Whether memory for so many pages can be promised: overcommit mode 0 refuses only what could never fit. */
export function canCommit(pages: u64): bool {
  return pages <= <u64>Superblock.only.usable
}

/**
 * The number of the inode's frame at an index, made of zeros if there was none, with a reference for
 * the caller; EINVAL beyond the inode's end, ENOMEM. The frame is taken before the lock: another
 * thread may enter its own in between, which then stands.
 */
export function getFrame(inode: Inode, index: u32): i32 {
  if (<u64>index >= inode.length) return -EINVAL
  const present = findFrame(inode, index)
  if (present) return present.pfn
  const fresh = allocFrame(Need.User)
  if (!fresh) return -ENOMEM
  zeroFrame(fresh)
  inode.lock(Rank.Mapping)
  let frame = changetype<Frame>(inode.entryLocked(index))
  let error: i32 = <u64>index < inode.length ? 0 : -EINVAL
  if (!frame && error === 0) {
    fresh.state = State.Object
    fresh.owner = changetype<u32>(inode)
    fresh.index = index
    frame = fresh
    if (!inode.enterLocked(index, fresh)) error = -ENOMEM
  }
  if (error === 0) frame.addRef()
  inode.unlock(Rank.Mapping)
  if (frame !== fresh || error !== 0) freeFrame(fresh)
  return error === 0 ? frame.pfn : error
}

/** The inode's frame at an index with a reference for the caller; null if there is none. */
function findFrame(inode: Inode, index: u32): Frame | null {
  inode.lock(Rank.Mapping)
  const frame = changetype<Frame>(inode.entryLocked(index))
  if (frame) frame.addRef()
  inode.unlock(Rank.Mapping)
  return frame
}

/**
 * Takes the pages [first, last] out of an inode and out of every address space that shows them;
 * private copies of them go too if `copies` says so, as they do when a file is truncated. A fault at
 * the same time either maps before this unmaps, or sees the inode's generation change. Holds: Mapping.
 */
export function dropPagesLocked(inode: Inode, first: u32, last: u32, copies: bool): void {
  inode.dropRangeLocked(first, last)
  unmapObjectLocked(inode, first, last, copies)
}
