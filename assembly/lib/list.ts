// Intrusive circular doubly linked list. A list is a Link used as sentinel: its `next` is the
// head, its `prev` the tail, and the sentinel of an empty list points at itself. A struct that
// extends Link can stand in one list at a time. Links hold addresses, so that following them
// needs no base.

/**
 * Two links of a list: 8 bytes.
 *
 *   ┌ 0 ─────────┬ 4 ─────────┐
 *   │ prev: u32  │ next: u32  │
 *   └────────────┴────────────┘
 */
@unmanaged
export class Link {
  prev: Link
  next: Link

  /** Makes this the sentinel of an empty list. */
  @inline
  reset(): void {
    this.prev = this
    this.next = this
  }

  /** Whether this is the sentinel of an empty list. */
  @inline
  get isEmpty(): bool {
    return this.next === this
  }

  /** Enters a list behind `position`; behind the sentinel it becomes the head. It must be in no list. */
  @inline
  insertAfter(position: Link): void {
    const next = position.next
    this.prev = position
    this.next = next
    next.prev = this
    position.next = this
  }

  /** Enters a list before `position`; before the sentinel it becomes the tail. It must be in no list. */
  @inline
  insertBefore(position: Link): void {
    this.insertAfter(position.prev)
  }

  /** Leaves its list; its own links go stale. */
  @inline
  unlink(): void {
    const prev = this.prev
    const next = this.next
    prev.next = next
    next.prev = prev
  }

  /** Moves from wherever it is linked to the head of `list`. Programs touch one page many times in a row: that costs a compare. */
  @inline
  moveToHead(list: Link): void {
    if (list.next === this) return
    this.unlink()
    this.insertAfter(list)
  }

  /** Takes the place of `node`, which leaves its list. It must be in no list. */
  @inline
  replace(node: Link): void {
    this.insertAfter(node)
    node.unlink()
  }

  /** Of a sentinel: the list's length. Traps if the links disagree or it is longer than `limit`. */
  checkedLength(limit: u32): u32 {
    let length: u32 = 0
    let last: Link = this
    for (let node = this.next; node !== this; node = node.next) {
      assert(node.prev === last, 'list: prev and next disagree')
      assert(++length <= limit, 'list: longer than it can be')
      last = node
    }
    assert(this.prev === last, 'list: the tail is not the last node')
    return length
  }
}
