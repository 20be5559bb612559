import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts the page that came in first.
 *
 * A page that could not be evicted keeps its place as the oldest.
 *
 * @policy fifo
 * @sees accessed bits
 * @paper Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966
 */
@unmanaged
@final
export class Fifo extends Policy {
  // Sentinel of the list of pages, newest first.
  tail: Link
  head: Link

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Link>()
  }

  init(params: Params): void {
    this.list.reset()
  }

  @inline
  access(slot: u32): void {}

  @inline
  insert(slot: u32, key: u32): void {
    this.node(slot).insertAfter(this.list)
  }

  @inline
  evict(): u32 {
    const victim = this.tail
    victim.unlink()
    return this.slotOf(victim)
  }

  putback(slot: u32, key: u32): void {
    this.node(slot).insertBefore(this.list)
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
  }

  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'fifo: the list does not hold every page')
  }

  @inline
  private get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Fifo>('tail'))
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
