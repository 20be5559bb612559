// Making names: mkdir, link, and what they share with open: filename_create and vfs_* of Linux's fs/namei.c, and tmpfs's
// side of it. Takes: Names, Mapping, Mount.
import { EEXIST, ENOENT, ENOMEM, ENOSPC, EPERM, EXDEV } from '../abi/errno'
import { S_IFDIR, S_IFREG, S_ISGID, S_ISUID } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Dentry, newDentry } from '../map/dentry'
import { dropLink, hasRoom, Inode, newInode, putInode, takeLink, Use } from '../map/inode'
import { now } from '../sync/host'
import { addNameLocked, initDirectory, Last, Names } from './names'
import { checkAccess, MAY_EXEC, MAY_READ, MAY_WRITE, ownsInode } from './permission'
import { findLocked, lastLocked, nameError, walkLocked } from './walk'

/** Why newInode of a mount gave nothing. */
export function inodeError(directory: Inode): i32 {
  return hasRoom(directory.mount) ? -ENOMEM : -ENOSPC
}

/** A new file or directory of the process in a directory, without a name; null as newInode. */
export function newInodeIn(directory: Inode, cred: Cred, mode: u32): Inode | null {
  const inherits = (directory.mode & S_ISGID) !== 0
  const gid = inherits ? directory.gid : cred.egid
  let own = mode
  if (inherits && (mode & S_IFDIR) !== 0) own |= S_ISGID
  // who is not in the directory's group may not make files that act for it
  else if (inherits && (mode & 0o2010) === 0o2010 && !cred.isIn(gid) && !cred.isRoot) own &= ~S_ISGID
  return newInode(directory.mount, Use.File, 0, own, cred.euid, gid)
}

/** 0 if the process may make a name in a directory: ENOENT if that is gone, EACCES. Holds: Names. */
export function checkCreation(directory: Dentry, cred: Cred): i32 {
  if (!directory.named && directory.parent) return -ENOENT
  return checkAccess(directory.inode, cred, MAY_WRITE | MAY_EXEC)
}

/** Walks a path to a name that is not there yet, and leaves it in Names: 0, or EEXIST, or as walkLocked. Holds: Names. */
function walkToNewLocked(cred: Cred, path: usize, length: u32, directory: bool): i32 {
  const error = walkLocked(cred, path, length)
  if (error !== 0) return error
  const names = Names.only
  if (names.last !== Last.Name) return -EEXIST
  if (nameError() !== 0) return nameError()
  if (lastLocked()) return -EEXIST
  // only a directory's name may end in a slash
  return names.slashes && !directory ? -ENOENT : 0
}

/** Makes the name that Names has one of an inode, whose reference the caller gives away if it succeeds: 0 or ENOMEM. Holds: Names. */
function nameInodeLocked(inode: Inode): i32 {
  const names = Names.only
  const dentry = newDentry(names.directory, inode, names.name, names.length)
  if (!dentry) return -ENOMEM
  addNameLocked(dentry)
  return 0
}

/** mkdir(2) of a path, with a mode less the umask. Holds: Names. */
export function makeDirectoryLocked(cred: Cred, path: usize, length: u32, mode: u32): i32 {
  let error = walkToNewLocked(cred, path, length, true)
  if (error !== 0) return error
  const directory = Names.only.directory
  error = checkCreation(directory, cred)
  if (error !== 0) return error
  const inode = newInodeIn(directory.inode, cred, S_IFDIR | (mode & 0o1777))
  if (!inode) return inodeError(directory.inode)
  initDirectory(inode)
  error = nameInodeLocked(inode)
  if (error === 0) directory.inode.links++
  else putInode(inode)
  return error
}

/** Whether the process may make another name of a file that is not its own, as where fs.protected_hardlinks is 1: it is plain, acts for nobody, and may be read and written. */
function mayLink(inode: Inode, cred: Cred): bool {
  if (ownsInode(inode, cred)) return true
  const mode = inode.mode
  const acts = (mode & S_ISUID) !== 0 || (mode & 0o2010) === 0o2010
  return inode.is(S_IFREG) && !acts && checkAccess(inode, cred, MAY_READ | MAY_WRITE) === 0
}

/** What is wrong with making the name that Names has one more of an inode. Holds: Names. */
function checkLinkLocked(inode: Inode, cred: Cred): i32 {
  const directory = Names.only.directory
  if (directory.inode.mount !== inode.mount) return -EXDEV
  if (!mayLink(inode, cred)) return -EPERM
  const error = checkCreation(directory, cred)
  if (error !== 0) return error
  if (inode.is(S_IFDIR)) return -EPERM
  if (inode.links === 0) return -ENOENT
  // in a tmpfs each name counts as an inode
  return takeLink(inode.mount) ? 0 : -ENOSPC
}

/** link(2): makes a path one more name of the file with another. Holds: Names. */
export function linkLocked(cred: Cred, from: usize, fromLength: u32, to: usize, toLength: u32): i32 {
  let error = findLocked(cred, from, fromLength)
  if (error !== 0) return error
  const inode = changetype<Dentry>(Names.only.found).inode
  error = walkToNewLocked(cred, to, toLength, false)
  if (error === 0) error = checkLinkLocked(inode, cred)
  if (error !== 0) return error
  inode.addRef()
  error = nameInodeLocked(inode)
  if (error !== 0) {
    dropLink(inode.mount)
    putInode(inode)
    return error
  }
  inode.links++
  inode.changed = now()
  return 0
}
