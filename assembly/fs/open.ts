// Opening files by path, and making them: path_openat of Linux's fs/namei.c, tmpfs's create.
// Takes: Names, Mapping, Mount.
import { EEXIST, EISDIR, ENOENT, ENOMEM, ENOTDIR, EPERM } from '../abi/errno'
import {
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOCTTY,
  O_PATH,
  O_TMPFILE,
  O_TRUNC,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from '../abi/fcntl'
import { OPENING } from '../abi/layout'
import { Cred } from '../ipc/perm'
import { Dentry, newDentry, putDentry } from '../map/dentry'
import { File, openDentry } from '../map/file'
import { putInode } from '../map/inode'
import { checkCreation, inodeError, newInodeIn } from './create'
import { addNameLocked, Last, Names } from './names'
import { checkAccess, MAY_EXEC, MAY_READ, MAY_WRITE, ownsInode } from './permission'
import { lastLocked, nameError, walkLocked } from './walk'

/** The request to open of whoever holds Names, and its outcome. Guard: Names. */
@unmanaged
@final
export class Opening {
  /** Flags of open(2), and the mode for a new file, less the umask. */
  flags: u32
  mode: u32
  /** The path. */
  path: usize
  length: u32
  /** The open file, with one reference, once it succeeded. */
  file: File
  /** Whether the file's contents are to be thrown away. */
  truncate: bool

  @inline
  static get only(): Opening {
    return changetype<Opening>(OPENING)
  }
}

/** The rights that flags ask for. */
function wantedAccess(flags: u32): u32 {
  if ((flags & O_PATH) !== 0) return 0
  const access = flags & 3
  const wanted = access === 0 ? MAY_READ : access === 1 ? MAY_WRITE : MAY_READ | MAY_WRITE
  return (flags & O_TRUNC) !== 0 ? wanted | MAY_WRITE : wanted
}

/** The flags that stay with an open file. */
function keptFlags(flags: u32): u32 {
  return flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)
}

/** Makes the last part of the path a file, and opens it. Holds: Names. */
function createLocked(opening: Opening, cred: Cred): i32 {
  const names = Names.only
  const directory = names.directory
  const error = checkCreation(directory, cred)
  if (error !== 0) return error
  const inode = newInodeIn(directory.inode, cred, S_IFREG | (opening.mode & 0o7777))
  if (!inode) return inodeError(directory.inode)
  const dentry = newDentry(directory, inode, names.name, names.length)
  if (!dentry) {
    putInode(inode)
    return -ENOMEM
  }
  const file = openDentry(dentry, keptFlags(opening.flags))
  if (!file) {
    putDentry(dentry)
    return -ENOMEM
  }
  inode.links = 1
  addNameLocked(dentry)
  opening.file = file
  return 0
}

/** Opens what is there. Holds: Names. */
function openExistingLocked(opening: Opening, cred: Cred, dentry: Dentry): i32 {
  const flags = opening.flags
  const inode = dentry.inode
  const directory = inode.is(S_IFDIR)
  if ((flags & O_CREAT) !== 0) {
    if ((flags & O_EXCL) !== 0) return -EEXIST
    if (directory) return -EISDIR
  }
  if (((flags & O_DIRECTORY) !== 0 || Names.only.slashes) && !directory) return -ENOTDIR
  const wanted = wantedAccess(flags)
  if (directory && (wanted & MAY_WRITE) !== 0) return -EISDIR
  const error = checkAccess(inode, cred, wanted)
  if (error !== 0) return error
  if ((flags & O_NOATIME) !== 0 && !ownsInode(inode, cred)) return -EPERM
  const file = openDentry(dentry, keptFlags(flags))
  if (!file) return -ENOMEM
  opening.file = file
  opening.truncate = (flags & O_TRUNC) !== 0 && inode.is(S_IFREG)
  return 0
}

/** Opens a path, whose flags are checked. Holds: Names. */
export function openLocked(opening: Opening, cred: Cred): i32 {
  let error = walkLocked(cred, opening.path, opening.length)
  if (error !== 0) return error
  const names = Names.only
  const create = (opening.flags & O_CREAT) !== 0
  // a new file's name does not end in a slash, nor can it be `.` or `..`
  if (create && names.last === Last.Name && names.slashes) return -EISDIR
  error = nameError()
  if (error !== 0) return error
  const found = lastLocked()
  if ((opening.flags & O_TMPFILE) === O_TMPFILE) return openUnnamedLocked(opening, cred, found)
  if (found) return openExistingLocked(opening, cred, found)
  return create ? createLocked(opening, cred) : -ENOENT
}

/** Makes a file without a name in a directory: O_TMPFILE. Holds: Names. */
function openUnnamedLocked(opening: Opening, cred: Cred, directory: Dentry | null): i32 {
  if (!directory) return -ENOENT
  if ((directory.inode.mode & S_IFMT) !== S_IFDIR) return -ENOTDIR
  const error = checkAccess(directory.inode, cred, MAY_WRITE | MAY_EXEC)
  if (error !== 0) return error
  const inode = newInodeIn(directory.inode, cred, S_IFREG | (opening.mode & 0o7777))
  if (!inode) return inodeError(directory.inode)
  const name = opening.path
  const dentry = newDentry(directory, inode, name, writeNumber(name, inode.number))
  if (!dentry) {
    putInode(inode)
    return -ENOMEM
  }
  const file = openDentry(dentry, keptFlags(opening.flags))
  putDentry(dentry)
  if (!file) return -ENOMEM
  opening.file = file
  return 0
}

/** Writes `#` and a number in decimal, the name of a file without one; returns the bytes. */
function writeNumber(at: usize, number: u32): u32 {
  store<u8>(at, 0x23)
  let digits: u32 = 1
  for (let rest = number; rest >= 10; rest /= 10) digits++
  let rest = number
  for (let i = digits; i > 0; i--) {
    store<u8>(at + i, 0x30 + <u8>(rest % 10))
    rest /= 10
  }
  return digits + 1
}
