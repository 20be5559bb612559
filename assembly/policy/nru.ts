import { Rng } from '../lib/rng'
import { HEADER, Params, Policy } from './policy'

/** State byte of a slot that holds a page. A slot without one is 0. */
const TAKEN: u8 = 1
/** State byte of a slot whose page was referenced since the last tick. */
const REFERENCED: u8 = 3
/** TAKEN in each of eight state bytes. */
const EIGHT_TAKEN: u64 = 0x0101010101010101

/**
 * Evicts a page that was not referenced since the last tick, which clears every page's referenced bit.
 *
 * Not told by a policy's hooks, and so left out: which pages are dirty, by which the book splits
 * either class again. Left open by the book and chosen here: ticks count evictions, since hits go
 * unseen where accessed bits are all there is; a new page counts as referenced, as the fault's own
 * access leaves it; and instead of a draw for each victim, each tick draws one slot, from which
 * the victims are taken in the order of slots. Then between two ticks the sweep never looks back:
 * pages behind it are referenced or new. If it finds none, the tick comes early. So a period costs
 * one pass over the slots' bytes, and the clearing another, eight bytes at a time.
 *
 * @policy nru
 * @sees accessed bits
 * @param period 0.5 in 0.01..1: evictions from one tick to the next, as a multiple of the slots
 * @paper Tanenbaum: Operating Systems: Design and Implementation. Prentice-Hall, 1987
 */
@unmanaged
@final
export class Nru extends Policy {
  /** State of the random numbers. */
  rng: u64
  /** Address of the state bytes: one a slot, up to a multiple of eight. */
  states: usize
  /** Evictions from one tick to the next. */
  period: u32
  /** Evictions left until the next tick. */
  left: u32
  /** The slot looked at next. */
  cursor: u32
  /** Slots that the sweep has yet to look at before the next tick. */
  unseen: u32

  footprint(slots: u32, params: Params): usize {
    return HEADER + ((<usize>slots + 7) & ~7)
  }

  init(params: Params): void {
    this.states = changetype<usize>(this) + HEADER
    this.period = <u32>max<f64>(1, params.get(0) * this.slots)
    this.left = this.period
    changetype<Rng>(changetype<usize>(this) + offsetof<Nru>('rng')).seed(this.seed)
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.states + slot, REFERENCED)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.states + slot, REFERENCED)
  }

  @inline
  evict(): u32 {
    if (this.left === 0) this.tick()
    this.left--
    const states = this.states
    const slots = this.slots
    let slot = this.cursor
    let unseen = this.unseen
    while (true) {
      if (unseen === 0) {
        this.tick()
        this.left--
        slot = this.cursor
        unseen = slots
      }
      if (slot === slots) slot = 0
      unseen--
      if (load<u8>(states + slot) === TAKEN) break
      slot++
    }
    store<u8>(states + slot, 0)
    this.cursor = slot + 1
    this.unseen = unseen
    return slot
  }

  putback(slot: u32, key: u32): void {
    store<u8>(this.states + slot, REFERENCED)
  }

  remove(slot: u32): void {
    store<u8>(this.states + slot, 0)
  }

  check(resident: u32): void {
    let taken: u32 = 0
    for (let slot: u32 = 0; slot < this.slots; slot++) {
      const state = load<u8>(this.states + slot)
      assert(state === 0 || state === TAKEN || state === REFERENCED, 'nru: a state that is none')
      if (state !== 0) taken++
      const ahead = (slot + this.slots - (this.cursor % this.slots)) % this.slots
      assert(state !== TAKEN || ahead < this.unseen, 'nru: the sweep left an unreferenced page behind')
    }
    assert(taken === resident, 'nru: the states do not cover every page')
  }

  /** Clears the referenced bits and starts a sweep at a slot drawn at random. */
  private tick(): void {
    const end = this.states + this.slots
    for (let at = this.states; at < end; at += 8) store<u64>(at, load<u64>(at) & EIGHT_TAKEN)
    this.cursor = changetype<Rng>(changetype<usize>(this) + offsetof<Nru>('rng')).below(this.slots)
    this.unseen = this.slots
    this.left = this.period
  }
}
