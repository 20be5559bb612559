import { GhostQueue } from '../lib/ghostQueue'
import { Link } from '../lib/list'
import { expOf, lnOf } from '../lib/math'
import { Rng } from '../lib/rng'
import { HEADER, Params, Policy } from './policy'

/** Children of a node of the heap. */
const ARITY: u32 = 4
/** The least weight of an expert, so that it can recover. */
const LEAST: f64 = 0.01

/** Which expert chose a victim; the histories are numbered so. */
enum Expert {
  LRU = 0,
  LFU = 1,
  BOTH = 2,
}

/** A page in a slot. */
@unmanaged
@final
class Page extends Link {
  /** References since it came in, above the time of the last one. */
  rank: u64
  key: u32
  /** Its index in the heap. */
  position: u32
}

/** An entry of the heap: rank and slot again, so that comparing pages does not touch them. */
@unmanaged
@final
class Entry {
  rank: u64
  slot: u32
}

/**
 * Evicts the least recently or the least frequently used page, whichever is by a weighted coin; each regret lowers a weight.
 *
 * A page evicted by one expert is remembered in that expert's history. If it returns from there
 * t references later, the expert's weight shrinks by exp(-rate * discount^(t / frames)), and both
 * are scaled to sum to 1. A page that both experts chose is in no history. Left open by the paper
 * and chosen here: of pages used equally often the one used least recently goes, a page that
 * returns counts from one, a history is first in first out, and no weight falls below 0.01 (as in
 * the authors' code).
 *
 * @policy lecar
 * @sees every access
 * @param rate 0.45 in 0..10: the learning rate
 * @param discount 0.005 in 0.000001..1: how much a regret counts after as many references as there are frames
 * @param history 0.5 in 0..10: entries of each history per frame
 * @paper Vietri, Rodriguez, Martinez, Lyons, Liu, Rangaswami, Zhao, Narasimhan: Driving cache replacement with ML-based LeCaR. HotStorage, 2018
 */
@unmanaged
@final
export class LeCar extends Policy {
  // Sentinel of the list, most recently used page first.
  tail: Link
  head: Link
  rng: u64
  /** Probability that LRU chooses. */
  weight: f64
  rate: f64
  /** Logarithm of the discount of one reference. */
  discount: f64
  /** References so far. */
  time: u32
  /** Pages in the heap. */
  size: u32
  /** Which expert chose the page evicted last. */
  expert: Expert
  /** Address of the heap, least frequently used first. */
  heap: usize
  /** Address of the first history. */
  histories: usize
  /** Bytes of a history. */
  historyBytes: usize

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Page>() + offsetof<Entry>()) + 2 * this.bytesFor(slots, params)
  }

  init(params: Params): void {
    const slots = this.slots
    changetype<Rng>(changetype<usize>(this) + offsetof<LeCar>('rng')).seed(this.seed)
    this.weight = 0.5
    this.rate = params.get(0)
    this.discount = lnOf(params.get(1)) / <f64>slots
    this.list.reset()
    this.heap = changetype<usize>(this.page(slots))
    this.histories = changetype<usize>(this.entry(slots))
    this.historyBytes = this.bytesFor(slots, params)
    const capacity = <u32>(<f64>slots * params.get(2))
    this.history(Expert.LRU).init(capacity)
    this.history(Expert.LFU).init(capacity)
  }

  @inline
  access(slot: u32): void {
    const page = this.page(slot)
    page.moveToHead(this.list)
    page.rank = (((page.rank >> 32) + 1) << 32) | ++this.time
    this.sink(page.position, page.rank, slot)
  }

  miss(key: u32, shadow: u32): bool {
    const expert: Expert = shadow & 1
    const history = this.history(expert)
    this.time++
    if (!history.recall(shadow >> 1, key)) return true
    const age = this.time - history.tagOf(shadow >> 1)
    const factor = expOf(-this.rate * expOf(this.discount * <f64>age))
    const lru = this.weight * (expert === Expert.LRU ? factor : 1)
    const lfu = (1 - this.weight) * (expert === Expert.LFU ? factor : 1)
    this.weight = min(max(lru / (lru + lfu), LEAST), 1 - LEAST)
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.page(slot)
    page.key = key
    page.rank = ((<u64>1) << 32) | this.time
    page.insertAfter(this.list)
    this.rise(this.size++, page.rank, slot)
  }

  @inline
  evict(): u32 {
    const oldest = this.slotOf(this.tail)
    const rarest = this.entry(0).slot
    let victim = oldest
    this.expert = Expert.BOTH
    if (oldest !== rarest) {
      this.expert = this.draw() < this.weight ? Expert.LRU : Expert.LFU
      if (this.expert === Expert.LFU) victim = rarest
    }
    this.remove(victim)
    return victim
  }

  @inline
  shadow(slot: u32): u32 {
    if (this.expert === Expert.BOTH) return 0
    const shadow = this.history(this.expert).remember(this.page(slot).key, this.time)
    return shadow ? (shadow << 1) | <u32>this.expert : 0
  }

  putback(slot: u32, key: u32): void {
    const page = this.page(slot)
    page.insertBefore(this.list)
    this.rise(this.size++, page.rank, slot)
  }

  remove(slot: u32): void {
    const page = this.page(slot)
    const position = page.position
    page.unlink()
    const last = this.entry(--this.size)
    if (position === this.size) return
    if (last.rank < page.rank) this.rise(position, last.rank, last.slot)
    else this.sink(position, last.rank, last.slot)
  }

  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'lecar: the list does not hold every page')
    assert(this.size === resident, 'lecar: the heap does not hold every page')
    for (let i: u32 = 0; i < this.size; i++) {
      const entry = this.entry(i)
      const page = this.page(entry.slot)
      assert(page.position === i && page.rank === entry.rank, 'lecar: page and heap disagree')
      assert(!i || this.entry((i - 1) / ARITY).rank <= entry.rank, 'lecar: an entry is below its parent')
    }
    this.history(Expert.LRU).check()
    this.history(Expert.LFU).check()
  }

  /** A number from 0 to below 1. */
  @inline
  private draw(): f64 {
    return <f64>changetype<Rng>(changetype<usize>(this) + offsetof<LeCar>('rng')).next() / 4294967296
  }

  /** Moves a page from the hole at `index` to where its parent is lower. */
  private rise(index: u32, rank: u64, slot: u32): void {
    while (index) {
      const parent = (index - 1) / ARITY
      const above = this.entry(parent)
      if (above.rank < rank) break
      this.place(index, above.rank, above.slot)
      index = parent
    }
    this.place(index, rank, slot)
  }

  /** Moves a page from the hole at `index` to where its children are higher. */
  @inline
  private sink(index: u32, rank: u64, slot: u32): void {
    const size = this.size
    while (true) {
      let child = index * ARITY + 1
      if (child >= size) break
      let least = this.entry(child)
      for (const end = min(child + ARITY, size); ++child < end; ) {
        const other = this.entry(child)
        if (other.rank < least.rank) least = other
      }
      if (rank < least.rank) break
      const below = <u32>((changetype<usize>(least) - this.heap) / offsetof<Entry>())
      this.place(index, least.rank, least.slot)
      index = below
    }
    this.place(index, rank, slot)
  }

  @inline
  private place(index: u32, rank: u64, slot: u32): void {
    const entry = this.entry(index)
    entry.rank = rank
    entry.slot = slot
    this.page(slot).position = index
  }

  @inline
  private bytesFor(slots: u32, params: Params): usize {
    return (changetype<GhostQueue>(0).footprint(<u32>(<f64>slots * params.get(2))) + 7) & ~7
  }

  @inline
  private history(expert: Expert): GhostQueue {
    return changetype<GhostQueue>(this.histories + <usize>expert * this.historyBytes)
  }

  @inline
  private entry(index: u32): Entry {
    return changetype<Entry>(this.heap + <usize>index * offsetof<Entry>())
  }

  @inline
  private get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<LeCar>('tail'))
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
