// Giving what has a name another one: do_renameat2 and vfs_rename of Linux's fs/namei.c, and shmem_rename2. The dentry
// stays, so that who has the file open or mapped sees its new name. Takes: Names, Mapping, Mount.
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOMEM, ENOTDIR, ENOTEMPTY, EXDEV } from '../abi/errno'
import { RENAME_EXCHANGE, RENAME_NOREPLACE, S_IFDIR } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Dentry, newDentry, putDentry, swapNames } from '../map/dentry'
import { putInode } from '../map/inode'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { checkCreation } from './create'
import { addNameLocked, findNameLocked, Last, Names, removeNameLocked } from './names'
import { checkAccess, checkRemoval, MAY_WRITE } from './permission'
import { dropNameLocked, removedLocked } from './unlink'
import { nameError, walkLocked } from './walk'

/** renameat2(2) of two paths, with flags that are known. */
export function renamePath(cred: Cred, from: usize, fromLength: u32, to: usize, toLength: u32, flags: u32): i32 {
  const names = Names.only
  names.lock(Rank.Names)
  let source: Dentry | null = null
  let target: Dentry | null = null
  let spare: Dentry | null = null
  let error = walkLocked(cred, from, fromLength)
  if (error === 0) {
    const directory = names.directory
    const named = names.last === Last.Name
    const slashes = names.slashes
    const tooLong = nameError()
    if (named && tooLong === 0) source = findNameLocked(directory, names.name, names.length)
    error = walkLocked(cred, to, toLength)
    if (error === 0 && names.directory.inode.mount !== directory.inode.mount) error = -EXDEV
    if (error === 0 && !named) error = -EBUSY
    if (error === 0 && names.last !== Last.Name) error = (flags & RENAME_NOREPLACE) !== 0 ? -EEXIST : -EBUSY
    if (error === 0) error = tooLong !== 0 ? tooLong : source ? nameError() : -ENOENT
    if (error === 0) target = findNameLocked(names.directory, names.name, names.length)
    if (error === 0 && source) error = checkRename(cred, source, target, flags, slashes)
  }
  if (error === 0 && source && !isSame(source, target)) {
    if (target && (flags & RENAME_EXCHANGE) !== 0) exchangeLocked(source, target)
    else {
      spare = newNameLocked(source)
      if (spare) moveLocked(source, spare, target)
      else error = -ENOMEM
    }
  }
  names.unlock(Rank.Names)
  if (spare) putDentry(spare)
  if (spare && target) putDentry(target)
  return error
}

/** A dentry with the name that Names has, of the same inode as another; null if there is no memory. Holds: Names. */
function newNameLocked(source: Dentry): Dentry | null {
  const names = Names.only
  source.inode.addRef()
  const dentry = newDentry(names.directory, source.inode, names.name, names.length)
  if (!dentry) putInode(source.inode)
  return dentry
}

/** Whether two names are of one inode; nothing is done then. */
function isSame(source: Dentry, target: Dentry | null): bool {
  return target ? target.inode === source.inode : false
}

/** Whether a dentry is a directory, or lies below it. Holds: Names. */
function isBelow(dentry: Dentry, directory: Dentry): bool {
  for (let at: Dentry | null = dentry; at; at = at.parent) if (at === directory) return true
  return false
}

/** Why a name cannot be the one that Names has, where `target` stands; `slashes` were behind it. Holds: Names. */
function checkRename(cred: Cred, source: Dentry, target: Dentry | null, flags: u32, slashes: bool): i32 {
  const names = Names.only
  const exchange = (flags & RENAME_EXCHANGE) !== 0
  if (target && (flags & RENAME_NOREPLACE) !== 0) return -EEXIST
  if (exchange) {
    if (!target) return -ENOENT
    if (!target.inode.is(S_IFDIR) && names.slashes) return -ENOTDIR
  }
  if (!source.inode.is(S_IFDIR) && (slashes || (!exchange && names.slashes))) return -ENOTDIR
  const from = changetype<Dentry>(source.parent)
  if (from !== names.directory) {
    if (isBelow(names.directory, source)) return -EINVAL
    if (target && isBelow(from, target)) return exchange ? -EINVAL : -ENOTEMPTY
  }
  return isSame(source, target) ? 0 : checkRights(cred, source, target, exchange)
}

/** What vfs_rename asks, of two that differ. Holds: Names. */
function checkRights(cred: Cred, source: Dentry, target: Dentry | null, exchange: bool): i32 {
  const from = changetype<Dentry>(source.parent)
  const to = Names.only.directory
  const directory = source.inode.is(S_IFDIR)
  let error = checkRemoval(from.inode, source.inode, cred)
  if (error === 0) error = target ? checkRemoval(to.inode, target.inode, cred) : checkCreation(to, cred)
  if (error !== 0) return error
  const replacesDirectory = target ? target.inode.is(S_IFDIR) : false
  if (target && !exchange && directory !== replacesDirectory) return directory ? -ENOTDIR : -EISDIR
  if (from !== to) {
    // the entry `..` of a directory that moves is written
    if (directory) error = checkAccess(source.inode, cred, MAY_WRITE)
    if (error === 0 && exchange && target && replacesDirectory) error = checkAccess(target.inode, cred, MAY_WRITE)
    if (error !== 0) return error
  }
  if (source.mounted) return -EBUSY
  if (!target) return 0
  if (target.mounted) return -EBUSY
  return exchange || target.children.isEmpty ? 0 : -ENOTEMPTY
}

/** Gives a name that of `spare`, which gets the old one and is no name, in place of `target`, whose name's reference is the caller's now. Holds: Names. */
function moveLocked(source: Dentry, spare: Dentry, target: Dentry | null): void {
  const directory = source.inode.is(S_IFDIR)
  removeNameLocked(source)
  if (target) {
    removeNameLocked(target)
    if (directory) removedLocked(target)
    else dropNameLocked(target.inode)
  }
  if (directory) {
    changetype<Dentry>(source.parent).inode.links--
    changetype<Dentry>(spare.parent).inode.links++
  }
  swapNames(source, spare)
  addNameLocked(source)
  source.inode.changed = now()
}

/** Gives each of two names the other's. Holds: Names. */
function exchangeLocked(source: Dentry, target: Dentry): void {
  const from = changetype<Dentry>(source.parent).inode
  const to = changetype<Dentry>(target.parent).inode
  removeNameLocked(source)
  removeNameLocked(target)
  swapNames(source, target)
  addNameLocked(source)
  addNameLocked(target)
  const moved = <u32>source.inode.is(S_IFDIR) - <u32>target.inode.is(S_IFDIR)
  from.links -= moved
  to.links += moved
  source.inode.changed = now()
  target.inode.changed = source.inode.changed
}
