// VMAs: stretches of an address space with one kind of content and one set of rights. They stand
// in their Mm's list in order of address and in its tree; those of an object stand in the object's
// list too, those with private pages in their family's. Page numbers, not addresses. Guard, where a field says no other: Space.
import { Link } from '../lib/list'
import { NO_FAULT } from '../phys/lru'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Rank } from '../sync/lockdep'
import { enterFamily, Family, leaveFamily } from './family'
import { File, putFile } from './file'
import { Inode } from './inode'

export const VM_READ: u32 = 1
export const VM_WRITE: u32 = 2
export const VM_EXEC: u32 = 4
export const VM_SHARED: u32 = 8
/** The rights mprotect may give are the rights above, shifted so. */
export const VM_MAY_SHIFT: u32 = 4
export const VM_RIGHTS: u32 = VM_READ | VM_WRITE | VM_EXEC
/** What madvise said of the order of accesses. */
export const VM_SEQ_READ: u32 = 0x8000
export const VM_RAND_READ: u32 = 0x10000
/** It grows down when what lies below it is touched. */
export const VM_GROWSDOWN: u32 = 0x100
/** Its pages are to stay in memory; of the second kind, once they are there. */
export const VM_LOCKED: u32 = 0x2000
export const VM_LOCKONFAULT: u32 = 0x80000
export const VM_LOCKS: u32 = VM_LOCKED | VM_LOCKONFAULT
/** Its pages are promised, see phys/commit; or the process does without a promise. */
export const VM_ACCOUNT: u32 = 0x100000
export const VM_NORESERVE: u32 = 0x200000
/** A child does not get the VMA. */
export const VM_DONTCOPY: u32 = 0x20000
/** A child gets the VMA without its pages. */
export const VM_WIPEONFORK: u32 = 0x2000000
/** A core dump would leave it out. */
export const VM_DONTDUMP: u32 = 0x4000000

/** One stretch: the pages [start, end). */
@unmanaged
@final
export class Vma extends Link {
  /** Guard, of these two and `offset`: Space, and the object's Mapping and the family's lock to write, so that any lets one read. */
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
  /** The object's page at `start`; of private anonymous memory, the page number where its first page was mapped. */
  offset: u64
  /** Which private pages it can have: see mm/merge. 0 while it had none. */
  anon: u32
  /** The family of its private pages, null if and only if `anon` is 0. */
  family: Family | null
  /** Neighbours in the family's list. Guard: Family. */
  kinPrev: Link
  kinNext: Link
  /** The attached segment, the file's; 0 if this is no attachment. Guard: immutable; counted in its nattch. */
  segment: u32
  /** Neighbours in the object's list. Guard: Mapping. */
  sharedPrev: Link
  sharedNext: Link
  /** The widest gap in front of a VMA of this subtree, in pages. */
  gap: u64
  /** How its pages were read from swap ahead of use: see mm/swapAhead. Guard: Tables. */
  ahead: u64

  @inline
  get shared(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Vma>('sharedPrev'))
  }

  @inline
  get kin(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Vma>('kinPrev'))
  }

  /** The VMA whose `kin` link this is. */
  @inline
  static ofKin(link: Link): Vma {
    return changetype<Vma>(changetype<usize>(link) - offsetof<Vma>('kinPrev'))
  }

  /** The VMA whose `shared` link this is. */
  @inline
  static ofShared(link: Link): Vma {
    return changetype<Vma>(changetype<usize>(link) - offsetof<Vma>('sharedPrev'))
  }

  /** The object's page that this shows at a page number; it may lie beyond the object's end. */
  @inline
  indexOf(vpn: u64): u64 {
    return this.offset + (vpn - this.start)
  }
}

/** Whether a VMA shows its object's pages such that they may be written at once: not those of a disk, whose first write is to be noted. */
export function mayShowWritable(vma: Vma): bool {
  return (vma.flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE) && !changetype<Inode>(vma.object).isDisk
}

/** A VMA of private anonymous memory that is nowhere linked yet; null if there is no memory. */
export function newVma(space: u32, start: u64, end: u64, flags: u32): Vma | null {
  const vma = changetype<Vma>(allocObject(Kind.Vma))
  if (!vma) return null
  vma.space = space
  vma.start = start
  vma.end = end
  vma.flags = flags
  vma.offset = start
  // any function that scatters addresses balances the tree
  vma.priority = changetype<u32>(vma) * 0x9e3779b1
  return vma
}

/** Makes the VMA show a file from page `offset` on, with a reference of its own. Takes: Mapping. */
export function showFile(vma: Vma, file: File, offset: u64): void {
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

/** Lets a VMA have private pages, which may join those that have the same `anon`: in that family, unless it has one. Takes: Family. */
export function joinFamily(vma: Vma, anon: u32, family: Family | null): void {
  if (vma.anon !== 0 || !family) return
  vma.anon = anon
  vma.family = family
  enterFamily(family, vma.kin)
}

/** Makes a VMA one that never had private pages, when it has none any more. Takes: Family, Slab. */
export function quitFamily(vma: Vma): void {
  const family = vma.family
  if (!family) return
  vma.anon = 0
  vma.family = null
  leaveFamily(family, vma.kin)
}

/** Moves the borders of a VMA, which shows what it showed where it stood before. Takes: Mapping, Family, as who goes from a page to who maps it looks at them under those. */
export function setBorders(vma: Vma, start: u64, end: u64): void {
  const object = vma.object
  const family = changetype<u32>(vma.family)
  if (object) object.lock(Rank.Mapping)
  if (family !== 0) Family.lockOf(family).lock(Rank.Family)
  vma.offset += start - vma.start
  vma.start = start
  vma.end = end
  if (family !== 0) Family.lockOf(family).unlock(Rank.Family)
  if (object) object.unlock(Rank.Mapping)
}

/** Frees a VMA that is in no address space any more. Takes: Mapping, Family. */
export function freeVma(vma: Vma): void {
  quitFamily(vma)
  const object = vma.object
  if (object) {
    object.lock(Rank.Mapping)
    vma.shared.unlink()
    object.unlock(Rank.Mapping)
    putFile(changetype<File>(vma.file))
  }
  freeObject(Kind.Vma, changetype<usize>(vma))
}

if (NO_FAULT !== (VM_SEQ_READ | VM_RAND_READ)) ERROR('these are the flags of VMAs whose accesses are in an order')
