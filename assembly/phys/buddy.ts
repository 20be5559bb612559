// The buddy allocator: a zone's free blocks of 2^order frames, orders 0 to 10, each order a list.
// Freeing joins a block with its buddy as long as that is free too. It knows nothing of reclaim: it
// returns null, and its callers decide. Takes: Zone.
import { MM_PAGE_ALLOC, MM_PAGE_FREE } from '../abi/event'
import { PANIC_DOUBLE_FREE } from '../abi/panic'
import { bug } from '../lib/bug'
import { Rank } from '../sync/lockdep'
import { Frame, State } from './frame'
import { TraceEvent } from './trace'
import { MAX_ORDER, Need, Zone } from './zone'

/** Puts a zone's frames [first, end), whose structs are zeros, into empty lists, in the largest aligned blocks. */
export function initBuddy(zone: Zone, first: u32, end: u32): void {
  zone.first = first
  zone.end = end
  zone.free = end - first
  for (let order: u32 = 0; order <= MAX_ORDER; order++) zone.list(order).reset()
  let pfn = first
  while (pfn < end) {
    let order = min(MAX_ORDER, <u32>ctz(pfn))
    while (pfn + ((<u32>1) << order) > end) order--
    addBlockLocked(zone, Frame.at(pfn), order)
    pfn += (<u32>1) << order
  }
}

/** Holds: Zone, or nobody else knows the zone. */
function addBlockLocked(zone: Zone, head: Frame, order: u32): void {
  head.stamp(State.Free, order)
  head.insertAfter(zone.list(order))
}

/** A block of 2^order frames, its head Raw with one reference; null if there is none. Takes: Zone. */
export function allocBlock(order: u32, need: Need): Frame | null {
  const zone = Zone.at(Zone.indexFor(need))
  zone.lock(Rank.Zone)
  const frame = allocBlockLocked(zone, order, need)
  zone.unlock(Rank.Zone)
  if (frame) TraceEvent.note(MM_PAGE_ALLOC, frame.pfn, order)
  return frame
}

/** Holds: Zone. */
export function allocBlockLocked(zone: Zone, order: u32, need: Need): Frame | null {
  const size = (<u32>1) << order
  if (zone.free < size + zone.floorFor(need)) return null
  let found = order
  while (zone.list(found).isEmpty) if (++found > MAX_ORDER) return null
  const frame = changetype<Frame>(zone.list(found).next)
  frame.unlink()
  while (found > order) {
    found--
    addBlockLocked(zone, frame.offset((<u32>1) << found), found)
  }
  frame.stamp(State.Raw, order)
  frame.refs = 1
  zone.free -= size
  return frame
}

/** Frees a block of 2^order frames that allocBlock returned. Takes: Zone. */
export function freeBlock(frame: Frame, order: u32): void {
  const zone = Zone.at(Zone.indexOf(frame.pfn))
  zone.lock(Rank.Zone)
  freeBlockLocked(zone, frame, order)
  zone.unlock(Rank.Zone)
  TraceEvent.note(MM_PAGE_FREE, frame.pfn, order)
}

/** Holds: Zone. */
export function freeBlockLocked(zone: Zone, frame: Frame, order: u32): void {
  if (frame.isFree) bug(PANIC_DOUBLE_FREE, frame.pfn, frame.state)
  let pfn = frame.pfn
  const first = zone.first
  const managed = zone.managed
  zone.free += (<u32>1) << order
  frame.state = State.Tail
  while (order < MAX_ORDER) {
    const other = pfn ^ ((<u32>1) << order)
    if (other - first >= managed) break
    const buddy = Frame.at(other)
    if (!buddy.isStamped(State.Free, order)) break
    buddy.unlink()
    buddy.state = State.Tail
    pfn &= other
    order++
  }
  addBlockLocked(zone, Frame.at(pfn), order)
}
