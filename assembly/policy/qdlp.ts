import { align8 } from '../lib/align'
import { GhostQueue } from '../lib/ghostQueue'
import { Link } from '../lib/list'
import { HEADER, NO_SLOT, Params, Policy } from './policy'

// A page's byte: references since it came into its queue, at most 3, and the queue.
const COUNT: u8 = 3
const MAIN: u8 = 4

/**
 * Evicts from a small FIFO queue what was not referenced while in it (quick demotion); the rest stands in a clock (lazy promotion).
 *
 * A page referenced in the small queue moves to the clock when it reaches the queue's end, and so
 * does a page that returns while the ghost queue remembers it. The clock counts up to three
 * references, and makes room for itself: a page that enters it when it is full costs one of the
 * clock's, also if a frame is free elsewhere. The small queue gives a page up whenever the frames
 * are full, however short it is; libCacheSim decides so, and that the clock is its Clock2.
 * The small queue holds at least one page; libCacheSim's may hold none, and it then caches nothing.
 *
 * @policy qdlp
 * @sees accessed bits
 * @param small 0.1 in 0..1: the small queue's share of the frames
 * @param ghost 0.9 in 0..10: ghosts per frame
 * @param threshold 1 in 1..3: references in the small queue that take a page to the clock
 * @param compat none|libcachesim: whether to cache nothing where libCacheSim does, below 20 frames
 * @paper Yang, Qiu, Zhang, Yue, Rashmi: FIFO can be better than LRU: the power of lazy promotion and quick demotion. HotOS, 2023
 */
@unmanaged
@final
export class Qdlp extends Policy {
  // Sentinels of the queues, newest page first.
  smallTail: Link
  smallHead: Link
  mainTail: Link
  mainHead: Link
  /** Pages in the clock. */
  mainSize: u32
  /** How many pages the clock holds. */
  mainLimit: u32
  /** References that take a page from the small queue to the clock. */
  threshold: u32
  /** Whether every miss bypasses the cache. */
  caching: bool
  /** Whether the missed page was remembered by a ghost. */
  returning: bool
  /** Whether the page that was evicted last is to be remembered. */
  remembered: bool
  /** The slot whose move into the clock cost the page evicted last, or NO_SLOT. */
  promoted: u32
  /** Address of one byte a slot, see COUNT. */
  bytes: usize
  /** Address of the key in each slot. */
  keys: usize
  ghosts: GhostQueue

  footprint(slots: u32, params: Params): usize {
    const ghosts = changetype<GhostQueue>(0).footprint(this.remembers(slots, params))
    return HEADER + <usize>slots * (offsetof<Link>() + 4) + align8(slots) + ghosts
  }

  init(params: Params): void {
    const small = <u32>(<f64>this.slots * params.get(0))
    this.mainLimit = this.slots - max<u32>(small, 1)
    this.caching = params.get(3) === 0 || small > 1
    this.threshold = <u32>params.get(2)
    this.small.reset()
    this.main.reset()
    this.keys = changetype<usize>(this.node(this.slots))
    this.bytes = this.keys + ((<usize>this.slots) << 2)
    this.ghosts = changetype<GhostQueue>(this.bytes + align8(this.slots))
    this.ghosts.init(this.remembers(this.slots, params))
  }

  @inline
  access(slot: u32): void {
    const byte = load<u8>(this.bytes + slot)
    if ((byte & COUNT) !== COUNT) store<u8>(this.bytes + slot, byte + 1)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    // A clock without room, as with a single frame, takes nobody back.
    this.returning = this.ghosts.recall(shadow, key) && this.mainLimit > 0
    return this.caching
  }

  @inline
  surplus(): u32 {
    if (!this.returning || this.mainSize < this.mainLimit) return NO_SLOT
    this.remembered = false
    return this.evictMain()
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u32>(this.keys + ((<usize>slot) << 2), key)
    if (this.returning) {
      this.returning = false
      this.enterMain(slot)
    } else {
      store<u8>(this.bytes + slot, 0)
      this.node(slot).insertAfter(this.small)
    }
  }

  @inline
  evict(): u32 {
    const small = this.small
    this.remembered = false
    this.promoted = NO_SLOT
    while (!small.isEmpty) {
      const node = small.prev
      const slot = this.slotOf(node)
      node.unlink()
      if (load<u8>(this.bytes + slot) < this.threshold || !this.mainLimit) {
        this.remembered = true
        return slot
      }
      const victim = this.mainSize < this.mainLimit ? NO_SLOT : this.evictMain()
      this.enterMain(slot)
      if (victim === NO_SLOT) continue
      this.promoted = slot
      return victim
    }
    return this.evictMain()
  }

  @inline
  shadow(slot: u32): u32 {
    return this.remembered ? this.ghosts.remember(load<u32>(this.keys + ((<usize>slot) << 2))) : 0
  }

  putback(slot: u32, key: u32): void {
    if (this.remembered) {
      this.node(slot).insertBefore(this.small)
      return
    }
    if (this.promoted !== NO_SLOT) {
      this.node(this.promoted).unlink()
      this.node(this.promoted).insertBefore(this.small)
      store<u8>(this.bytes + this.promoted, COUNT)
      this.mainSize--
    }
    this.node(slot).insertBefore(this.main)
    this.mainSize++
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
    if (load<u8>(this.bytes + slot) & MAIN) this.mainSize--
  }

  check(resident: u32): void {
    const main = this.main.checkedLength(this.slots)
    assert(main === this.mainSize, 'qdlp: the clock is miscounted')
    assert(this.small.checkedLength(this.slots) + main === resident, 'qdlp: the queues do not hold every page')
    this.ghosts.check()
  }

  /** How many ghosts there can be. */
  private remembers(slots: u32, params: Params): u32 {
    return min(<u32>(<f64>slots * params.get(1)), params.absent(slots))
  }

  /** The page in `slot`, which is in no queue, comes into the clock. */
  @inline
  private enterMain(slot: u32): void {
    store<u8>(this.bytes + slot, MAIN)
    this.node(slot).insertAfter(this.main)
    this.mainSize++
  }

  /** Evicts the first page without references that the clock's hand finds. */
  private evictMain(): u32 {
    const main = this.main
    while (true) {
      const node = main.prev
      const slot = this.slotOf(node)
      const count = load<u8>(this.bytes + slot)
      if (count === MAIN) {
        node.unlink()
        this.mainSize--
        return slot
      }
      store<u8>(this.bytes + slot, count - 1)
      node.moveToHead(main)
    }
  }

  @inline
  private get small(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Qdlp>('smallTail'))
  }

  @inline
  private get main(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Qdlp>('mainTail'))
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
