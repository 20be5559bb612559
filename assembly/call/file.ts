// open, close, pread, pwrite, lseek, ftruncate, fallocate, fstat, stat: arguments validated in
// the order of Linux's fs/open.c, fs/read_write.c, fs/stat.c, fs/namei.c (6.18). Paths stand in the CPU's
// buffer, and bytes go through it, at most a page at a time. Takes: Names, Mapping and what it nests.
import { EBADF, EFBIG, EINVAL, EISDIR, ENAMETOOLONG, ENODEV, ENOENT, ENXIO, EOPNOTSUPP } from '../abi/errno'
import {
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_WRITE_ZEROES,
  FALLOC_FL_ZERO_RANGE,
  O_ACCMODE,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_DSYNC,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_SYNC,
  O_TMPFILE,
  O_TRUNC,
  PATH_MAX,
  S_IFDIR,
  S_IFREG,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_HOLE,
  SEEK_SET,
} from '../abi/fcntl'
import { PAGE_SIZE } from '../abi/layout'
import { MAX_FILE_BYTES } from '../abi/limits'
import { RLIMIT_FSIZE } from '../abi/resource'
import { punchHole, readPiece, reserve, resize, seekData, seekHole, writePiece } from '../fs/content'
import { closeDescriptor, fillDescriptor, returnDescriptor, takeDescriptor, useFile } from '../fs/descriptors'
import { Names } from '../fs/names'
import { Opening, openLocked } from '../fs/open'
import { findLocked } from '../fs/walk'
import { readQueue } from '../ipc/posixQueue'
import { Dentry } from '../map/dentry'
import { File, putFile } from '../map/file'
import { Inode, Use } from '../map/inode'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** Flags that open knows; it ignores others. */
const KNOWN: u32 =
  O_ACCMODE |
  O_CREAT |
  O_EXCL |
  O_NOCTTY |
  O_TRUNC |
  O_APPEND |
  O_NONBLOCK |
  O_DSYNC |
  O_ASYNC |
  O_DIRECT |
  O_LARGEFILE |
  O_DIRECTORY |
  O_NOFOLLOW |
  O_NOATIME |
  O_CLOEXEC |
  O_SYNC |
  O_PATH |
  O_TMPFILE
/** The largest offset. */
const OFFSET_MAX: u64 = 0x7fffffffffffffff

/** What fstat and stat write to the CPU's buffer. */
@unmanaged
@final
export class FileStat {
  /** Minor of major 0. */
  dev: u32
  ino: u32
  mode: u32
  nlink: u32
  uid: u32
  gid: u32
  rdev: u32
  /** Pages. */
  pages: u32
  /** Bytes. */
  size: f64
  /** Seconds since 1970. */
  atime: f64
  mtime: f64
  ctime: f64
}

/** The open file of a descriptor, held until the call ends, unless it was opened by O_PATH alone; null if there is none. Takes: Files. */
export function fileOf(task: Task, fd: i32): File | null {
  const file = useFile(task.descriptors, fd)
  return file && (file.flags & O_PATH) === 0 ? file : null
}

/** What is wrong with the length of a path. */
function pathError(length: u32): i32 {
  return length === 0 ? -ENOENT : length >= PATH_MAX ? -ENAMETOOLONG : 0
}

/** open(2) of the path of `length` bytes in the CPU's buffer; returns the descriptor. */
export function open(task: Task, length: u32, given: u32, mode: u32): i32 {
  let flags = given & KNOWN
  const unnamed = flags & O_TMPFILE & ~O_DIRECTORY
  if ((flags & (O_DIRECTORY | O_CREAT)) === (O_DIRECTORY | O_CREAT)) return -EINVAL
  if (unnamed !== 0 && ((flags & O_TMPFILE) !== O_TMPFILE || (flags & O_ACCMODE) === O_RDONLY)) return -EINVAL
  if ((flags & O_PATH) !== 0) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
  else flags |= O_LARGEFILE
  let error = pathError(length)
  if (error !== 0) return error
  const table = task.descriptors
  const fd = takeDescriptor(table)
  if (fd < 0) return fd
  const names = Names.only
  names.lock(Rank.Names)
  const opening = Opening.only
  opening.flags = flags
  opening.mode = mode & 0o7777 & ~table.umask
  opening.path = Cpu.current.buffer
  opening.length = length
  opening.truncate = false
  error = openLocked(opening, task)
  const file = opening.file
  const truncate = opening.truncate
  names.unlock(Rank.Names)
  if (error === 0 && truncate) {
    error = resize(file.inode, task, 0)
    if (error !== 0) putFile(file)
  }
  if (error === 0) fillDescriptor(table, fd, file, (flags & O_CLOEXEC) !== 0)
  else returnDescriptor(table, fd)
  return error === 0 ? fd : error
}

/** close(2). */
export function close(task: Task, fd: i32): i32 {
  return closeDescriptor(task.descriptors, fd)
}

/** pread(2) into the CPU's buffer, up to the end of a page; returns how many bytes. */
export function read(task: Task, fd: i32, offset: u64, bytes: u32): i32 {
  if (offset > OFFSET_MAX) return -EINVAL
  const file = useFile(task.descriptors, fd)
  return file ? readAt(file, offset, bytes) : -EBADF
}

/** Reads from a place on, up to the end of a page. */
function readAt(file: File, offset: u64, bytes: u32): i32 {
  if (!file.readable) return -EBADF
  const inode = file.inode
  if (inode.is(S_IFDIR)) return -EISDIR
  const piece = min(bytes, PAGE_SIZE)
  const buffer = Cpu.current.buffer
  if (inode.use === Use.Queue) return readQueue(inode, offset, piece, buffer)
  if (inode.use !== Use.Device) return readPiece(file, offset, piece, buffer)
  memory.fill(buffer, 0, piece)
  return piece
}

/** pwrite(2) from the CPU's buffer, up to the end of a page; returns how many bytes. */
export function write(task: Task, fd: i32, offset: u64, bytes: u32): i32 {
  if (offset > OFFSET_MAX) return -EINVAL
  const file = useFile(task.descriptors, fd)
  return file ? writeAt(task, file, offset, min(bytes, PAGE_SIZE)) : -EBADF
}

/** Writes at a place, or at the end of a file that is open to append, up to the end of a page. */
function writeAt(task: Task, file: File, offset: u64, piece: u32): i32 {
  if (!file.writable) return -EBADF
  if (file.inode.use === Use.Queue) return -EINVAL
  if (piece === 0 || file.inode.use === Use.Device) return piece
  const append = (file.flags & O_APPEND) !== 0
  const at = append ? file.inode.bytes : offset
  const limit = sizeLimit(task)
  if (at >= limit) return -EFBIG
  return writePiece(file.inode, task, offset, <u32>min<u64>(piece, limit - at), Cpu.current.buffer, append)
}

/** read(2) into the CPU's buffer, from the file's position up to the end of a page; returns how many bytes. */
export function readOn(task: Task, fd: i32, bytes: u32): i32 {
  const file = useFile(task.descriptors, fd)
  if (!file) return -EBADF
  while (true) {
    const from = file.positionNow
    const read = readAt(file, from, bytes)
    // another thread that read as well has these bytes, and this one the next
    if (read <= 0 || file.inode.use === Use.Device || file.move(from, from + read)) return read
  }
}

/** write(2) from the CPU's buffer, at the file's position up to the end of a page; returns how many bytes. */
export function writeOn(task: Task, fd: i32, bytes: u32): i32 {
  const file = useFile(task.descriptors, fd)
  if (!file) return -EBADF
  const piece = min(bytes, PAGE_SIZE)
  if (file.inode.use === Use.Device || !file.writable) return writeAt(task, file, 0, piece)
  if ((file.flags & O_APPEND) !== 0) {
    const written = writeAt(task, file, 0, piece)
    if (written > 0) atomic.store<u64>(changetype<usize>(file), file.inode.bytes, offsetof<File>('position'))
    return written
  }
  // whoever moves the position first has the place
  let from = file.positionNow
  let end = pageEnd(from, piece)
  while (!file.move(from, end)) {
    from = file.positionNow
    end = pageEnd(from, piece)
  }
  const written = writeAt(task, file, from, piece)
  if (written < 0) file.move(end, from)
  else file.move(end, from + written)
  return written
}

/** Where a piece that is written at a place ends: with the page. */
function pageEnd(from: u64, piece: u32): u64 {
  return min<u64>(from + piece, (from & ~(<u64>(PAGE_SIZE - 1))) + PAGE_SIZE)
}

/** The largest size that the process may give a file: RLIMIT_FSIZE. Beyond it is EFBIG, as where SIGXFSZ is ignored. */
function sizeLimit(task: Task): u64 {
  return task.mm.limit(RLIMIT_FSIZE).softNow
}

/** lseek(2); returns the place. */
export function seek(task: Task, fd: i32, offset: i64, whence: u32): f64 {
  const file = fileOf(task, fd)
  if (!file) return -EBADF
  if (whence > SEEK_HOLE) return -EINVAL
  // where one is in a device without an end does not matter
  if (file.inode.use === Use.Device) return 0
  const at = changetype<usize>(file) + offsetof<File>('position')
  while (true) {
    const old = atomic.load<u64>(at)
    const to = seekTarget(file.inode, <i64>old, offset, whence)
    if (to < 0) return <f64>to
    if (atomic.cmpxchg<u64>(at, old, to) === old) return <f64>to
  }
}

/** Where a seek leads to, or -errno. */
function seekTarget(inode: Inode, position: i64, offset: i64, whence: u32): i64 {
  if (whence === SEEK_DATA || whence === SEEK_HOLE) {
    if (offset < 0) return -ENXIO
    if (!inode.is(S_IFREG)) return <u64>offset < inode.bytes ? offset : -ENXIO
    return whence === SEEK_DATA ? seekData(inode, offset) : seekHole(inode, offset)
  }
  const base: i64 = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? position : <i64>inode.bytes
  const to = base + offset
  return to < 0 || (offset > 0 && to < base) ? -EINVAL : to
}

/** ftruncate(2). */
export function truncate(task: Task, fd: i32, bytes: u64): i32 {
  if (bytes > OFFSET_MAX) return -EINVAL
  const file = fileOf(task, fd)
  if (!file) return -EBADF
  if (!file.inode.is(S_IFREG) || !file.writable) return -EINVAL
  const grows = bytes > file.inode.bytes
  return bytes > MAX_FILE_BYTES || (grows && bytes > sizeLimit(task)) ? -EFBIG : resize(file.inode, task, bytes)
}

/** fallocate(2). */
export function allocate(task: Task, fd: i32, mode: u32, offset: i64, length: i64): i32 {
  const file = fileOf(task, fd)
  if (!file) return -EBADF
  if (offset < 0 || length <= 0) return -EINVAL
  // of the modes that other file systems have, none comes before the check for writing
  const punch = mode === (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
  if (!punch && !isMode(mode)) return -EOPNOTSUPP
  if (!file.writable) return -EBADF
  const inode = file.inode
  if (inode.is(S_IFDIR)) return -EISDIR
  if (!inode.is(S_IFREG)) return -ENODEV
  const end = <u64>offset + <u64>length
  if (end > MAX_FILE_BYTES) return -EFBIG
  if (inode.use === Use.Queue) return -EOPNOTSUPP
  if (punch) return punchHole(inode, task, offset, end)
  if ((mode & ~FALLOC_FL_KEEP_SIZE) !== 0) return -EOPNOTSUPP
  return end > inode.bytes && end > sizeLimit(task) ? -EFBIG : reserve(inode, task, mode, offset, end)
}

/** Whether some file system knows a mode of fallocate that punches no hole. */
function isMode(mode: u32): bool {
  const kind = mode & ~FALLOC_FL_KEEP_SIZE
  if (kind === FALLOC_FL_COLLAPSE_RANGE || kind === FALLOC_FL_INSERT_RANGE || kind === FALLOC_FL_WRITE_ZEROES) return kind === mode
  return kind === 0 || kind === FALLOC_FL_ZERO_RANGE || kind === FALLOC_FL_UNSHARE_RANGE
}

/** fstat(2) into the CPU's buffer. */
export function stat(task: Task, fd: i32): i32 {
  const file = useFile(task.descriptors, fd)
  if (!file) return -EBADF
  report(file.inode)
  return 0
}

/** stat(2) of the path in the CPU's buffer, into that buffer. Takes: Names. */
export function statPath(task: Task, length: u32): i32 {
  const names = Names.only
  names.lock(Rank.Names)
  const error = findLocked(task, Cpu.current.buffer, length)
  if (error === 0) report(changetype<Dentry>(names.found).inode)
  names.unlock(Rank.Names)
  return error
}

/** Takes: Mapping. */
function report(inode: Inode): void {
  const stat = changetype<FileStat>(Cpu.current.buffer)
  inode.lock(Rank.Mapping)
  stat.dev = inode.mount.device
  stat.ino = inode.number
  stat.mode = inode.mode
  stat.nlink = inode.links
  stat.uid = inode.uid
  stat.gid = inode.gid
  stat.rdev = inode.use === Use.Device ? inode.tag : 0
  stat.pages = inode.isDisk ? inode.blocks : inode.pages + inode.swapped
  stat.size = <f64>inode.bytes
  stat.atime = inode.accessed
  stat.mtime = inode.modified
  stat.ctime = inode.changed
  inode.unlock(Rank.Mapping)
}
