import { Link } from '../lib/list'
import { HEADER, NO_SLOT, Params, Policy } from './policy'

/** Sentinel of a segment's list, most recently used first: 12 bytes. */
@unmanaged
@final
class Segment extends Link {
  /** Pages in it. */
  size: u32
}

/**
 * Evicts the least recently used page of the lowest segment; each hit raises a page by one segment.
 *
 * A segment that overflows passes its oldest page to the segment below. The paper has two
 * segments and shares the frames out freely; here, as in libCacheSim, all segments are equal,
 * frames left over by the division extend the lowest, and a new page enters the lowest segment
 * with room, so that the first pages fill all of them. With fewer frames than segments there
 * are as many segments as frames. libCacheSim caches nothing then; and at sizes that are no
 * multiple of the segments a hit makes it evict the pages in the left-over frames.
 *
 * @policy slru
 * @sees every access
 * @param segments 4 in 1..16: number of segments
 * @param compat none|libcachesim: libcachesim caches nothing with fewer frames than segments, and evicts left-over pages on a hit
 * @paper Karedla, Love, Wherry: Caching strategies to improve disk system performance. IEEE Computer 27(3), 1994
 */
@unmanaged
@final
export class Slru extends Policy {
  private segments: u32
  /** Pages a segment may hold; the lowest may exceed it. */
  private limit: u32
  /** Keeps to libCacheSim's ways. */
  private compat: bool
  /** Pages that are to be evicted for nothing. */
  private excess: u32
  /** Address of one byte a slot: the page's segment. */
  private segmentsOf: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Link>() + 1)
  }

  init(params: Params): void {
    this.compat = params.get(1) !== 0
    const wanted = <u32>params.get(0)
    this.segments = this.compat ? wanted : min(wanted, this.slots)
    this.limit = this.slots / this.segments
    this.segmentsOf = changetype<usize>(this.node(this.slots))
    for (let i: u32 = 0; i < this.segments; i++) this.segment(i).reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.node(slot)
    let index = this.segmentOf(slot)
    if (index + 1 === this.segments) {
      page.moveToHead(this.segment(index))
      return
    }
    page.unlink()
    this.segment(index).size--
    this.enter(slot, ++index)
    // The page left a hole, where the cascade ends.
    for (; index && this.segment(index).size > this.limit; index--) this.lower(index)
    if (this.compat && !index && this.segment(0).size > this.limit) this.excess = this.segment(0).size - this.limit
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    return this.limit !== 0
  }

  @inline
  insert(slot: u32, key: u32): void {
    let index: u32 = 0
    while (index < this.segments && this.segment(index).size >= this.limit) index++
    this.enter(slot, index < this.segments ? index : 0)
  }

  @inline
  evict(): u32 {
    let index: u32 = 0
    while (!this.segment(index).size) index++
    const segment = this.segment(index)
    const victim = segment.prev
    victim.unlink()
    segment.size--
    if (this.excess) this.excess--
    return this.slotOf(victim)
  }

  @inline
  surplus(): u32 {
    return this.excess ? this.evict() : NO_SLOT
  }

  putback(slot: u32, key: u32): void {
    const segment = this.segment(this.segmentOf(slot))
    this.node(slot).insertBefore(segment)
    segment.size++
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
    this.segment(this.segmentOf(slot)).size--
  }

  check(resident: u32): void {
    let pages: u32 = 0
    for (let i: u32 = 0; i < this.segments; i++) {
      const segment = this.segment(i)
      assert(segment.checkedLength(this.slots) === segment.size, 'slru: a segment is not as long as it is said to be')
      assert(!i || segment.size <= this.limit, 'slru: a segment overflows')
      for (let node = segment.next; node !== segment; node = node.next) {
        assert(this.segmentOf(this.slotOf(node)) === i, 'slru: a page is in a segment it knows nothing of')
      }
      pages += segment.size
    }
    assert(pages === resident, 'slru: the segments do not hold every page')
  }

  /** Passes the oldest page of a segment to the one below. */
  @inline
  private lower(index: u32): void {
    const segment = this.segment(index)
    const oldest = segment.prev
    oldest.unlink()
    segment.size--
    this.enter(this.slotOf(oldest), index - 1)
  }

  /** Makes the page in `slot`, in no list, the newest of a segment. */
  @inline
  private enter(slot: u32, index: u32): void {
    const segment = this.segment(index)
    this.node(slot).insertAfter(segment)
    segment.size++
    store<u8>(this.segmentAt(slot), <u8>index)
  }

  @inline
  private segmentAt(slot: u32): usize {
    return this.segmentsOf + slot
  }

  @inline
  private segmentOf(slot: u32): u32 {
    return load<u8>(this.segmentAt(slot))
  }

  @inline
  private segment(index: u32): Segment {
    return changetype<Segment>(changetype<usize>(this) + offsetof<Slru>() + <usize>index * offsetof<Segment>())
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
