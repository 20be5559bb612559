// Taking names away: do_unlinkat of Linux's fs/namei.c. Takes: Names, Mapping, Mount.
import { EBUSY, EISDIR, ENOENT, ENOTDIR } from '../abi/errno'
import { S_IFDIR } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Dentry, putDentry } from '../map/dentry'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { findNameLocked, Last, Names, removeNameLocked } from './names'
import { checkRemoval } from './permission'
import { nameError, walkLocked } from './walk'

/** Takes a file's name away; the file goes when nothing has it open or mapped. */
export function unlinkPath(cred: Cred, path: usize, length: u32): i32 {
  const names = Names.only
  names.lock(Rank.Names)
  let error = walkLocked(cred, path, length)
  if (error === 0) error = names.last === Last.Name ? nameError() : -EISDIR
  const dentry = error === 0 ? findNameLocked(names.directory, names.name, names.length) : changetype<Dentry>(0)
  if (error === 0) error = dentry ? checkUnlink(cred, dentry) : -ENOENT
  if (error === 0 && dentry) {
    removeNameLocked(dentry)
    dentry.inode.links--
    dentry.inode.changed = now()
  }
  names.unlock(Rank.Names)
  if (error === 0 && dentry) putDentry(dentry)
  return error
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
