// Objects that have pages: segments, shared anonymous memory, memfds, files of a tmpfs or a disk. All are inodes
// of a mount, and the first part of each is its page cache. An inode lives while something refers
// to it: an open file, a name. Takes: Mapping, Mount, Slab, Zone.
import { F_SEAL_SEAL, S_IFMT } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { Link } from '../lib/list'
import { tryCommit, uncommit } from '../phys/commit'
import { Frame } from '../phys/frame'
import { rescueFrame } from '../phys/pinned'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { addTo, addUnlessZero, takeFrom } from '../sync/counter'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { freeBlocks } from './blocks'
import { isNobody, Mapping } from './mapping'
import { Mount } from './mount'
import { freePosixQueue, PosixQueue, uncountQueueLocked } from './posixQueue'
import { Node, radixNext } from './radix'
import { isValue } from './swapEntry'

/** What an inode is made for: it decides the name that /proc/PID/maps shows. */
export enum Use {
  /** A System V segment; `tag` is its key. */
  Segment,
  /** Shared anonymous memory, /dev/zero. */
  Zero,
  /** What has a dentry: a file or directory of a tmpfs, a memfd. */
  File,
  /** The device /dev/zero; `tag` is its number. */
  Device,
  /** A POSIX message queue; `tag` is the address of its PosixQueue. */
  Queue,
}

/** An inode. Guard, where a field says no other: Mapping; of a directory's size, links and times, and of a file's links: Names. */
@unmanaged
@final
export class Inode extends Mapping {
  /** Who holds the inode. Guard: atomic. */
  refs: u32
  /** Guard: immutable. */
  mount: Mount
  use: Use
  /** Inode number within the mount. Guard: immutable once others know the inode. */
  number: u32
  /** What the use says. Guard: as `number`. */
  tag: u32
  /** Size in bytes; pages beyond it do not exist. */
  bytes: u64
  /** Type and permissions, as st_mode; these three are read racily where a path is walked. */
  mode: u32
  uid: u32
  gid: u32
  /** Names it has; of a directory, two and one for each directory in it. */
  links: u32
  /** F_SEAL bits: what may not be done to it any more. */
  seals: u32
  /** Seconds since 1970 of the last access, change of contents, change of the inode. */
  accessed: f64
  modified: f64
  changed: f64
  /** Neighbours in the mount's list. Guard: Mount. */
  mountPrev: Link
  mountNext: Link
  /** Whether all its pages were promised when it was made; else each is as it comes: see phys/commit. Guard: immutable once others know the inode. */
  promised: bool
  /** Whether it is a disk's, so that its pages have a home in blocks. Guard: immutable. */
  isDisk: bool
  /** Of a disk's: the root of the radix tree of its blocks, see map/disk, and how many there are. */
  stored: Node | null
  blocks: u32
  /** Errors of writing back: twice their number, plus one if somebody has been told. Linux's errseq_t. */
  errors: u32
  /** The user, plus one, for whom the segment with these pages is locked in memory; 0 if it is not. Guard: Mount. */
  lockedFor: u32
  /** References that validate() counts. */
  tally: u32

  /** Pages up to the end. Holds: Mapping, or a race is harmless. */
  @inline
  get length(): u64 {
    const bytes = atomic.load<u64>(changetype<usize>(this), offsetof<Inode>('bytes'))
    return (bytes >> <u64>PAGE_SHIFT) + <u64>((bytes & <u64>(PAGE_SIZE - 1)) !== 0)
  }

  @inline
  get inMount(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Inode>('mountPrev'))
  }

  @inline
  static ofMount(link: Link): Inode {
    return changetype<Inode>(changetype<usize>(link) - offsetof<Inode>('mountPrev'))
  }

  /** Address of the root of the tree of its blocks, for the tree's functions. */
  @inline
  get storedAt(): usize {
    return changetype<usize>(this) + offsetof<Inode>('stored')
  }

  /** Whether it is of a type: S_IFREG, S_IFDIR. */
  @inline
  is(type: u32): bool {
    return (this.mode & S_IFMT) === type
  }

  /** Counts a page more; false if the mount is full or the page may not be promised. Whose it is, it does not know: nothing is kept for root. */
  takeBlock(): bool {
    if (!this.promised && !tryCommit(1, 0, true)) return false
    if (this.mount.takeBlock()) return true
    if (!this.promised) uncommit(1)
    return false
  }

  /** Counts pages less. */
  giveBlocks(count: u32): void {
    this.mount.giveBlocks(count)
    if (!this.promised) uncommit(count)
  }

  /** Gives the blocks of the pages [first, last] of a disk's back. Holds: Mapping. Takes: Mount, Slab. */
  freeBlocksLocked(first: u32, last: u32): void {
    this.blocks -= freeBlocks(this.mount, this.storedAt, first, last)
  }

  /** Gets hold of the inode. */
  @inline
  addRef(): void {
    addTo<u32>(changetype<usize>(this) + offsetof<Inode>('refs'), 1)
  }
}

/**
 * An inode of `bytes`, no page of it there, with one reference and no name; null if there is no memory
 * or the mount may have no more, which hasRoom tells apart. Sealed against sealing, as Linux has it. Takes: Mount, Slab.
 */
export function newInode(mount: Mount, use: Use, bytes: u64, mode: u32, uid: u32, gid: u32): Inode | null {
  const inode = changetype<Inode>(allocObject(Kind.Inode))
  if (!inode) return null
  inode.refs = 1
  inode.mount = mount
  inode.isDisk = mount.isDisk
  inode.use = use
  inode.bytes = bytes
  inode.mode = mode
  inode.uid = uid
  inode.gid = gid
  inode.changed = now()
  inode.modified = inode.changed
  inode.accessed = inode.changed
  inode.seals = F_SEAL_SEAL
  inode.vmas.reset()
  mount.lock(Rank.Mount)
  const room = hasRoom(mount)
  if (room) {
    inode.number = mount.nextNumber++
    inode.inMount.insertBefore(mount.list)
    mount.inodes++
  }
  mount.unlock(Rank.Mount)
  if (room) return inode
  freeObject(Kind.Inode, changetype<usize>(inode))
  return null
}

/** Whether a mount may have one more inode. */
export function hasRoom(mount: Mount): bool {
  return mount.maxInodes === 0 || mount.inodes + mount.links < mount.maxInodes
}

/** Counts one more name of an inode that has one; false if the mount may have no more. Takes: Mount. */
export function takeLink(mount: Mount): bool {
  mount.lock(Rank.Mount)
  const room = hasRoom(mount)
  if (room) mount.links++
  mount.unlock(Rank.Mount)
  return room
}

/** Counts one name less of an inode that keeps one. Takes: Mount. */
export function dropLink(mount: Mount): void {
  mount.lock(Rank.Mount)
  mount.links--
  mount.unlock(Rank.Mount)
}

/**
 * Locks a segment's pages in memory for a user, in whose name no more than `limit` pages of any mount's segments may be
 * locked; false if they would be, or if they are locked already. Linux's user_shm_lock. Takes: Mount.
 */
export function lockPages(inode: Inode, uid: u32, limit: u64): bool {
  const mount = inode.mount
  let pages = inode.length
  mount.lock(Rank.Mount)
  for (let link = mount.list.next; link !== mount.list; link = link.next) {
    const other = Inode.ofMount(link)
    if (other.lockedFor === uid + 1) pages += other.length
  }
  const fits = pages <= limit && inode.lockedFor === 0
  if (fits) inode.lockedFor = uid + 1
  mount.unlock(Rank.Mount)
  return fits
}

/** Lets the pages of a segment that is locked no more be evicted again. Linux's shmem_unlock_mapping. Takes: Mapping, Lru. */
export function rescuePages(inode: Inode): void {
  inode.lock(Rank.Mapping)
  for (let index = radixNext(inode.root, 0); index >= 0; index = index === 0xffffffff ? -1 : radixNext(inode.root, <u32>index + 1)) {
    const found = inode.entryLocked(<u32>index)
    if (!isValue(found)) rescueFrame(changetype<Frame>(found))
  }
  inode.unlock(Rank.Mapping)
}

/** Takes the lock from a segment's pages, if they are locked. Takes: Mount. */
export function unlockPages(inode: Inode): void {
  inode.mount.lock(Rank.Mount)
  inode.lockedFor = 0
  inode.mount.unlock(Rank.Mount)
}

/**
 * The inode of an Object frame that the caller has a reference to, with a reference for the caller; null if the page was taken
 * out of it. Who takes pages out takes their owner away, waits for walks of the inode to be over, and only then lets go of them and it.
 */
export function holdObject(frame: Frame): Inode | null {
  const cpu = Cpu.current
  const at = changetype<usize>(frame)
  const owner = atomic.load<u32>(at, offsetof<Frame>('owner'))
  if (isNobody(owner)) return null
  cpu.beginWalk(owner)
  const owned = atomic.load<u32>(at, offsetof<Frame>('owner')) === owner
  const held = owned && addUnlessZero(owner + offsetof<Inode>('refs'))
  cpu.endWalk()
  return held ? changetype<Inode>(owner) : null
}

/** Lets go of an inode; the last one frees its pages, which nothing maps any more. Takes: Mapping, Mount. */
export function putInode(inode: Inode): void {
  if (takeFrom<u32>(changetype<usize>(inode) + offsetof<Inode>('refs'), 1) !== 1) return
  inode.lock(Rank.Mapping)
  const pages = inode.dropRangeLocked(0, 0xffffffff)
  if (inode.isDisk) inode.freeBlocksLocked(0, 0xffffffff)
  else inode.giveBlocks(pages)
  inode.unlock(Rank.Mapping)
  if (inode.promised) uncommit(inode.length)
  const mount = inode.mount
  mount.lock(Rank.Mount)
  inode.inMount.unlink()
  mount.inodes--
  const queue = changetype<PosixQueue>(inode.use === Use.Queue ? inode.tag : 0)
  if (queue) uncountQueueLocked(queue)
  mount.unlock(Rank.Mount)
  if (queue) freePosixQueue(queue)
  freeObject(Kind.Inode, changetype<usize>(inode))
}
