import { align8 } from '../lib/align'
import { FrequencySketch } from '../lib/frequencySketch'
import { Link } from '../lib/list'
import { FULL, Probe, Sketch } from '../lib/sketch'
import { HEADER, NO_SLOT, Params, Policy } from './policy'

/** The segments a page can be in. */
enum Segment {
  WINDOW = 0,
  PROBATION = 1,
  PROTECTED = 2,
  /** Chosen to be evicted, and waiting for it. */
  LEAVING = 3,
}

/** Hits in the main cache, per page of it, after which libCacheSim's counters are halved. */
const SAMPLE: u32 = 32

/** A page in a slot. */
@unmanaged
@final
class Node extends Link {
  /** The page's hash in the frequency sketch, and its segment in the two low bits. */
  private state: u32

  @inline
  get segment(): Segment {
    return this.state & 3
  }

  @inline
  set segment(segment: Segment) {
    this.state = this.hash | segment
  }

  @inline
  get hash(): u32 {
    return this.state & ~3
  }

  @inline
  set hash(hash: u32) {
    this.state = hash
  }
}

/**
 * Evicts the oldest page of a small LRU window, unless a sketch has seen it more often than the main cache's next victim.
 *
 * The main cache is a segmented LRU: a page enters probation, and a hit takes it to the protected
 * four fifths, whose least recent page goes back to probation. Pages are compared only when every
 * frame is taken and the main cache is full; until then the window grows, and what leaves it
 * fills probation, then the protected segment. The sketch counts each page that comes in, each
 * hit in the main cache and each page that leaves the window; the comparison is strict, and it
 * goes on, a page of the main cache leaving for each page of the window that wins, until one
 * loses or none is left. libCacheSim of October 2024 decides all this, and that a hit evicts a
 * page where the segments' rounding overfills probation; `compat=libcachesim` takes its filter as
 * well (ten counters of 16 bits a page; said to increment the least, it increments all), which is
 * slower and larger than four counters to 15, as in the paper, but misses less where frames are few. The window and
 * probation hold at least one page; libCacheSim caches nothing if either has none.
 *
 * @policy wtinylfu
 * @sees every access
 * @param window 0.01 in 0..1: the window's share of the frames
 * @param compat none|libcachesim: whether to estimate with libCacheSim's filter, and to cache nothing where it does, below 100 frames
 * @paper Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission policy. ACM Transactions on Storage 13(4), 2017
 */
@unmanaged
@final
export class WTinyLfu extends Policy {
  // Sentinels, most recent page first.
  windowTail: Link
  windowHead: Link
  probationTail: Link
  probationHead: Link
  protectedTail: Link
  protectedHead: Link
  leavingTail: Link
  leavingHead: Link
  probationSize: u32
  protectedSize: u32
  /** How many pages the main cache holds. */
  mainLimit: u32
  probationLimit: u32
  protectedLimit: u32
  /** Whether every miss bypasses the cache. */
  caching: bool
  /** Which filter estimates: libCacheSim's, with an address of each counter of each page, or the paper's. */
  compat: bool
  /** Hits in the main cache since libCacheSim's counters were halved. */
  hits: u64
  sketch: Sketch
  /** Address of struct Probe of each slot. */
  probes: usize
  frequencies: FrequencySketch

  footprint(slots: u32, params: Params): usize {
    const main = slots - min(slots, max<u32>(<u32>(<f64>slots * params.get(0)), 1))
    const filter = params.get(1)
      ? <usize>slots * offsetof<Probe>() + changetype<Sketch>(0).footprint(main)
      : changetype<FrequencySketch>(0).footprint(main)
    return HEADER + align8(<usize>slots * offsetof<Node>()) + filter
  }

  wantsIds(params: Params): bool {
    return params.get(1) !== 0
  }

  init(params: Params): void {
    const window = <u32>(<f64>this.slots * params.get(0))
    const main = this.slots - min(this.slots, max<u32>(window, 1))
    const probation = <u32>((<f64>1 / 5) * <f64>main)
    this.mainLimit = main
    this.probationLimit = max<u32>(probation, 1)
    this.protectedLimit = probation ? <u32>((<f64>4 / 5) * <f64>main) : main - min<u32>(main, 1)
    this.compat = params.get(1) !== 0
    this.caching = !this.compat || (window > 0 && probation > 0)
    this.windowList.reset()
    this.probationList.reset()
    this.protectedList.reset()
    this.leavingList.reset()
    const filter = align8(changetype<usize>(this.node(this.slots)))
    if (this.compat) {
      this.probes = filter
      this.sketch = changetype<Sketch>(align8(filter + <usize>this.slots * offsetof<Probe>()))
      this.sketch.init(main)
    } else {
      this.frequencies = changetype<FrequencySketch>(filter)
      this.frequencies.init(main)
    }
  }

  @inline
  miss(key: u32, shadow: u32): bool {
    return this.caching
  }

  @inline
  access(slot: u32): void {
    const node = this.node(slot)
    const segment = node.segment
    if (segment === Segment.WINDOW || segment === Segment.LEAVING) {
      node.segment = Segment.WINDOW
      node.moveToHead(this.windowList)
      return
    }
    this.count(node)
    if (this.compat) this.age()
    node.moveToHead(this.protectedList)
    if (segment === Segment.PROBATION) this.promote(node)
  }

  @inline
  surplus(): u32 {
    return this.leavingList.isEmpty ? NO_SLOT : this.leave()
  }

  @inline
  insert(slot: u32, key: u32): void {
    const node = this.node(slot)
    if (this.compat) this.sketch.locate(this.probeOf(node), this.ids ? load<u64>(this.ids + ((<usize>key) << 3)) : <u64>key)
    else node.hash = this.frequencies.hash(key)
    this.count(node)
    node.segment = Segment.WINDOW
    node.insertAfter(this.windowList)
  }

  @inline
  evict(): u32 {
    if (this.leavingList.isEmpty) this.contest()
    return this.leave()
  }

  putback(slot: u32, key: u32): void {
    const node = this.node(slot)
    node.segment = Segment.WINDOW
    node.insertBefore(this.windowList)
  }

  remove(slot: u32): void {
    const node = this.node(slot)
    if (node.segment === Segment.PROBATION || node.segment === Segment.PROTECTED) this.leaveMain(node)
    else node.unlink()
  }

  check(resident: u32): void {
    const probation = this.probationList.checkedLength(this.slots)
    const main = probation + this.protectedList.checkedLength(this.slots)
    assert(probation === this.probationSize && main === probation + this.protectedSize, 'wtinylfu: a segment is miscounted')
    assert(main <= this.mainLimit && this.protectedSize <= this.protectedLimit, 'wtinylfu: a segment is too large')
    const others = this.windowList.checkedLength(this.slots) + this.leavingList.checkedLength(this.slots)
    assert(others + main === resident, 'wtinylfu: the segments do not hold every page')
  }

  /** Moves the window's oldest pages into the main cache, for a page of it each once it is full, until one is not worth it. */
  private contest(): void {
    const window = this.windowList
    while (!window.isEmpty) {
      const candidate = changetype<Node>(window.prev)
      candidate.unlink()
      const full = this.probationSize + this.protectedSize >= this.mainLimit
      const rival: u32 = !full ? 0 : this.mainLimit ? this.estimate(this.victimOfMain) : u32.MAX_VALUE
      // Only in a cache so small for its trace that few hits age the counters.
      if (this.compat && full && rival >= FULL) this.sketch.halve()
      const admit = this.count(candidate) > rival || !full
      if (!admit) {
        this.markLeaving(candidate)
        return
      }
      if (full) this.evictMain()
      this.enterMain(candidate)
    }
    this.evictMain()
  }

  /** Counts a page once, and returns how often it was counted before. */
  @inline
  private count(node: Node): u32 {
    return this.compat ? this.sketch.add(this.probeOf(node)) : this.frequencies.add(node.hash)
  }

  /** How often a page was counted. */
  private estimate(node: Node): u32 {
    return this.compat ? this.sketch.estimate(this.probeOf(node)) : this.frequencies.estimate(node.hash)
  }

  /** Halves libCacheSim's counters now and then. */
  private age(): void {
    if (++this.hits < <u64>SAMPLE * this.mainLimit) return
    this.hits = 0
    this.sketch.halve()
  }

  /** A page of probation, now at the head of the protected segment, belongs there; that may cost the least recent its place. */
  private promote(node: Node): void {
    node.segment = Segment.PROTECTED
    this.probationSize--
    if (this.protectedSize < this.protectedLimit) {
      this.protectedSize++
      return
    }
    const demoted = changetype<Node>(this.protectedTail)
    demoted.moveToHead(this.probationList)
    demoted.segment = Segment.PROBATION
    if (++this.probationSize > this.probationLimit) this.evictMain()
  }

  /** Puts a page into the lowest segment with room, else into probation. */
  private enterMain(node: Node): void {
    if (this.probationSize >= this.probationLimit && this.protectedSize < this.protectedLimit) {
      node.segment = Segment.PROTECTED
      this.protectedSize++
      node.insertAfter(this.protectedList)
    } else {
      node.segment = Segment.PROBATION
      this.probationSize++
      node.insertAfter(this.probationList)
    }
  }

  private leaveMain(node: Node): void {
    node.unlink()
    if (node.segment === Segment.PROBATION) this.probationSize--
    else this.protectedSize--
  }

  /** The page the main cache would evict next. */
  @inline
  private get victimOfMain(): Node {
    return changetype<Node>(this.probationSize ? this.probationTail : this.protectedTail)
  }

  /** Lets the main cache's victim leave. */
  private evictMain(): void {
    const victim = this.victimOfMain
    this.leaveMain(victim)
    this.markLeaving(victim)
  }

  /** A page in no list leaves. */
  private markLeaving(node: Node): void {
    node.segment = Segment.LEAVING
    node.insertBefore(this.leavingList)
  }

  /** The slot of the first page that leaves, which is gone then. */
  private leave(): u32 {
    const node = changetype<Node>(this.leavingHead)
    node.unlink()
    return this.slotOf(node)
  }

  @inline
  private get windowList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<WTinyLfu>('windowTail'))
  }

  @inline
  private get probationList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<WTinyLfu>('probationTail'))
  }

  @inline
  private get protectedList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<WTinyLfu>('protectedTail'))
  }

  @inline
  private get leavingList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<WTinyLfu>('leavingTail'))
  }

  @inline
  private node(slot: u32): Node {
    return changetype<Node>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Node>())
  }

  @inline
  private probeOf(node: Node): Probe {
    return changetype<Probe>(this.probes + <usize>this.slotOf(node) * offsetof<Probe>())
  }

  @inline
  private slotOf(node: Node): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<Node>())
  }
}
