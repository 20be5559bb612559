// Walking a path, as link_path_walk in Linux's fs/namei.c does: each directory on the way must be one,
// and the process must be allowed to search it. There is no working directory: every path begins at
// the root. Holds, in every function: Names.
import { EACCES, ENAMETOOLONG, ENOENT, ENOTDIR } from '../abi/errno'
import { NAME_MAX, PATH_MAX, S_IFDIR } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Dentry } from '../map/dentry'
import { Mount, MountIndex } from '../map/mount'
import { findNameLocked, Last, Names } from './names'
import { checkAccess, MAY_EXEC } from './permission'

const SLASH: u8 = 0x2f
const DOT: u8 = 0x2e

/** The root of what is mounted on a dentry, or the dentry itself. */
function enterMount(dentry: Dentry): Dentry {
  let at = dentry
  for (let mount = at.mounted; mount; mount = at.mounted) at = changetype<Dentry>(mount.root)
  return at
}

/** The directory above another: that of the mount point, for the root of a mount. */
function above(directory: Dentry): Dentry {
  let at = directory
  while (!at.parent) {
    const point = at.inode.mount.point
    if (point === 0) return at
    at = changetype<Dentry>(point)
  }
  return changetype<Dentry>(at.parent)
}

/** How a part of a path reads. */
function kindOf(name: usize, length: u32): Last {
  if (length === 0 || (length === 1 && load<u8>(name) === DOT)) return Last.Here
  return length === 2 && load<u8>(name) === DOT && load<u8>(name, 1) === DOT ? Last.Up : Last.Name
}

/** What the last part of the path stands for, in Names.directory; null if it is a name that is not there. ENAMETOOLONG: see nameError. */
export function lastLocked(): Dentry | null {
  const names = Names.only
  if (names.last === Last.Here) return names.directory
  if (names.last === Last.Up) return above(names.directory)
  const found = findNameLocked(names.directory, names.name, names.length)
  return found ? enterMount(found) : null
}

/** ENAMETOOLONG if the last part is longer than a name may be. */
export function nameError(): i32 {
  return Names.only.length > NAME_MAX ? -ENAMETOOLONG : 0
}

/**
 * Walks a path of `length` bytes up to its last part, and leaves that and its directory in Names: 0,
 * EACCES, ENOENT, ENOTDIR or ENAMETOOLONG, as for a path of PATH_MAX bytes. An empty path is ENOENT.
 */
export function walkLocked(cred: Cred, path: usize, length: u32): i32 {
  const names = Names.only
  const end = path + length
  names.directory = enterMount(changetype<Dentry>(Mount.at(MountIndex.Root).root))
  if (length === 0) return -ENOENT
  if (length >= PATH_MAX) return -ENAMETOOLONG
  let at = path
  while (true) {
    while (at < end && load<u8>(at) === SLASH) at++
    names.name = at
    if (at < end && checkAccess(names.directory.inode, cred, MAY_EXEC) !== 0) return -EACCES
    while (at < end && load<u8>(at) !== SLASH) at++
    names.length = <u32>(at - names.name)
    names.last = kindOf(names.name, names.length)
    let next = at
    while (next < end && load<u8>(next) === SLASH) next++
    names.slashes = next > at
    if (next === end) return 0
    const error = nameError()
    if (error !== 0) return error
    const below = lastLocked()
    if (!below) return -ENOENT
    if (!below.inode.is(S_IFDIR)) return -ENOTDIR
    names.directory = below
  }
}

/** Finds what a path stands for, and leaves it in Names: 0, or as walkLocked. */
export function findLocked(cred: Cred, path: usize, length: u32): i32 {
  let error = walkLocked(cred, path, length)
  if (error === 0) error = nameError()
  if (error !== 0) return error
  const found = lastLocked()
  if (!found) return -ENOENT
  Names.only.found = found
  return Names.only.slashes && !found.inode.is(S_IFDIR) ? -ENOTDIR : 0
}
