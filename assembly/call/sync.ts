// fsync, fdatasync, posix_fadvise: arguments validated in the order of Linux's fs/sync.c and mm/fadvise.c (6.18). Takes: Mapping and what it nests.
import { EBADF, EINVAL } from '../abi/errno'
import { POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE, POSIX_FADV_WILLNEED } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { Inode, Use } from '../map/inode'
import { dropClean, readRange, syncFile, writeBack } from '../mm/pageCache'
import { Task } from '../proc/task'
import { fileOf } from './file'

const OFFSET: u64 = PAGE_SIZE - 1
/** The last byte that a file may have. */
const LAST: u64 = 0x7fffffffffffffff

/** fsync(2), and fdatasync(2), as there is nothing but data to write: 0, EIO, EINVAL of what cannot be synced. */
export function sync(task: Task, fd: i32): i32 {
  const file = fileOf(task, fd)
  if (!file) return -EBADF
  const use = file.inode.use
  return use === Use.Device || use === Use.Queue ? -EINVAL : syncFile(file, 0, 0xffffffff)
}

/** posix_fadvise(2): reads a stretch of a disk's file in, or writes it back and takes what nobody uses out of memory; of other files, and for other advice, it does nothing. */
export function advise(task: Task, fd: i32, offset: i64, length: i64, advice: u32): i32 {
  const file = fileOf(task, fd)
  if (!file) return -EBADF
  if (length < 0 || advice > POSIX_FADV_NOREUSE) return -EINVAL
  const inode = file.inode
  if (!inode.isDisk) return 0
  const end = <u64>offset + <u64>length
  const last = length === 0 || end > LAST ? LAST : end - 1
  if (advice === POSIX_FADV_WILLNEED) readRange(inode, <u64>offset >> PAGE_SHIFT, (last >> PAGE_SHIFT) + 1)
  else if (advice === POSIX_FADV_DONTNEED) dropRange(inode, offset, last)
  return 0
}

/** Writes the pages of the bytes [first, last] back, and takes those that are whole within out of memory. */
function dropRange(inode: Inode, first: u64, last: u64): void {
  const begin = (first + OFFSET) >> PAGE_SHIFT
  let end = last >> PAGE_SHIFT
  writeBack(inode, <u32>min<u64>(first >> PAGE_SHIFT, 0xffffffff), <u32>min<u64>(end, 0xffffffff))
  if ((last & OFFSET) !== OFFSET && last !== inode.bytes - 1) {
    if (end === 0) return
    end--
  }
  if (begin <= min<u64>(end, 0xffffffff)) dropClean(inode, <u32>begin, <u32>min<u64>(end, 0xffffffff))
}
