// A process's file descriptors: a radix tree from numbers to open files, bit 0 of an entry saying that
// the descriptor is closed by exec, here by spawn. Other threads of the process may close a descriptor while a
// call uses its file: so the call holds the file until it ends, unless the process has no other thread, as
// Linux's fdget does. Takes: Files, Mapping, Mount, Slab.
import { EBADF, EBUSY, EINVAL, EMFILE, ENOMEM } from '../abi/errno'
import { Link } from '../lib/list'
import { File, putFile } from '../map/file'
import { Node, radixClear, radixEnter, radixGet, radixNext, radixReplace } from '../map/radix'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** In an entry: closed by exec. */
const CLOSE_ON_EXEC: u32 = 1
/** An entry that a call has taken and not given a file yet. */
const TAKEN: u32 = 2
/** The bits of an entry that are no address. */
const MARKS: u32 = 3

/** The descriptors of a process, and what else of it concerns files. Guard, where a field says no other: Files. */
@unmanaged
@final
export class Descriptors extends Lock {
  /** Threads of the process. Guard: written under Tasks; atomic. */
  users: u32
  /** The tree's root; null if nothing is open. */
  root: Node | null
  /** No descriptor below is free. */
  lowest: u32
  /** Descriptors are below: RLIMIT_NOFILE. */
  limit: u32
  /** Mode bits that new files do not get. Guard: atomic. */
  umask: u32
  /** Neighbours of the sentinel of the named semaphores that are open: fs/namedSemaphores. */
  semaphoresPrev: Link
  semaphoresNext: Link

  /** Address of the root, for the tree's functions. */
  @inline
  get rootAt(): usize {
    return changetype<usize>(this) + offsetof<Descriptors>('root')
  }

  @inline
  get semaphores(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Descriptors>('semaphoresPrev'))
  }

  /** Whether the process has one thread, whose calls alone use them. */
  @inline
  get isOwn(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Descriptors>('users')) === 1
  }

  /** The open file of a descriptor; null if it has none. Holds: Files, unless nobody else uses them. */
  @inline
  fileAtLocked(fd: i32): File | null {
    return changetype<File>(radixGet(this.root, fd) & ~MARKS)
  }

  /** Whether a descriptor is closed by exec. Holds: Files. */
  @inline
  closesOnExecLocked(fd: i32): bool {
    return (radixGet(this.root, fd) & CLOSE_ON_EXEC) !== 0
  }

  /** The lowest free descriptor from `from` on, which is taken from now on; EMFILE, ENOMEM. Holds: Files. */
  takeLocked(from: u32): i32 {
    let fd = max(from, this.lowest)
    while (fd < this.limit && radixGet(this.root, fd) !== 0) fd++
    if (from <= this.lowest) this.lowest = fd
    if (fd >= this.limit) return -EMFILE
    return radixEnter(this.rootAt, fd, TAKEN) !== 0 ? fd : -ENOMEM
  }

  /** Makes a descriptor free. Holds: Files. */
  freeLocked(fd: u32): void {
    radixClear(this.rootAt, fd)
    this.lowest = min(this.lowest, fd)
  }

  /** Gives a descriptor a file, whose reference the caller gives away; false, and the reference stays, if there is no memory. Holds: Files. */
  setLocked(fd: u32, file: File, closeOnExec: bool): bool {
    const entry = changetype<u32>(file) | (closeOnExec ? CLOSE_ON_EXEC : 0)
    if (radixGet(this.root, fd) === 0) return radixEnter(this.rootAt, fd, entry) !== 0
    radixReplace(changetype<Node>(this.root), fd, entry)
    return true
  }
}

/** The open file of a descriptor, held until the call ends; null if it has none. A call uses one. Takes: Files. */
export function useFile(table: Descriptors, fd: i32): File | null {
  if (table.isOwn) return table.fileAtLocked(fd)
  table.lock(Rank.Files)
  const file = table.fileAtLocked(fd)
  if (file) file.addRef()
  table.unlock(Rank.Files)
  assert(Cpu.current.file === 0, 'descriptors: a call uses two files')
  Cpu.current.file = changetype<usize>(file)
  return file
}

/** Lets go of the file that a call held, now that it ends. Takes: Mapping, Mount. */
export function endUse(cpu: Cpu): void {
  const file = cpu.file
  cpu.file = 0
  putFile(changetype<File>(file))
}

/** Takes the lowest free descriptor, for a file to come; EMFILE, ENOMEM. Takes: Files. */
export function takeDescriptor(table: Descriptors): i32 {
  table.lock(Rank.Files)
  const fd = table.takeLocked(0)
  table.unlock(Rank.Files)
  return fd
}

/** Gives a taken descriptor its file, whose reference the caller gives away. Takes: Files. */
export function fillDescriptor(table: Descriptors, fd: u32, file: File, closeOnExec: bool): void {
  table.lock(Rank.Files)
  // what was taken has its place in the tree
  table.setLocked(fd, file, closeOnExec)
  table.unlock(Rank.Files)
}

/** Makes a taken descriptor, for which there is no file, free again. Takes: Files. */
export function returnDescriptor(table: Descriptors, fd: u32): void {
  table.lock(Rank.Files)
  table.freeLocked(fd)
  table.unlock(Rank.Files)
}

/** Makes the lowest free descriptor from `from` on one more of the file of `fd`: the descriptor, EBADF, EINVAL if `from` is beyond the limit, EMFILE, ENOMEM. Takes: Files. */
export function shareDescriptor(table: Descriptors, fd: i32, from: u32, closeOnExec: bool): i32 {
  table.lock(Rank.Files)
  const file = table.fileAtLocked(fd)
  const result: i32 = !file ? -EBADF : from >= table.limit ? -EINVAL : table.takeLocked(from)
  if (file && result >= 0) {
    table.setLocked(result, file, closeOnExec)
    file.addRef()
  }
  table.unlock(Rank.Files)
  return result
}

/** Makes `to` a descriptor of the file of `fd`, and lets go of the one it had: `to`, EBADF, EBUSY if `to` is taken for a file to come, ENOMEM. Takes: Files, Mapping, Mount. */
export function replaceDescriptor(table: Descriptors, fd: i32, to: i32, closeOnExec: bool): i32 {
  table.lock(Rank.Files)
  const file = <u32>to < table.limit ? table.fileAtLocked(fd) : changetype<File>(0)
  const old = table.fileAtLocked(to)
  let result: i32 = !file ? -EBADF : !old && radixGet(table.root, to) !== 0 ? -EBUSY : to
  if (file && result >= 0) {
    if (table.setLocked(to, file, closeOnExec)) file.addRef()
    else result = -ENOMEM
  }
  table.unlock(Rank.Files)
  if (result >= 0 && old) putFile(old)
  return result
}

/** Whether a descriptor is closed by exec; EBADF if it has no file. Takes: Files. */
export function closesOnExec(table: Descriptors, fd: i32): i32 {
  table.lock(Rank.Files)
  const result: i32 = table.fileAtLocked(fd) ? <i32>table.closesOnExecLocked(fd) : -EBADF
  table.unlock(Rank.Files)
  return result
}

/** Sets whether a descriptor is closed by exec: 0, EBADF. Takes: Files. */
export function setCloseOnExec(table: Descriptors, fd: i32, closeOnExec: bool): i32 {
  table.lock(Rank.Files)
  const file = table.fileAtLocked(fd)
  if (file) table.setLocked(fd, file, closeOnExec)
  table.unlock(Rank.Files)
  return file ? 0 : -EBADF
}

/** Gives a new process, which has no descriptors, those of another, which shares the files; after exec not those that it closes. False, and it has some of them, if there is no memory. Takes: Files. */
export function copyDescriptors(from: Descriptors, to: Descriptors, exec: bool): bool {
  let copied = true
  from.lock(Rank.Files)
  to.limit = from.limit
  to.umask = from.umask
  for (let fd = radixNext(from.root, 0); fd >= 0 && copied; fd = radixNext(from.root, <u32>fd + 1)) {
    const closes = from.closesOnExecLocked(<i32>fd)
    const file = from.fileAtLocked(<i32>fd)
    if (!file || (exec && closes)) continue
    copied = to.setLocked(<u32>fd, file, closes)
    if (copied) file.addRef()
  }
  from.unlock(Rank.Files)
  return copied
}

/** Sets how many descriptors there may be; those beyond stay. Takes: Files. */
export function limitDescriptors(table: Descriptors, limit: u32): void {
  table.lock(Rank.Files)
  table.limit = limit
  table.unlock(Rank.Files)
}

/** Frees a descriptor and lets go of its file: 0, or EBADF. Takes: Files, Mapping, Mount. */
export function closeDescriptor(table: Descriptors, fd: i32): i32 {
  table.lock(Rank.Files)
  const file = table.fileAtLocked(fd)
  if (file) table.freeLocked(fd)
  table.unlock(Rank.Files)
  if (!file) return -EBADF
  putFile(file)
  return 0
}

/** Frees all descriptors of a process that has no thread any more. Takes: Files, Mapping, Mount. */
export function closeAll(table: Descriptors): void {
  for (let fd = radixNext(table.root, 0); fd >= 0; fd = radixNext(table.root, <u32>fd + 1)) closeDescriptor(table, <i32>fd)
}
