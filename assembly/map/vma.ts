// VMAs: stretches of an address space with one kind of content and one set of rights. They stand
// in their Mm's list in order of address and in its tree; those of an object stand in the object's
// list too. Page numbers, not addresses. Guard, where a field says no other: Space.
import { Link } from '../lib/list'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Rank } from '../sync/lockdep'
import { File, putFile } from './file'
import { Inode } from './inode'

export const VM_READ: u32 = 1
export const VM_WRITE: u32 = 2
export const VM_EXEC: u32 = 4
export const VM_SHARED: u32 = 8
/** The rights mprotect may give are the rights above, shifted so. */
export const VM_MAY_SHIFT: u32 = 4
export const VM_RIGHTS: u32 = VM_READ | VM_WRITE | VM_EXEC

/** One stretch: the pages [start, end). */
@unmanaged
@final
export class Vma extends Link {
  /** Guard, of these two and `offset`: Space, and the object's Mapping to write, so that either lets one read. */
  start: u64
  end: u64
  flags: u32
  /** The Mm this belongs to. Guard: immutable. */
  space: u32
  /** Subtrees of lower and of higher addresses. */
  left: Vma | null
  right: Vma | null
  /** Order of the heap: no child's is larger. Guard: immutable. */
  priority: u32
  /** The file it shows, null for private anonymous memory; holds a reference. Guard: immutable. */
  file: File | null
  /** The file's inode. Guard: immutable. */
  object: Inode | null
  /** The object's page at `start`. */
  offset: u32
  /** The attached segment, the file's; 0 if this is no attachment. Guard: immutable; counted in its nattch. */
  segment: u32
  /** Neighbours in the object's list. Guard: Mapping. */
  sharedPrev: Link
  sharedNext: Link
  /** The widest gap in front of a VMA of this subtree, in pages. */
  gap: u64

  @inline
  get shared(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Vma>('sharedPrev'))
  }

  /** The VMA whose `shared` link this is. */
  @inline
  static ofShared(link: Link): Vma {
    return changetype<Vma>(changetype<usize>(link) - offsetof<Vma>('sharedPrev'))
  }

  /** The object's page that this shows at a page number. */
  @inline
  indexOf(vpn: u64): u32 {
    return this.offset + <u32>(vpn - this.start)
  }
}

/** A VMA that is nowhere linked yet; null if there is no memory. */
export function newVma(space: u32, start: u64, end: u64, flags: u32): Vma | null {
  const vma = changetype<Vma>(allocObject(Kind.Vma))
  if (!vma) return null
  vma.space = space
  vma.start = start
  vma.end = end
  vma.flags = flags
  // any function that scatters addresses balances the tree
  vma.priority = changetype<u32>(vma) * 0x9e3779b1
  return vma
}

/** Makes the VMA show a file from page `offset` on, with a reference of its own. Takes: Mapping. */
export function showFile(vma: Vma, file: File, offset: u32): void {
  const object = file.inode
  vma.file = file
  vma.segment = file.segment
  vma.object = object
  vma.offset = offset
  file.addRef()
  object.lock(Rank.Mapping)
  vma.shared.insertBefore(object.vmas)
  object.unlock(Rank.Mapping)
}

/** Moves the end of a VMA. Whoever unmaps pages of its object looks at it under the object's lock. Takes: Mapping. */
export function setEnd(vma: Vma, end: u64): void {
  const object = vma.object
  if (object) object.lock(Rank.Mapping)
  vma.end = end
  if (object) object.unlock(Rank.Mapping)
}

/** Frees a VMA that is in no address space any more. Takes: Mapping. */
export function freeVma(vma: Vma): void {
  const object = vma.object
  if (object) {
    object.lock(Rank.Mapping)
    vma.shared.unlink()
    object.unlock(Rank.Mapping)
    putFile(changetype<File>(vma.file))
  }
  freeObject(Kind.Vma, changetype<usize>(vma))
}
