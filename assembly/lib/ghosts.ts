// A pool of ghosts: what a policy remembers of pages that are gone. A ghost stands in one of
// the policy's lists; its number plus one is the shadow that the caller keeps in the page's
// place. The policy gives a ghost back when its page returns or it drops out of its list.
import { Link } from './list'

/** No page has this key: keys are below 2^31. */
const NOBODY: u32 = u32.MAX_VALUE

/**
 * What is remembered of a page: 16 bytes.
 *
 *   ┌ 0 ─────────┬ 4 ─────────┬ 8 ─────────┬ 12 ────────┐
 *   │ prev: u32  │ next: u32  │ key: u32   │ tag: u32   │
 *   └────────────┴────────────┴────────────┴────────────┘
 */
@unmanaged
export class Ghost extends Link {
  /** The page's key. */
  key: u32
  /** The policy's own: which list it stands in, a count, a time. */
  tag: u32
}

/** A pool of ghosts, or of a struct of the policy's own that extends Ghost; they stand behind it in memory. */
@unmanaged
@final
export class GhostPool<T extends Ghost = Ghost> {
  /** Ghosts given back, linked by `next`; null if none. */
  private free: usize
  /** Ghosts ever taken: those with lower numbers have been initialised. */
  private used: u32
  /** How many ghosts there are. */
  capacity: u32
  /** Ghosts now in use. */
  size: u32

  /** Bytes of a pool of `capacity` ghosts. */
  @inline
  footprint(capacity: u32): usize {
    return offsetof<GhostPool>() + <usize>capacity * offsetof<T>()
  }

  /** Starts an empty pool in zeroed memory. */
  init(capacity: u32): void {
    this.capacity = capacity
  }

  /** Takes a ghost for the page `key`; it is in no list, with tag 0. The pool must not be empty. */
  @inline
  take(key: u32): T {
    assert(this.size < this.capacity, 'ghosts: the pool is empty')
    let ghost = changetype<T>(this.free)
    if (this.free) this.free = changetype<usize>(ghost.next)
    else ghost = this.at(this.used++)
    ghost.key = key
    ghost.tag = 0
    this.size++
    return ghost
  }

  /** Gives back a ghost that is in no list; its shadow means nothing from now on. */
  @inline
  give(ghost: T): void {
    ghost.key = NOBODY
    ghost.next = changetype<Link>(this.free)
    this.free = changetype<usize>(ghost)
    this.size--
  }

  /** The ghost's shadow. */
  @inline
  shadowOf(ghost: T): u32 {
    return <u32>((changetype<usize>(ghost) - changetype<usize>(this) - offsetof<GhostPool>()) / offsetof<T>()) + 1
  }

  /** Whether `shadow` names a ghost of the page `key`. */
  @inline
  knows(shadow: u32, key: u32): bool {
    return shadow !== 0 && this.at(shadow - 1).key === key
  }

  /** The ghost that a shadow names, which `knows` has vouched for. */
  @inline
  ghostOf(shadow: u32): T {
    return this.at(shadow - 1)
  }

  @inline
  private at(index: u32): T {
    return changetype<T>(changetype<usize>(this) + offsetof<GhostPool>() + <usize>index * offsetof<T>())
  }
}
