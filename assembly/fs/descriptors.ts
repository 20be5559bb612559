// A process's file descriptors: a radix tree from numbers to open files, bit 0 of an entry saying that
// the descriptor is closed by exec, here by spawn. Only the process's own thread uses them, so they
// need no lock. Takes: Mapping, Mount, Slab.
import { EBADF, EMFILE, ENOMEM } from '../abi/errno'
import { File, putFile } from '../map/file'
import { Node, radixClear, radixEnter, radixGet, radixNext, radixReplace } from '../map/radix'

/** In an entry: closed by exec. */
const CLOSE_ON_EXEC: u32 = 1

/** The descriptors of a process, and what else of it concerns files. Guard: the process's own thread. */
@unmanaged
@final
export class Descriptors {
  /** The tree's root; null if nothing is open. */
  root: Node | null
  /** No descriptor below is free. */
  lowest: u32
  /** Descriptors are below: RLIMIT_NOFILE. */
  limit: u32
  /** Mode bits that new files do not get. */
  umask: u32

  /** Address of the root, for the tree's functions. */
  @inline
  get rootAt(): usize {
    return changetype<usize>(this) + offsetof<Descriptors>('root')
  }

  /** The open file of a descriptor; null if it has none. */
  @inline
  fileAt(fd: i32): File | null {
    return changetype<File>(radixGet(this.root, fd) & ~CLOSE_ON_EXEC)
  }

  /** Whether a descriptor is closed by exec. */
  @inline
  closesOnExec(fd: i32): bool {
    return (radixGet(this.root, fd) & CLOSE_ON_EXEC) !== 0
  }

  /** The lowest free descriptor from `from` on; EMFILE if there is none. */
  free(from: u32): i32 {
    let fd = max(from, this.lowest)
    while (fd < this.limit && radixGet(this.root, fd) !== 0) fd++
    if (from <= this.lowest) this.lowest = fd
    return fd < this.limit ? fd : -EMFILE
  }

  /** Gives a free descriptor a file, whose reference the caller gives away: the descriptor, or ENOMEM and the reference stays. */
  set(fd: u32, file: File, closeOnExec: bool): i32 {
    return radixEnter(this.rootAt, fd, changetype<u32>(file) | (closeOnExec ? CLOSE_ON_EXEC : 0)) !== 0 ? fd : -ENOMEM
  }

  /** Frees a descriptor; returns the file whose reference the caller has now, null if there was none. */
  take(fd: i32): File | null {
    const file = this.fileAt(fd)
    if (!file) return null
    radixClear(this.rootAt, fd)
    this.lowest = min(this.lowest, <u32>fd)
    return file
  }

  /** Whether a descriptor is closed by exec from now on; it has a file. */
  mark(fd: i32, closeOnExec: bool): void {
    radixReplace(changetype<Node>(this.root), fd, changetype<u32>(this.fileAt(fd)) | (closeOnExec ? CLOSE_ON_EXEC : 0))
  }
}

/** Gives a new process, which has no descriptors, those of another, which shares the files; after exec not those that it closes. False, and it has some of them, if there is no memory. */
export function copyDescriptors(from: Descriptors, to: Descriptors, exec: bool): bool {
  to.limit = from.limit
  to.umask = from.umask
  for (let fd = radixNext(from.root, 0); fd >= 0; fd = radixNext(from.root, <u32>fd + 1)) {
    const closes = from.closesOnExec(<i32>fd)
    if (exec && closes) continue
    const file = changetype<File>(from.fileAt(<i32>fd))
    if (to.set(<u32>fd, file, closes) < 0) return false
    file.addRef()
  }
  return true
}

/** Frees a descriptor and lets go of its file: 0, or EBADF. */
export function closeDescriptor(table: Descriptors, fd: i32): i32 {
  const file = table.take(fd)
  if (!file) return -EBADF
  putFile(file)
  return 0
}

/** Frees all descriptors. */
export function closeAll(table: Descriptors): void {
  for (let fd = radixNext(table.root, 0); fd >= 0; fd = radixNext(table.root, <u32>fd + 1)) closeDescriptor(table, <i32>fd)
}
