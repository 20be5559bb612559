// The pages of a cache by how often they were referenced, those referenced equally often in the
// order in which they reached that count. One list holds them; each page knows its group, a
// group its last page, so that a reference moves its page behind the last of the next group:
// constant time, as in Ketan Shah et al.: An O(1) algorithm for implementing the LFU cache
// eviction scheme, 2010, without their sets.
import { Link } from './list'

/** Fewer than 2^32 references cannot give pages more counts than this: 1 + 2 + ... + 92682 is above 2^32. */
const COUNTS: u32 = 92_682

/** A page in the list: 12 bytes. */
@unmanaged
export class CountedPage extends Link {
  group: Group
}

/** The pages of one frequency, which stand together in the list, and the last of them. */
@unmanaged
@final
export class Group {
  frequency: u32
  /** Of a group that is not in use: the next such group, or null. */
  last: CountedPage
}

/** The list's sentinel, a CountedPage whose group has frequency 0, and its groups, which the caller places. */
@unmanaged
@final
export class Frequencies extends CountedPage {
  /** Groups that were in use and are no longer, linked by `last`; null if none. */
  private unused: Group
  /** Groups ever used: those below were. */
  private usedGroups: u32
  /** How many groups there are. */
  private limit: u32
  /** Groups in use. */
  private groupCount: u32
  /** Frequency of the page withdrawn last. */
  private withdrawn: u32
  /** The page before it. */
  private before: CountedPage
  /** Address of the groups. */
  private groups: usize

  /** Bytes of the groups of so many slots. */
  @inline
  static footprint(slots: u32): usize {
    return <usize>(min(slots, COUNTS) + 1) * offsetof<Group>()
  }

  /** Starts an empty list whose groups stand at `groups`. */
  init(slots: u32, groups: usize): void {
    this.groups = groups
    this.limit = min(slots, COUNTS) + 1
    this.reset()
    this.group = this.takeGroup(0, this)
  }

  /** The page referenced least often; of several, the one that got there first. */
  @inline
  get first(): CountedPage {
    return changetype<CountedPage>(this.next)
  }

  /** Counts a reference. */
  @inline
  count(page: CountedPage): void {
    const group = page.group
    const next = changetype<CountedPage>(group.last.next).group
    const frequency = group.frequency + 1
    if (group.last === page && changetype<CountedPage>(page.prev).group !== group) {
      // Alone in its group, which moves up with it or is left empty.
      if (next.frequency !== frequency) {
        group.frequency = frequency
        return
      }
      this.giveGroup(group)
    } else if (next.frequency !== frequency) {
      this.open(page, group, frequency)
      return
    } else if (group.last === page) {
      group.last = changetype<CountedPage>(page.prev)
    }
    page.unlink()
    page.insertAfter(next.last)
    next.last = page
    page.group = next
  }

  /** Takes in a page that was referenced once. */
  @inline
  enter(page: CountedPage): void {
    const group = this.first.group
    if (group.frequency === 1) {
      page.insertAfter(group.last)
      group.last = page
      page.group = group
    } else {
      page.insertAfter(this)
      page.group = this.takeGroup(1, page)
    }
  }

  /** Takes a page off the list that may come back with `restore` until another goes. */
  @inline
  withdraw(page: CountedPage): void {
    this.withdrawn = page.group.frequency
    this.before = changetype<CountedPage>(page.prev)
    this.remove(page)
  }

  /** Undoes the last `withdraw`, of a page that was the first of its group. */
  restore(page: CountedPage): void {
    const group = changetype<CountedPage>(this.before.next).group
    page.insertAfter(this.before)
    page.group = group.frequency === this.withdrawn ? group : this.takeGroup(this.withdrawn, page)
  }

  /** Takes a page off the list, and its group out of use if it was alone. */
  @inline
  remove(page: CountedPage): void {
    const group = page.group
    if (group.last === page) {
      const previous = changetype<CountedPage>(page.prev)
      if (previous.group === group) group.last = previous
      else this.giveGroup(group)
    }
    page.unlink()
  }

  /** Traps if the list does not hold so many pages by rising frequency. */
  check(pages: u32): void {
    assert(this.checkedLength(pages) === pages, 'frequencies: the list does not hold every page')
    let groups: u32 = 1
    let last: CountedPage = this
    for (let page = this.first; page !== this; page = changetype<CountedPage>(page.next)) {
      if (page.group !== last.group) {
        assert(page.group.frequency > last.group.frequency, 'frequencies: they do not rise')
        assert(last.group.last === last, 'frequencies: a group ends before its last page')
        groups++
      }
      last = page
    }
    assert(last.group.last === last, 'frequencies: the last group ends before its last page')
    assert(groups === this.groupCount, 'frequencies: the groups are miscounted')
  }

  /** Opens a group behind `group` for one of its pages, which is not alone in it. */
  @inline
  private open(page: CountedPage, group: Group, frequency: u32): void {
    const last = group.last
    if (last === page) {
      group.last = changetype<CountedPage>(page.prev)
    } else {
      page.unlink()
      page.insertAfter(last)
    }
    page.group = this.takeGroup(frequency, page)
  }

  @inline
  private takeGroup(frequency: u32, last: CountedPage): Group {
    let group = this.unused
    if (changetype<usize>(group)) {
      this.unused = changetype<Group>(group.last)
    } else {
      assert(this.usedGroups < this.limit, 'frequencies: more counts than there can be')
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
    group.last = changetype<CountedPage>(this.unused)
    this.unused = group
    this.groupCount--
  }
}
