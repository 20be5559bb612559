import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { Page } from '../lib/page'
import { HEADER, Params, Policy } from './policy'

// The lists, most recently used first. A ghost's tag is its list.
const T1: u32 = 0
const T2: u32 = 1
const B1: u32 = 2
const B2: u32 = 3
const LISTS: u32 = 4

/**
 * Evicts the least recently used of the pages seen once, or of those seen again, by a share that adapts.
 *
 * T1 holds pages seen once, T2 pages seen at least twice; B1 and B2 remember as many pages as
 * there are frames, evicted from T1 and T2. A miss on a page in B1 raises T1's target size, one
 * in B2 lowers it. As in the paper's Figure 4; the target is a real number, as is its step.
 *
 * @policy arc
 * @sees every access
 * @paper Megiddo, Modha: ARC: a self-tuning, low overhead replacement cache. FAST, 2003
 */
@unmanaged
@final
export class Arc extends Policy {
  /** The size that T1 should have: p in the paper. */
  private target: f64
  private t1: u32
  private t2: u32
  private b1: u32
  private b2: u32
  /** Where the page that missed is remembered: B1, B2, or 0. */
  private found: u32
  /** The page just evicted is not to be remembered. */
  private unworthy: bool
  private pool: GhostPool

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Page>() + changetype<GhostPool>(0).footprint(min(slots, params.absent(slots)))
  }

  init(params: Params): void {
    const slots = this.slots
    this.pool = changetype<GhostPool>(changetype<usize>(this.node(slots)))
    this.pool.init(min(slots, params.absent(slots)))
    for (let i: u32 = 0; i < LISTS; i++) this.list(i).reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.node(slot)
    if (!page.marked) {
      page.mark()
      this.t1--
      this.t2++
    }
    page.moveToHead(this.list(T2))
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    const pool = this.pool
    this.found = 0
    if (pool.knows(shadow, key)) {
      const ghost = pool.ghostOf(shadow)
      this.found = ghost.tag
      this.adapt()
      this.forget(ghost)
    }
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    this.node(slot).set(key, this.found !== 0)
    if (this.found) {
      this.node(slot).insertAfter(this.list(T2))
      this.t2++
    } else {
      this.node(slot).insertAfter(this.list(T1))
      this.t1++
    }
  }

  @inline
  evict(): u32 {
    this.unworthy = !this.found && this.trim()
    const t1 = <f64>this.t1
    const fromT1 = this.unworthy || (this.t1 && (t1 > this.target || (this.found === B2 && t1 === this.target))) || !this.t2
    const victim = this.list(fromT1 ? T1 : T2).prev
    if (fromT1) this.t1--
    else this.t2--
    victim.unlink()
    return this.slotOf(victim)
  }

  @inline
  shadow(slot: u32): u32 {
    if (this.unworthy) return 0
    const page = this.node(slot)
    const pool = this.pool
    const ghost = pool.take(page.key)
    if (page.marked) {
      ghost.tag = B2
      this.b2++
      ghost.insertAfter(this.list(B2))
    } else {
      ghost.tag = B1
      this.b1++
      ghost.insertAfter(this.list(B1))
    }
    return pool.shadowOf(ghost)
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
    assert(this.list(T1).checkedLength(slots) === this.t1, 'arc: T1 is not as long as it is said to be')
    assert(this.list(T2).checkedLength(slots) === this.t2, 'arc: T2 is not as long as it is said to be')
    assert(this.list(B1).checkedLength(slots) === this.b1, 'arc: B1 is not as long as it is said to be')
    assert(this.list(B2).checkedLength(slots) === this.b2, 'arc: B2 is not as long as it is said to be')
    assert(this.t1 + this.t2 === resident, 'arc: T1 and T2 do not hold every page')
    assert(this.b1 + this.b2 === this.pool.size, 'arc: B1 and B2 do not hold every ghost')
    assert(this.target >= 0 && this.target <= <f64>slots, 'arc: the target is out of range')
  }

  /** Moves the target towards the list whose ghost was hit. */
  private adapt(): void {
    const b1 = <f64>this.b1
    const b2 = <f64>this.b2
    if (this.found === B1) this.target = min(this.target + max(b2 / b1, 1), <f64>this.slots)
    else this.target = max(this.target - max(b1 / b2, 1), 0)
  }

  /** Makes room among the ghosts for a new page; returns true if the page to be evicted shall not become one. */
  private trim(): bool {
    const slots = this.slots
    if (this.t1 + this.b1 >= slots) {
      if (!this.b1) return true
      this.forget(changetype<Ghost>(this.list(B1).prev))
    } else if (this.t1 + this.t2 + this.b1 + this.b2 >= 2 * slots && this.b2) {
      this.forget(changetype<Ghost>(this.list(B2).prev))
    }
    return false
  }

  private forget(ghost: Ghost): void {
    if (ghost.tag === B1) this.b1--
    else this.b2--
    ghost.unlink()
    this.pool.give(ghost)
  }

  @inline
  private list(which: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Arc>() + <usize>which * offsetof<Link>())
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
