import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/** A page in the list. */
@unmanaged
@final
class Page extends Link {
  group: Group
}

/** The pages of one frequency, which stand together in the list, and the last of them. */
@unmanaged
@final
class Group {
  frequency: u32
  /** Of a group that is not in use: the next such group, or null. */
  last: Page
}

/**
 * Evicts the page referenced least often since it came in; of several, the one that got there first.
 *
 * One list holds the pages by frequency, those of a frequency in the order in which they reached
 * it. Each page knows its group, a group its last page, so that a reference moves its page behind
 * the last of the next group: constant time, as in Ketan Shah et al.: An O(1) algorithm for
 * implementing the LFU cache eviction scheme, 2010, without their sets. Left open by the paper and
 * chosen here: the order within a frequency, and that a page starts anew when it comes back.
 *
 * @policy lfu
 * @sees every access
 * @paper Coffman, Denning: Operating Systems Theory. Prentice-Hall, 1973
 */
@unmanaged
@final
export class Lfu extends Policy {
  // Sentinel of the list, a Page whose group has frequency 0.
  last: Page
  first: Page
  sentinelGroup: Group
  /** Groups that were in use and are no longer, linked by `last`; null if none. */
  unused: Group
  /** Groups ever used: those below were. */
  usedGroups: u32
  /** Groups in use. */
  groupCount: u32
  /** Frequency of the page evicted last. */
  evictedFrequency: u32
  /** Address of the groups. */
  groups: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Page>() + (<usize>slots + 1) * offsetof<Group>()
  }

  init(params: Params): void {
    this.groups = changetype<usize>(this.page(this.slots))
    this.list.reset()
    this.list.group = this.takeGroup(0, this.list)
  }

  @inline
  access(slot: u32): void {
    const page = this.page(slot)
    const group = page.group
    const next = changetype<Page>(group.last.next).group
    const frequency = group.frequency + 1
    if (group.last === page && changetype<Page>(page.prev).group !== group) {
      // Alone in its group, which moves up with it or is left empty.
      if (next.frequency !== frequency) {
        group.frequency = frequency
        return
      }
      this.giveGroup(group)
    } else if (next.frequency !== frequency) {
      const last = group.last
      if (last === page) group.last = changetype<Page>(page.prev)
      else this.moveBehind(page, last)
      page.group = this.takeGroup(frequency, page)
      return
    } else if (group.last === page) {
      group.last = changetype<Page>(page.prev)
    }
    this.moveBehind(page, next.last)
    next.last = page
    page.group = next
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.page(slot)
    const group = this.first.group
    if (group.frequency === 1) {
      page.insertAfter(group.last)
      group.last = page
      page.group = group
    } else {
      page.insertAfter(this.list)
      page.group = this.takeGroup(1, page)
    }
  }

  @inline
  evict(): u32 {
    const victim = this.first
    this.evictedFrequency = victim.group.frequency
    this.detach(victim)
    return this.slotOf(victim)
  }

  /** Undoes the eviction: the page is the first again. */
  putback(slot: u32, key: u32): void {
    const page = this.page(slot)
    const group = this.first.group
    page.insertAfter(this.list)
    page.group = group.frequency === this.evictedFrequency ? group : this.takeGroup(this.evictedFrequency, page)
  }

  remove(slot: u32): void {
    this.detach(this.page(slot))
  }

  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'lfu: the list does not hold every page')
    let groups: u32 = 0
    let last = this.list
    for (let page = this.first; page !== this.list; page = changetype<Page>(page.next)) {
      if (page.group !== last.group) {
        assert(page.group.frequency > last.group.frequency, 'lfu: the frequencies do not rise')
        assert(last.group.last === last, 'lfu: a group ends before its last page')
        groups++
      }
      last = page
    }
    assert(last.group.last === last, 'lfu: the last group ends before its last page')
    assert(groups + 1 === this.groupCount, 'lfu: the groups are miscounted')
  }

  @inline
  private moveBehind(page: Page, position: Link): void {
    page.unlink()
    page.insertAfter(position)
  }

  /** Takes a page off the list, and its group out of use if it was alone. */
  @inline
  private detach(page: Page): void {
    const group = page.group
    if (group.last === page) {
      const previous = changetype<Page>(page.prev)
      if (previous.group === group) group.last = previous
      else this.giveGroup(group)
    }
    page.unlink()
  }

  @inline
  private takeGroup(frequency: u32, last: Page): Group {
    let group = this.unused
    if (changetype<usize>(group)) {
      this.unused = changetype<Group>(group.last)
    } else {
      group = changetype<Group>(this.groups + <usize>this.usedGroups * offsetof<Group>())
      this.usedGroups++
    }
    group.frequency = frequency
    group.last = last
    this.groupCount++
    return group
  }

  @inline
  private giveGroup(group: Group): void {
    group.last = changetype<Page>(this.unused)
    this.unused = group
    this.groupCount--
  }

  @inline
  private get list(): Page {
    return changetype<Page>(changetype<usize>(this) + offsetof<Lfu>('last'))
  }

  @inline
  private page(slot: u32): Page {
    return changetype<Page>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Page>())
  }

  @inline
  private slotOf(page: Link): u32 {
    return <u32>((changetype<usize>(page) - changetype<usize>(this) - HEADER) / offsetof<Page>())
  }
}
