// Mounted file systems: what their inodes are counted by. The internal mount, which no path
// reaches, holds segments, shared anonymous memory and memfds: Linux's shm_mnt. Behind those that every machine has
// come disks, whose inodes' pages have a home in blocks: see map/disk. Takes: nothing.
import { DISK_COUNT } from '../abi/disk'
import { EINVAL } from '../abi/errno'
import { MOUNT_SIZE, MOUNTS } from '../abi/layout'
import { Link } from '../lib/list'
import { addTo, takeFrom } from '../sync/counter'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** The mounts of a machine. */
export enum MountIndex {
  /** Without a name. */
  Internal,
  /** `/`, and the devices in `/dev`. */
  Root,
  /** The tmpfs at `/dev/shm`. */
  Shm,
  /** POSIX message queues, without names of files. */
  Queues,
  /** The first disk. */
  Disk,
}

/** How many mounts there may be. */
export const MOUNT_COUNT: u32 = MountIndex.Disk + DISK_COUNT

/** A mount. Guard, where a field says no other: Mount. */
@unmanaged
@final
export class Mount extends Lock {
  /** Device number, as fstat and /proc/PID/maps show it: minor of major 0; 0 for a mount that is not there. Guard: immutable. */
  device: u32
  /** Inodes that exist, names beyond the first of each, and the most there may be of both; 0 for no limit. */
  inodes: u32
  links: u32
  maxInodes: u32
  /** Pages that its inodes hold, of a disk blocks, and the most they may hold; 0 for no limit. Guard of `blocks`: atomic. */
  blocks: u32
  maxBlocks: u32
  /** Number of the next inode. */
  nextNumber: u32
  /** All inodes, in the order of their making. */
  inodesPrev: Link
  inodesNext: Link
  /** Address of the Dentry of its root, and of the one it is mounted on; 0 for none. Guard: immutable. */
  root: usize
  point: usize
  /** Of a disk, where its blocks are, DISK_MEMORY and the like; else 0. Guard: immutable, as the next four. */
  backing: u32
  /** Its first block in the host's memory, in pages, if that is its backing. */
  base: u32
  /** Address and bytes of its name. */
  path: u32
  pathLength: u32
  /** Address of a bit for each block, 1 if it is a file's. */
  bitmap: u32
  /** Where a free block is sought next. */
  nextBlock: u32

  /** Whether its inodes' pages have a home in blocks. */
  @inline
  get isDisk(): bool {
    return this.backing !== 0
  }

  /** Its number. */
  @inline
  get number(): u32 {
    return <u32>((changetype<usize>(this) - MOUNTS) / MOUNT_SIZE)
  }

  @inline
  static at(index: MountIndex): Mount {
    return changetype<Mount>(MOUNTS + <usize>index * MOUNT_SIZE)
  }

  /** The mount that no path reaches. */
  @inline
  static get internal(): Mount {
    return Mount.at(MountIndex.Internal)
  }

  @inline
  get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mount>('inodesPrev'))
  }

  /** Counts a page more; false if the mount is full. */
  takeBlock(): bool {
    const at = changetype<usize>(this) + offsetof<Mount>('blocks')
    const limit = this.maxBlocks
    const used = addTo<u32>(at, 1)
    if (limit === 0 || used < limit) return true
    takeFrom<u32>(at, 1)
    return false
  }

  /** Counts pages less. */
  @inline
  giveBlocks(count: u32): void {
    takeFrom<u32>(changetype<usize>(this) + offsetof<Mount>('blocks'), count)
  }
}

/** Makes an empty mount of zeroed memory. */
export function initMount(mount: Mount, device: u32): void {
  mount.device = device
  mount.nextNumber = 1
  mount.list.reset()
}

/** Leaves a limit as it is. */
const SAME: u32 = 0xffffffff

/** Changes what a mount may hold, in pages and inodes, 0 for no limit, SAME to leave it: EINVAL if it holds more. Linux's shmem_reconfigure. Takes: Mount. */
export function limitMount(mount: Mount, blocks: u32, inodes: u32): i32 {
  mount.lock(Rank.Mount)
  const maxBlocks = blocks === SAME ? mount.maxBlocks : blocks
  const maxInodes = inodes === SAME ? mount.maxInodes : inodes
  const fits = (maxBlocks === 0 || mount.blocks <= maxBlocks) && (maxInodes === 0 || mount.inodes + mount.links <= maxInodes)
  if (fits) {
    mount.maxBlocks = maxBlocks
    mount.maxInodes = maxInodes
  }
  mount.unlock(Rank.Mount)
  return fits ? 0 : -EINVAL
}

if (offsetof<Mount>() > MOUNT_SIZE) ERROR('struct Mount is larger than its place')
