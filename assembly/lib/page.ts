// The node of a page in one of a policy's lists, for policies that must know which page they evict.
import { Link } from './list'

/** Keys are below it. */
const MARK: u32 = 1 << 31

/**
 * A page in a slot: 12 bytes.
 *
 *   ┌ 0 ─────────┬ 4 ─────────┬ 8 ─────────────────┐
 *   │ prev: u32  │ next: u32  │ key: 31 │ marked: 1 │
 *   └────────────┴────────────┴────────────────────┘
 */
@unmanaged
@final
export class Page extends Link {
  private word: u32

  /** Makes this the node of the page `key`; its links are left alone. */
  @inline
  set(key: u32, marked: bool): void {
    this.word = key | ((<u32>marked) << 31)
  }

  /** The page's key. */
  @inline
  get key(): u32 {
    return this.word & ~MARK
  }

  /** One bit of the policy's own: which of two lists it stands in, or referenced. */
  @inline
  get marked(): bool {
    return (this.word & MARK) !== 0
  }

  @inline
  mark(): void {
    this.word |= MARK
  }

  @inline
  unmark(): void {
    this.word &= ~MARK
  }
}
