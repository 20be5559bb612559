// Who may do what to an inode: generic_permission of Linux's fs/namei.c. Reads mode and owner racily.
import { EACCES, EPERM } from '../abi/errno'
import { S_IFDIR, S_ISGID, S_ISUID, S_ISVTX } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Inode } from '../map/inode'

export const MAY_EXEC: u32 = 1
export const MAY_WRITE: u32 = 2
export const MAY_READ: u32 = 4

/** 0 if the process has all rights of `wanted`, MAY bits, to the inode; else EACCES. */
export function checkAccess(inode: Inode, cred: Cred, wanted: u32): i32 {
  const mode = inode.mode
  let granted = mode
  if (cred.euid === inode.uid) granted >>= 6
  else if (cred.isIn(inode.gid)) granted >>= 3
  if ((wanted & ~granted & 7) === 0) return 0
  // root may do all but execute what nobody may
  const executable = inode.is(S_IFDIR) || (mode & 0o111) !== 0
  return cred.isRoot && ((wanted & MAY_EXEC) === 0 || executable) ? 0 : -EACCES
}

/** Whether the process may change the inode's mode and times. */
export function ownsInode(inode: Inode, cred: Cred): bool {
  return cred.euid === inode.uid || cred.isRoot
}

/** The inode's mode without the bits by which a program would act for the owner or the group; a group's stays where it means no program and the process is of the group. */
export function modeWithoutIds(inode: Inode, cred: Cred): u32 {
  const mode = inode.mode & ~S_ISUID
  return (mode & 0o010) !== 0 || !(cred.isRoot || cred.isIn(inode.gid)) ? mode & ~S_ISGID : mode
}

/** 0 if the process may take the name of `victim` out of a directory: EACCES, or EPERM where the directory is sticky. */
export function checkRemoval(directory: Inode, victim: Inode, cred: Cred): i32 {
  const error = checkAccess(directory, cred, MAY_WRITE | MAY_EXEC)
  if (error !== 0) return error
  const sticky = (directory.mode & S_ISVTX) !== 0
  return sticky && cred.euid !== directory.uid && !ownsInode(victim, cred) ? -EPERM : 0
}
