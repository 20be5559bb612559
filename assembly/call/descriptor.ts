// dup, dup2, dup3, fcntl, memfd_create, fchmod, fchown, umask: arguments validated in the order of Linux's
// fs/file.c, fs/fcntl.c, mm/memfd.c, fs/open.c (6.18). Takes: Mapping and what it nests.
import { EBADF, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import {
  F_ADD_SEALS,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GET_SEALS,
  F_GETFD,
  F_GETFL,
  F_SEAL_EXEC,
  F_SEAL_SEAL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_HUGETLB,
  MFD_NOEXEC_SEAL,
  NAME_MAX,
  O_APPEND,
  O_CLOEXEC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_PATH,
  S_IFREG,
} from '../abi/fcntl'
import { MAP_HUGE_MASK, MAP_HUGE_SHIFT } from '../abi/mman'
import { changeMode, changeOwner } from '../fs/attributes'
import { closeDescriptor } from '../fs/descriptors'
import { addSeals, newMemfd } from '../fs/memfd'
import { ownsInode } from '../fs/permission'
import { File, putFile } from '../map/file'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { fileOf } from './file'
import { hugeError } from './memory'

/** The flags that F_SETFL changes. */
const CHANGEABLE: u32 = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME
/** "memfd:", which stands before a memfd's name, and its length. */
const PREFIX: u64 = 0x3a64666d656d
const PREFIX_LENGTH: u32 = 6

/** Gives a file one more descriptor, the lowest from `from` on: the descriptor, EMFILE or ENOMEM. */
function share(task: Task, file: File, from: u32, closeOnExec: bool): i32 {
  const table = task.descriptors
  let fd = table.free(from)
  if (fd >= 0) fd = table.set(fd, file, closeOnExec)
  if (fd >= 0) file.addRef()
  return fd
}

/** dup(2). */
export function duplicate(task: Task, fd: i32): i32 {
  const file = task.descriptors.fileAt(fd)
  return file ? share(task, file, 0, false) : -EBADF
}

/** dup2(2): makes `to` another descriptor of the file. */
export function duplicateTo(task: Task, fd: i32, to: i32): i32 {
  if (fd === to) return task.descriptors.fileAt(fd) ? to : -EBADF
  return replace(task, fd, to, false)
}

/** dup3(2). */
export function duplicateAs(task: Task, fd: i32, to: i32, flags: u32): i32 {
  return (flags & ~O_CLOEXEC) !== 0 || fd === to ? -EINVAL : replace(task, fd, to, flags !== 0)
}

function replace(task: Task, fd: i32, to: i32, closeOnExec: bool): i32 {
  const table = task.descriptors
  if (<u32>to >= table.limit) return -EBADF
  const file = table.fileAt(fd)
  if (!file) return -EBADF
  file.addRef()
  closeDescriptor(table, to)
  const error = table.set(to, file, closeOnExec)
  if (error < 0) putFile(file)
  return error
}

/** fcntl(2); EINVAL for the commands it does not have. */
export function control(task: Task, fd: i32, command: u32, argument: u32): i32 {
  const table = task.descriptors
  const file = table.fileAt(fd)
  if (!file) return -EBADF
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return argument >= table.limit ? -EINVAL : share(task, file, argument, command === F_DUPFD_CLOEXEC)
    case F_GETFD:
      return table.closesOnExec(fd) ? FD_CLOEXEC : 0
    case F_SETFD:
      table.mark(fd, (argument & FD_CLOEXEC) !== 0)
      return 0
    case F_GETFL:
      return file.flags
  }
  if ((file.flags & O_PATH) !== 0) return -EBADF
  switch (command) {
    case F_SETFL:
      return setFlags(task, file, argument)
    case F_ADD_SEALS:
      return addSeals(file, argument)
    case F_GET_SEALS:
      return file.inode.is(S_IFREG) ? file.inode.seals : -EINVAL
  }
  return -EINVAL
}

/** F_SETFL. */
function setFlags(task: Task, file: File, flags: u32): i32 {
  if ((flags & ~file.flags & O_NOATIME) !== 0 && !ownsInode(file.inode, task)) return -EPERM
  file.flags = (file.flags & ~CHANGEABLE) | (flags & CHANGEABLE)
  return 0
}

/** memfd_create(2) with the name of `length` bytes in the CPU's buffer; returns the descriptor. */
export function createMemfd(task: Task, length: u32, flags: u32): i32 {
  const huge = (flags & MFD_HUGETLB) !== 0 ? MAP_HUGE_MASK << MAP_HUGE_SHIFT : 0
  const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC | huge
  if ((flags & ~known) !== 0 || (flags & (MFD_EXEC | MFD_NOEXEC_SEAL)) === (MFD_EXEC | MFD_NOEXEC_SEAL)) return -EINVAL
  if (length > NAME_MAX - PREFIX_LENGTH) return -EINVAL
  const table = task.descriptors
  const fd = table.free(0)
  if (fd < 0) return fd
  if ((flags & MFD_HUGETLB) !== 0) return hugeError(flags)
  const name = Cpu.current.buffer
  memory.copy(name + PREFIX_LENGTH, name, length)
  for (let i: u32 = 0; i < PREFIX_LENGTH; i++) store<u8>(name + i, <u8>(PREFIX >> <u64>(8 * i)))
  const execute = (flags & MFD_NOEXEC_SEAL) === 0
  const seals = execute ? ((flags & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL) : F_SEAL_EXEC
  const file = newMemfd(task, name, length + PREFIX_LENGTH, execute ? 0o777 : 0o666, seals)
  if (!file) return -ENOMEM
  const error = table.set(fd, file, (flags & MFD_CLOEXEC) !== 0)
  if (error < 0) putFile(file)
  return error
}

/** fchmod(2). */
export function setMode(task: Task, fd: i32, mode: u32): i32 {
  const file = fileOf(task, fd)
  return file ? changeMode(file.inode, task, mode) : -EBADF
}

/** fchown(2). */
export function setOwner(task: Task, fd: i32, uid: u32, gid: u32): i32 {
  const file = fileOf(task, fd)
  return file ? changeOwner(file.inode, task, uid, gid) : -EBADF
}

/** umask(2); returns what it was. */
export function setUmask(task: Task, mask: u32): i32 {
  const old = task.descriptors.umask
  task.descriptors.umask = mask & 0o777
  return old
}
