import { HEADER, Params, Policy } from './policy'

/** State byte of a slot that holds a page. A slot without one is 0. */
const TAKEN: u8 = 1
/** State byte of a slot whose page was referenced since the last tick. */
const REFERENCED: u8 = 3
const EIGHT_TAKEN: u64 = 0x0101010101010101
/** In each of eight bytes: the referenced bit of a state, and all but the top bit of a register. */
const EIGHT_REFERENCED: u64 = 0x0202020202020202
const EIGHT_SHIFTED: u64 = 0x7f7f7f7f7f7f7f7f
/** How many values a register has. */
const VALUES: u32 = 256

/**
 * Evicts, of the pages not referenced since the last tick, the one with the lowest age register.
 *
 * At a tick every page's 8-bit register is shifted right, its referenced bit goes in at the left
 * and is cleared. Left open by the book and chosen here: ticks count evictions, since hits go
 * unseen where accessed bits are all there is; a new page has a register of 0 and counts as
 * referenced, as the fault's own access leaves it; a page referenced since the tick is passed
 * over, and if no other is left the tick comes early; ties go to the lowest slot. A tick sorts the
 * pages by their registers, in time linear in the slots (a counting sort), and victims are taken
 * in that order. Each page that is passed over was referenced since, so the work for a reference
 * is constant on average, and one pass over the slots for `period` times as many misses.
 *
 * @policy aging
 * @sees accessed bits
 * @param period 0.5 in 0.01..1: evictions from one tick to the next, as a multiple of the slots
 * @paper Tanenbaum: Operating Systems: Design and Implementation. Prentice-Hall, 1987
 */
@unmanaged
@final
export class Aging extends Policy {
  /** Address of the state bytes: one a slot, up to a multiple of eight. */
  states: usize
  /** Address of the registers: one byte a slot, up to a multiple of eight. */
  registers: usize
  /** Address of the slots in the order of the registers at the last tick: u32 each. */
  order: usize
  /** Address of the number of pages with each value of the register, at the last tick: u32 each. */
  totals: usize
  /** How many slots `order` holds. */
  length: u32
  /** How many of them were looked at. */
  seen: u32
  /** Evictions from one tick to the next. */
  period: u32
  /** Evictions left until the next tick. */
  left: u32

  footprint(slots: u32, params: Params): usize {
    return HEADER + VALUES * 4 + 2 * roundUp(slots) + ((<usize>slots) << 2)
  }

  init(params: Params): void {
    this.totals = changetype<usize>(this) + HEADER
    this.states = this.totals + VALUES * 4
    this.registers = this.states + roundUp(this.slots)
    this.order = this.registers + roundUp(this.slots)
    this.period = <u32>max<f64>(1, params.get(0) * this.slots)
    this.left = this.period
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.states + slot, REFERENCED)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.states + slot, REFERENCED)
    store<u8>(this.registers + slot, 0)
  }

  @inline
  evict(): u32 {
    if (this.left === 0) this.tick()
    let seen = this.seen
    let slot: u32
    do {
      if (seen === this.length) {
        this.tick()
        seen = 0
      }
      slot = load<u32>(this.order + ((<usize>seen) << 2))
      seen++
    } while (load<u8>(this.states + slot) !== TAKEN)
    store<u8>(this.states + slot, 0)
    this.seen = seen
    this.left--
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
    let unreferenced: u32 = 0
    for (let slot: u32 = 0; slot < this.slots; slot++) {
      const state = load<u8>(this.states + slot)
      assert(state === 0 || state === TAKEN || state === REFERENCED, 'aging: a state that is none')
      if (state !== 0) taken++
      if (state === TAKEN) unreferenced++
    }
    assert(taken === resident, 'aging: the states do not cover every page')
    let last: u8 = 0
    for (let i = this.seen; i < this.length; i++) {
      const slot = load<u32>(this.order + ((<usize>i) << 2))
      if (load<u8>(this.states + slot) !== TAKEN) continue
      unreferenced--
      const register = load<u8>(this.registers + slot)
      assert(register >= last, 'aging: the order is not that of the registers')
      last = register
    }
    assert(unreferenced === 0, 'aging: an unreferenced page has no place in the order')
  }

  /** Shifts the referenced bits into the registers and sorts the pages by them. */
  private tick(): void {
    const registers = this.registers - this.states
    const end = this.states + this.slots
    for (let at = this.states; at < end; at += 8) {
      const states = load<u64>(at)
      const shifted = (load<u64>(at + registers) >> 1) & EIGHT_SHIFTED
      store<u64>(at + registers, shifted | ((states & EIGHT_REFERENCED) << 6))
      store<u64>(at, states & EIGHT_TAKEN)
    }
    this.sort()
    this.left = this.period
  }

  /** Sorts the slots that hold a page by register, then number, into `order`. */
  private sort(): void {
    const states = this.states
    const totals = this.totals
    const slots = this.slots
    memory.fill(totals, 0, VALUES * 4)
    for (let slot: u32 = 0; slot < slots; slot++) {
      if (load<u8>(states + slot) !== 0) this.count(slot)
    }
    // From totals to the index of each value's first slot.
    let index: u32 = 0
    for (let at = totals; at < totals + VALUES * 4; at += 4) {
      const total = load<u32>(at)
      store<u32>(at, index)
      index += total
    }
    this.length = index
    this.seen = 0
    for (let slot: u32 = 0; slot < slots; slot++) {
      if (load<u8>(states + slot) !== 0) store<u32>(this.order + ((<usize>this.count(slot)) << 2), slot)
    }
  }

  /** Adds one to the total of the slot's register; returns what it was. */
  @inline
  private count(slot: u32): u32 {
    const total = this.totals + ((<usize>load<u8>(this.registers + slot)) << 2)
    const before = load<u32>(total)
    store<u32>(total, before + 1)
    return before
  }
}

/** Up to a multiple of eight. */
function roundUp(bytes: u32): usize {
  return (<usize>bytes + 7) & ~7
}
