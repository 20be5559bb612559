// Mounting a disk: what of mount(8) and mkfs(8) there is. All other threads stand still. Takes: Names and what it nests.
import { DISK_BLOCK_BITS, DISK_NONE } from '../abi/disk'
import { EBUSY, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOTDIR } from '../abi/errno'
import { S_IFDIR } from '../abi/fcntl'
import { addNameLocked, initDirectory, Last, Names } from '../fs/names'
import { lastLocked, nameError, walkLocked } from '../fs/walk'
import { Cred } from '../ipc/perm'
import { bitmapBytes, setTakenLocked } from '../map/blocks'
import { Dentry, newDentry, putDentry } from '../map/dentry'
import { newInode, putInode, Use } from '../map/inode'
import { initMount, MOUNT_COUNT, Mount, MountIndex } from '../map/mount'
import { allocBytes, freeBytes } from '../phys/bytes'
import { Superblock } from '../phys/superblock'
import { Rank } from '../sync/lockdep'

/** Device numbers of disks, minors of major 0, begin here. */
const FIRST_DEVICE: u32 = 40

/** What is to be mounted. */
@unmanaged
@final
export class DiskOrder {
  /** DISK_MEMORY and the like. */
  backing: u32
  /** Blocks, the header included. */
  blocks: u32
  /** Where it begins in the host's memory, in pages. */
  base: u32
  /** Bytes of the path where it is mounted, and of its name, which stand behind this. */
  pathLength: u32
  nameLength: u32

  @inline
  get path(): usize {
    return changetype<usize>(this) + offsetof<DiskOrder>()
  }

  @inline
  get name(): usize {
    return this.path + this.pathLength
  }
}

/** A new directory in a mount, without a name, or, for null, the root of it; null if there is no memory. */
function newDirectory(mount: Mount, parent: Dentry | null, name: usize, length: u32): Dentry | null {
  const inode = newInode(mount, Use.File, 0, S_IFDIR | 0o755, 0, 0)
  if (!inode) return null
  initDirectory(inode)
  const dentry = newDentry(parent, inode, name, length)
  if (!dentry) putInode(inode)
  return dentry
}

/** The directory that the path leads to, which is made if there is none; null if there is no memory. Holds: Names. */
function pointLocked(): Dentry | null {
  const names = Names.only
  const found = lastLocked()
  if (found) return found
  const directory = names.directory
  const made = newDirectory(directory.inode.mount, directory, names.name, names.length)
  if (!made) return null
  directory.inode.links++
  addNameLocked(made)
  return made
}

/** Whether a disk may be mounted at the path that was walked: 0, or -errno. Holds: Names. */
function checkPointLocked(): i32 {
  const names = Names.only
  const error = nameError()
  if (error !== 0) return error
  const found = lastLocked()
  if (!found) return names.last === Last.Name ? 0 : -ENOENT
  if (!found.inode.is(S_IFDIR)) return -ENOTDIR
  // the root of what is mounted there
  return found.parent ? 0 : -EBUSY
}

/** Gives a mount the structs of a disk; false, with what it got, if there is no memory. */
function fillDisk(mount: Mount, order: DiskOrder): bool {
  const bytes = bitmapBytes(order.blocks)
  mount.bitmap = <u32>allocBytes(bytes)
  mount.path = <u32>allocBytes(order.nameLength)
  if (mount.bitmap === 0 || mount.path === 0) return false
  for (let block = order.blocks; block < bytes << 3; block++) setTakenLocked(mount, block, true)
  setTakenLocked(mount, 0, true)
  memory.copy(mount.path, order.name, order.nameLength)
  mount.pathLength = order.nameLength
  mount.maxBlocks = order.blocks - 1
  mount.backing = order.backing
  mount.base = order.base
  const root = newDirectory(mount, null, 0, 0)
  mount.root = changetype<usize>(root)
  return root !== null
}

/** Takes back what fillDisk gave. */
function emptyDisk(mount: Mount, order: DiskOrder): void {
  if (mount.root !== 0) putDentry(changetype<Dentry>(mount.root))
  if (mount.bitmap !== 0) freeBytes(mount.bitmap, bitmapBytes(order.blocks))
  if (mount.path !== 0) freeBytes(mount.path, order.nameLength)
  memory.fill(changetype<usize>(mount), 0, offsetof<Mount>())
  mount.list.reset()
}

/** Why a mount that is a disk already forbids another: of the same name. */
function isMounted(order: DiskOrder): bool {
  for (let index: u32 = MountIndex.Disk; index < MOUNT_COUNT; index++) {
    const mount = Mount.at(index)
    if (mount.pathLength === order.nameLength && mount.isDisk && memory.compare(mount.path, order.name, order.nameLength) === 0) return true
  }
  return false
}

/** The number of a mount that is not there; -1 if there is none. */
function freeIndex(): i32 {
  for (let index: u32 = MountIndex.Disk; index < MOUNT_COUNT; index++) if (!Mount.at(index).isDisk) return index
  return -1
}

/** Mounts an empty disk on a directory, which is made if there is none: 0, or EINVAL, EBUSY, EEXIST of a store that is mounted already, ENOSPC if there are too many, ENOMEM, or what walking a path gives. */
export function mountDisk(cred: Cred, order: DiskOrder): i32 {
  if (order.backing === 0 || order.backing > DISK_NONE || order.blocks < 2 || order.blocks > (<u32>1) << DISK_BLOCK_BITS) return -EINVAL
  // bytes must go somewhere
  if (order.backing === DISK_NONE && Superblock.only.lowFrames === Superblock.only.frames) return -EINVAL
  if (isMounted(order)) return -EEXIST
  const index = freeIndex()
  if (index < 0) return -ENOSPC
  const mount = Mount.at(index)
  initMount(mount, FIRST_DEVICE + <u32>index)
  if (!fillDisk(mount, order)) {
    emptyDisk(mount, order)
    return -ENOMEM
  }
  const names = Names.only
  names.lock(Rank.Names)
  let error = walkLocked(cred, order.path, order.pathLength)
  if (error === 0) error = checkPointLocked()
  const point = error === 0 ? pointLocked() : null
  if (error === 0 && !point) error = -ENOMEM
  if (point) {
    point.mounted = mount
    mount.point = changetype<usize>(point)
  }
  names.unlock(Rank.Names)
  if (error !== 0) emptyDisk(mount, order)
  return error
}
