// Moving pages of which a process says that it will not use them soon, or not need them any more: folio_deactivate and folio_mark_lazyfree of
// Linux's mm/swap.c. At once, where Linux collects 31 in a batch. Takes, in every function: Lru.
import { PGDEACTIVATE, PGLAZYFREE } from '../abi/vmstat'
import { Rank } from '../sync/lockdep'
import { Frame, PG_ACTIVE, PG_ON_LRU, PG_REFERENCED, PG_SWAPBACKED, PG_SWAPCACHE, PG_UNEVICTABLE, PG_VICTIM } from './frame'
import { countIn, Group } from './group'
import { linkLocked, unlinkLocked } from './lruList'
import { Superblock } from './superblock'

/** Whether the machine keeps its pages in lists, and not in the slots of a policy. */
function keepsLists(): bool {
  return Superblock.only.aging !== 0 && Superblock.only.policy === 0
}

/** Whether a page is where it can be moved: in a list, if there are any, and one that is scanned. */
export function isMovable(frame: Frame): bool {
  return !frame.has(PG_UNEVICTABLE | PG_VICTIM) && (frame.has(PG_ON_LRU) || !keepsLists())
}

/** Makes an active page inactive. */
export function deactivate(frame: Frame): void {
  if (!keepsLists()) return
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  if ((frame.has(PG_ACTIVE) || group.hasGenerations) && isMovable(frame)) {
    unlinkLocked(group, frame)
    frame.clearFlags(PG_ACTIVE | PG_REFERENCED)
    linkLocked(group, frame)
    countIn(group, PGDEACTIVATE, 1)
  }
  group.unlock(Rank.Lru)
}

/** Marks a private page, which is clean and has no slot, as one that may be dropped instead of written until it is dirty again: it is inactive, among the pages of files. */
export function markLazyFree(frame: Frame): void {
  const group = Group.at(frame.group)
  const listed = keepsLists()
  group.lock(Rank.Lru)
  if (frame.has(PG_SWAPBACKED) && !frame.has(PG_SWAPCACHE) && isMovable(frame)) {
    if (listed) unlinkLocked(group, frame)
    frame.clearFlags(PG_ACTIVE | PG_REFERENCED | PG_SWAPBACKED)
    if (listed) linkLocked(group, frame)
    countIn(group, PGLAZYFREE, 1)
  }
  group.unlock(Rank.Lru)
}
