// Evicting pages from the tail of an inactive list: shrink_inactive_list, shrink_folio_list and folio_check_references of
// Linux's mm/vmscan.c. Takes: what unmapping and writing out take; no lock is held.
import { ACCESSED_BITS, ACTIVE_LIST } from '../abi/mechanism'
import { PGACTIVATE, PGSCAN_ANON, PGSCAN_DIRECT, PGSCAN_KSWAPD, PGSTEAL_ANON, PGSTEAL_DIRECT, PGSTEAL_KSWAPD } from '../abi/vmstat'
import { BY_EXECUTABLE, BY_LOCKED, PTES, referenced } from '../mm/rmap'
import { isForbidden } from '../mm/unevictable'
import { Frame, PG_ACTIVE, PG_DIRTY, PG_MLOCKED, PG_REFERENCED, PG_SWAPBACKED, PG_UNEVICTABLE, State } from '../phys/frame'
import { countIn, Group, Lru } from '../phys/group'
import { drainLru } from '../phys/lru'
import { noteCost } from '../phys/lruCost'
import { Superblock } from '../phys/superblock'
import { writeBackAll } from './flush'
import { isolate, putBack } from './isolate'
import { Outcome, pageOut } from './pageOut'
import { ScanControl } from './scanControl'
import { noteInactive } from './trace'

/** What is to become of a page, by its use. */
enum Verdict {
  Keep,
  Activate,
  Reclaim,
  /** If it need not be written. */
  ReclaimClean,
}

/** Looks at a page's accessed bits, and clears them. */
function checkReferences(frame: Frame): Verdict {
  const without = Superblock.only.without
  const found: u32 = (without & ACCESSED_BITS) === 0 ? referenced(frame) : 0
  const before = frame.clearFlags(PG_REFERENCED) !== 0
  // it is unevictable when it is put back
  if ((found & BY_LOCKED) !== 0) return Verdict.Keep
  const ptes = found & PTES
  const file = !frame.has(PG_SWAPBACKED)
  if (ptes === 0) return before && file ? Verdict.ReclaimClean : Verdict.Reclaim
  frame.setFlags(PG_REFERENCED)
  const again = before || ptes > 1 || ((found & BY_EXECUTABLE) !== 0 && file)
  return again && (without & ACTIVE_LIST) === 0 ? Verdict.Activate : Verdict.Keep
}

/** Whether a page was found used since it was taken from its generation, at an entry beside another's. */
function wasPromoted(frame: Frame): bool {
  return Group.root.hasGenerations && frame.has(PG_REFERENCED) && frame.mapCount !== 0
}

/** Has a page become active when it is put back, unless it is locked. */
function activate(sc: ScanControl, frame: Frame): void {
  if (frame.has(PG_MLOCKED)) return
  frame.setFlags(PG_ACTIVE)
  sc.nrActivate++
}

/** Whether a page must be written back before it can be evicted, which is not done here. Linux's folio_check_dirty_writeback. */
function isForFlusher(frame: Frame): bool {
  return frame.state === State.Object && !frame.has(PG_SWAPBACKED) && frame.has(PG_DIRTY)
}

/** Evicts a page if it was not used; else it is kept, to be put back. Takes away our reference if it went. */
export function shrinkFrame(sc: ScanControl, frame: Frame): bool {
  sc.nrScanned++
  const evictable = !frame.has(PG_MLOCKED) && !isForbidden(frame)
  if (!evictable) frame.setFlags(PG_UNEVICTABLE)
  if (isForFlusher(frame)) sc.nrUnqueuedDirty++
  let verdict = evictable && !wasPromoted(frame) ? checkReferences(frame) : Verdict.Keep
  if (verdict === Verdict.ReclaimClean) verdict = frame.has(PG_DIRTY) ? Verdict.Keep : Verdict.Reclaim
  if (verdict === Verdict.Reclaim) {
    const outcome = pageOut(frame, false)
    if ((outcome & Outcome.Written) !== 0) sc.nrPageout++
    if ((outcome & Outcome.Freed) !== 0) return true
    if ((outcome & Outcome.Activate) !== 0) activate(sc, frame)
  } else if (verdict === Verdict.Activate) activate(sc, frame)
  frame.insertAfter(sc.keptList)
  return false
}

/** Looks at pages at the tail of a group's inactive list, and evicts those that were not used; returns how many. */
export function shrinkInactive(sc: ScanControl, group: Group, lru: u32, count: u32): u32 {
  const file: u32 = lru === Lru.InactiveFile ? 1 : 0
  const isolated = sc.isolatedList
  drainLru()
  const scanned = isolate(group, lru, count, isolated)
  countIn(group, sc.isKswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, scanned)
  countIn(group, PGSCAN_ANON + file, scanned)
  if (isolated.isEmpty) return 0
  sc.nrPageout = 0
  sc.nrActivate = 0
  sc.nrUnqueuedDirty = 0
  let reclaimed: u32 = 0
  let taken: u32 = 0
  while (!isolated.isEmpty) {
    const frame = changetype<Frame>(isolated.prev)
    frame.unlink()
    taken++
    if (shrinkFrame(sc, frame)) reclaimed++
  }
  putBack(group, sc.keptList)
  countIn(group, PGACTIVATE, sc.nrActivate)
  countIn(group, sc.isKswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, reclaimed)
  countIn(group, PGSTEAL_ANON + file, reclaimed)
  noteCost(group, file !== 0, sc.nrPageout, scanned - reclaimed)
  noteInactive(scanned, reclaimed, sc.nrActivate, sc.priority)
  // where Linux wakes the flushers, which are to write everything
  if (sc.nrUnqueuedDirty === taken) writeBackAll()
  return reclaimed
}
