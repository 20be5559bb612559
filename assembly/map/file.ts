// Open files: what a descriptor, a VMA or a segment holds. One is made by each open, and by each
// mapping of shared anonymous memory; who duplicates a descriptor, forks or splits a VMA shares it.
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Inode, putInode } from './inode'

/** An open file: Linux's struct file. */
@unmanaged
@final
export class File {
  /** Who holds the file. Guard: atomic. */
  refs: u32
  /** Access mode and flags of open(2). Guard: immutable. */
  flags: u32
  /** What it opens; holds a reference. Guard: immutable. */
  inode: Inode
  /** The segment whose attachment it is, else 0. Guard: immutable; each VMA of it counts in the segment's nattch. */
  segment: u32
  /** References that validate() counts. */
  tally: u32

  /** Gets hold of the file. */
  @inline
  addRef(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<File>('refs'))
  }
}

/** An open file with one reference, which takes over the caller's reference to the inode; null, and the caller keeps it, if there is no memory. */
export function newFile(inode: Inode, flags: u32): File | null {
  const file = changetype<File>(allocObject(Kind.File))
  if (!file) return null
  file.refs = 1
  file.flags = flags
  file.inode = inode
  return file
}

/** Lets go of a file; the last one lets go of its inode. Takes: Mapping, Mount. */
export function putFile(file: File): void {
  if (atomic.sub<u32>(changetype<usize>(file), 1, offsetof<File>('refs')) !== 1) return
  putInode(file.inode)
  freeObject(Kind.File, changetype<usize>(file))
}
