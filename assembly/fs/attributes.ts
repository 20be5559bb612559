// Changing mode and owner of an inode: Linux's fs/attr.c. Takes: Mapping.
import { EPERM } from '../abi/errno'
import { F_SEAL_EXEC, S_IFDIR, S_IFMT } from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { Inode } from '../map/inode'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { modeWithoutIds, ownsInode } from './permission'

/** An id that is to stay as it is. */
const SAME: u32 = 0xffffffff

/** chmod(2): 0, or EPERM for who does not own it, or by a seal. */
export function changeMode(inode: Inode, cred: Cred, mode: u32): i32 {
  inode.lock(Rank.Mapping)
  const executes = ((inode.mode ^ mode) & 0o111) !== 0
  const error = !ownsInode(inode, cred) || (executes && (inode.seals & F_SEAL_EXEC) !== 0) ? -EPERM : 0
  if (error === 0) {
    const mayGroup = cred.isRoot || cred.isIn(inode.gid)
    inode.mode = (inode.mode & S_IFMT) | (mode & (mayGroup ? 0o7777 : 0o5777))
    inode.changed = now()
  }
  inode.unlock(Rank.Mapping)
  return error
}

/** Whether the process may give the inode this user and group. Holds: Mapping. */
function mayChangeOwner(inode: Inode, cred: Cred, uid: u32, gid: u32): bool {
  if (cred.isRoot) return true
  const owns = cred.euid === inode.uid
  if (uid !== SAME && (!owns || uid !== inode.uid)) return false
  return gid === SAME || (owns && (gid === inode.gid || cred.isIn(gid)))
}

/** chown(2), where -1 leaves a user or group: 0 or EPERM. A file loses the right to act for its owner or group. */
export function changeOwner(inode: Inode, cred: Cred, uid: u32, gid: u32): i32 {
  inode.lock(Rank.Mapping)
  const mode = inode.is(S_IFDIR) ? inode.mode : modeWithoutIds(inode, cred)
  const allowed = mayChangeOwner(inode, cred, uid, gid) && (mode === inode.mode || ownsInode(inode, cred))
  const error = allowed ? 0 : -EPERM
  if (allowed) {
    inode.mode = mode
    if (uid !== SAME) inode.uid = uid
    if (gid !== SAME) inode.gid = gid
    inode.changed = now()
  }
  inode.unlock(Rank.Mapping)
  return error
}
