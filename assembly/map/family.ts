// Families: the VMAs that may map one another's private pages, because one was split or moved from another, or
// copied from it by fork: Linux's anon_vma. A private page's frame names its family and its page number there, which
// is what `indexOf` says in any of the VMAs; so whoever has the frame finds the entries that map it.
//
// A family goes with its last VMA, and a frame may name one that is gone. So the locks stand in a table, by hash: who
// has the lock, and then finds that the frame is mapped, knows that the family is there, since a VMA's pages are
// unmapped before it leaves, and it leaves under the lock. Takes: Family, Slab.
import { FAMILY_LOCK_COUNT, FAMILY_LOCK_SIZE, FAMILY_LOCKS } from '../abi/layout'
import { Link } from '../lib/list'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** A family: the sentinel of its VMAs, linked by their `kin` links. Guard: Family. */
@unmanaged
@final
export class Family extends Link {
  /** VMAs that validate() found. */
  tally: u32

  /** One of the locks. */
  @inline
  static lockAt(index: u32): Lock {
    return changetype<Lock>(FAMILY_LOCKS + <usize>index * FAMILY_LOCK_SIZE)
  }

  /** The lock of the family at an address, where none need be any more. */
  @inline
  static lockOf(address: u32): Lock {
    // any function that scatters addresses will do
    return Family.lockAt(((address >> 6) * 0x9e3779b1) >> (32 - <u32>ctz(FAMILY_LOCK_COUNT)))
  }
}

/** A family of nobody yet; null if there is no memory. Takes: Slab. */
export function newFamily(): Family | null {
  const family = changetype<Family>(allocObject(Kind.Family))
  if (family) family.reset()
  return family
}

/** Lets a VMA in by its link. Takes: Family. */
export function enterFamily(family: Family, kin: Link): void {
  const lock = Family.lockOf(changetype<u32>(family))
  lock.lock(Rank.Family)
  // behind the others: who walks finds a child behind its parent, and so what fork copied meanwhile
  kin.insertBefore(family)
  lock.unlock(Rank.Family)
}

/** Lets a VMA, whose private pages are unmapped or another's, go by its link, and frees the family with the last. Takes: Family. */
export function leaveFamily(family: Family, kin: Link): void {
  const lock = Family.lockOf(changetype<u32>(family))
  lock.lock(Rank.Family)
  kin.unlink()
  const last = family.isEmpty
  lock.unlock(Rank.Family)
  if (last) freeObject(Kind.Family, changetype<usize>(family))
}
