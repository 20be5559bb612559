import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts the first page that the hand, on its way from the oldest page to the newest, finds not visited since it last passed.
 *
 * Unlike a clock's, the hand leaves the pages it spares where they are, and new pages come in at
 * the newest end, so that the hand soon meets what it has not sifted. When it has passed the
 * newest page it starts again at the oldest.
 *
 * @policy sieve
 * @sees accessed bits
 * @paper Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches. NSDI, 2024
 */
@unmanaged
@final
export class Sieve extends Policy {
  // Sentinel of the queue, newest page first.
  tail: Link
  head: Link
  /** The page looked at next; the sentinel stands for the oldest. */
  hand: Link
  /** Address of one byte a slot: visited since the hand passed. */
  visited: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Link>() + 1)
  }

  init(params: Params): void {
    this.queue.reset()
    this.hand = this.queue
    this.visited = changetype<usize>(this.node(this.slots))
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.visited + slot, 1)
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.visited + slot, 0)
    this.node(slot).insertAfter(this.queue)
  }

  @inline
  evict(): u32 {
    const queue = this.queue
    let node = this.hand
    while (true) {
      if (node === queue) node = queue.prev
      const slot = this.slotOf(node)
      const newer = node.prev
      if (!load<u8>(this.visited + slot)) {
        node.unlink()
        this.hand = newer
        return slot
      }
      store<u8>(this.visited + slot, 0)
      node = newer
    }
  }

  putback(slot: u32, key: u32): void {
    const node = this.node(slot)
    node.insertAfter(this.hand)
    this.hand = node
  }

  remove(slot: u32): void {
    const node = this.node(slot)
    if (this.hand === node) this.hand = node.prev
    node.unlink()
  }

  check(resident: u32): void {
    assert(this.queue.checkedLength(this.slots) === resident, 'sieve: the queue does not hold every page')
  }

  @inline
  private get queue(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Sieve>('tail'))
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
