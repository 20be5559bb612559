import { Heap } from '../lib/heap'
import { HEADER, Params, Policy } from './policy'

/** The largest K. */
const MAX_K: u32 = 8
/** Set in a page's key if K references to it are known. Times are below it. */
const KNOWN: u32 = 1 << 31
/** When the clock gets here, this much is taken off every time: exact for the last billion references. */
const TIME_END: u32 = KNOWN - 1
const TIME_SHIFT: u32 = 1 << 30
/** The debug build starts the clock near its end, as Linux does with jiffies, so that tests see it renumbered. */
const TIME_START: u32 = ASC_NO_ASSERT ? 0 : TIME_END - 1000
/** Ordinals of evictions are below it: they and one more fit in a shadow. */
const ORDINALS: u32 = (1 << 30) - 1

/**
 * Evicts the page whose K-th last reference is longest ago (backward K-distance).
 *
 * Time counts references. References within `correlated` of the page's last one are one, and such
 * a page is not evicted; the time they took is closed up, as in the paper's figure 2.1. Left open
 * by the paper and chosen here: of the pages with fewer than K known references, which go first,
 * and then of those whose K-th last tie, the least recently used, then the lowest slot; if every
 * page is within its correlated period, the least recently used. What is known of a page outlives
 * its eviction by as many further evictions as there are slots, times `retained`, where the paper
 * proposes a fixed time. An unknown reference stays unknown when the correlated time is closed up
 * (the paper's figure would add it to time 0).
 *
 * A resident page's key only rises. So a reference writes history alone, in constant time; the heap
 * keeps an old key until the page comes to its top, and each such repair, O(log n), is paid for by
 * a reference. History of evicted pages is a ring in the order of evictions, found by the shadow,
 * the ordinal of the eviction; neither list nor hash is needed.
 *
 * @policy lruk
 * @sees every access
 * @param k 2 in 1..8: how many references back
 * @param correlated 0 in 0..1000000000: the correlated reference period, in references
 * @param retained 1.0 in 0..16: evictions for which history is retained, as a multiple of the slots
 * @paper O'Neil, O'Neil, Weikum: The LRU-K page replacement algorithm for database disk buffering. SIGMOD 1993
 */
@unmanaged
@final
export class Lruk extends Policy {
  /** The time of the reference at hand. */
  now: u32
  k: u32
  correlated: u32
  /** Pages that may be evicted, or could when they were last looked at, by key. */
  eligible: Heap
  /** With a correlated period: pages found within it, by their last reference. */
  waiting: Heap
  /** Address of the slots' histories: K times each, latest first, 0 if unknown, then the last reference. */
  histories: usize
  /** Bytes of a history. */
  stride: usize
  /** Offset of the last reference in a history: without a correlated period it is the latest time. */
  lastAt: usize
  /** Address of the evicted pages' histories: K - 1 times each. */
  ring: usize
  /** Bytes of a history in the ring. */
  ringStride: usize
  /** How many histories the ring holds. */
  retained: u32
  /** Where the next history goes in the ring. */
  turn: u32
  /** The next eviction's ordinal, counted modulo ORDINALS. */
  ordinal: u32
  /** Address of the missed page's history before this reference: K - 1 times. */
  returning: usize

  footprint(slots: u32, params: Params): usize {
    const k = <u32>params.get(0)
    const heaps = <usize>(params.get(1) >= 1 ? 2 : 1) * changetype<Heap>(0).footprint(slots)
    const retained = <usize>this.retainedOf(slots, params) * (k - 1) * 4
    return HEADER + MAX_K * 4 + heaps + <usize>slots * (4 + this.strideOf(params)) + retained
  }

  init(params: Params): void {
    const slots = this.slots
    this.now = TIME_START
    this.k = <u32>params.get(0)
    this.correlated = <u32>params.get(1)
    this.retained = this.retainedOf(slots, params)
    this.stride = this.strideOf(params)
    this.lastAt = this.correlated ? <usize>this.k * 4 : 0
    this.ringStride = (this.k - 1) * 4
    this.returning = changetype<usize>(this) + HEADER
    this.eligible = changetype<Heap>(this.returning + MAX_K * 4)
    let end = changetype<usize>(this.eligible) + this.eligible.footprint(slots)
    if (this.correlated) {
      this.waiting = changetype<Heap>(end)
      end += this.waiting.footprint(slots)
    }
    this.histories = end + <usize>slots * 4
    this.ring = this.histories + <usize>slots * this.stride
    this.eligible.init(end)
    if (this.correlated) this.waiting.init(end)
  }

  @inline
  access(slot: u32): void {
    const now = this.tick()
    const history = this.historyOf(slot)
    const last = load<u32>(history + this.lastAt)
    if (now - last > this.correlated) {
      const took = last - load<u32>(history)
      for (let at = history + this.ringStride; at > history; at -= 4) {
        const time = load<u32>(at - 4)
        store<u32>(at, time ? time + took : 0)
      }
      store<u32>(history, now)
    }
    store<u32>(history + this.lastAt, now)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    this.tick()
    const age = shadow ? this.ageOf(shadow) : u32.MAX_VALUE
    if (age > this.retained) {
      memory.fill(this.returning, 0, this.ringStride)
    } else {
      const place = this.turn < age ? this.turn + this.retained - age : this.turn - age
      memory.copy(this.returning, this.ring + <usize>place * this.ringStride, this.ringStride)
    }
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    const history = this.historyOf(slot)
    memory.copy(history + 4, this.returning, this.ringStride)
    store<u32>(history, this.now)
    store<u32>(history + this.lastAt, this.now)
    this.eligible.push(slot, this.keyOf(slot))
  }

  @inline
  evict(): u32 {
    if (this.correlated) return this.evictUncorrelated()
    const slot = this.settleTop()
    this.eligible.pop()
    return slot
  }

  @inline
  shadow(slot: u32): u32 {
    if (this.retained === 0) return 0
    memory.copy(this.ring + <usize>this.turn * this.ringStride, this.historyOf(slot), this.ringStride)
    this.turn = this.turn + 1 === this.retained ? 0 : this.turn + 1
    const shadow = this.ordinal + 1
    this.ordinal = shadow === ORDINALS ? 0 : shadow
    return shadow
  }

  putback(slot: u32, key: u32): void {
    this.eligible.push(slot, this.keyOf(slot))
  }

  remove(slot: u32): void {
    if (this.eligible.holds(slot)) this.eligible.remove(slot)
    else this.waiting.remove(slot)
  }

  check(resident: u32): void {
    const eligible = this.eligible
    eligible.check()
    for (let i: u32 = 0; i < eligible.size; i++) {
      const entry = eligible.entry(i)
      assert(<u32>(entry >> 32) <= this.keyOf(<u32>entry), 'lruk: a key fell')
      assert(this.lastOf(<u32>entry) <= this.now, 'lruk: a page was referenced in the future')
    }
    let pages = eligible.size
    if (this.correlated) {
      this.waiting.check()
      pages += this.waiting.size
    }
    assert(pages === resident, 'lruk: the heaps do not hold every page')
  }

  /** The slot at the top of `eligible` once the keys there are those of today. */
  @inline
  private settleTop(): u32 {
    const eligible = this.eligible
    while (true) {
      const slot = eligible.top
      const key = this.keyOf(slot)
      if (key === eligible.topKey) return slot
      eligible.raiseTop(key)
    }
  }

  /** Evicts with regard to correlated periods: pages pass from one heap to the other when they are looked at. */
  private evictUncorrelated(): u32 {
    const eligible = this.eligible
    const waiting = this.waiting
    while (waiting.size && this.now - waiting.topKey > this.correlated) {
      const slot = waiting.top
      if (this.lastOf(slot) !== waiting.topKey) waiting.raiseTop(this.lastOf(slot))
      else {
        waiting.pop()
        eligible.push(slot, this.keyOf(slot))
      }
    }
    while (eligible.size) {
      const slot = this.settleTop()
      eligible.pop()
      if (this.now - this.lastOf(slot) > this.correlated) return slot
      waiting.push(slot, this.lastOf(slot))
    }
    while (this.lastOf(waiting.top) !== waiting.topKey) waiting.raiseTop(this.lastOf(waiting.top))
    const slot = waiting.top
    waiting.pop()
    return slot
  }

  /** What the heap sorts by: the K-th last reference, behind all pages for which it is unknown. */
  @inline
  private keyOf(slot: u32): u32 {
    const time = load<u32>(this.historyOf(slot) + this.ringStride)
    return time ? time | KNOWN : this.lastOf(slot)
  }

  @inline
  private lastOf(slot: u32): u32 {
    return load<u32>(this.historyOf(slot) + this.lastAt)
  }

  @inline
  private historyOf(slot: u32): usize {
    return this.histories + <usize>slot * this.stride
  }

  /** How many evictions ago the one with this shadow was; 1 for the last. */
  @inline
  private ageOf(shadow: u32): u32 {
    const ordinal = shadow - 1
    return this.ordinal > ordinal ? this.ordinal - ordinal : this.ordinal + ORDINALS - ordinal
  }

  @inline
  private tick(): u32 {
    if (++this.now === TIME_END) this.renumber()
    return this.now
  }

  /** Takes TIME_SHIFT off every time; times before it become the first. */
  private renumber(): void {
    this.now -= TIME_SHIFT
    const end = this.ring + <usize>this.retained * this.ringStride
    for (let at = this.histories; at < end; at += 4) store<u32>(at, earlier(load<u32>(at)))
    for (let i: u32 = 0; i < MAX_K; i++) store<u32>(this.returning + i * 4, earlier(load<u32>(this.returning + i * 4)))
    renumberHeap(this.eligible)
    if (this.correlated) renumberHeap(this.waiting)
  }

  private strideOf(params: Params): usize {
    return (<usize>params.get(0) + (params.get(1) >= 1 ? 1 : 0)) * 4
  }

  /** How many evictions history is retained for; with K = 1 there is nothing to retain. */
  private retainedOf(slots: u32, params: Params): u32 {
    return params.get(0) < 2 ? 0 : <u32>min<f64>(<f64>slots * params.get(2), ORDINALS - 1)
  }
}

/** A time of the old numbering in the new one; 0 stays unknown. */
function earlier(time: u32): u32 {
  return time > TIME_SHIFT ? time - TIME_SHIFT : min(time, 1)
}

function renumberHeap(heap: Heap): void {
  for (let i: u32 = 0; i < heap.size; i++) {
    const key = <u32>(heap.entry(i) >> 32)
    heap.setKey(i, (key & KNOWN) | earlier(key & ~KNOWN))
  }
  heap.restore()
}
