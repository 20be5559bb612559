// What fstat reports, read from the CPU's transfer buffer.
import type { Kernel } from '../core/kernel.js'
import { FileStatLayout } from '../core/layout.gen.js'

/** struct stat: sizes in bytes, blocks of 512 bytes, times in seconds since 1970. */
export interface FileStat {
  dev: number
  ino: number
  mode: number
  nlink: number
  uid: number
  gid: number
  rdev: number
  size: number
  blksize: number
  blocks: number
  atime: number
  mtime: number
  ctime: number
}

/** The report of fstat or stat. */
export function readFileStat({ view, buffer }: Kernel): FileStat {
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const long = (offset: number): number => view.getFloat64(buffer + offset, true)
  const at = FileStatLayout
  return {
    dev: word(at.dev),
    ino: word(at.ino),
    mode: word(at.mode),
    nlink: word(at.nlink),
    uid: word(at.uid),
    gid: word(at.gid),
    rdev: word(at.rdev),
    size: long(at.size),
    blksize: 4096,
    blocks: word(at.pages) * 8,
    atime: long(at.atime),
    mtime: long(at.mtime),
    ctime: long(at.ctime),
  }
}
