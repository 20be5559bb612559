import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { HEADER, Params, Policy } from './policy'

/** The most queues there can be. */
const QUEUES: u32 = 32
/** Queues looked at in one vector. */
const LANES: u32 = 4

/**
 * A page in a slot: 20 bytes.
 *
 *   ┌ 0 ─────────┬ 4 ─────────┬ 8 ─────────┬ 12 ────────┬ 16 ───────────────────┐
 *   │ prev: u32  │ next: u32  │ key: u32   │ expires    │ frequency: 27 queue: 5│
 *   └────────────┴────────────┴────────────┴────────────┴───────────────────────┘
 */
@unmanaged
@final
class QueuedPage extends Link {
  key: u32
  /** When the page falls to the next lower queue unless it is referenced. */
  expires: u32
  private word: u32

  /** References to the page; at the most 2^27 - 1 are counted. */
  @inline
  get frequency(): u32 {
    return this.word >>> 5
  }

  @inline
  get queue(): u32 {
    return this.word & 31
  }

  @inline
  set(frequency: u32, queue: u32): void {
    this.word = (min(frequency, (1 << 27) - 1) << 5) | queue
  }
}

/**
 * Evicts the least recently used page of the lowest queue; pages referenced 2^k times are in queue k and fall by one in time.
 *
 * A page that was not referenced for a lifetime falls to the next lower queue. Evicted pages
 * are remembered with their frequency, first in, first out. Time is counted in references that
 * the cache serves. Left open by the paper: the lifetime is a fixed number, libCacheSim's; a
 * remembered page leaves the history before its return evicts another.
 *
 * @policy mq
 * @sees every access
 * @param queues 8 in 1..32: number of queues
 * @param lifetime 10000 in 1..1000000000: references after which a page falls to the next lower queue
 * @param out 4.0 in 0..16: evicted pages remembered, as a multiple of the frames
 * @paper Zhou, Philbin, Li: The multi-queue replacement algorithm for second level buffer caches. USENIX ATC, 2001
 */
@unmanaged
@final
export class Mq extends Policy {
  private highest: u32
  private lifetime: u32
  private outLimit: u32
  /** References so far, modulo 2^32. */
  private time: u32
  /** Keeps a load ahead of use from being dropped. */
  sink: u32
  /** Frequency that the missed page was remembered with. */
  private known: u32
  private pool: GhostPool

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<QueuedPage>() + changetype<GhostPool>(0).footprint(this.remembered(slots, params))
  }

  init(params: Params): void {
    const slots = this.slots
    this.highest = <u32>params.get(0) - 1
    this.lifetime = <u32>params.get(1)
    this.outLimit = <u32>(<f64>slots * params.get(2))
    this.pool = changetype<GhostPool>(changetype<usize>(this.node(slots)))
    this.pool.init(this.remembered(slots, params))
    for (let i: u32 = 0; i < QUEUES; i++) this.queue(i).reset()
    this.out.reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.node(slot)
    page.unlink()
    this.enter(page, page.frequency + 1)
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    const pool = this.pool
    this.known = 0
    if (pool.knows(shadow, key)) {
      const ghost = pool.ghostOf(shadow)
      this.known = ghost.tag
      ghost.unlink()
      pool.give(ghost)
    }
    return true
  }

  @inline
  insert(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.key = key
    this.enter(page, this.known + 1)
  }

  @inline
  evict(): u32 {
    let index: u32 = 0
    while (this.queue(index).isEmpty) index++
    const victim = this.queue(index).prev
    victim.unlink()
    return this.slotOf(victim)
  }

  @inline
  shadow(slot: u32): u32 {
    const pool = this.pool
    const out = this.out
    if (!this.outLimit) return 0
    if (pool.size === this.outLimit) {
      const oldest = out.prev
      oldest.unlink()
      pool.give(changetype<Ghost>(oldest))
    }
    const page = this.node(slot)
    const ghost = pool.take(page.key)
    ghost.tag = page.frequency
    ghost.insertAfter(out)
    return pool.shadowOf(ghost)
  }

  putback(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.insertBefore(this.queue(page.queue))
  }

  remove(slot: u32): void {
    this.node(slot).unlink()
  }

  check(resident: u32): void {
    let pages: u32 = 0
    for (let i: u32 = 0; i <= this.highest; i++) {
      const queue = this.queue(i)
      pages += queue.checkedLength(this.slots)
      let last = this.time + this.lifetime
      for (let node = queue.next; node !== queue; node = node.next) {
        const page = changetype<QueuedPage>(node)
        assert(page.queue === i && i <= this.queueFor(page.frequency), 'mq: a page is in the wrong queue')
        assert(<i32>(last - page.expires) >= 0, 'mq: an older page lives longer')
        last = page.expires
      }
    }
    assert(pages === resident, 'mq: the queues do not hold every page')
    assert(this.out.checkedLength(this.outLimit) === this.pool.size, 'mq: the history does not hold every ghost')
  }

  /** How many ghosts there can be. */
  private remembered(slots: u32, params: Params): u32 {
    return min(<u32>(<f64>slots * params.get(2)), params.absent(slots))
  }

  /** Makes a page, in no queue, the newest of the queue for its frequency, and lets time pass. */
  @inline
  private enter(page: QueuedPage, frequency: u32): void {
    const queue = this.queueFor(frequency)
    page.set(frequency, queue)
    page.expires = this.time + this.lifetime
    page.insertAfter(this.queue(queue))
    this.time++
    this.adjust()
  }

  @inline
  private queueFor(frequency: u32): u32 {
    return min(<u32>31 - clz<u32>(frequency), this.highest)
  }

  /** Lowers the oldest page of each queue, from the lowest up, if its lifetime is over. */
  @inline
  private adjust(): void {
    const now = i32x4.splat(this.time)
    for (let first: u32 = 0; first <= this.highest; first += LANES) {
      let over = i32x4.bitmask(i32x4.sub(v128.load(this.quiet(first)), now))
      for (; over; over &= over - 1) this.lower(first + <u32>ctz<i32>(over))
    }
  }

  /** Lowers the oldest page of a queue if its lifetime is over, and finds until when none of them will fall. */
  private lower(index: u32): void {
    const queue = this.queue(index)
    const later = this.time + this.lifetime
    let page = changetype<QueuedPage>(queue.prev)
    if (index > 0 && page !== queue && <i32>(page.expires - this.time) < 0) {
      page.unlink()
      page.set(page.frequency, index - 1)
      page.expires = later
      page.insertAfter(this.queue(index - 1))
      page = changetype<QueuedPage>(queue.prev)
      // The page that follows is wanted soon: fetched now, nobody waits for it.
      this.sink = changetype<QueuedPage>(page.prev).expires
    }
    const quiet = index === 0 || page === queue ? later : page.expires
    // Stored as the vector that is loaded next time, so that the CPU can forward it.
    const lanes = this.quiet(index & ~(LANES - 1))
    const own = i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(index & (LANES - 1)))
    v128.store(lanes, v128.bitselect(i32x4.splat(quiet), v128.load(lanes), own))
  }

  /** Address of the time before which no page falls from a queue: u32. */
  @inline
  private quiet(index: u32): usize {
    return changetype<usize>(this.queue(QUEUES + 1)) + ((<usize>index) << 2)
  }

  @inline
  private queue(index: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mq>() + <usize>index * offsetof<Link>())
  }

  /** The history, newest first. */
  @inline
  private get out(): Link {
    return this.queue(QUEUES)
  }

  @inline
  private node(slot: u32): QueuedPage {
    return changetype<QueuedPage>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<QueuedPage>())
  }

  @inline
  private slotOf(node: Link): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<QueuedPage>())
  }
}
