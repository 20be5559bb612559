// What mmap asks of a file: the file's part of do_mmap in Linux's mm/mmap.c, and mm/memfd.c's.
import { EACCES, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM } from '../abi/errno'
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE, O_RDWR, S_IFDIR, S_IFREG } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { MAX_FILE_BYTES } from '../abi/limits'
import {
  LEGACY_MAP_MASK,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../abi/mman'
import { File, newFile, putFile } from '../map/file'
import { Inode, newInode, putInode, Use } from '../map/inode'
import { Mount } from '../map/mount'
import { showFile, VM_MAY_SHIFT, VM_NORESERVE, VM_RIGHTS, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { tryCommit, uncommit } from '../phys/commit'
import { Task } from '../proc/task'

const RIGHTS: u32 = PROT_READ | PROT_WRITE | PROT_EXEC
const MAY_WRITE: u32 = VM_WRITE << VM_MAY_SHIFT

/** The flags of a VMA that shows a file, or -errno where the file does not allow it. Of /dev/zero it shows anonymous memory, private if it may not be written. */
export function fileFlags(file: File, pages: u64, prot: u32, flags: u32, offset: u64): i32 {
  const type = flags & MAP_TYPE
  const limit = MAX_FILE_BYTES >> PAGE_SHIFT
  if (file.inode.is(S_IFREG) && (pages > limit || offset >> PAGE_SHIFT > limit - pages)) return -EOVERFLOW
  let result = (prot & RIGHTS) | (VM_RIGHTS << VM_MAY_SHIFT)
  if (type === MAP_SHARED || type === MAP_SHARED_VALIDATE) {
    if (type === MAP_SHARED_VALIDATE && (flags & ~LEGACY_MAP_MASK) !== 0) return -EOPNOTSUPP
    if ((prot & PROT_WRITE) !== 0 && !file.writable) return -EACCES
    result |= VM_SHARED
    if (!file.writable) result &= file.inode.use === Use.Device ? ~(MAY_WRITE | VM_SHARED) : ~MAY_WRITE
  } else if (type !== MAP_PRIVATE) return -EINVAL
  if (!file.readable) return -EACCES
  if (file.inode.is(S_IFDIR)) return -ENODEV
  // nothing is executed from the mount of queues
  if (file.inode.use === Use.Queue) return (prot & PROT_EXEC) !== 0 ? -EPERM : -ENODEV
  return (flags & MAP_GROWSDOWN) !== 0 ? -EINVAL : result
}

/**
 * Makes a new VMA show a file: 0, or EPERM if the file is sealed against the writing that it would
 * allow. Sealing looks at the object's VMAs, so the VMA is entered first and the seals read after.
 * Takes: Mapping.
 */
export function showSealed(vma: Vma, file: File, offset: u64): i32 {
  showFile(vma, file, offset)
  if ((file.inode.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) === 0 || (vma.flags & VM_SHARED) === 0) return 0
  if ((vma.flags & VM_WRITE) !== 0) return -EPERM
  vma.flags &= ~MAY_WRITE
  return 0
}

/** An object of the internal mount, whose pages are all promised now unless they need not be: null if there is no memory for it or for them. */
export function newObject(task: Task, use: Use, bytes: u64, mode: u32, reserve: bool): Inode | null {
  const pages = (bytes >> PAGE_SHIFT) + <u64>((bytes & (PAGE_SIZE - 1)) !== 0)
  if (reserve && !tryCommit(pages, task.mm.total, task.isRoot)) return null
  const inode = newInode(Mount.internal, use, bytes, S_IFREG | mode, task.euid, task.egid)
  if (inode) inode.promised = reserve
  else if (reserve) uncommit(pages)
  return inode
}

/** A file of shared anonymous memory: Linux's shmem_zero_setup. Null if there is no memory. */
function newZeroFile(task: Task, pages: u64, reserve: bool): File | null {
  if (pages > 0xffffffff) return null
  const inode = newObject(task, Use.Zero, pages << PAGE_SHIFT, 0o777, reserve)
  if (!inode) return null
  const file = newFile(inode, O_RDWR)
  if (!file) putInode(inode)
  return file
}

/** Makes a new VMA show shared anonymous memory of its own: 0 or ENOMEM. Takes: Mapping. */
export function showZero(vma: Vma, task: Task): i32 {
  const file = newZeroFile(task, vma.end - vma.start, (vma.flags & VM_NORESERVE) === 0)
  if (!file) return -ENOMEM
  showFile(vma, file, 0)
  putFile(file)
  return 0
}
