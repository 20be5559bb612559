// The tree a machine begins with: `/` with `/dev` and `/dev/zero` in it, and the tmpfs at `/dev/shm`.
import { S_IFCHR, S_IFDIR, S_ISVTX } from '../abi/fcntl'
import { Dentry, newDentry } from '../map/dentry'
import { Inode, newInode, Use } from '../map/inode'
import { initMount, MOUNT_COUNT, Mount, MountIndex } from '../map/mount'
import { Superblock } from '../phys/superblock'
import { addNameLocked, initDirectory } from './names'

/** Device numbers: minors of major 0. */
const INTERNAL_DEVICE: u32 = 1
const ROOT_DEVICE: u32 = 2
const SHM_DEVICE: u32 = 27
const QUEUES_DEVICE: u32 = 20
/** /dev/zero: major 1, minor 5. */
export const ZERO_DEVICE: u32 = 0x105

/** Bytes of a short name, the first in the low byte, at an address that is free until Names is used. */
function text(bytes: u64): usize {
  const at = changetype<usize>(Superblock.only) + offsetof<Superblock>()
  store<u64>(at, bytes)
  return at
}

/** The root of a mount, a directory. */
function newRoot(mount: Mount, mode: u32): Dentry {
  const inode = changetype<Inode>(newInode(mount, Use.File, 0, S_IFDIR | mode, 0, 0))
  initDirectory(inode)
  const root = changetype<Dentry>(newDentry(null, inode, 0, 0))
  mount.root = changetype<usize>(root)
  return root
}

/** Something in a directory. */
function newEntry(directory: Dentry, use: Use, mode: u32, name: u64, length: u32): Dentry {
  const inode = changetype<Inode>(newInode(directory.inode.mount, use, 0, mode, 0, 0))
  if (inode.is(S_IFDIR)) {
    initDirectory(inode)
    directory.inode.links++
  } else inode.links = 1
  const dentry = changetype<Dentry>(newDentry(directory, inode, text(name), length))
  addNameLocked(dentry)
  return dentry
}

/** Makes the mounts of a new machine, with no thread but this one. */
export function initMounts(): void {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) Mount.at(index).list.reset()
  initMount(Mount.internal, INTERNAL_DEVICE)
  initMount(Mount.at(MountIndex.Queues), QUEUES_DEVICE)
  const root = Mount.at(MountIndex.Root)
  initMount(root, ROOT_DEVICE)
  const dev = newEntry(newRoot(root, 0o755), Use.File, S_IFDIR | 0o755, 0x766564, 3)
  newEntry(dev, Use.Device, S_IFCHR | 0o666, 0x6f72657a, 4).inode.tag = ZERO_DEVICE
  const point = newEntry(dev, Use.File, S_IFDIR | 0o755, 0x6d6873, 3)
  const shm = Mount.at(MountIndex.Shm)
  initMount(shm, SHM_DEVICE)
  // half of memory, as Linux has it unless told otherwise
  shm.maxBlocks = Superblock.only.usable / 2
  shm.maxInodes = Superblock.only.usable / 2
  newRoot(shm, S_ISVTX | 0o777)
  shm.point = changetype<usize>(point)
  point.mounted = shm
}
