import { HEADER, Params, Policy } from './policy'

// What the byte of a slot says of its page.
const FREE: u8 = 0
const UNREFERENCED: u8 = 1
const REFERENCED: u8 = 2

/**
 * Evicts the first page that the hand finds unreferenced since it last passed (second chance).
 *
 * The hand sweeps the slots by number, as the core map of BSD was swept: a page comes in
 * unreferenced in its victim's place, which the hand has just left, so that the hand sees it
 * last; in the place of a page that went away, in that one's turn. FIFO with reinsertion is the same algorithm.
 *
 * @policy clock
 * @sees accessed bits
 * @paper Corbato: A paging experiment with the Multics system. MIT Project MAC report MAC-M-384, 1968
 */
@unmanaged
@final
export class Clock extends Policy {
  /** The slot looked at next. */
  hand: u32
  /** Address of the marks: one byte a slot. */
  marks: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + slots
  }

  init(params: Params): void {
    this.marks = changetype<usize>(this) + HEADER
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.marks + slot, REFERENCED)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.marks + slot, UNREFERENCED)
  }

  @inline
  evict(): u32 {
    const marks = this.marks
    const slots = this.slots
    let slot = this.hand
    while (true) {
      if (slot === slots) slot = 0
      const mark = load<u8>(marks + slot)
      if (mark === UNREFERENCED) break
      if (mark === REFERENCED) store<u8>(marks + slot, UNREFERENCED)
      slot++
    }
    store<u8>(marks + slot, FREE)
    this.hand = slot + 1
    return slot
  }

  putback(slot: u32, key: u32): void {
    store<u8>(this.marks + slot, UNREFERENCED)
    this.hand = slot
  }

  remove(slot: u32): void {
    store<u8>(this.marks + slot, FREE)
  }

  check(resident: u32): void {
    let taken: u32 = 0
    for (let slot: u32 = 0; slot < this.slots; slot++) {
      const mark = load<u8>(this.marks + slot)
      assert(mark <= REFERENCED, 'clock: a mark means nothing')
      if (mark !== FREE) taken++
    }
    assert(taken === resident, 'clock: the marks do not cover every page')
    assert(this.hand <= this.slots, 'clock: the hand is beyond the slots')
  }
}
