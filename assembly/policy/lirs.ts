import { Ghost, GhostPool } from '../lib/ghosts'
import { Link } from '../lib/list'
import { HEADER, NO_SLOT, Params, Policy } from './policy'

/** Set in a page's word if it is a LIR page. */
const LIR: u32 = 1 << 31

/** A ghost's tag if libCacheSim forgets that it evicted the page. */
const PHANTOM: u32 = 1

/**
 * A page in a slot: 20 bytes. The first two links are its place in the stack S, null if it is
 * not there; the other two its place in the queue Q, if it is a resident HIR page.
 *
 *   ┌ 0 ─────────┬ 4 ─────────┬ 8 ──────────────┬ 12 ────────┬ 16 ────────┐
 *   │ prev: u32  │ next: u32  │ key: 31  LIR: 1 │ prev: u32  │ next: u32  │
 *   └────────────┴────────────┴─────────────────┴────────────┴────────────┘
 */
@unmanaged
@final
class LirsPage extends Link {
  word: u32
  earlier: Link
  later: Link

  @inline
  get isLir(): bool {
    return (this.word & LIR) !== 0
  }

  @inline
  get key(): u32 {
    return this.word & ~LIR
  }

  @inline
  get inStack(): bool {
    return changetype<usize>(this.prev) !== 0
  }

  /** The page's node in Q. */
  @inline
  get queued(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<LirsPage>('earlier'))
  }
}

/** A non-resident HIR page: its place in S, and its place in the list of those by the time of their eviction. */
@unmanaged
@final
class LirsGhost extends Ghost {
  earlier: Link
  later: Link

  /** The ghost's node in the list of ghosts. */
  @inline
  get aged(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<LirsGhost>('earlier'))
  }
}

/**
 * Evicts the oldest of the few pages with a high reuse distance (HIR); pages with a low one (LIR) hold the other frames.
 *
 * The stack S orders pages by recency and ends with a LIR page; it holds all LIR pages, and the
 * HIR pages, resident or not, referenced since that one was. A HIR page referenced while in S
 * becomes LIR and the last LIR page of S becomes HIR. The queue Q holds the resident HIR pages.
 * As in libCacheSim: S has at most twice as many entries as there are frames, and forgets the
 * page evicted longest ago; a hit on a HIR page outside S costs the last LIR page its status
 * too, for which Q evicts a page though no frame is needed, and the next new page is LIR at
 * once. With one HIR frame that page is the very one that was hit, which libCacheSim still
 * takes for resident when it is referenced again: compat=libcachesim counts that as a hit.
 *
 * @policy lirs
 * @sees every access
 * @param hir 0.01 in 0..1: share of the frames for HIR pages, at least one
 * @param compat none|libcachesim: libcachesim counts some misses as hits with fewer than two HIR frames
 * @paper Jiang, Zhang: LIRS: an efficient low inter-reference recency set replacement policy. SIGMETRICS, 2002
 */
@unmanaged
@final
export class Lirs extends Policy {
  // Sentinels of the stack S, of the queue Q and of the list of ghosts, newest first.
  stackTail: Link
  stackHead: Link
  queueTail: Link
  queueHead: Link
  agedTail: Link
  agedHead: Link
  /** How many pages may be LIR, and how many are. */
  private lirLimit: u32
  private lir: u32
  /** How many resident pages should be HIR, and how many are. */
  private hirLimit: u32
  private hir: u32
  /** Entries of S. */
  private depth: u32
  /** Slot of a page that Q gave up on a hit, or NO_SLOT. */
  private given: u32
  /** The missed page was in S. */
  private returning: bool
  /** The page just evicted is the one that was hit. */
  private self: bool
  /** libCacheSim takes the missed page for resident. */
  private spared: bool
  private compat: bool
  private pool: GhostPool<LirsGhost>

  footprint(slots: u32, params: Params): usize {
    const ghosts = this.remembered(slots, params)
    return HEADER + <usize>slots * offsetof<LirsPage>() + changetype<GhostPool<LirsGhost>>(0).footprint(ghosts)
  }

  init(params: Params): void {
    const slots = this.slots
    this.hirLimit = max(1, <u32>(<f64>slots * params.get(0)))
    this.lirLimit = slots - this.hirLimit
    this.compat = params.get(1) !== 0
    this.given = NO_SLOT
    this.pool = changetype<GhostPool<LirsGhost>>(changetype<usize>(this.node(slots)))
    this.pool.init(this.remembered(slots, params))
    this.stack.reset()
    this.queue.reset()
    this.aged.reset()
  }

  @inline
  access(slot: u32): void {
    const page = this.node(slot)
    if (page.isLir) {
      page.moveToHead(this.stack)
      this.prune()
    } else this.accessHir(page)
  }

  miss(key: u32, shadow: u32): bool {
    const pool = this.pool
    this.returning = pool.knows(shadow, key)
    this.spared = false
    if (this.returning) {
      this.spared = pool.ghostOf(shadow).tag === PHANTOM
      this.forget(pool.ghostOf(shadow))
    }
    return true
  }

  @inline
  countsAsHit(): bool {
    return this.spared
  }

  insert(slot: u32, key: u32): void {
    const page = this.node(slot)
    page.word = key
    if (this.returning && this.lirLimit) {
      this.promote(page)
    } else if (this.lir < this.lirLimit) {
      page.word |= LIR
      this.lir++
    } else {
      page.queued.insertAfter(this.queue)
      this.hir++
    }
    this.enter(page)
    this.trim()
  }

  evict(): u32 {
    const victim = this.evictHir()
    if (this.returning && this.lirLimit && this.lir === this.lirLimit) this.demote()
    return victim
  }

  @inline
  surplus(): u32 {
    const slot = this.given
    this.given = NO_SLOT
    return slot
  }

  shadow(slot: u32): u32 {
    const page = this.node(slot)
    if (!page.inStack) return 0
    const ghost = this.pool.take(page.key)
    ghost.replace(page)
    if (this.compat && this.self) ghost.tag = PHANTOM
    else ghost.aged.insertAfter(this.aged)
    this.self = false
    return this.pool.shadowOf(ghost)
  }

  putback(slot: u32, key: u32): void {
    this.node(slot).queued.insertBefore(this.queue)
    this.hir++
  }

  remove(slot: u32): void {
    const page = this.node(slot)
    if (page.inStack) this.leave(page)
    if (page.isLir) this.lir--
    else {
      page.queued.unlink()
      this.hir--
    }
    this.prune()
  }

  check(resident: u32): void {
    const slots = this.slots
    const stack = this.stack
    assert(this.lir + this.hir === resident, 'lirs: LIR and HIR pages are not all')
    assert(this.lir <= this.lirLimit, 'lirs: there are too many LIR pages')
    assert(stack.checkedLength(2 * slots + 1) === this.depth, 'lirs: S is not as deep as it is said to be')
    assert(this.queue.checkedLength(slots) === this.hir, 'lirs: Q does not hold every resident HIR page')
    let lir: u32 = 0
    let ghosts: u32 = 0
    let phantoms: u32 = 0
    for (let node = stack.next; node !== stack; node = node.next) {
      if (!this.isGhost(node)) lir += <u32>changetype<LirsPage>(node).isLir
      else if (changetype<LirsGhost>(node).tag === PHANTOM) phantoms++
      else ghosts++
    }
    assert(lir === this.lir, 'lirs: S does not hold every LIR page')
    assert(ghosts + phantoms === this.pool.size, 'lirs: S does not hold every ghost')
    assert(this.aged.checkedLength(2 * slots + 1) === ghosts, 'lirs: the ghosts are not all in order')
  }

  /** How many ghosts there can be: each has an entry of S; and a hit may leave one slot free. */
  private remembered(slots: u32, params: Params): u32 {
    const absent = params.absent(slots)
    return min(absent, 2 * slots) + 1
  }

  private accessHir(page: LirsPage): void {
    if (page.inStack && this.lirLimit) {
      this.leave(page)
      page.queued.unlink()
      this.hir--
      this.promote(page)
      this.enter(page)
      return
    }
    page.queued.moveToHead(this.queue)
    if (page.inStack) {
      page.moveToHead(this.stack)
      return
    }
    if (this.lirLimit && this.lir === this.lirLimit) {
      if (this.hir >= this.hirLimit) {
        this.given = this.evictHir()
        this.self = this.given === this.slotOf(page)
      }
      this.demote()
    }
    this.enter(page)
    this.trim()
  }

  /** Makes a page that is neither in S nor in Q a LIR page. */
  private promote(page: LirsPage): void {
    if (this.lir === this.lirLimit) this.demote()
    page.word |= LIR
    this.lir++
  }

  /** Makes the last LIR page of S the newest HIR page of Q. */
  private demote(): void {
    // While there was no LIR page at all, HIR pages may have come to stand at the end of S.
    this.prune()
    const page = changetype<LirsPage>(this.stack.prev)
    page.word &= ~LIR
    this.leave(page)
    this.lir--
    page.queued.insertAfter(this.queue)
    this.hir++
    this.prune()
  }

  /** Takes the oldest page from Q and returns its slot; it stays in S. */
  @inline
  private evictHir(): u32 {
    const oldest = this.queue.prev
    oldest.unlink()
    this.hir--
    return this.slotOf(changetype<Link>(changetype<usize>(oldest) - offsetof<LirsPage>('earlier')))
  }

  /** Takes HIR pages off the end of S, down to a LIR page. */
  @inline
  private prune(): void {
    const stack = this.stack
    for (let node = stack.prev; node !== stack && !this.isLir(node); node = stack.prev) {
      if (this.isGhost(node)) this.forget(changetype<LirsGhost>(node))
      else this.leave(changetype<LirsPage>(node))
    }
  }

  /** Forgets the pages evicted longest ago until S is no deeper than it may be. */
  @inline
  private trim(): void {
    while (this.depth > 2 * this.slots && !this.aged.isEmpty) {
      this.forget(changetype<LirsGhost>(changetype<usize>(this.aged.prev) - offsetof<LirsGhost>('earlier')))
    }
  }

  /** Puts a page that is not in S on top of it. */
  @inline
  private enter(page: LirsPage): void {
    page.insertAfter(this.stack)
    this.depth++
  }

  /** Takes a resident page out of S. */
  @inline
  private leave(page: LirsPage): void {
    page.unlink()
    page.prev = changetype<Link>(0)
    this.depth--
  }

  private forget(ghost: LirsGhost): void {
    ghost.unlink()
    if (ghost.tag !== PHANTOM) ghost.aged.unlink()
    this.pool.give(ghost)
    this.depth--
  }

  /** Whether a node of S is a LIR page. */
  @inline
  private isLir(node: Link): bool {
    return !this.isGhost(node) && changetype<LirsPage>(node).isLir
  }

  @inline
  private isGhost(node: Link): bool {
    return changetype<usize>(node) > changetype<usize>(this.pool)
  }

  @inline
  private get stack(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Lirs>('stackTail'))
  }

  @inline
  private get queue(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Lirs>('queueTail'))
  }

  /** The ghosts in order of eviction. */
  @inline
  private get aged(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Lirs>('agedTail'))
  }

  @inline
  private node(slot: u32): LirsPage {
    return changetype<LirsPage>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<LirsPage>())
  }

  @inline
  private slotOf(node: Link): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<LirsPage>())
  }
}
