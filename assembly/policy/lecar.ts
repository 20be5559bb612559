import { CountedPage, Frequencies } from '../lib/frequencies'
import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { expOf, lnOf } from '../lib/math'
import { Rng } from '../lib/rng'
import { HEADER, Params, Policy } from './policy'

/** The least weight of an expert, so that it can recover. */
const LEAST: f64 = 0.01

/** Which expert chose a victim; the histories are numbered so. */
enum Expert {
  LRU = 0,
  LFU = 1,
  BOTH = 2,
}

/** A page in a slot, by its use; and behind that, by its recency: 20 bytes. */
@unmanaged
@final
class Page extends CountedPage {
  // A Link of the list of recency.
  newer: Link
  older: Link

  @inline
  get recency(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Page>('newer'))
  }

  @inline
  static of(recency: Link): Page {
    return changetype<Page>(changetype<usize>(recency) - offsetof<Page>('newer'))
  }
}

/** A history, its newest ghost first. */
@unmanaged
@final
class History extends Link {
  size: u32
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
  /** Which expert chose the page evicted last. */
  expert: Expert
  /** The most ghosts that a history holds. */
  capacity: u32
  /** The ghosts of both histories. */
  pool: GhostPool
  /** Address of the key in each slot; 0 if no page will be remembered. */
  keys: usize

  footprint(slots: u32, params: Params): usize {
    const ghosts = this.remembers(slots, params)
    const bytes = HEADER + <usize>slots * offsetof<Page>() + Frequencies.footprint(slots)
    return bytes + changetype<GhostPool>(0).footprint(ghosts) + (ghosts ? (<usize>slots) << 2 : 0)
  }

  init(params: Params): void {
    const slots = this.slots
    const ghosts = this.remembers(slots, params)
    changetype<Rng>(changetype<usize>(this) + offsetof<LeCar>('rng')).seed(this.seed)
    this.weight = 0.5
    this.rate = params.get(0)
    this.discount = lnOf(params.get(1)) / <f64>slots
    this.capacity = <u32>(<f64>slots * params.get(2))
    this.list.reset()
    const groups = changetype<usize>(this.page(slots))
    this.uses.init(slots, groups)
    this.pool = changetype<GhostPool>(groups + Frequencies.footprint(slots))
    this.pool.init(ghosts)
    if (ghosts) this.keys = changetype<usize>(this.pool) + this.pool.footprint(ghosts)
    this.history(Expert.LRU).reset()
    this.history(Expert.LFU).reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.page(slot)
    this.time++
    page.recency.moveToHead(this.list)
    this.uses.count(page)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    this.time++
    if (this.pool.knows(shadow >> 1, key)) this.regret(this.pool.ghostOf(shadow >> 1), shadow & 1)
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.page(slot)
    if (this.keys) store<u32>(this.keys + ((<usize>slot) << 2), key)
    page.recency.insertAfter(this.list)
    this.uses.enter(page)
  }

  @inline
  evict(): u32 {
    const oldest = Page.of(this.tail)
    const rarest = changetype<Page>(this.uses.first)
    let victim = oldest
    this.expert = Expert.BOTH
    if (oldest !== rarest) {
      this.expert = this.draw() < this.weight ? Expert.LRU : Expert.LFU
      if (this.expert === Expert.LFU) victim = rarest
    }
    victim.recency.unlink()
    this.uses.withdraw(victim)
    return this.slotOf(victim)
  }

  @inline
  shadow(slot: u32): u32 {
    const expert = this.expert
    if (expert === Expert.BOTH || !this.capacity || !this.keys) return 0
    const history = this.history(expert)
    if (history.size === this.capacity) this.forget(changetype<Ghost>(history.prev), history)
    const ghost = this.pool.take(load<u32>(this.keys + ((<usize>slot) << 2)))
    ghost.tag = this.time
    ghost.insertAfter(history)
    history.size++
    return (this.pool.shadowOf(ghost) << 1) | <u32>expert
  }

  /** The page is the least recently used again, and so the first of those used as often. */
  putback(slot: u32, key: u32): void {
    const page = this.page(slot)
    page.recency.insertBefore(this.list)
    this.uses.restore(page)
  }

  remove(slot: u32): void {
    const page = this.page(slot)
    page.recency.unlink()
    this.uses.remove(page)
  }

  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'lecar: the list does not hold every page')
    this.uses.check(resident)
    let ghosts: u32 = 0
    for (let expert = Expert.LRU; expert <= Expert.LFU; expert++) {
      const history = this.history(expert)
      assert(history.checkedLength(this.capacity) === history.size, 'lecar: a history is miscounted')
      ghosts += history.size
    }
    assert(ghosts === this.pool.size, 'lecar: the histories do not hold every ghost')
  }

  /** How many ghosts there can be. */
  private remembers(slots: u32, params: Params): u32 {
    return min<u32>(2 * <u32>(<f64>slots * params.get(2)), params.absent(slots))
  }

  /** Lowers the weight of the expert that evicted the page of a ghost, which is back, and forgets the ghost. */
  private regret(ghost: Ghost, expert: Expert): void {
    const age = this.time - ghost.tag
    this.forget(ghost, this.history(expert))
    const factor = expOf(-this.rate * expOf(this.discount * <f64>age))
    const lru = this.weight * (expert === Expert.LRU ? factor : 1)
    const lfu = (1 - this.weight) * (expert === Expert.LFU ? factor : 1)
    this.weight = min(max(lru / (lru + lfu), LEAST), 1 - LEAST)
  }

  @inline
  private forget(ghost: Ghost, history: History): void {
    ghost.unlink()
    this.pool.give(ghost)
    history.size--
  }

  /** A number from 0 to below 1. */
  @inline
  private draw(): f64 {
    return <f64>changetype<Rng>(changetype<usize>(this) + offsetof<LeCar>('rng')).next() / 4294967296
  }

  @inline
  private history(expert: Expert): History {
    return changetype<History>(changetype<usize>(this) + offsetof<LeCar>() + <usize>expert * offsetof<History>())
  }

  /** The pages by how often they were used; of those used equally often, the least recently used is first. */
  @inline
  private get uses(): Frequencies {
    return changetype<Frequencies>(changetype<usize>(this.history(Expert.BOTH)))
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
  private slotOf(page: Page): u32 {
    return <u32>((changetype<usize>(page) - changetype<usize>(this) - HEADER) / offsetof<Page>())
  }
}
