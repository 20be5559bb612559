import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts the page that was referenced most recently: best where pages are used in a loop.
 *
 * @policy mru
 * @sees every access
 * @paper Chou, DeWitt: An evaluation of buffer management strategies for relational database systems. VLDB 1985
 */
@unmanaged
@final
export class Mru extends Policy {
  // Sentinel of the list of pages, most recently used first.
  tail: Link
  head: Link

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Link>()
  }

  init(params: Params): void {
    this.list.reset()
  }

  @inline
  access(slot: u32): void {
    this.node(slot).moveToHead(this.list)
  }

  @inline
  insert(slot: u32, key: u32): void {
    this.node(slot).insertAfter(this.list)
  }

  @inline
  evict(): u32 {
    const victim = this.head
    victim.unlink()
    return this.slotOf(victim)
  }

  putback(slot: u32, key: u32): void {
    this.node(slot).insertAfter(this.list)
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
  }

  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'mru: the list does not hold every page')
  }

  @inline
  private get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mru>('tail'))
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
