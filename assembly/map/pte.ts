// Page-table entries: pure functions from words to words. The bits are those of x86-64, so that a
// dump of a table reads as the processor manual says:
//
//   63      55  soft dirty           51 ── 12   frame number
//   6  dirty    5  accessed          2  user    1  writable    0  present
//
// An entry of 0 maps nothing. A present one without the user bit is hidden: its VMA gives no right. One that is not
// 0 and not present has, where a frame number would stand, the swap entry of its page, and beside it soft dirty alone.

export const PRESENT: u64 = 1
export const WRITABLE: u64 = 1 << 1
export const USER: u64 = 1 << 2
export const ACCESSED: u64 = 1 << 5
export const DIRTY: u64 = 1 << 6
export const SOFT_DIRTY: u64 = (<u64>1) << 55
const FRAME_BITS: u64 = (<u64>0xfffffffff) << 12

/** An entry, clean and not accessed, for a frame. */
export function make(pfn: u32, writable: bool): u64 {
  return ((<u64>pfn) << 12) | PRESENT | USER | (writable ? WRITABLE : 0)
}

/** The frame number of a present entry. */
export function pfnOf(pte: u64): u32 {
  return <u32>((pte & FRAME_BITS) >> 12)
}

/** Whether the entry lets the user write. */
export function isWritable(pte: u64): bool {
  return (pte & WRITABLE) !== 0
}

/** Whether the page was written by way of the entry. */
export function isDirty(pte: u64): bool {
  return (pte & DIRTY) !== 0
}

/** Whether the page was used by way of the entry. */
export function isAccessed(pte: u64): bool {
  return (pte & ACCESSED) !== 0
}

/** Whether a processor would let the user through: present, not hidden, and writable if it is written. */
export function permits(pte: u64, write: bool): bool {
  const wanted = PRESENT | USER | (write ? WRITABLE : 0)
  return (pte & wanted) === wanted
}

/** Whether the user may not even read the page, which stays there. */
export function isHidden(pte: u64): bool {
  return (pte & USER) === 0
}

/** The entry with no right at all, or with the right to read. */
export function hidden(pte: u64, hide: bool): u64 {
  return hide ? pte & ~(USER | WRITABLE) : pte | USER
}

/** The entry after an access: accessed, and if it wrote, dirty. */
export function touched(pte: u64, write: bool): u64 {
  return pte | ACCESSED | (write ? DIRTY | SOFT_DIRTY : 0)
}

/** The entry without the right to write. */
export function readOnly(pte: u64): u64 {
  return pte & ~WRITABLE
}

/** The entry with the right to write. */
export function writable(pte: u64): u64 {
  return pte | WRITABLE
}

/** The entry where it was moved to: it counts as written. */
export function moved(pte: u64): u64 {
  return pte | SOFT_DIRTY
}

/** The entry as if nothing had been done with its page. */
export function untouched(pte: u64): u64 {
  return pte & ~(ACCESSED | DIRTY)
}

/** The entry of a page whose contents were written back: the next write faults. */
export function cleaned(pte: u64): u64 {
  return pte & ~(DIRTY | WRITABLE)
}

/** The entry as if its page had not been written since: the next write faults, and marks it again. */
export function unsoiled(pte: u64): u64 {
  return pte & ~(SOFT_DIRTY | WRITABLE)
}

/** The entry as if its page had not been used since. */
export function unused(pte: u64): u64 {
  return pte & ~ACCESSED
}

/** The entry of a page that is in a slot of a swap area; `old` is what mapped it, whose mark of writing stays. */
export function makeSwap(entry: u32, old: u64): u64 {
  return ((<u64>entry) << 12) | (old & SOFT_DIRTY)
}

/** Whether the entry maps a page. */
export function isPresent(pte: u64): bool {
  return (pte & PRESENT) !== 0
}

/** Whether the entry's page is in a slot of a swap area. */
export function isSwap(pte: u64): bool {
  return pte !== 0 && (pte & PRESENT) === 0
}

/** The swap entry of an entry that isSwap. */
export function swapOf(pte: u64): u32 {
  return <u32>((pte & FRAME_BITS) >> 12)
}
