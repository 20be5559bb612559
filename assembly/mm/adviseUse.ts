// What a process says of how it will use pages that are there, page by page: MADV_COLD and MADV_FREE of Linux's mm/madvise.c.
// Page numbers. Holds, in every function: Space. Takes: Tables, Swap, Lru.
import { nextMapped, noteCleared, walk } from '../map/pagetable'
import { isPresent, isSwap, pfnOf, swapOf, untouched, unused } from '../map/pte'
import { swapCacheLeave } from '../map/swap'
import { flushPage } from '../map/tlb'
import { Frame, PG_ACTIVE, PG_DIRTY, PG_REFERENCED, PG_SWAPCACHE, PG_WORKINGSET, State } from '../phys/frame'
import { drainLru } from '../phys/lru'
import { deactivate, isMovable, markLazyFree } from '../phys/lruAdvise'
import { Rank } from '../sync/lockdep'
import { Mm, releaseSwapLocked } from './space'

/** Makes pages of [start, end) that nobody else maps the first to be evicted: they count as unused, and are inactive. */
export function coolDown(mm: Mm, start: u64, end: u64): void {
  drainLru()
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn + 1, end)) coolLocked(mm, vpn)
  mm.tablesLock.unlock(Rank.Tables)
}

/** As coolDown, of a page where the tables have an entry. Holds: Tables. */
function coolLocked(mm: Mm, vpn: u64): void {
  const at = walk(mm.tables, vpn)
  const pte = load<u64>(at)
  if (!isPresent(pte)) return
  const frame = Frame.at(pfnOf(pte))
  if (!frame.isUsers || frame.mapCount !== 1 || !isMovable(frame)) return
  if (unused(pte) !== pte) {
    store<u64>(at, unused(pte))
    flushPage(mm.cpusNow, vpn, mm.id)
  }
  frame.clearFlags(PG_REFERENCED)
  if (frame.has(PG_ACTIVE)) frame.setFlags(PG_WORKINGSET)
  deactivate(frame)
}

/** Marks private pages of [start, end) as ones that may be dropped until they are written again: their entries are clean. What is in swap goes at once. */
export function freeLater(mm: Mm, start: u64, end: u64): void {
  drainLru()
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn + 1, end)) freeLaterLocked(mm, vpn)
  mm.tablesLock.unlock(Rank.Tables)
}

/** As freeLater, of a page where the tables have an entry. Holds: Tables. */
function freeLaterLocked(mm: Mm, vpn: u64): void {
  const at = walk(mm.tables, vpn)
  const pte = load<u64>(at)
  if (isSwap(pte)) {
    store<u64>(at, 0)
    releaseSwapLocked(mm, swapOf(pte))
    noteCleared(mm.tables, vpn, 1)
    return
  }
  const frame = Frame.at(pfnOf(pte))
  if (frame.state !== State.Anonymous || !cleanLocked(frame)) return
  store<u64>(at, untouched(pte))
  flushPage(mm.cpusNow, vpn, mm.id)
  markLazyFree(frame)
}

/** Makes a private page one that neither is dirty nor has a slot, beside what entries say; false if others need what is in it, or it is on its way to swap. Holds: Tables of one who maps it. */
function cleanLocked(frame: Frame): bool {
  if (!frame.has(PG_SWAPCACHE | PG_DIRTY)) return true
  if (frame.mapCount !== 1) return false
  swapCacheLeave(frame)
  if (frame.has(PG_SWAPCACHE)) return false
  frame.clearFlags(PG_DIRTY)
  return true
}
