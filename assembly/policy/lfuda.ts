import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/** How many buckets hold all keys of 32 bits. */
const BUCKETS: usize = 33

/** A page in its bucket. */
@unmanaged
@final
class Page extends Link {
  /** References since it came in. */
  frequency: u32
  /** The frequency plus the age of the cache at the last reference. */
  key: u32
}

/**
 * Evicts the page with the lowest frequency plus age, where the cache's age is the key of the last victim.
 *
 * A page's key is its frequency plus the age of the cache, set at each of its references; so
 * pages that were popular once are overtaken. Left open by the paper and chosen here: of several
 * pages with the lowest key goes the one that has had it longest.
 *
 * New keys are above the age, and the age never falls: a monotone queue. So the pages stand in a
 * radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: Faster algorithms for the shortest path problem.
 * JACM 37(2), 1990): bucket b holds those whose key differs from the age first in bit b - 1, in the
 * order they came. A reference appends its page to a bucket; a page moves to lower buckets at most
 * 32 times before it is referenced again. No key exceeds the number of references. An eviction
 * that failed ages the cache all the same.
 *
 * @policy lfuda
 * @sees every access
 * @paper Arlitt, Cherkasova, Dilley, Friedrich, Jin: Evaluating content management techniques for web proxy caches. ACM SIGMETRICS PER 27(4), 2000
 */
@unmanaged
@final
export class Lfuda extends Policy {
  /** The key of the last victim. */
  age: u32

  footprint(slots: u32, params: Params): usize {
    return HEADER + BUCKETS * offsetof<Link>() + <usize>slots * offsetof<Page>()
  }

  init(params: Params): void {
    for (let i: u32 = 0; i < <u32>BUCKETS; i++) this.bucket(i).reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.page(slot)
    page.unlink()
    page.frequency++
    this.append(page, page.frequency + this.age)
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.page(slot)
    page.frequency = 1
    this.append(page, this.age + 1)
  }

  @inline
  evict(): u32 {
    const lowest = this.bucket(0)
    if (lowest.isEmpty) this.advance()
    const victim = lowest.next
    victim.unlink()
    return this.slotOf(victim)
  }

  putback(slot: u32, key: u32): void {
    this.page(slot).insertAfter(this.bucket(0))
  }

  remove(slot: u32): void {
    this.page(slot).unlink()
  }

  check(resident: u32): void {
    let pages: u32 = 0
    for (let i: u32 = 0; i < <u32>BUCKETS; i++) {
      const bucket = this.bucket(i)
      pages += bucket.checkedLength(this.slots)
      for (let link = bucket.next; link !== bucket; link = link.next) {
        const page = changetype<Page>(link)
        assert(page.key >= this.age, 'lfuda: a key is below the age')
        assert(this.bucketOf(page.key) === bucket, 'lfuda: a page is in the wrong bucket')
        assert(page.frequency <= page.key, 'lfuda: a key is below its frequency')
      }
    }
    assert(pages === resident, 'lfuda: the buckets do not hold every page')
  }

  /** Raises the age to the lowest key and spreads that key's bucket over those below it. */
  private advance(): void {
    let bucket = this.bucket(1)
    while (bucket.isEmpty) bucket = changetype<Link>(changetype<usize>(bucket) + offsetof<Link>())
    let lowest = u32.MAX_VALUE
    for (let link = bucket.next; link !== bucket; link = link.next) lowest = min(lowest, changetype<Page>(link).key)
    this.age = lowest
    let link = bucket.next
    bucket.prev.next = changetype<Link>(0)
    bucket.reset()
    while (changetype<usize>(link)) {
      const next = link.next
      this.append(changetype<Page>(link), changetype<Page>(link).key)
      link = next
    }
  }

  /** Puts a page that is in no bucket behind the others with this key. */
  @inline
  private append(page: Page, key: u32): void {
    page.key = key
    page.insertBefore(this.bucketOf(key))
  }

  @inline
  private bucketOf(key: u32): Link {
    return this.bucket(32 - clz(key ^ this.age))
  }

  @inline
  private bucket(index: u32): Link {
    return changetype<Link>(changetype<usize>(this) + HEADER + <usize>index * offsetof<Link>())
  }

  @inline
  private page(slot: u32): Page {
    return changetype<Page>(changetype<usize>(this) + HEADER + BUCKETS * offsetof<Link>() + <usize>slot * offsetof<Page>())
  }

  @inline
  private slotOf(page: Link): u32 {
    return <u32>((changetype<usize>(page) - changetype<usize>(this.page(0))) / offsetof<Page>())
  }
}
