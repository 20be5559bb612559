import { HEADER, Params, Policy } from './policy'

/** Of a page that is never referenced again. */
const NEVER: u32 = u32.MAX_VALUE
/** Children of a node of the heap: few levels, and siblings within a line of the CPU's cache. */
const ARITY: u32 = 4
/** Bytes before the heap, so that four siblings never cross a line. */
const PADDING: usize = 24

/**
 * Evicts the page whose next reference is farthest in the future, which no policy can beat (Belady's MIN).
 *
 * A max-heap of the pages by their next reference, ties excluded since one page is referenced at
 * a time; pages never referenced again stand apart, and of those the one referenced last goes
 * first. A missed page always comes in: with that rule the misses are the fewest possible.
 *
 * On a hit the page is the one with the nearest reference, so it is a leaf, and its new place is
 * seldom far above. A new page takes the place of the evicted one at the root.
 *
 * @policy opt
 * @sees the future
 * @paper Belady: A study of replacement algorithms for a virtual-storage computer. IBM Systems Journal 5(2), 1966
 */
@unmanaged
@final
export class Opt extends Policy {
  /** Nodes of the heap, the vacant root included. */
  size: u32
  /** Pages never referenced again. */
  doomedSize: u32
  /** Whether the page at the root was evicted and nothing has taken its place. */
  vacant: bool
  /** Address of the heap: u64, next reference above slot. */
  heap: usize
  /** Address of each slot's index: in the heap, or, for a page never referenced again, in `doomed` from the end of u32. */
  places: usize
  /** Address of the slots of the pages never referenced again. */
  doomed: usize

  @inline
  get seesFuture(): bool {
    return true
  }

  footprint(slots: u32, params: Params): usize {
    return HEADER + PADDING + <usize>slots * 16 + 8
  }

  init(params: Params): void {
    this.heap = changetype<usize>(this) + HEADER + PADDING
    this.places = this.heap + ((<usize>this.slots) << 3)
    this.doomed = this.places + ((<usize>this.slots) << 2)
  }

  @inline
  access(slot: u32): void {
    if (this.future === NEVER) {
      this.take(slot)
      this.doom(slot)
    } else {
      this.rise(this.place(slot), this.future, slot)
    }
  }

  @inline
  insert(slot: u32, key: u32): void {
    if (this.future === NEVER) {
      this.fill()
      this.doom(slot)
    } else if (this.vacant) {
      this.vacant = false
      this.sink(0, this.node(this.future, slot))
    } else {
      this.rise(this.size++, this.future, slot)
    }
  }

  @inline
  evict(): u32 {
    if (this.doomedSize) return load<u32>(this.doomed + ((<usize>--this.doomedSize) << 2))
    this.fill()
    this.vacant = true
    return <u32>this.at(0)
  }

  putback(slot: u32, key: u32): void {
    if (this.vacant) this.vacant = false
    else this.doom(slot)
  }

  remove(slot: u32): void {
    this.fill()
    const place = this.place(slot)
    if (place < this.slots) {
      this.take(slot)
      return
    }
    // The doomed page that was doomed last takes its place.
    const last = load<u32>(this.doomed + ((<usize>--this.doomedSize) << 2))
    store<u32>(this.doomed + ((<usize>~place) << 2), last)
    this.setPlace(last, place)
  }

  check(resident: u32): void {
    assert(this.size - <u32>this.vacant + this.doomedSize === resident, 'opt: not every page is in the heap')
    for (let i: u32 = <u32>this.vacant; i < this.size; i++) {
      assert(this.place(<u32>this.at(i)) === i, 'opt: a page is not where its index says')
      assert(i === 0 || this.at((i - 1) / ARITY) > this.at(i), 'opt: a page stands above one with a later reference')
    }
    for (let i: u32 = 0; i < this.doomedSize; i++) {
      assert(this.place(load<u32>(this.doomed + ((<usize>i) << 2))) === ~i, 'opt: a doomed page is not where its index says')
    }
  }

  /** Puts the page among those never referenced again. */
  private doom(slot: u32): void {
    const index = this.doomedSize++
    store<u32>(this.doomed + ((<usize>index) << 2), slot)
    this.setPlace(slot, ~index)
  }

  /** Takes the page out of the heap. */
  private take(slot: u32): void {
    const place = this.place(slot)
    const last = this.at(--this.size)
    if (place === this.size) return
    if (place && this.at((place - 1) / ARITY) < last) this.rise(place, <u32>(last >> 32), <u32>last)
    else this.sink(place, last)
  }

  /** Lets the last node take a vacant root's place. */
  private fill(): void {
    if (!this.vacant) return
    this.vacant = false
    if (--this.size) this.sink(0, this.at(this.size))
  }

  /** Puts a node at a place or, if those above have nearer references, above them. */
  @inline
  private rise(place: u32, next: u32, slot: u32): void {
    const heap = this.heap
    const node = this.node(next, slot)
    let i = place
    while (i) {
      const parent = (i - 1) / ARITY
      const above = load<u64>(heap + ((<usize>parent) << 3))
      if (above > node) break
      store<u64>(heap + ((<usize>i) << 3), above)
      this.setPlace(<u32>above, i)
      i = parent
    }
    store<u64>(heap + ((<usize>i) << 3), node)
    this.setPlace(slot, i)
  }

  /** Puts a node at a place or, if those below have later references, below them. */
  private sink(place: u32, node: u64): void {
    const heap = this.heap
    const size = this.size
    let i = place
    while (true) {
      let child = i * ARITY + 1
      if (child >= size) break
      const end = min(child + ARITY, size)
      let best = load<u64>(heap + ((<usize>child) << 3))
      for (let j = child + 1; j < end; j++) {
        const other = load<u64>(heap + ((<usize>j) << 3))
        if (other > best) {
          best = other
          child = j
        }
      }
      if (best < node) break
      store<u64>(heap + ((<usize>i) << 3), best)
      this.setPlace(<u32>best, i)
      i = child
    }
    store<u64>(heap + ((<usize>i) << 3), node)
    this.setPlace(<u32>node, i)
  }

  @inline
  private node(next: u32, slot: u32): u64 {
    return ((<u64>next) << 32) | slot
  }

  @inline
  private at(index: u32): u64 {
    return load<u64>(this.heap + ((<usize>index) << 3))
  }

  @inline
  private place(slot: u32): u32 {
    return load<u32>(this.places + ((<usize>slot) << 2))
  }

  @inline
  private setPlace(slot: u32, place: u32): void {
    store<u32>(this.places + ((<usize>slot) << 2), place)
  }
}
