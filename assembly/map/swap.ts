// Swap entries and the swap cache. An entry counts who refers to its slot: page-table entries, values in objects'
// trees, and callers meanwhile. The swap cache is the frames that hold a slot's page as well: of private pages, which
// are written there or were read from there. Such a frame has PG_SWAPCACHE, its entry in Frame.swap, and a reference
// from the slot; a slot is free once nothing refers to it and no frame has it. Linux's mm/swapfile.c and mm/swap_state.c. Takes: Swap.
import { PANIC_UNDERFLOW } from '../abi/panic'
import { SWAP_AREA_COUNT, SWAP_OFF } from '../abi/swap'
import { bug } from '../lib/bug'
import { Commitment } from '../phys/commit'
import { Frame, PG_DIRTY, PG_SWAPCACHE } from '../phys/frame'
import { chargeSwap, Group, noteEvent, unchargeSwap } from '../phys/group'
import { putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { BAD, freeSlotLocked, moverOf, NOBODY, Slot, SwapArea, SwapTotals, takeSlotLocked } from './swapArea'
import { makeEntry, slotOf } from './swapEntry'

/** In what lookUpSwap returns, beside the address of a frame. */
export const SOLE: u32 = 1
/** What beginAhead says if it does not. */
export const NOT_BEGUN: u32 = 0xffffffff

/** The area whose turn it is, of those whose bit is not in `tried`; -1 if there is none. */
function nextArea(tried: u32): i32 {
  let best: i32 = -1
  const end = SwapTotals.only.endNow
  for (let number: u32 = 0; number < end; number++) {
    const area = SwapArea.at(number)
    if (((tried >> number) & 1) !== 0 || !area.isOn) continue
    if (best >= 0) {
      const other = SwapArea.at(best)
      if (area.priority < other.priority) continue
      if (area.priority === other.priority && <i32>(area.turn - other.turn) >= 0) continue
    }
    best = number
  }
  return best
}

/** Puts an area behind all others of its priority. */
function takeTurn(area: SwapArea): void {
  let last = area.turn
  const end = SwapTotals.only.endNow
  for (let number: u32 = 0; number < end; number++) {
    const turn = SwapArea.at(number).turn
    if (<i32>(turn - last) > 0) last = turn
  }
  area.turn = last + 1
}

/** An entry of an area, for a frame, which goes to the swap cache if `caches` says so; 0 if no slot is free, or it is not on. Takes: Swap. */
function takeFrom(area: SwapArea, frame: Frame, caches: bool): u32 {
  area.lock(Rank.Swap)
  const slot = area.isOn ? takeSlotLocked(area) : 0
  const entry = slot === 0 ? 0 : makeEntry(area.number, slot)
  if (slot !== 0 && frame.group !== 0) store<u8>(area.payerAt(slot), frame.group)
  if (slot !== 0 && caches) cacheLocked(area, frame, entry)
  area.unlock(Rank.Swap)
  return entry
}

/**
 * A new entry, which the caller holds, for a frame, which goes to the swap cache if `caches` says so; 0 if no slot is free, or the
 * control group that pays for the frame may have no more. Linux's folio_alloc_swap. Takes: Swap.
 */
export function allocSwap(frame: Frame, caches: bool): u32 {
  const group = Group.at(frame.group)
  const mayHave = group === Group.root || chargeSwap(group)
  const entry = mayHave ? takeEntry(frame, caches) : 0
  if (entry !== 0 || group === Group.root) return entry
  if (mayHave) unchargeSwap(group)
  else if (freeSlots() !== 0) noteEvent(group, offsetof<Group>('swapMaxEvents'))
  noteEvent(group, offsetof<Group>('swapFailEvents'))
  return 0
}

/** A new entry in the area of the highest priority that has room, in equal ones by turns; 0 if no slot is free. Takes: Swap. */
function takeEntry(frame: Frame, caches: bool): u32 {
  let tried: u32 = 0
  while (true) {
    const number = nextArea(tried)
    if (number < 0) return 0
    const area = SwapArea.at(number)
    const entry = takeFrom(area, frame, caches)
    if (entry !== 0) {
      takeTurn(area)
      return entry
    }
    tried |= (<u32>1) << number
  }
}

/** Puts a frame into the swap cache, where no other has the entry's page. Holds: Swap. */
function cacheLocked(area: SwapArea, frame: Frame, entry: u32): void {
  frame.addRef()
  frame.swap = entry
  frame.setFlags(PG_SWAPCACHE)
  area.slot(slotOf(entry)).cache = changetype<u32>(frame)
  area.cached++
}

/** Counts one more who refers to an entry that somebody refers to. Takes: Swap. */
export function dupSwap(entry: u32): void {
  SwapArea.of(entry).hold(slotOf(entry))
}

/** Takes a frame out of the swap cache, and leaves a shadow in its slot, 0 for none; its reference is the caller's. Holds: Swap. */
function detachLocked(area: SwapArea, at: Slot, frame: Frame, shadow: u32): void {
  at.cache = shadow === 0 ? 0 : (shadow << 1) | 1
  frame.clearFlags(PG_SWAPCACHE)
  frame.swap = 0
  area.cached--
}

/** As detachLocked, without a shadow; a slot to which nothing refers is free then. Holds: Swap. */
function uncacheLocked(area: SwapArea, frame: Frame): void {
  const slot = slotOf(frame.swap)
  const at = area.slot(slot)
  detachLocked(area, at, frame, 0)
  if (at.count === 0) freeSlotLocked(area, slot)
}

/** Frees a slot to which nothing refers any more, unless a frame that is mapped has its page; returns the frame that was taken out of the swap cache for it, with its reference. Holds: Swap. */
function abandonLocked(area: SwapArea, slot: u32): Frame | null {
  const frame = area.slot(slot).frame
  if (!frame) {
    freeSlotLocked(area, slot)
    return null
  }
  // who maps it keeps the slot; who is to map it counts it; others, as the batches of lists, give their references back
  if (frame.mapCount !== 0) return null
  uncacheLocked(area, frame)
  return frame
}

/** Lets go of an entry; the last one frees its slot, and the frame in the swap cache, unless that is mapped. Takes: Swap. */
export function freeSwap(entry: u32): void {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  if (at.count === 0 || at.count === BAD) bug(PANIC_UNDERFLOW, entry, at.count)
  at.count--
  const frame = at.count === 0 ? abandonLocked(area, slotOf(entry)) : changetype<Frame>(0)
  area.unlock(Rank.Swap)
  // the swap cache's reference
  if (frame) putFrame(frame)
}

/** How many refer to an entry. */
export function swapCount(entry: u32): u32 {
  return SwapArea.of(entry).slot(slotOf(entry)).count
}

/**
 * The frame that holds an entry's page, with a reference for the caller, 0 if there is none; and bit 0, SOLE, if only one refers to
 * the entry, and nothing maps that frame: whoever has the entry has the page for itself. Takes: Swap.
 */
export function lookUpSwap(entry: u32): u32 {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  const frame = at.frame
  const sole = at.count === 1 && (!frame || frame.mapCount === 0)
  if (frame) frame.addRef()
  area.unlock(Rank.Swap)
  return changetype<u32>(frame) | (sole ? SOLE : 0)
}

/** Whether a frame holds an entry's page as well. */
export function isSwapCached(entry: u32): bool {
  return SwapArea.of(entry).slot(slotOf(entry)).frame !== null
}

/** Puts a frame into the swap cache, which takes a reference of its own; false if another frame has the entry's page. Takes: Swap. */
export function swapCacheAdd(frame: Frame, entry: u32): bool {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const found = area.slot(slotOf(entry)).frame
  if (!found) cacheLocked(area, frame, entry)
  area.unlock(Rank.Swap)
  return !found
}

/**
 * Begins to read the page of an entry ahead of use, for whom nobody may know: counts one more who refers to it. Returns the shadow that was
 * there, 0 for none; NOT_BEGUN if nobody refers to it, it is no slot, its page is in a frame already, or on its way. Takes: Swap.
 */
export function beginAhead(entry: u32): u32 {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  const begins = at.count !== 0 && at.count < BAD - 1 && !at.frame && !at.isMoving
  const shadow = begins ? at.shadow : NOT_BEGUN
  if (begins) {
    at.count++
    at.cache = moverOf(Cpu.current)
  }
  area.unlock(Rank.Swap)
  return shadow
}

/** Ends it: a frame into which the page was read goes to the swap cache, unless somebody else read or changed the page meanwhile; whether it did. The entry is the caller's still. Takes: Swap. */
export function endAhead(entry: u32, frame: Frame | null, shadow: u32): bool {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  const undisturbed = at.cache === moverOf(Cpu.current)
  if (undisturbed && frame) cacheLocked(area, frame, entry)
  else if (undisturbed) at.cache = shadow === 0 ? 0 : (shadow << 1) | 1
  area.unlock(Rank.Swap)
  return undisturbed && frame !== null
}

/** Has who reads the page of an entry ahead of use just now give up, as it is about to change. Takes: Swap. */
export function disturbAhead(entry: u32): void {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  if (at.isMoving) at.cache = 0
  area.unlock(Rank.Swap)
}

/** Gives a private page in the swap cache, to which the caller has a reference, its family and its place there, unless it has them: it was read ahead by slots. Takes: Swap. */
export function adopt(frame: Frame, owner: u32, place: u64): void {
  if (frame.owner !== 0) return
  const area = SwapArea.of(frame.swap)
  area.lock(Rank.Swap)
  if (frame.owner === 0) {
    frame.index |= place
    frame.owner = owner
  }
  area.unlock(Rank.Swap)
}

/** Counts one more who refers to the entry of a frame in the swap cache, and returns the entry; 0 if it is not there. Takes: Swap. */
export function holdSwapCache(frame: Frame): u32 {
  if (!frame.has(PG_SWAPCACHE)) return 0
  const entry = frame.swap
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  const found = at.frame === frame
  if (found) at.count++
  area.unlock(Rank.Swap)
  return found ? entry : 0
}

/** Leaves a shadow, 0 for none, in the slot of an entry, whose page was written there and no frame holds. Takes: Swap. */
export function setSwapShadow(entry: u32, shadow: u32): void {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  area.slot(slotOf(entry)).cache = shadow === 0 ? 0 : (shadow << 1) | 1
  area.unlock(Rank.Swap)
}

/** The shadow of the frame that was evicted to an entry's slot, 0 if there is none. */
export function swapShadow(entry: u32): u32 {
  return SwapArea.of(entry).slot(slotOf(entry)).shadow
}

/**
 * Lets go of the entry of a frame in the swap cache, and takes the frame out of it if nobody has it but the caller, by one reference, and nothing
 * maps it, so that it can be freed: its page is in its slot alone from then on, with a shadow. False if somebody uses it, or it is
 * dirty, or nothing refers to the entry any more. Takes: Swap.
 */
export function swapCacheEvict(frame: Frame, entry: u32, shadow: u32): bool {
  const area = SwapArea.of(entry)
  area.lock(Rank.Swap)
  const at = area.slot(slotOf(entry))
  const wanted = at.count > 1
  if (wanted) at.count--
  const unused = wanted && frame.has(PG_SWAPCACHE) && frame.refCount === 2 && frame.mapCount === 0 && !frame.has(PG_DIRTY)
  if (unused) {
    detachLocked(area, at, frame, shadow)
    frame.dropRef()
  }
  area.unlock(Rank.Swap)
  if (!wanted) freeSwap(entry)
  return unused
}

/** Gives up a frame's slot, if it has one to which nothing refers: it is as any private page then, and dirty. Linux's folio_free_swap. Takes: Swap. */
export function swapCacheLeave(frame: Frame): void {
  if (!frame.has(PG_SWAPCACHE)) return
  const area = SwapArea.of(frame.swap)
  area.lock(Rank.Swap)
  // it may have left meanwhile, and the area looked at is not its own then
  const leaves = frame.has(PG_SWAPCACHE) && SwapArea.of(frame.swap) === area && area.slot(slotOf(frame.swap)).count === 0
  if (leaves) {
    uncacheLocked(area, frame)
    frame.setFlags(PG_DIRTY)
    frame.dropRef()
  }
  area.unlock(Rank.Swap)
}

/** Gives a reference to a private page back, which nobody uses then unless others have one: it leaves the swap cache if nothing refers to its slot. Takes: Swap. */
export function putPrivate(frame: Frame): void {
  if (frame.has(PG_SWAPCACHE) && frame.mapCount === 0) swapCacheLeave(frame)
  putFrame(frame)
}

/** Slots that are free, in all areas that are on. */
export function freeSlots(): u32 {
  return SwapTotals.only.freeNow
}

/** Slots that a group's pages may still take: Linux's mem_cgroup_get_nr_swap_pages. */
export function freeSlotsFor(group: Group): u32 {
  const free = freeSlots()
  if (group === Group.root) return free
  const limit = group.swapLimit
  return min(free, limit - min(limit, atomic.load<u32>(changetype<usize>(group), offsetof<Group>('swapUsage'))))
}

/** The control group that is to pay for the page of an entry as it comes back: which paid for it before, or, if that is gone, the caller's. */
export function payerOf(entry: u32): u32 {
  if (Superblock.only.groups === 1) return 0
  const payer: u32 = load<u8>(SwapArea.of(entry).payerAt(slotOf(entry)))
  return payer === NOBODY ? Cpu.current.group : payer
}

/** Takes the slots that a control group pays for from it, which is to be removed. Nothing else runs. */
export function forgetPayer(group: Group): void {
  const number = group.number
  for (let index: u32 = 0; index < SWAP_AREA_COUNT && group.swapUsage !== 0; index++) {
    const area = SwapArea.at(index)
    if (area.state === SWAP_OFF) continue
    for (let slot: u32 = 1; slot < area.slots; slot++) {
      if (load<u8>(area.payerAt(slot)) !== <u8>number) continue
      store<u8>(area.payerAt(slot), NOBODY)
      unchargeSwap(group)
    }
  }
}

/** Slots of all areas, the headers apart. */
export function totalSlots(): u32 {
  return <u32>Commitment.swapPages
}

/** Whether less than half of the slots that a frame may have are free, so that it gives its own up where it can. Linux's mem_cgroup_swap_full. */
export function isSwapFull(frame: Frame): bool {
  if (<u64>freeSlots() * 2 < totalSlots()) return true
  const group = Group.at(frame.group)
  return group !== Group.root && <u64>group.swapUsage * 2 >= group.swapLimit
}
