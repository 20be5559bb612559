import { align8 } from '../lib/align'
import { GhostQueue } from '../lib/ghostQueue'
import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

// A page's byte: references since it came into its queue, at most 3, and the queue.
const COUNT: u8 = 3
const MAIN: u8 = 4

/**
 * Evicts from a small FIFO queue what was not referenced twice while in it, else from the main queue.
 *
 * New pages come into the small queue; what is referenced twice there moves on to the main queue,
 * a FIFO queue that reinserts a page once for each reference counted. Pages evicted from the
 * small queue are remembered in a ghost queue, and go to the main queue if they return in time.
 * The small queue gives a page up whenever the main queue is within its size; only the sum is
 * bounded. As libCacheSim of October 2024 has it: there the small queue also takes in what comes
 * before the first eviction, and a page that moves from small to main starts at zero.
 * The small queue holds at least one page; libCacheSim's may hold none, and it then caches nothing.
 *
 * @policy s3fifo
 * @sees accessed bits
 * @param small 0.1 in 0..1: the small queue's share of the frames
 * @param ghost 0.9 in 0..10: ghosts per frame
 * @param threshold 2 in 1..3: references in the small queue that take a page to the main queue
 * @param compat none|libcachesim: whether to cache nothing where libCacheSim does, below 20 frames
 * @paper Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction. SOSP, 2023
 */
@unmanaged
@final
export class S3Fifo extends Policy {
  // Sentinels of the queues, newest page first.
  smallTail: Link
  smallHead: Link
  mainTail: Link
  mainHead: Link
  /** Pages in the main queue. */
  mainSize: u32
  /** Above this size the main queue gives pages up. */
  mainLimit: u32
  /** References that take a page from the small queue to the main queue. */
  threshold: u32
  /** Whether every miss bypasses the cache. */
  caching: bool
  /** Whether the missed page was remembered by a ghost. */
  returning: bool
  /** Whether the page that evict returned is to be remembered. */
  remembered: bool
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
    this.returning = this.ghosts.recall(shadow, key)
    return this.caching
  }

  @inline
  insert(slot: u32, key: u32): void {
    store<u32>(this.keys + ((<usize>slot) << 2), key)
    if (this.returning) {
      this.mainSize++
      store<u8>(this.bytes + slot, MAIN)
      this.node(slot).insertAfter(this.main)
    } else {
      store<u8>(this.bytes + slot, 0)
      this.node(slot).insertAfter(this.small)
    }
  }

  @inline
  evict(): u32 {
    this.remembered = this.mainSize <= this.mainLimit && this.sift()
    const node = this.remembered ? this.smallTail : this.nextOfMain()
    node.unlink()
    if (!this.remembered) this.mainSize--
    return this.slotOf(node)
  }

  @inline
  shadow(slot: u32): u32 {
    return this.remembered ? this.ghosts.remember(load<u32>(this.keys + ((<usize>slot) << 2))) : 0
  }

  putback(slot: u32, key: u32): void {
    if (!this.remembered) this.mainSize++
    this.node(slot).insertBefore(this.remembered ? this.small : this.main)
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
    if (load<u8>(this.bytes + slot) & MAIN) this.mainSize--
  }

  check(resident: u32): void {
    const main = this.main.checkedLength(this.slots)
    assert(main === this.mainSize, 's3fifo: the main queue is miscounted')
    assert(this.small.checkedLength(this.slots) + main === resident, 's3fifo: the queues do not hold every page')
    this.ghosts.check()
  }

  /** How many ghosts there can be. */
  private remembers(slots: u32, params: Params): u32 {
    return min(<u32>(<f64>slots * params.get(1)), params.absent(slots))
  }

  /** Moves pages on to the main queue until the small queue's tail is one to evict; false if none is left. */
  private sift(): bool {
    const small = this.small
    while (!small.isEmpty) {
      const node = small.prev
      const byte = this.bytes + this.slotOf(node)
      if (load<u8>(byte) < this.threshold) return true
      store<u8>(byte, MAIN)
      this.mainSize++
      node.moveToHead(this.main)
    }
    return false
  }

  /** The main queue's tail, once it is a page without references. */
  private nextOfMain(): Link {
    const main = this.main
    while (true) {
      const node = main.prev
      const byte = this.bytes + this.slotOf(node)
      const count = load<u8>(byte)
      if (count === MAIN) return node
      store<u8>(byte, count - 1)
      node.moveToHead(main)
    }
  }

  @inline
  private get small(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<S3Fifo>('smallTail'))
  }

  @inline
  private get main(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<S3Fifo>('mainTail'))
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
