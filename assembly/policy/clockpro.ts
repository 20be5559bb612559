import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { Page } from '../lib/page'
import { HEADER, Params, Policy } from './policy'

// A page's state, one byte a slot.
const REFERENCED: u8 = 1
const HOT: u8 = 2
/** In its test period: if it is referenced before the period ends, it becomes hot. */
const TEST: u8 = 4

/**
 * Evicts a cold page that the cold hand finds unreferenced; pages referenced again within their test period are hot and safe.
 *
 * LIRS with clock hands: one clock holds hot pages, cold pages, and as many pages evicted within
 * their test period as there are frames. The hot hand turns hot pages cold and the test hand
 * forgets the oldest evicted pages; both end test periods. The share of cold pages grows by one
 * when a page is referenced in its test period and shrinks by one when the period ends. Left
 * open by the paper and chosen here: cold pages have 1 % of the frames to start with and never
 * less than one; while there are free frames, new pages are hot up to the rest; the list head is
 * the place that the hot hand has just left. libCacheSim admits a page only while there are
 * fewer cold pages than may be cold, which are all frames at first: once full it never evicts.
 *
 * @policy clockpro
 * @sees accessed bits
 * @param cold 0.01 in 0..1: share of the frames for cold pages to start with
 * @param compat none|libcachesim: libcachesim keeps the pages that fill the cache for ever
 * @paper Jiang, Chen, Zhang: CLOCK-Pro: an effective improvement of the CLOCK replacement. USENIX ATC, 2005
 */
@unmanaged
@final
export class ClockPro extends Policy {
  // Sentinel of the clock; no hand stands on it unless the clock is empty. Hands move along `next`.
  tail: Link
  head: Link
  private hotHand: Link
  private coldHand: Link
  private testHand: Link
  private hot: u32
  private cold: u32
  /** How many pages may be cold. */
  private target: u32
  /** Evicts nothing. */
  private frozen: bool
  /** The page that missed was evicted within its test period. */
  private returning: bool
  /** A page was evicted for the one to be inserted. */
  private full: bool
  private states: usize
  private pool: GhostPool

  footprint(slots: u32, params: Params): usize {
    const ghosts = min(slots + 1, params.absent(slots))
    return HEADER + <usize>slots * (offsetof<Page>() + 1) + 4 + changetype<GhostPool>(0).footprint(ghosts)
  }

  init(params: Params): void {
    const slots = this.slots
    this.clock.reset()
    this.hotHand = this.clock
    this.coldHand = this.clock
    this.testHand = this.clock
    this.target = max(1, <u32>(<f64>slots * params.get(0)))
    this.frozen = params.get(1) !== 0
    this.pool = changetype<GhostPool>(changetype<usize>(this.node(slots)))
    this.pool.init(min(slots + 1, params.absent(slots)))
    this.states = changetype<usize>(this.pool) + this.pool.footprint(this.pool.capacity)
  }

  @inline
  access(slot: u32): void {
    const at = this.states + slot
    store<u8>(at, load<u8>(at) | REFERENCED)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    const pool = this.pool
    this.returning = pool.knows(shadow, key)
    if (this.returning) {
      this.raise()
      this.forget(pool.ghostOf(shadow))
    }
    return !this.frozen || this.hot + this.cold < this.slots
  }

  insert(slot: u32, key: u32): void {
    const hot = this.returning || (!this.full && this.hot < this.slots - this.target)
    this.full = false
    this.node(slot).set(key, false)
    this.toHead(this.node(slot))
    this.setState(slot, hot ? HOT : TEST)
    if (hot) this.hot++
    else this.cold++
    this.runHot()
  }

  evict(): u32 {
    while (true) {
      const node = this.coldHand
      this.coldHand = this.behind(node)
      if (this.isGhost(node)) continue
      const slot = this.slotOf(node)
      const state = this.state(slot)
      if (state & HOT) continue
      if (!(state & REFERENCED)) {
        this.cold--
        this.full = true
        if (!(state & TEST)) this.leave(node)
        return slot
      }
      this.leave(node)
      this.toHead(node)
      if (state & TEST) this.warm(slot)
      else this.setState(slot, TEST)
    }
  }

  shadow(slot: u32): u32 {
    if (!(this.state(slot) & TEST)) return 0
    const node = this.node(slot)
    const pool = this.pool
    const ghost = pool.take(node.key)
    const shadow = pool.shadowOf(ghost)
    ghost.insertAfter(node)
    if (this.hotHand === node) this.hotHand = ghost
    if (this.coldHand === node) this.coldHand = ghost
    if (this.testHand === node) this.testHand = ghost
    node.unlink()
    while (pool.size > this.slots) {
      const oldest = this.testHand
      this.testHand = this.behind(oldest)
      this.endTest(oldest)
    }
    return shadow
  }

  putback(slot: u32, key: u32): void {
    this.cold++
    if (this.state(slot) & TEST) return
    const node = this.node(slot)
    node.insertBefore(this.coldHand)
    this.settle(node)
  }

  remove(slot: u32): void {
    this.leave(this.node(slot))
    if (this.state(slot) & HOT) this.hot--
    else this.cold--
  }

  check(resident: u32): void {
    const slots = this.slots
    assert(this.hot + this.cold === resident, 'clockpro: hot and cold pages are not all')
    assert(this.clock.checkedLength(2 * slots + 1) === resident + this.pool.size, 'clockpro: the clock does not hold every page')
    let hot: u32 = 0
    let hands: u32 = 0
    for (let node = this.clock.next; node !== this.clock; node = node.next) {
      hands += <u32>(node === this.hotHand) + <u32>(node === this.coldHand) + <u32>(node === this.testHand)
      if (this.isGhost(node)) continue
      const state = this.state(this.slotOf(node))
      assert((state & (HOT | TEST)) !== (HOT | TEST), 'clockpro: a hot page is in its test period')
      if (state & HOT) hot++
    }
    assert(hot === this.hot, 'clockpro: there are not as many hot pages as is said')
    assert(hot <= slots - this.target, 'clockpro: too many pages are hot')
    assert(hands === (this.clock.isEmpty ? 0 : 3), 'clockpro: a hand stands outside the clock')
    assert(this.pool.size <= slots, 'clockpro: too many ghosts')
  }

  /** Turns the cold page in `slot`, referenced in its test period, into a hot page. */
  private warm(slot: u32): void {
    this.setState(slot, HOT)
    this.cold--
    this.hot++
    this.raise()
    this.runHot()
  }

  /** Turns hot pages cold until there are no more than may be; then the hand goes on to the next hot page. */
  private runHot(): void {
    while (this.hot > this.slots - this.target) {
      while (!this.passHot()) {}
      while (this.hot && (this.isGhost(this.hotHand) || !(this.state(this.slotOf(this.hotHand)) & HOT))) this.passHot()
    }
  }

  /** Moves the hot hand past one page; returns true if that page turned cold. */
  private passHot(): bool {
    const node = this.hotHand
    this.hotHand = this.behind(node)
    if (this.isGhost(node) || !(this.state(this.slotOf(node)) & HOT)) {
      this.endTest(node)
      return false
    }
    const slot = this.slotOf(node)
    const spared = (this.state(slot) & REFERENCED) !== 0
    this.setState(slot, spared ? HOT : 0)
    if (spared) return false
    this.hot--
    this.cold++
    return true
  }

  /** Ends the test period of a page, if it is in one; forgets it if it was evicted. */
  private endTest(node: Link): void {
    if (!this.isGhost(node)) {
      const slot = this.slotOf(node)
      if (!(this.state(slot) & TEST)) return
      this.setState(slot, this.state(slot) & ~TEST)
    } else this.forget(changetype<Ghost>(node))
    if (this.target > 1) this.target--
  }

  @inline
  private raise(): void {
    if (this.target < this.slots) this.target++
  }

  private forget(ghost: Ghost): void {
    this.leave(ghost)
    this.pool.give(ghost)
  }

  /** Takes a node out of the clock; hands that stand on it step on. */
  private leave(node: Link): void {
    const next = node.next === node.prev ? node.next : this.behind(node)
    if (this.hotHand === node) this.hotHand = next
    if (this.coldHand === node) this.coldHand = next
    if (this.testHand === node) this.testHand = next
    node.unlink()
  }

  /** Puts a node where the hot hand comes last. */
  private toHead(node: Link): void {
    node.insertBefore(this.hotHand)
    this.settle(node)
  }

  /** Sets the hands on the first node of the clock. */
  @inline
  private settle(node: Link): void {
    const clock = this.clock
    if (this.hotHand === clock) this.hotHand = node
    if (this.coldHand === clock) this.coldHand = node
    if (this.testHand === clock) this.testHand = node
  }

  /** The next node of the clock. */
  @inline
  private behind(node: Link): Link {
    const next = node.next
    return next === this.clock ? next.next : next
  }

  @inline
  private isGhost(node: Link): bool {
    return changetype<usize>(node) > changetype<usize>(this.pool)
  }

  @inline
  private state(slot: u32): u8 {
    return load<u8>(this.states + slot)
  }

  @inline
  private setState(slot: u32, state: u8): void {
    store<u8>(this.states + slot, state)
  }

  @inline
  private get clock(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<ClockPro>('tail'))
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
