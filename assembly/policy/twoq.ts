import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { Page } from '../lib/page'
import { HEADER, Params, Policy } from './policy'

// The lists, newest first.
const IN: u32 = 0
const MAIN: u32 = 1
const OUT: u32 = 2
const LISTS: u32 = 3

/**
 * Evicts first in, first out among pages seen once, or the least recently used of those seen again after that.
 *
 * The full version of the paper: new pages enter the FIFO A1in, where references to them count
 * as correlated and change nothing; pages evicted from it are remembered in the FIFO A1out; a
 * page that misses while remembered there enters the LRU list Am. As the paper asks, A1in is
 * cut back only while it is longer than its share. The paper does not say what to do where a
 * share rounds to nothing: each queue then has one page; libCacheSim caches nothing at all.
 *
 * @policy 2q
 * @sees every access
 * @param in 0.25 in 0..1: share of the frames that A1in keeps
 * @param out 0.5 in 0..16: pages remembered in A1out, as a multiple of the frames
 * @param compat none|libcachesim: libcachesim bypasses the cache if A1in's share rounds to nothing
 * @paper Johnson, Shasha: 2Q: a low overhead high performance buffer management replacement algorithm. VLDB, 1994
 */
@unmanaged
@final
export class TwoQ extends Policy {
  /** Pages in A1in. */
  private inSize: u32
  /** Pages A1in keeps. */
  private inLimit: u32
  /** Pages A1out remembers. */
  private outLimit: u32
  /** Caches nothing. */
  private closed: bool
  /** The page that missed is remembered in A1out. */
  private returning: bool
  private pool: GhostPool

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Page>() + changetype<GhostPool>(0).footprint(this.remembered(slots, params))
  }

  init(params: Params): void {
    const slots = this.slots
    const share = <u32>(<f64>slots * params.get(0))
    this.inLimit = max(1, share)
    this.outLimit = max(1, <u32>(<f64>slots * params.get(1)))
    this.closed = params.get(2) !== 0 && !share
    this.pool = changetype<GhostPool>(changetype<usize>(this.node(slots)))
    this.pool.init(this.remembered(slots, params))
    for (let i: u32 = 0; i < LISTS; i++) this.list(i).reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.node(slot)
    if (page.marked) page.moveToHead(this.list(MAIN))
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    const pool = this.pool
    this.returning = pool.knows(shadow, key)
    if (this.returning) this.forget(pool.ghostOf(shadow))
    return !this.closed
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.set(key, this.returning)
    if (this.returning) page.insertAfter(this.list(MAIN))
    else {
      page.insertAfter(this.list(IN))
      this.inSize++
    }
  }

  @inline
  evict(): u32 {
    const main = this.list(MAIN)
    let victim = main.prev
    if (this.inSize > this.inLimit || main.isEmpty) {
      victim = this.list(IN).prev
      this.inSize--
    }
    victim.unlink()
    return this.slotOf(victim)
  }

  @inline
  shadow(slot: u32): u32 {
    const page = this.node(slot)
    if (page.marked) return 0
    const pool = this.pool
    const out = this.list(OUT)
    if (pool.size === this.outLimit) this.forget(changetype<Ghost>(out.prev))
    const ghost = pool.take(page.key)
    ghost.insertAfter(out)
    return pool.shadowOf(ghost)
  }

  putback(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.insertBefore(this.list(page.marked ? MAIN : IN))
    if (!page.marked) this.inSize++
  }

  remove(slot: u32): void {
    const page = this.node(slot)
    page.unlink()
    if (!page.marked) this.inSize--
  }

  check(resident: u32): void {
    assert(this.list(IN).checkedLength(this.slots) === this.inSize, '2q: A1in is not as long as it is said to be')
    assert(this.inSize + this.list(MAIN).checkedLength(this.slots) === resident, '2q: A1in and Am do not hold every page')
    assert(this.list(OUT).checkedLength(this.outLimit) === this.pool.size, '2q: A1out does not hold every ghost')
  }

  /** How many ghosts there can be. */
  private remembered(slots: u32, params: Params): u32 {
    return min(max(1, <u32>(<f64>slots * params.get(1))), params.absent(slots))
  }

  @inline
  private forget(ghost: Ghost): void {
    ghost.unlink()
    this.pool.give(ghost)
  }

  @inline
  private list(which: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<TwoQ>() + <usize>which * offsetof<Link>())
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
