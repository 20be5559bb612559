import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { Page } from '../lib/page'
import { HEADER, MAX_SHADOW, Params, Policy } from './policy'

// The lists, newest first. A ghost's tag is its list.
const T1: u32 = 0
const T2: u32 = 1
const B1: u32 = 2
const B2: u32 = 3
const LISTS: u32 = 4

/** Shadow of a page in a B2 without end, which needs no order and so no ghosts. */
const IN_B2: u32 = MAX_SHADOW

/**
 * Evicts a page that the hand of one of two clocks finds unreferenced: pages seen once, or pages seen again, by a share that adapts.
 *
 * ARC with the clocks T1 and T2 in place of LRU lists; B1 and B2 remember pages evicted from
 * them. A miss on a page in B1 raises T1's target size, one in B2 lowers it. By default as in
 * libCacheSim: B2 is never trimmed, B1 is after every eviction, and the target's step is a whole
 * number. With history=paper B1 and B2 together remember as many pages as there are frames, are
 * trimmed as in the paper's Figure 2, and the step is a real number.
 *
 * @policy car
 * @sees accessed bits
 * @param history unbounded|paper: how long evicted pages are remembered
 * @paper Bansal, Modha: CAR: clock with adaptive replacement. FAST, 2004
 */
@unmanaged
@final
export class Car extends Policy {
  /** The size that T1 should have: p in the paper. */
  private target: f64
  private t1: u32
  private t2: u32
  private b1: u32
  private b2: u32
  private bounded: bool
  /** The page that missed was remembered. */
  private returning: bool
  /** Address of one byte a slot: referenced since the hand passed. */
  private referenced: usize
  private pool: GhostPool

  footprint(slots: u32, params: Params): usize {
    const ghosts = min(slots + 1, params.absent(slots))
    return HEADER + <usize>slots * (offsetof<Page>() + 1) + changetype<GhostPool>(0).footprint(ghosts)
  }

  init(params: Params): void {
    const slots = this.slots
    this.bounded = params.get(0) !== 0
    this.pool = changetype<GhostPool>(changetype<usize>(this.node(slots)))
    this.pool.init(min(slots + 1, params.absent(slots)))
    this.referenced = changetype<usize>(this.pool) + this.pool.footprint(this.pool.capacity)
    for (let i: u32 = 0; i < LISTS; i++) this.list(i).reset()
  }

  @inline
  access(slot: u32): void {
    store<u8>(this.referenced + slot, 1)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    this.returning = false
    if (shadow) this.recall(key, shadow)
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.node(slot)
    store<u8>(this.referenced + slot, 0)
    page.set(key, this.returning)
    if (this.returning) {
      page.insertAfter(this.list(T2))
      this.t2++
    } else {
      page.insertAfter(this.list(T1))
      this.t1++
    }
  }

  evict(): u32 {
    const once = this.list(T1)
    const again = this.list(T2)
    const target = max(1, this.target)
    while (true) {
      const fromT1 = <f64>this.t1 >= target
      const page = changetype<Page>((fromT1 ? once : again).prev)
      const slot = this.slotOf(page)
      page.unlink()
      if (fromT1) this.t1--
      else this.t2--
      if (!load<u8>(this.referenced + slot)) return slot
      store<u8>(this.referenced + slot, 0)
      page.mark()
      page.insertAfter(again)
      this.t2++
    }
  }

  shadow(slot: u32): u32 {
    const page = this.node(slot)
    let shadow = IN_B2
    if (!page.marked) {
      this.b1++
      shadow = this.remember(page.key, B1)
    } else {
      this.b2++
      if (this.bounded) shadow = this.remember(page.key, B2)
    }
    this.trim()
    return shadow
  }

  putback(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.insertBefore(this.list(page.marked ? T2 : T1))
    if (page.marked) this.t2++
    else this.t1++
  }

  remove(slot: u32): void {
    const page = this.node(slot)
    page.unlink()
    if (page.marked) this.t2--
    else this.t1--
  }

  check(resident: u32): void {
    const slots = this.slots
    assert(this.list(T1).checkedLength(slots) === this.t1, 'car: T1 is not as long as it is said to be')
    assert(this.list(T2).checkedLength(slots) === this.t2, 'car: T2 is not as long as it is said to be')
    assert(this.list(B1).checkedLength(slots) === this.b1, 'car: B1 is not as long as it is said to be')
    assert(this.list(B2).checkedLength(slots) === (this.bounded ? this.b2 : 0), 'car: B2 is not as long as it is said to be')
    assert(this.t1 + this.t2 === resident, 'car: T1 and T2 do not hold every page')
    assert(this.b1 + (this.bounded ? this.b2 : 0) === this.pool.size, 'car: B1 and B2 do not hold every ghost')
    assert(this.target >= 0 && this.target <= <f64>slots, 'car: the target is out of range')
  }

  /** If the missed page is remembered, moves the target towards its list and forgets it. */
  private recall(key: u32, shadow: u32): void {
    const pool = this.pool
    const inB2 = shadow === IN_B2
    if (!inB2 && !pool.knows(shadow, key)) return
    this.returning = true
    if (inB2 || pool.ghostOf(shadow).tag === B2) this.target = max(this.target - this.step(this.b1, this.b2), 0)
    else this.target = min(this.target + this.step(this.b2, this.b1), <f64>this.slots)
    if (inB2) this.b2--
    else this.forget(pool.ghostOf(shadow))
  }

  /** By how much the target moves on a hit in the history of length `own`. */
  private step(other: u32, own: u32): f64 {
    return max(1, this.bounded ? <f64>other / <f64>own : <f64>(other / own))
  }

  private remember(key: u32, tag: u32): u32 {
    const ghost = this.pool.take(key)
    ghost.tag = tag
    ghost.insertAfter(this.list(tag))
    return this.pool.shadowOf(ghost)
  }

  /** Forgets the page evicted longest ago from the history that is too long. */
  private trim(): void {
    const slots = this.slots
    if (this.bounded && this.returning) return
    if (this.t1 + this.b1 >= slots && this.b1) this.forget(changetype<Ghost>(this.list(B1).prev))
    else if (this.bounded && this.b1 + this.b2 > slots) this.forget(changetype<Ghost>(this.list(B2).prev))
  }

  private forget(ghost: Ghost): void {
    if (ghost.tag === B1) this.b1--
    else this.b2--
    ghost.unlink()
    this.pool.give(ghost)
  }

  @inline
  private list(which: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Car>() + <usize>which * offsetof<Link>())
  }

  @inline
  private node(slot: u32): Page {
    return changetype<Page>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Page>())
  }

  @inline
  private slotOf(node: Link): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<Page>())
  }
}
