// Pages from the tail of an active list become inactive: shrink_active_list of Linux's mm/vmscan.c. That they were used is
// forgotten: they are looked at once more at the inactive list's tail. Takes: what looking for their entries takes.
import { ACCESSED_BITS } from '../abi/mechanism'
import { PGDEACTIVATE, PGREFILL } from '../abi/vmstat'
import { BY_EXECUTABLE, PTES, referenced } from '../mm/rmap'
import { isForbidden } from '../mm/unevictable'
import { Frame, PG_ACTIVE, PG_MLOCKED, PG_SWAPBACKED, PG_UNEVICTABLE, PG_WORKINGSET } from '../phys/frame'
import { countIn, Group, Lru } from '../phys/group'
import { drainLru } from '../phys/lru'
import { noteCost } from '../phys/lruCost'
import { Superblock } from '../phys/superblock'
import { isolate, putBack } from './isolate'
import { ScanControl } from './scanControl'
import { noteActive } from './trace'

/** Whether a page is one of a program in use, which stays active. Clears its accessed bits. */
function isCode(frame: Frame): bool {
  if ((Superblock.only.without & ACCESSED_BITS) !== 0) return false
  const found = referenced(frame)
  return (found & PTES) !== 0 && (found & BY_EXECUTABLE) !== 0 && !frame.has(PG_SWAPBACKED)
}

/** Makes up to `count` pages at the tail of a group's active list inactive. */
export function shrinkActive(sc: ScanControl, group: Group, lru: u32, count: u32): void {
  const isolated = sc.isolatedList
  const kept = sc.keptList
  drainLru()
  countIn(group, PGREFILL, isolate(group, lru, count, isolated))
  let rotated: u32 = 0
  let taken: u32 = 0
  for (let link = isolated.prev; link !== isolated; ) {
    const frame = changetype<Frame>(link)
    link = frame.prev
    taken++
    if (frame.has(PG_MLOCKED) || isForbidden(frame)) {
      frame.setFlags(PG_UNEVICTABLE)
      continue
    }
    if (isCode(frame)) {
      rotated++
      continue
    }
    frame.unlink()
    frame.clearFlags(PG_ACTIVE)
    frame.setFlags(PG_WORKINGSET)
    frame.insertAfter(kept)
  }
  putBack(group, isolated)
  const deactivated = putBack(group, kept)
  countIn(group, PGDEACTIVATE, deactivated)
  noteActive(taken, deactivated, rotated, sc.priority)
  if (rotated !== 0) noteCost(group, lru === Lru.ActiveFile, 0, rotated)
}
