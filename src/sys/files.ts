// The system calls on files, and glibc's shm_open and shm_unlink over them.
import { EACCES, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, EPERM } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { NAME_MAX, O_CLOEXEC, O_NOFOLLOW } from '../abi/fcntl.gen.js'
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import { shown, whole } from './arguments.js'
import { type FileStat, readFileStat } from './fileStat.js'
import { LimitCalls } from './limits.js'

/** The most bytes that a call reads, as in Linux. */
const MAX_RW_COUNT = 0x7ffff000
const SHM_FOLDER = '/dev/shm/'

/** The bytes of a path. Throws a TypeError if it is no string or has a NUL in it. */
export function pathBytes(text: string): Uint8Array {
  if (typeof text !== 'string' || text.includes('\0')) throw new TypeError(`a path is a string without NUL, not ${JSON.stringify(text)}`)
  return new TextEncoder().encode(text)
}

/** open(2) and its like. */
export class FileCalls extends LimitCalls {
  /**
   * Puts a path or a name into the CPU's buffer; returns its length in bytes.
   * Throws a TypeError if it is no string or has a NUL in it.
   */
  protected text(text: string): number {
    const bytes = pathBytes(text)
    this.#bytes().set(bytes.subarray(0, BUFFER_SIZE))
    return bytes.length
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.kernel.view.buffer, this.kernel.buffer, BUFFER_SIZE)
  }

  /** Opens a path: the descriptor, or -errno. */
  protected openPath(path: string, flags: number, mode: number): number {
    whole(flags, 'flags')
    whole(mode, 'mode')
    return this.kernel.exports.file_open(this.pid, this.text(path), flags, mode)
  }

  /** Opens a file, and makes it if the flags say so; returns the lowest free descriptor. Paths begin at the root. */
  open(path: string, flags: number, mode = 0): number {
    return this.check(this.openPath(path, flags, mode), 'open', path)
  }

  /** Closes a descriptor. */
  close(fd: number): void {
    this.check(this.kernel.exports.file_close(this.pid, whole(fd, 'fd')), 'close')
  }

  /** Reads piece by piece until one is missing; `next` leaves a piece of at most so many bytes, which follows `done` others, in the CPU's buffer. */
  #read(length: number, syscall: string, next: (done: number, most: number) => number): Uint8Array {
    if (whole(length, 'length') < 0) throw new RangeError(`length must not be negative, it is ${length}`)
    const most = Math.min(length, MAX_RW_COUNT)
    const parts: Uint8Array[] = []
    let done = 0
    do {
      const part = next(done, Math.min(most - done, BUFFER_SIZE))
      if (part < 0 && done === 0) this.check(part, syscall)
      if (part <= 0) break
      parts.push(this.#bytes().slice(0, part))
      done += part
    } while (done < most)
    const [only] = parts
    if (parts.length === 1 && only) return only
    const bytes = new Uint8Array(done)
    parts.reduce((at, part) => {
      bytes.set(part, at)
      return at + part.length
    }, 0)
    return bytes
  }

  /** Writes piece by piece until one is not written whole; `next` writes so many bytes from the CPU's buffer behind `done` others. */
  #write(bytes: Uint8Array, syscall: string, next: (done: number, length: number) => number): number {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`bytes must be a Uint8Array, not ${shown(bytes)}`)
    let done = 0
    do {
      const part = bytes.subarray(done, done + BUFFER_SIZE)
      this.#bytes().set(part)
      const written = next(done, part.length)
      if (written < 0 && done === 0) this.check(written, syscall)
      if (written <= 0) break
      done += written
    } while (done < bytes.length)
    return done
  }

  /** The bytes of a file from `offset` on, at most `length` and 2 GiB less a page, fewer at its end. */
  pread(fd: number, length: number, offset: number): Uint8Array {
    whole(fd, 'fd')
    whole(offset, 'offset')
    const { file_read } = this.kernel.exports
    return this.#read(length, 'pread', (done, most) => file_read(this.pid, fd, offset + done, most))
  }

  /** read(2): as pread, from the file's position on, which moves behind what was read. Whoever has the open file by another descriptor shares it. */
  readFd(fd: number, length: number): Uint8Array {
    whole(fd, 'fd')
    const { file_read_on } = this.kernel.exports
    return this.#read(length, 'read', (_, most) => file_read_on(this.pid, fd, most))
  }

  /**
   * Writes bytes to a file at `offset`, or at its end if it is open with O_APPEND; returns how many, which is fewer
   * than asked for if there was no room for all. Each page's part is written at once, so that writers of more than
   * that may find theirs among others'.
   */
  pwrite(fd: number, bytes: Uint8Array, offset: number): number {
    whole(fd, 'fd')
    whole(offset, 'offset')
    const { file_write } = this.kernel.exports
    return this.#write(bytes, 'pwrite', (done, length) => file_write(this.pid, fd, offset + done, length))
  }

  /** write(2): as pwrite, at the file's position, which moves behind what was written. */
  writeFd(fd: number, bytes: Uint8Array): number {
    whole(fd, 'fd')
    const { file_write_on } = this.kernel.exports
    return this.#write(bytes, 'write', (_, length) => file_write_on(this.pid, fd, length))
  }

  /** Moves a file's position, and returns it; SEEK_DATA and SEEK_HOLE find where data and holes begin, by pages. */
  lseek(fd: number, offset: number, whence: number): number {
    const { file_seek } = this.kernel.exports
    return this.check(file_seek(this.pid, whole(fd, 'fd'), whole(offset, 'offset'), whole(whence, 'whence')), 'lseek')
  }

  /** Moves a file's end: what was behind it is gone, from mappings too; what comes is zeros. */
  ftruncate(fd: number, length: number): void {
    this.check(this.kernel.exports.file_truncate(this.pid, whole(fd, 'fd'), whole(length, 'length')), 'ftruncate')
  }

  /** Gives a stretch of a file memory, or takes it away again: mode 0, FALLOC_FL_KEEP_SIZE, or that and FALLOC_FL_PUNCH_HOLE. */
  fallocate(fd: number, mode: number, offset: number, length: number): void {
    const { file_allocate } = this.kernel.exports
    const result = file_allocate(this.pid, whole(fd, 'fd'), whole(mode, 'mode'), whole(offset, 'offset'), whole(length, 'length'))
    this.check(result, 'fallocate')
  }

  /**
   * Writes what was changed of a file to its disk; of other files there is nothing to do. Throws a SysError EIO, once for each open file, if
   * some of it could not be written, here or before; EINVAL of a device.
   */
  fsync(fd: number): void {
    this.check(this.kernel.exports.file_sync(this.pid, whole(fd, 'fd')), 'fsync')
  }

  /** As fsync. */
  fdatasync(fd: number): void {
    this.check(this.kernel.exports.file_sync(this.pid, whole(fd, 'fd')), 'fdatasync')
  }

  /** Writes what was changed of all files to their disks. */
  sync(): void {
    this.check(this.kernel.exports.disk_sync(this.pid), 'sync')
  }

  /**
   * Says what is going to be done with a stretch of a file, to its end if `length` is 0: of a disk's, POSIX_FADV_WILLNEED reads it into memory, and
   * POSIX_FADV_DONTNEED writes it back and takes whole pages that nobody uses out of memory; other advice does nothing.
   */
  posix_fadvise(fd: number, offset: number, length: number, advice: number): void {
    const { file_advise } = this.kernel.exports
    const result = file_advise(this.pid, whole(fd, 'fd'), whole(offset, 'offset'), whole(length, 'length'), whole(advice, 'advice'))
    this.check(result, 'posix_fadvise')
  }

  /** What is known of an open file. */
  fstat(fd: number): FileStat {
    this.check(this.kernel.exports.file_stat(this.pid, whole(fd, 'fd')), 'fstat')
    return readFileStat(this.kernel)
  }

  /** What is known of the file with a path. */
  stat(path: string): FileStat {
    this.check(this.kernel.exports.file_stat_path(this.pid, this.text(path)), 'stat', path)
    return readFileStat(this.kernel)
  }

  /** Takes a file's name away. The file goes once nothing has it open or mapped. */
  unlink(path: string): void {
    this.check(this.unlinkPath(path), 'unlink', path)
  }

  /** Takes a path's name away: 0, or -errno. */
  protected unlinkPath(path: string): number {
    return this.kernel.exports.file_unlink(this.pid, this.text(path))
  }

  /** The path of a shared memory object, as glibc makes it; an error if the name is none. */
  #shmPath(name: string): string | number {
    if (typeof name !== 'string') throw new TypeError(`a name is a string, not ${JSON.stringify(name)}`)
    const bare = name.replace(/^\/+/, '')
    const length = new TextEncoder().encode(bare).length
    if (length > NAME_MAX) return -ENAMETOOLONG
    return length === 0 || bare.includes('/') ? -EINVAL : SHM_FOLDER + bare
  }

  /** Opens a shared memory object by its name, a file in /dev/shm; the descriptor is closed by exec. */
  shm_open(name: string, flags: number, mode: number): number {
    const path = this.#shmPath(name)
    const fd = typeof path === 'number' ? path : this.openPath(path, whole(flags, 'flags') | O_NOFOLLOW | O_CLOEXEC, mode)
    return this.check(fd === -EISDIR ? -EINVAL : fd, 'shm_open', name)
  }

  /** Takes the name of a shared memory object away. */
  shm_unlink(name: string): void {
    const path = this.#shmPath(name)
    if (path === -EINVAL) throw new SysError(ENOENT, 'shm_unlink')
    const result = typeof path === 'number' ? path : this.unlinkPath(path)
    this.check(result === -EPERM ? -EACCES : result, 'shm_unlink', name)
  }
}
