// Taking names away: do_unlinkat and do_rmdir of Linux's fs/namei.c. Takes: Names, Mapping, Mount.
import { EBUSY, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY } from '../abi/errno'
import { S_IFDIR } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Dentry, putDentry } from '../map/dentry'
import { dropLink, Inode } from '../map/inode'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { findNameLocked, Last, Names, removeNameLocked } from './names'
import { checkRemoval } from './permission'
import { nameError, walkLocked } from './walk'

/** Counts one name less of an inode that is no directory. Holds: Names. */
export function dropNameLocked(inode: Inode): void {
  if (inode.links > 1) dropLink(inode.mount)
  inode.links--
  inode.changed = now()
}

/** Takes a file's name away; the file goes when nothing has it open or mapped. */
export function unlinkPath(cred: Cred, path: usize, length: u32): i32 {
  return removePath(cred, path, length, false)
}

/** Takes an empty directory away. */
export function removeDirectory(cred: Cred, path: usize, length: u32): i32 {
  return removePath(cred, path, length, true)
}

/** Takes a path away, which must be a directory or must be none. */
function removePath(cred: Cred, path: usize, length: u32, directory: bool): i32 {
  const names = Names.only
  names.lock(Rank.Names)
  let error = walkLocked(cred, path, length)
  if (error === 0 && names.last !== Last.Name) error = directory ? noNameError() : -EISDIR
  if (error === 0) error = nameError()
  const dentry = error === 0 ? findNameLocked(names.directory, names.name, names.length) : changetype<Dentry>(0)
  if (error === 0) error = !dentry ? -ENOENT : directory ? checkRmdir(cred, dentry) : checkUnlink(cred, dentry)
  if (error === 0 && dentry) {
    removeNameLocked(dentry)
    if (directory) removedLocked(dentry)
    else dropNameLocked(dentry.inode)
  }
  names.unlock(Rank.Names)
  if (error === 0 && dentry) putDentry(dentry)
  return error
}

/** Why a directory cannot be removed by what is no name of it. Holds: Names. */
function noNameError(): i32 {
  const names = Names.only
  if (names.last === Last.Up) return -ENOTEMPTY
  return names.length === 0 ? -EBUSY : -EINVAL
}

/** Counts a directory without a name, and one less in the one above. Holds: Names. */
export function removedLocked(dentry: Dentry): void {
  dentry.inode.links = 0
  dentry.inode.changed = now()
  changetype<Dentry>(dentry.parent).inode.links--
}

/** Holds: Names. */
function checkUnlink(cred: Cred, dentry: Dentry): i32 {
  const names = Names.only
  const directory = dentry.inode.is(S_IFDIR)
  if (names.slashes) return directory ? -EISDIR : -ENOTDIR
  const error = checkRemoval(names.directory.inode, dentry.inode, cred)
  if (error !== 0) return error
  if (directory) return -EISDIR
  return dentry.mounted ? -EBUSY : 0
}

/** Holds: Names. */
function checkRmdir(cred: Cred, dentry: Dentry): i32 {
  const error = checkRemoval(Names.only.directory.inode, dentry.inode, cred)
  if (error !== 0) return error
  if (!dentry.inode.is(S_IFDIR)) return -ENOTDIR
  if (dentry.mounted) return -EBUSY
  return dentry.children.isEmpty ? 0 : -ENOTEMPTY
}
