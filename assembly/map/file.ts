// Open files: what a descriptor, a VMA or a segment holds. One is made by each open, and by each
// mapping of shared anonymous memory; who duplicates a descriptor, forks or splits a VMA shares it.
import { O_ACCMODE, O_PATH } from '../abi/fcntl'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { addTo, takeFrom } from '../sync/counter'
import { Dentry, putDentry } from './dentry'
import { Inode, putInode } from './inode'

/** An open file: Linux's struct file. */
@unmanaged
@final
export class File {
  /** Who holds the file. Guard: atomic. */
  refs: u32
  /** Access mode and flags of open(2). Guard: atomic; the access mode is immutable. */
  flags: u32
  /** Where lseek, reading and writing left off, in bytes. Guard: atomic. */
  position: u64
  /** What it opens; holds a reference. Guard: immutable. */
  inode: Inode
  /** The name it was opened by; holds a reference. Null for segments and shared anonymous memory. Guard: immutable. */
  dentry: Dentry | null
  /** The segment whose attachment it is, else 0. Guard: immutable; each VMA of it counts in the segment's nattch. */
  segment: u32
  /** Behind the last byte that was read of a disk's file; all ones if none was. Guard: racy. */
  lastRead: u64
  /** Which errors of writing back whoever has the file open knows, see Inode.errors. Guard: Mapping. */
  errors: u32
  /** References that validate() counts. */
  tally: u32

  /** Whether it may be read; O_ACCMODE's fourth value, 3, opens for neither. */
  @inline
  get readable(): bool {
    return (((this.flags & O_ACCMODE) + 1) & 1) !== 0 && (this.flags & O_PATH) === 0
  }

  /** Whether it may be written. */
  @inline
  get writable(): bool {
    return (((this.flags & O_ACCMODE) + 1) & 2) !== 0 && (this.flags & O_PATH) === 0
  }

  /** Where reading and writing goes on. */
  @inline
  get positionNow(): u64 {
    return atomic.load<u64>(changetype<usize>(this), offsetof<File>('position'))
  }

  /** Moves the position on from a place; false if it is another by now. */
  @inline
  move(from: u64, to: u64): bool {
    return atomic.cmpxchg<u64>(changetype<usize>(this) + offsetof<File>('position'), from, to) === from
  }

  /** Gets hold of the file. */
  @inline
  addRef(): void {
    addTo<u32>(changetype<usize>(this) + offsetof<File>('refs'), 1)
  }
}

/** An open file with one reference, which takes over the caller's reference to the inode; null, and the caller keeps it, if there is no memory. */
export function newFile(inode: Inode, flags: u32): File | null {
  const file = changetype<File>(allocObject(Kind.File))
  if (!file) return null
  file.refs = 1
  file.flags = flags
  file.inode = inode
  file.lastRead = ~(<u64>0)
  // of one that nobody was told of, who opens the file now is told, too
  file.errors = (inode.errors & 1) !== 0 ? inode.errors : 0
  return file
}

/** An open file of what a dentry names, with references of its own to both; null if there is no memory. */
export function openDentry(dentry: Dentry, flags: u32): File | null {
  const file = newFile(dentry.inode, flags)
  if (!file) return null
  dentry.inode.addRef()
  dentry.addRef()
  file.dentry = dentry
  return file
}

/** Lets go of a file; the last one lets go of its name and its inode. Takes: Mapping, Mount. */
export function putFile(file: File): void {
  if (takeFrom<u32>(changetype<usize>(file) + offsetof<File>('refs'), 1) !== 1) return
  const dentry = file.dentry
  putInode(file.inode)
  if (dentry) putDentry(dentry)
  freeObject(Kind.File, changetype<usize>(file))
}
