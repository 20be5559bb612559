// Swap entries: where a page is that is in no frame. An area's number above a slot's, never 0, because slot 0 is the
// area's header. They stand in page-table entries (map/pte), in frames that have a slot (Frame.swap), and in objects'
// trees of pages as values, whose bit 0 tells them from frames:
//
//   31                             2   1   0
//   swap entry, 28 bits            │ 0 │ 1      the page is in this slot
//   shadow, 30 bits                │ 1 │ 1      what reclaim noted when it evicted a page of a file
import { SWAP_AREA_COUNT, SWAP_SLOT_BITS } from '../abi/swap'

/** Slots are below this. */
export const SLOT_END: u32 = 1 << SWAP_SLOT_BITS

const VALUE: u32 = 1
const SHADOW: u32 = 2
const TAG: u32 = VALUE | SHADOW

/** The entry of a slot. */
export function makeEntry(area: u32, slot: u32): u32 {
  return (area << SWAP_SLOT_BITS) | slot
}

/** The number of an entry's area. */
export function areaNumberOf(entry: u32): u32 {
  return entry >> SWAP_SLOT_BITS
}

/** The slot of an entry. */
export function slotOf(entry: u32): u32 {
  return entry & (SLOT_END - 1)
}

/** A swap entry as it stands in a tree. */
export function swapValue(entry: u32): u32 {
  return (entry << 2) | VALUE
}

/** The swap entry of a value. */
export function entryOf(value: u32): u32 {
  return value >> 2
}

/** A shadow as it stands in a tree. */
export function shadowValue(shadow: u32): u32 {
  return (shadow << 2) | TAG
}

/** Whether what stands in a tree is a shadow. */
export function isShadow(found: u32): bool {
  return (found & TAG) === TAG
}

/** The shadow of a value. */
export function shadowIn(value: u32): u32 {
  return value >> 2
}

/** Whether what stands in a tree is no frame. */
export function isValue(found: u32): bool {
  return (found & VALUE) !== 0
}

/** Whether what stands in a tree is a swap entry. */
export function isSwapValue(found: u32): bool {
  return (found & TAG) === VALUE
}

if ((SWAP_AREA_COUNT - 1) >> (30 - SWAP_SLOT_BITS) !== 0) ERROR('a swap entry does not fit into a value')
