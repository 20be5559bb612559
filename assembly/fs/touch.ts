// What reading and writing a file changes of its inode beside its contents, and how a call goes about a file page by page.
// Holds, in every function whose name ends in Locked: Mapping.
import { PAGE_SIZE } from '../abi/layout'
import { Cred } from '../ipc/perm'
import { Inode } from '../map/inode'
import { now } from '../sync/host'
import { modeWithoutIds } from './permission'

/** How much of `bytes` at a place in a file is in the page of the place. */
export function pieceOf(offset: u64, bytes: u32): u32 {
  return min(bytes, PAGE_SIZE - (<u32>offset & (PAGE_SIZE - 1)))
}

/** Notes a read, at most once between changes: relatime. */
export function accessedLocked(inode: Inode): void {
  if (inode.accessed <= inode.modified || inode.accessed <= inode.changed) inode.accessed = now()
}

/** Notes a change of contents. */
export function modifiedLocked(inode: Inode): void {
  inode.modified = now()
  inode.changed = inode.modified
}

/** Takes the right to act for its owner or group from a file that another writes. */
export function dropPrivilegesLocked(inode: Inode, cred: Cred): void {
  if (!cred.isRoot) inode.mode = modeWithoutIds(inode, cred)
}
