// What reading swap ahead of use by slots remembers, of all areas together: see mm/swapCluster. Linux's mm/swap_state.c.
import { SWAP_HITS } from '../abi/layout'

/** The page read last, and what became of those that were read ahead. Guard: racy, but `hits` atomic: it is a guess. */
@unmanaged
@final
export class SwapHits {
  /** Pages read ahead that were used since pages were read ahead last. */
  hits: u32
  /** The slot that was read last when none was. */
  previous: u32
  /** How many pages were read then. */
  window: u32
  /** Areas that are on disks that rotate. Guard: who calls swapon and swapoff, one at a time. */
  rotating: u32

  @inline
  static get only(): SwapHits {
    return changetype<SwapHits>(SWAP_HITS)
  }

  /** Counts one that was used. */
  note(): void {
    atomic.add<u32>(changetype<usize>(this) + offsetof<SwapHits>('hits'), 1)
  }

  /** How many there were, which are none from now on. */
  take(): u32 {
    return atomic.xchg<u32>(changetype<usize>(this) + offsetof<SwapHits>('hits'), 0)
  }
}

/** As it is before anything was read. */
export function initSwapHits(): void {
  SwapHits.only.hits = 4
}
