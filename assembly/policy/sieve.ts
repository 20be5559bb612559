import { HEADER, Params, Policy } from './policy'

/** Set in a node's `word` if the page was visited since the hand passed; addresses of nodes are even. */
const VISITED: u32 = 1

/**
 * A page in the queue: 8 bytes.
 *
 *   ┌ 0 ──────────────────────┬ 4 ─────────┐
 *   │ newer: 31, visited: 1   │ older: u32 │
 *   └─────────────────────────┴────────────┘
 */
@unmanaged
@final
class Node {
  word: u32
  older: Node

  @inline
  get newer(): Node {
    return changetype<Node>(<usize>(this.word & ~VISITED))
  }

  /** Leaves `visited` as it is. */
  @inline
  set newer(node: Node) {
    this.word = <u32>changetype<usize>(node) | (this.word & VISITED)
  }

  /** Enters the queue behind `older`, not visited. */
  @inline
  insertAfter(older: Node): void {
    const newer = older.newer
    this.word = <u32>changetype<usize>(newer)
    this.older = older
    newer.older = this
    older.newer = this
  }

  /** Leaves the queue; its own links go stale. */
  @inline
  unlink(): void {
    const newer = this.newer
    const older = this.older
    newer.older = older
    older.newer = newer
  }
}

/**
 * Evicts the first page that the hand, on its way from the oldest page to the newest, finds not visited since it last passed.
 *
 * Unlike a clock's, the hand leaves the pages it spares where they are, and new pages come in at
 * the newest end, so that the hand soon meets what it has not sifted. When it has passed the
 * newest page it starts again at the oldest.
 *
 * @policy sieve
 * @sees accessed bits
 * @paper Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches. NSDI, 2024
 */
@unmanaged
@final
export class Sieve extends Policy {
  // Sentinel of the queue, a Node.
  oldest: u32
  newest: Node
  /** The page looked at next; the sentinel stands for the oldest. */
  hand: Node

  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * offsetof<Node>()
  }

  init(params: Params): void {
    const queue = this.queue
    queue.newer = queue
    queue.older = queue
    this.hand = queue
  }

  @inline
  access(slot: u32): void {
    const node = this.node(slot)
    node.word |= VISITED
  }

  @inline
  insert(slot: u32, key: u32): void {
    this.node(slot).insertAfter(this.newest)
  }

  @inline
  evict(): u32 {
    const queue = this.queue
    let node = this.hand
    while (true) {
      if (node === queue) node = queue.newer
      if (!(node.word & VISITED)) break
      node.word ^= VISITED
      node = node.newer
    }
    this.hand = node.newer
    node.unlink()
    return this.slotOf(node)
  }

  putback(slot: u32, key: u32): void {
    const node = this.node(slot)
    node.insertAfter(this.hand.older)
    this.hand = node
  }

  remove(slot: u32): void {
    const node = this.node(slot)
    if (this.hand === node) this.hand = node.newer
    node.unlink()
  }

  check(resident: u32): void {
    const queue = this.queue
    let pages: u32 = 0
    for (let node = queue.newer; node !== queue; node = node.newer) {
      assert(node.newer.older === node && node.older.newer === node, 'sieve: the links disagree')
      assert(++pages <= resident, 'sieve: the queue is longer than it can be')
    }
    assert(pages === resident, 'sieve: the queue does not hold every page')
    assert(!(queue.word & VISITED), 'sieve: the sentinel is visited')
  }

  @inline
  private get queue(): Node {
    return changetype<Node>(changetype<usize>(this) + offsetof<Sieve>('oldest'))
  }

  @inline
  private node(slot: u32): Node {
    return changetype<Node>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Node>())
  }

  @inline
  private slotOf(node: Node): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<Node>())
  }
}
