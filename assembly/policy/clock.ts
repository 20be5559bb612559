import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts the first page that the hand finds unreferenced since it last passed (second chance).
 *
 * The ring is a list whose sentinel the hand steps over. New pages come in behind the hand,
 * unreferenced, so that the hand sees them last. FIFO with reinsertion is the same algorithm.
 *
 * @policy clock
 * @sees accessed bits
 * @paper Corbato: A paging experiment with the Multics system. MIT Project MAC report MAC-M-384, 1968
 */
@unmanaged
@final
export class Clock extends Policy {
  // Sentinel of the ring.
  tail: Link
  head: Link
  /** The page looked at next; the sentinel stands for the head. */
  hand: Link
  /** Address of one byte a slot: referenced since the hand passed. */
  referenced: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Link>() + 1)
  }

  init(params: Params): void {
    this.ring.reset()
    this.hand = this.ring
    this.referenced = changetype<usize>(this.node(this.slots))
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.referenced + slot, 1)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.referenced + slot, 0)
    this.node(slot).insertBefore(this.hand)
  }

  @inline
  evict(): u32 {
    const ring = this.ring
    let node = this.hand
    while (true) {
      if (node === ring) node = ring.next
      const slot = this.slotOf(node)
      const next = node.next
      if (!load<u8>(this.referenced + slot)) {
        node.unlink()
        this.hand = next
        return slot
      }
      store<u8>(this.referenced + slot, 0)
      node = next
    }
  }

  putback(slot: u32, key: u32): void {
    this.node(slot).insertBefore(this.hand)
    this.hand = this.node(slot)
  }

  remove(slot: u32): void {
    const node = this.node(slot)
    if (this.hand === node) this.hand = node.next
    node.unlink()
  }

  check(resident: u32): void {
    assert(this.ring.checkedLength(this.slots) === resident, 'clock: the ring does not hold every page')
  }

  @inline
  private get ring(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Clock>('tail'))
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
