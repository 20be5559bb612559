// Files without a name in any directory, and seals: Linux's mm/memfd.c. Takes: Mapping, Mount, Slab.
import { EBUSY, EINVAL, EPERM } from '../abi/errno'
import {
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  O_LARGEFILE,
  O_RDWR,
  S_IFREG,
} from '../abi/fcntl'
import { Cred } from '../ipc/perm'
import { newDentry, putDentry } from '../map/dentry'
import { File, openDentry } from '../map/file'
import { Inode, newInode, putInode, Use } from '../map/inode'
import { Mount } from '../map/mount'
import { VM_MAY_SHIFT, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { Rank } from '../sync/lockdep'

const ALL_SEALS: u32 = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC
/** A VMA through which the file may be written, now or after mprotect. */
const WRITES: u32 = VM_SHARED | (VM_WRITE << VM_MAY_SHIFT)

/** An empty file of the internal mount, opened to read and write, that `name` is shown for; null if there is no memory. */
export function newMemfd(cred: Cred, name: usize, length: u32, mode: u32, seals: u32): File | null {
  const inode = newInode(Mount.internal, Use.File, 0, S_IFREG | mode, cred.euid, cred.egid)
  if (!inode) return null
  inode.seals = seals
  const dentry = newDentry(null, inode, name, length)
  if (!dentry) {
    putInode(inode)
    return null
  }
  const file = openDentry(dentry, O_RDWR | O_LARGEFILE)
  putDentry(dentry)
  return file
}

/** Whether a mapping lets a process write the file. Holds: Mapping. */
function isMappedForWritingLocked(inode: Inode): bool {
  const list = inode.vmas
  // of these flags none changes while the VMA is in the list, but for MAY_WRITE, which a new one may lose
  for (let link = list.next; link !== list; link = link.next) if ((Vma.ofShared(link).flags & WRITES) === WRITES) return true
  return false
}

/** F_ADD_SEALS: 0; EPERM without the right to write or to seal, EINVAL for a seal or a file that is none, EBUSY if it is mapped for writing. */
export function addSeals(file: File, seals: u32): i32 {
  if (!file.writable) return -EPERM
  if ((seals & ~ALL_SEALS) !== 0) return -EINVAL
  const inode = file.inode
  if (!inode.is(S_IFREG) || inode.use === Use.Queue || inode.isDisk) return -EINVAL
  inode.lock(Rank.Mapping)
  let error: i32 = (inode.seals & F_SEAL_SEAL) !== 0 ? -EPERM : 0
  if (error === 0 && (seals & ~inode.seals & F_SEAL_WRITE) !== 0 && isMappedForWritingLocked(inode)) error = -EBUSY
  if (error === 0) {
    // what may be executed must not be written either
    const closed = (seals & F_SEAL_EXEC) !== 0 && (inode.mode & 0o111) !== 0
    inode.seals |= closed ? seals | (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) : seals
  }
  inode.unlock(Rank.Mapping)
  return error
}
