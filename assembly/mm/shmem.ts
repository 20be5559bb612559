// Pages of objects in memory: segments and shared anonymous memory. Takes: Mapping, Slab, Zone.
import { Mapping } from '../map/mapping'
import { zeroFrame } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Need } from '../phys/zone'
import { Rank } from '../sync/lockdep'

/** Whether memory for so many pages can be promised: overcommit mode 0 refuses only what could never fit. */
export function canCommit(pages: u64): bool {
  return pages <= <u64>Superblock.only.usable
}

/**
 * The object's frame at an index, made of zeros if there was none, with a reference for the
 * caller; null if there is no memory. The frame is taken before the lock: another thread may enter
 * its own in between, which then stands.
 */
export function getFrame(object: Mapping, index: u32): Frame | null {
  const present = findFrame(object, index)
  if (present) return present
  const fresh = allocFrame(Need.User)
  if (!fresh) return null
  zeroFrame(fresh)
  object.lock(Rank.Mapping)
  let frame = changetype<Frame>(object.entryLocked(index))
  let entered = frame !== null
  if (!entered) {
    fresh.state = State.Object
    fresh.owner = changetype<u32>(object)
    fresh.index = index
    frame = fresh
    entered = object.enterLocked(index, fresh)
  }
  if (entered) frame.addRef()
  object.unlock(Rank.Mapping)
  if (frame !== fresh || !entered) freeFrame(fresh)
  return entered ? frame : null
}

/** The object's frame at an index with a reference for the caller; null if there is none. */
function findFrame(object: Mapping, index: u32): Frame | null {
  object.lock(Rank.Mapping)
  const frame = changetype<Frame>(object.entryLocked(index))
  if (frame) frame.addRef()
  object.unlock(Rank.Mapping)
  return frame
}
