import { HEADER, Params, Policy } from './policy'

/** Counter byte of a slot without a page; of a taken slot the byte is its count plus one. */
const FREE: u8 = 0

/**
 * Evicts the first page that the hand finds with a count of zero (generalized CLOCK).
 *
 * A reference adds one to the page's count, up to the most its bits hold; the hand takes one off
 * each page it passes. The paper leaves open what a reference does to the count: it may also set
 * it to a fixed value. Adding is what later work took for GCLOCK, and with one bit it is CLOCK.
 * The hand sweeps the slots by number, as the core map of BSD was swept: a page takes its victim's
 * place, which the hand has just left. A step of the hand is paid for by a reference or by the
 * initial count of a page, so the work for a reference is constant, or `initial` for a miss.
 *
 * @policy gclock
 * @sees every access
 * @param bits 2 in 1..7: bits of a page's counter
 * @param initial 0 in 0..127: count of a new page, at most what its bits hold
 * @paper Smith: Sequentiality and prefetching in database systems. ACM TODS 3(3), 1978
 */
@unmanaged
@final
export class Gclock extends Policy {
  /** The slot looked at next. */
  hand: u32
  /** Counter byte of a new page. */
  initial: u8
  /** The highest a counter byte may be. */
  maximum: u8
  /** Address of the counter bytes: one a slot. */
  counters: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + slots
  }

  init(params: Params): void {
    this.counters = changetype<usize>(this) + HEADER
    this.maximum = 1 << (<u8>params.get(0))
    this.initial = <u8>min<f64>(params.get(1), this.maximum - 1) + 1
  }

  @inline
  access(slot: u32): void {
    const counter = this.counters + slot
    const value = load<u8>(counter)
    if (value < this.maximum) store<u8>(counter, value + 1)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.counters + slot, this.initial)
  }

  @inline
  evict(): u32 {
    const counters = this.counters
    const slots = this.slots
    let slot = this.hand
    while (true) {
      if (slot === slots) slot = 0
      const value = load<u8>(counters + slot)
      if (value === 1) break
      if (value !== FREE) store<u8>(counters + slot, value - 1)
      slot++
    }
    store<u8>(counters + slot, FREE)
    this.hand = slot + 1
    return slot
  }

  putback(slot: u32, key: u32): void {
    store<u8>(this.counters + slot, 1)
  }

  remove(slot: u32): void {
    store<u8>(this.counters + slot, FREE)
  }

  check(resident: u32): void {
    let taken: u32 = 0
    for (let slot: u32 = 0; slot < this.slots; slot++) {
      const value = load<u8>(this.counters + slot)
      assert(value <= this.maximum, 'gclock: a count has more bits than it may')
      if (value !== FREE) taken++
    }
    assert(taken === resident, 'gclock: the counters do not cover every page')
    assert(this.hand <= this.slots, 'gclock: the hand is beyond the slots')
  }
}
