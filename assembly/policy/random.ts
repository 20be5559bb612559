import { Rng } from '../lib/rng'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts a page chosen at random, each with the same chance.
 *
 * The pages stand in an array without gaps: the victim is the one at a random index, and the last
 * one takes its place there.
 *
 * @policy random
 * @sees accessed bits
 * @paper Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966
 */
@unmanaged
@final
export class Random extends Policy {
  /** State of the random numbers. */
  rng: u64
  /** How many slots are taken. */
  count: u32
  /** Address of the taken slots: u32 each. */
  takenSlots: usize
  /** Address of the index of each slot in takenSlots: u32 each. */
  indexOf: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + ((<usize>slots) << 3)
  }

  init(params: Params): void {
    this.takenSlots = changetype<usize>(this) + HEADER
    this.indexOf = this.takenSlots + ((<usize>this.slots) << 2)
    changetype<Rng>(changetype<usize>(this) + offsetof<Random>('rng')).seed(this.seed)
  }

  @inline
  access(slot: u32): void {}

  @inline
  insert(slot: u32, key: u32): void {
    this.place(slot, this.count++)
  }

  @inline
  evict(): u32 {
    const rng = changetype<Rng>(changetype<usize>(this) + offsetof<Random>('rng'))
    const slot = this.slotAt(rng.below(this.count))
    this.remove(slot)
    return slot
  }

  putback(slot: u32, key: u32): void {
    this.insert(slot, key)
  }

  @inline
  remove(slot: u32): void {
    const index = load<u32>(this.indexOf + ((<usize>slot) << 2))
    this.place(this.slotAt(--this.count), index)
  }

  check(resident: u32): void {
    assert(this.count === resident, 'random: the array does not hold every page')
    for (let index: u32 = 0; index < this.count; index++) {
      const slot = this.slotAt(index)
      assert(slot < this.slots, 'random: a slot that does not exist')
      assert(load<u32>(this.indexOf + ((<usize>slot) << 2)) === index, 'random: a slot does not know its index')
    }
  }

  @inline
  private slotAt(index: u32): u32 {
    return load<u32>(this.takenSlots + ((<usize>index) << 2))
  }

  /** Puts a slot at an index of the array. */
  @inline
  private place(slot: u32, index: u32): void {
    store<u32>(this.takenSlots + ((<usize>index) << 2), slot)
    store<u32>(this.indexOf + ((<usize>slot) << 2), index)
  }
}
