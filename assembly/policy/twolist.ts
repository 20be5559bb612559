import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/** Flag: the page is on the active list. */
const ACTIVE: u8 = 1
/** Flag: the page was found accessed when it was last looked at on the inactive list (PG_referenced). */
const SEEN: u8 = 2
/** Pages in a GiB of 4 KiB pages, as a shift. */
const GIB_SHIFT: u32 = 18

/**
 * Evicts the tail of an inactive list whose pages, found accessed twice, move to an active list.
 *
 * Linux's classic lists, for one kind of page and without refault detection or batches. A new page
 * goes to the inactive head with its accessed bit set, as the fault's own access leaves it. At the
 * inactive tail, as folio_check_references judges mapped pages: not accessed, it is evicted;
 * accessed for the first time, it goes round once more; for the second time, it is activated.
 * Before each look at the tail, while inactive_is_low (the active list is longer than the
 * inactive one times the square root of ten times the GiB they hold, or 1 below a GiB), the active
 * tail moves to the inactive head, whether accessed or not, keeping what was found of it before.
 * The kernel does so in batches of 32. A page that could not be evicted goes to the inactive head.
 *
 * @policy twolist
 * @sees accessed bits
 * @paper Linux 6.12: mm/vmscan.c (shrink_active_list, shrink_inactive_list, folio_check_references, inactive_is_low), 2024
 */
@unmanaged
@final
export class Twolist extends Policy {
  // Sentinel of the inactive list, newest first.
  inactiveTail: Link
  inactiveHead: Link
  // Sentinel of the active list, newest first.
  activeTail: Link
  activeHead: Link
  inactiveCount: u32
  activeCount: u32
  /** Address of the accessed bytes: one a slot. */
  accessed: usize
  /** Address of the flags: one byte a slot. */
  flags: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Link>() + 2)
  }

  init(params: Params): void {
    this.inactive.reset()
    this.active.reset()
    this.accessed = changetype<usize>(this.node(this.slots))
    this.flags = this.accessed + this.slots
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.accessed + slot, 1)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.accessed + slot, 1)
    store<u8>(this.flags + slot, 0)
    this.node(slot).insertAfter(this.inactive)
    this.inactiveCount++
  }

  @inline
  evict(): u32 {
    while (true) {
      this.balance()
      const node = this.inactiveTail
      const slot = this.slotOf(node)
      if (!load<u8>(this.accessed + slot)) {
        node.unlink()
        this.inactiveCount--
        return slot
      }
      store<u8>(this.accessed + slot, 0)
      if (load<u8>(this.flags + slot) & SEEN) this.activate(slot)
      else node.moveToHead(this.inactive)
      store<u8>(this.flags + slot, load<u8>(this.flags + slot) | SEEN)
    }
  }

  putback(slot: u32, key: u32): void {
    this.node(slot).insertAfter(this.inactive)
    this.inactiveCount++
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
    if (load<u8>(this.flags + slot) & ACTIVE) this.activeCount--
    else this.inactiveCount--
  }

  check(resident: u32): void {
    assert(this.inactive.checkedLength(this.slots) === this.inactiveCount, 'twolist: the inactive list is miscounted')
    assert(this.active.checkedLength(this.slots) === this.activeCount, 'twolist: the active list is miscounted')
    assert(this.inactiveCount + this.activeCount === resident, 'twolist: the lists do not hold every page')
    for (let node = this.inactive.next; node !== this.inactive; node = node.next) {
      assert(!(load<u8>(this.flags + this.slotOf(node)) & ACTIVE), 'twolist: an active page on the inactive list')
    }
    for (let node = this.active.next; node !== this.active; node = node.next) {
      assert(load<u8>(this.flags + this.slotOf(node)) & ACTIVE, 'twolist: an inactive page on the active list')
    }
  }

  /** Moves pages from the active tail to the inactive head while the inactive list is low. */
  @inline
  private balance(): void {
    while (this.activeCount > <u64>this.inactiveCount * this.ratio) {
      const node = this.activeTail
      const slot = this.slotOf(node)
      store<u8>(this.accessed + slot, 0)
      store<u8>(this.flags + slot, load<u8>(this.flags + slot) & ~ACTIVE)
      node.moveToHead(this.inactive)
      this.activeCount--
      this.inactiveCount++
    }
  }

  /** How many times longer than the inactive list the active one may be. */
  @inline
  private get ratio(): u64 {
    const gib = (this.inactiveCount + this.activeCount) >>> GIB_SHIFT
    return gib ? <u64>Math.sqrt(10 * <f64>gib) : 1
  }

  @inline
  private activate(slot: u32): void {
    store<u8>(this.flags + slot, ACTIVE)
    this.node(slot).moveToHead(this.active)
    this.inactiveCount--
    this.activeCount++
  }

  @inline
  private get inactive(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Twolist>('inactiveTail'))
  }

  @inline
  private get active(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Twolist>('activeTail'))
  }

  @inline
  private node(slot: u32): Link {
    return changetype<Link>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Link>())
  }

  @inline
  private slotOf(node: Link): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<Link>())
  }
}
