// What it costs to reclaim anonymous and file pages, as a decaying sum: the dearer ones are scanned less. Linux's mm/swap.c,
// lru_note_cost. Takes: Lru.
import { Rank } from '../sync/lockdep'
import { EVICTABLE_LRUS, Group, pagesOf } from './group'

/** What reading or writing a page costs, in pages that are looked at in vain. */
const IO_COST: u32 = 32

/** Notes pages that were read or written, and pages that were looked at and not reclaimed, in a group and the root. Takes: Lru. */
export function noteCost(group: Group, file: bool, io: u32, rotated: u32): void {
  const cost = io * IO_COST + rotated
  group.lock(Rank.Lru)
  if (file) group.fileCost += cost
  else group.anonCost += cost
  let pages: u32 = 0
  for (let lru: u32 = 0; lru < EVICTABLE_LRUS; lru++) pages += pagesOf(group, lru)
  if (group.fileCost + group.anonCost > pages / 4) {
    group.fileCost /= 2
    group.anonCost /= 2
  }
  group.unlock(Rank.Lru)
  if (group !== Group.root) noteCost(Group.root, file, io, rotated)
}
