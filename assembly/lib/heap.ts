// A heap of slots by a u32 key, lowest first; equal keys by slot. Four children a node, so that
// the siblings compared share a cache line or two. Heaps may share one table of positions if no
// slot stands in two of them.

/** The size of a node's family. */
const ARITY: u32 = 4

/**
 * A heap; its entries stand behind it in memory, the key in the upper half of a u64, the slot in
 * the lower.
 */
@unmanaged
@final
export class Heap {
  /** How many slots it holds. */
  size: u32
  /** Address of the index of each slot's entry: u32 each. */
  private positions: usize

  /** Bytes of a heap of at most `capacity` slots. */
  @inline
  footprint(capacity: u32): usize {
    return offsetof<Heap>() + ((<usize>capacity) << 3)
  }

  /** Starts an empty heap that keeps each slot's position in a table of u32. */
  init(positions: usize): void {
    this.size = 0
    this.positions = positions
  }

  /** The slot with the lowest key; the heap must not be empty. */
  @inline
  get top(): u32 {
    return <u32>this.entry(0)
  }

  /** The lowest key; the heap must not be empty. */
  @inline
  get topKey(): u32 {
    return <u32>(this.entry(0) >> 32)
  }

  /** Whether the slot stands in this heap; it must have stood in one of those that share the positions. */
  @inline
  holds(slot: u32): bool {
    const index = load<u32>(this.positions + ((<usize>slot) << 2))
    return index < this.size && <u32>this.entry(index) === slot
  }

  /** Adds a slot that the heap does not hold. */
  @inline
  push(slot: u32, key: u32): void {
    this.rise(this.size++, ((<u64>key) << 32) | slot)
  }

  /** Gives the slot with the lowest key a key that is no lower. */
  @inline
  raiseTop(key: u32): void {
    this.sink(0, ((<u64>key) << 32) | this.top)
  }

  /** Removes the slot with the lowest key. */
  @inline
  pop(): void {
    const last = this.entry(--this.size)
    if (this.size) this.sink(0, last)
  }

  /** Removes a slot that the heap holds. */
  remove(slot: u32): void {
    const index = load<u32>(this.positions + ((<usize>slot) << 2))
    const last = this.entry(--this.size)
    if (index === this.size) return
    if (last < this.entry(index)) this.rise(index, last)
    else this.sink(index, last)
  }

  /** Key and slot at an index, for callers that change all keys and then `restore` the order. */
  @inline
  entry(index: u32): u64 {
    return load<u64>(this.addressOf(index))
  }

  /** Replaces the key at an index without regard to the order. */
  @inline
  setKey(index: u32, key: u32): void {
    store<u32>(this.addressOf(index) + 4, key)
  }

  /** Orders the entries after their keys were set. */
  restore(): void {
    for (let index = this.size; index-- > 0; ) this.sink(index, this.entry(index))
  }

  /** Traps if an entry is below its parent, or a slot's position is not its entry's. */
  check(): void {
    for (let index: u32 = 0; index < this.size; index++) {
      const entry = this.entry(index)
      assert(index === 0 || this.entry((index - 1) / ARITY) < entry, 'heap: an entry is below its parent')
      assert(load<u32>(this.positions + ((<usize>(<u32>entry)) << 2)) === index, 'heap: a slot does not know its position')
    }
  }

  /** Moves an entry from the hole at `index` to where its parent is lower. */
  private rise(index: u32, entry: u64): void {
    while (index > 0) {
      const parent = (index - 1) / ARITY
      const above = this.entry(parent)
      if (above < entry) break
      this.place(index, above)
      index = parent
    }
    this.place(index, entry)
  }

  /** Moves an entry from the hole at `index` to where its children are higher. */
  private sink(index: u32, entry: u64): void {
    const size = this.size
    while (true) {
      let child = index * ARITY + 1
      if (child >= size) break
      let least = this.entry(child)
      let leastAt = child
      for (const end = min(child + ARITY, size); ++child < end; ) {
        const other = this.entry(child)
        if (other < least) {
          least = other
          leastAt = child
        }
      }
      if (entry < least) break
      this.place(index, least)
      index = leastAt
    }
    this.place(index, entry)
  }

  @inline
  private place(index: u32, entry: u64): void {
    store<u64>(this.addressOf(index), entry)
    store<u32>(this.positions + ((<usize>(<u32>entry)) << 2), index)
  }

  @inline
  private addressOf(index: u32): usize {
    return changetype<usize>(this) + offsetof<Heap>() + ((<usize>index) << 3)
  }
}
