// dup, dup2, dup3, fcntl, memfd_create, fchmod, fchown, umask: arguments validated in the order of Linux's
// fs/file.c, fs/fcntl.c, mm/memfd.c, fs/open.c (6.18). Takes: Mapping and what it nests.
import { EBADF, EINVAL, EMFILE, ENOMEM, EPERM } from '../abi/errno'
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
import {
  closesOnExec,
  Descriptors,
  fillDescriptor,
  replaceDescriptor,
  returnDescriptor,
  setCloseOnExec,
  shareDescriptor,
  takeDescriptor,
  useFile,
} from '../fs/descriptors'
import { addSeals, newMemfd } from '../fs/memfd'
import { ownsInode } from '../fs/permission'
import { File } from '../map/file'
import { Use } from '../map/inode'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { fileOf } from './file'
import { hugeError } from './memory'

/** The flags that F_SETFL changes. */
const CHANGEABLE: u32 = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME
/** "memfd:", which stands before a memfd's name, and its length. */
const PREFIX: u64 = 0x3a64666d656d
const PREFIX_LENGTH: u32 = 6

/** dup(2). */
export function duplicate(task: Task, fd: i32): i32 {
  const result = shareDescriptor(task.descriptors, fd, 0, false)
  return result === -EINVAL ? -EMFILE : result
}

/** dup2(2): makes `to` another descriptor of the file. */
export function duplicateTo(task: Task, fd: i32, to: i32): i32 {
  if (fd === to) return useFile(task.descriptors, fd) ? to : -EBADF
  return replaceDescriptor(task.descriptors, fd, to, false)
}

/** dup3(2). */
export function duplicateAs(task: Task, fd: i32, to: i32, flags: u32): i32 {
  return (flags & ~O_CLOEXEC) !== 0 || fd === to ? -EINVAL : replaceDescriptor(task.descriptors, fd, to, flags !== 0)
}

/** fcntl(2); EINVAL for the commands it does not have. */
export function control(task: Task, fd: i32, command: u32, argument: u32): i32 {
  const table = task.descriptors
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return shareDescriptor(table, fd, argument, command === F_DUPFD_CLOEXEC)
    case F_GETFD:
      return closesOnExec(table, fd)
    case F_SETFD:
      return setCloseOnExec(table, fd, (argument & FD_CLOEXEC) !== 0)
  }
  const file = useFile(table, fd)
  if (!file) return -EBADF
  if (command === F_GETFL) return file.flags
  if ((file.flags & O_PATH) !== 0) return -EBADF
  switch (command) {
    case F_SETFL:
      return setFlags(task, file, argument)
    case F_ADD_SEALS:
      return addSeals(file, argument)
    case F_GET_SEALS:
      return file.inode.is(S_IFREG) && file.inode.use === Use.File && !file.inode.isDisk ? file.inode.seals : -EINVAL
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
  const fd = takeDescriptor(table)
  if (fd < 0) return fd
  const error = (flags & MFD_HUGETLB) !== 0 ? hugeError(flags) : nameMemfd(task, fd, length, flags)
  if (error === 0) return fd
  returnDescriptor(table, fd)
  return error
}

/** Gives a descriptor a new memfd, whose name of `length` bytes stands in the CPU's buffer: 0 or ENOMEM. */
function nameMemfd(task: Task, fd: i32, length: u32, flags: u32): i32 {
  const name = Cpu.current.buffer
  memory.copy(name + PREFIX_LENGTH, name, length)
  for (let i: u32 = 0; i < PREFIX_LENGTH; i++) store<u8>(name + i, <u8>(PREFIX >> <u64>(8 * i)))
  const execute = (flags & MFD_NOEXEC_SEAL) === 0
  const seals = execute ? ((flags & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL) : F_SEAL_EXEC
  const file = newMemfd(task, name, length + PREFIX_LENGTH, execute ? 0o777 : 0o666, seals)
  if (!file) return -ENOMEM
  fillDescriptor(task.descriptors, fd, file, (flags & MFD_CLOEXEC) !== 0)
  return 0
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
  return atomic.xchg<u32>(changetype<usize>(task.descriptors), mask & 0o777, offsetof<Descriptors>('umask'))
}
