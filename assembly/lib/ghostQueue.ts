// A FIFO queue of ghosts: remembers the pages that left last, as many as it has room for.
import { Ghost, GhostPool } from './ghosts'
import { Link } from './list'

/** A queue; its pool stands behind it in memory. */
@unmanaged
@final
export class GhostQueue {
  // Sentinel of the queue, newest ghost first.
  tail: Link
  head: Link

  /** Bytes of a queue of `capacity` ghosts. */
  @inline
  footprint(capacity: u32): usize {
    return offsetof<GhostQueue>() + this.pool.footprint(capacity)
  }

  /** Starts an empty queue in zeroed memory. */
  init(capacity: u32): void {
    this.queue.reset()
    this.pool.init(capacity)
  }

  /** Remembers the page `key` with a tag, for which the oldest ghost makes room, and returns its shadow; 0 if there is no room at all. */
  @inline
  remember(key: u32, tag: u32 = 0): u32 {
    const pool = this.pool
    if (pool.size === pool.capacity) {
      if (!pool.capacity) return 0
      const oldest = this.tail
      oldest.unlink()
      pool.give(changetype<Ghost>(oldest))
    }
    const ghost = pool.take(key)
    ghost.tag = tag
    ghost.insertAfter(this.queue)
    return pool.shadowOf(ghost)
  }

  /** The tag with which the page of a shadow was remembered, which `recall` has just vouched for. */
  @inline
  tagOf(shadow: u32): u32 {
    return this.pool.ghostOf(shadow).tag
  }

  /** Whether the page `key` is remembered under `shadow`; if it is, forgets it. */
  @inline
  recall(shadow: u32, key: u32): bool {
    const pool = this.pool
    if (!pool.knows(shadow, key)) return false
    const ghost = pool.ghostOf(shadow)
    ghost.unlink()
    pool.give(ghost)
    return true
  }

  /** Traps if the queue does not hold every ghost in use. */
  check(): void {
    assert(this.queue.checkedLength(this.pool.capacity) === this.pool.size, 'ghosts: the queue does not hold every ghost')
  }

  @inline
  private get queue(): Link {
    return changetype<Link>(changetype<usize>(this))
  }

  @inline
  private get pool(): GhostPool {
    return changetype<GhostPool>(changetype<usize>(this) + offsetof<GhostQueue>())
  }
}
