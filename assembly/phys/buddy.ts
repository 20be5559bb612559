// The buddy allocator: free blocks of 2^order frames, orders 0 to 10, each order a list. Freeing
// joins a block with its buddy as long as that is free too. It knows nothing of reclaim: it
// returns null, and its callers decide. Takes: Zone.
import { ZONE } from '../abi/layout'
import { PANIC_DOUBLE_FREE } from '../abi/panic'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'
import { Frame, State } from './frame'
import { Superblock } from './superblock'

/** The largest block is 2^MAX_ORDER frames. */
export const MAX_ORDER: u32 = 10

/** The allocator's state; behind it stands a Link per order. */
@unmanaged
@final
export class Zone extends Lock {
  /** Free frames in all lists. Guard: Zone; read racily. */
  free: u32
  /** The last so many frames are for page tables and the kernel's objects. Guard: immutable. */
  minimum: u32

  @inline
  static get only(): Zone {
    return changetype<Zone>(ZONE)
  }

  /** The list of free blocks of this order. Guard: Zone. */
  @inline
  list(order: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Zone>() + <usize>order * offsetof<Link>())
  }
}

/** Who asks: a user's pages leave the last frames alone. */
export enum Need {
  User,
  Kernel,
}

/** Puts the frames [first, end) into empty lists, in the largest aligned blocks. */
export function initBuddy(first: u32, end: u32): void {
  const zone = Zone.only
  for (let order: u32 = 0; order <= MAX_ORDER; order++) zone.list(order).reset()
  for (let pfn: u32 = 0; pfn < end; pfn++) Frame.at(pfn).state = pfn < first ? State.Reserved : State.Tail
  let pfn = first
  while (pfn < end) {
    let order = min(MAX_ORDER, <u32>ctz(pfn))
    while (pfn + ((<u32>1) << order) > end) order--
    addBlockLocked(zone, pfn, order)
    pfn += (<u32>1) << order
  }
  zone.free = end - first
  // Linux: min_free_kbytes is 4 times the square root of the memory in kilobytes
  zone.minimum = <u32>sqrt<f64>(<f64>((end - first) << 2) * 16) >> 2
}

/** Holds: Zone, or nobody else knows the zone. */
function addBlockLocked(zone: Zone, pfn: u32, order: u32): void {
  const head = Frame.at(pfn)
  head.state = State.Free
  head.owner = order
  changetype<Link>(head).insertAfter(zone.list(order))
}

/** A block of 2^order frames, its head Raw with one reference; null if there is none. Takes: Zone. */
export function allocBlock(order: u32, need: Need): Frame | null {
  const zone = Zone.only
  zone.lock(Rank.Zone)
  const frame = allocBlockLocked(zone, order, need)
  zone.unlock(Rank.Zone)
  return frame
}

/** Holds: Zone. */
export function allocBlockLocked(zone: Zone, order: u32, need: Need): Frame | null {
  const size = (<u32>1) << order
  const keep: u32 = need === Need.User ? zone.minimum : 0
  if (zone.free < size + keep) return null
  let found = order
  while (zone.list(found).isEmpty) if (++found > MAX_ORDER) return null
  const frame = changetype<Frame>(zone.list(found).next)
  frame.unlink()
  while (found > order) {
    found--
    addBlockLocked(zone, frame.pfn + ((<u32>1) << found), found)
  }
  frame.state = State.Raw
  frame.owner = order
  frame.refs = 1
  zone.free -= size
  return frame
}

/** Frees a block of 2^order frames that allocBlock returned. Takes: Zone. */
export function freeBlock(frame: Frame, order: u32): void {
  const zone = Zone.only
  zone.lock(Rank.Zone)
  freeBlockLocked(zone, frame, order)
  zone.unlock(Rank.Zone)
}

/** Holds: Zone. */
export function freeBlockLocked(zone: Zone, frame: Frame, order: u32): void {
  if (frame.state <= State.Tail) bug(PANIC_DOUBLE_FREE, frame.pfn, frame.state)
  const frames = Superblock.only.frames
  let pfn = frame.pfn
  zone.free += (<u32>1) << order
  frame.state = State.Tail
  while (order < MAX_ORDER) {
    const other = pfn ^ ((<u32>1) << order)
    if (other >= frames) break
    const buddy = Frame.at(other)
    if (buddy.state !== State.Free || buddy.owner !== order) break
    buddy.unlink()
    buddy.state = State.Tail
    pfn &= other
    order++
  }
  addBlockLocked(zone, pfn, order)
}
