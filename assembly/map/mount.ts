// A mounted file system of pages: what its inodes are counted by. The internal mount, which no path
// reaches, holds segments, shared anonymous memory and memfds: Linux's shm_mnt. Takes: nothing.
import { MOUNT } from '../abi/layout'
import { Link } from '../lib/list'
import { Lock } from '../sync/lock'

/** A mount. Guard, where a field says no other: Mount. */
@unmanaged
@final
export class Mount extends Lock {
  /** Device number, as fstat and /proc/PID/maps show it: minor of major 0. Guard: immutable. */
  device: u32
  /** Inodes that exist, and the most there may be; 0 for no limit. */
  inodes: u32
  maxInodes: u32
  /** Pages that its inodes hold, and the most they may hold; 0 for no limit. */
  blocks: u32
  maxBlocks: u32
  /** Number of the next inode. */
  nextNumber: u32
  /** All inodes, in the order of their making. */
  inodesPrev: Link
  inodesNext: Link

  /** The mount that no path reaches. */
  @inline
  static get internal(): Mount {
    return changetype<Mount>(MOUNT)
  }

  @inline
  get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mount>('inodesPrev'))
  }
}

/** Makes an empty mount of zeroed memory. */
export function initMount(mount: Mount, device: u32): void {
  mount.device = device
  mount.nextNumber = 1
  mount.list.reset()
}
