// What the file system at /dev/shm may hold.
import { PAGE_SIZE } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { MountIndex } from '../core/layout.gen.js'
import { whole } from './arguments.js'
import { parseSize } from './size.js'

/** Limits of the tmpfs at /dev/shm, as mount(8) takes them; half of memory, and an inode for each such page, unless given. */
export interface ShmMountOptions {
  /** The most that files hold: bytes, or a number with KiB, MiB or GiB, rounded up to pages; 0 for no limit. */
  size?: number | string
  /** The most files and directories, the root among them; 0 for no limit. */
  inodes?: number
}

/** Leaves a limit as it is. */
const SAME = -1

/** Sets the limits of /dev/shm that are given. Throws a TypeError or a RangeError if one is no limit. */
export function limitShm(kernel: Kernel, { size, inodes }: ShmMountOptions): void {
  const limits = {
    size: size === undefined ? SAME : Math.ceil(parseSize(size) / PAGE_SIZE),
    inodes: inodes === undefined ? SAME : whole(inodes, 'shm.inodes'),
  }
  for (const [name, value] of Object.entries(limits)) {
    if (value < SAME || value >= 2 ** 32 - 1) throw new RangeError(`shm.${name} is out of range`)
  }
  // a new machine's holds no page and one inode, its root
  kernel.exports.mount_limit(MountIndex.Shm, limits.size, limits.inodes)
}
