import { CountedPage, Frequencies } from '../lib/frequencies'
import { HEADER, Params, Policy } from './policy'

/**
 * Evicts the page referenced least often since it came in; of several, the one that got there first.
 *
 * Left open by the book and chosen here: the order within a frequency, and that a page starts
 * anew when it comes back.
 *
 * @policy lfu
 * @sees every access
 * @paper Coffman, Denning: Operating Systems Theory. Prentice-Hall, 1973
 */
@unmanaged
@final
export class Lfu extends Policy {
  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<CountedPage>() + Frequencies.footprint(slots)
  }

  init(params: Params): void {
    this.list.init(this.slots, changetype<usize>(this.page(this.slots)))
  }

  @inline
  access(slot: u32): void {
    this.list.count(this.page(slot))
  }

  @inline
  insert(slot: u32, key: u32): void {
    this.list.enter(this.page(slot))
  }

  @inline
  evict(): u32 {
    const victim = this.list.first
    this.list.withdraw(victim)
    return this.slotOf(victim)
  }

  /** Undoes the eviction: the page is the first again. */
  putback(slot: u32, key: u32): void {
    this.list.restore(this.page(slot))
  }

  remove(slot: u32): void {
    this.list.remove(this.page(slot))
  }

  check(resident: u32): void {
    this.list.check(resident)
  }

  @inline
  private get list(): Frequencies {
    return changetype<Frequencies>(changetype<usize>(this) + offsetof<Lfu>())
  }

  @inline
  private page(slot: u32): CountedPage {
    return changetype<CountedPage>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<CountedPage>())
  }

  @inline
  private slotOf(page: CountedPage): u32 {
    return <u32>((changetype<usize>(page) - changetype<usize>(this) - HEADER) / offsetof<CountedPage>())
  }
}
