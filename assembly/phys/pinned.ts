// Pages that stay in memory because mappings that show them are locked: Linux's mm/mlock.c. Such a page has PG_MLOCKED, and
// leaves the lists that reclaim scans: it is counted as unevictable and stands in no list, so that its link has room
// for how many lock it. A page that reclaim looks at just now keeps where it is until it is put back; who locked it is not
// counted then, and where too few are counted reclaim finds the others, as in Linux, which does this by batches. A policy of the
// registry keeps them in its slots, and gets them back when it evicts them. Takes: Lru.
import {
  UNEVICTABLE_PGS_MLOCKED,
  UNEVICTABLE_PGS_MUNLOCKED,
  UNEVICTABLE_PGS_RESCUED,
  UNEVICTABLE_PGS_SCANNED,
  UNEVICTABLE_PGS_STRANDED,
} from '../abi/vmstat'
import { Rank } from '../sync/lockdep'
import { Frame, PG_BATCHED, PG_MLOCKED, PG_ON_LRU, PG_UNEVICTABLE } from './frame'
import { countIn, Group } from './group'
import { drainLru } from './lru'
import { cullLocked, linkLocked, unlinkLocked } from './lruList'
import { Superblock } from './superblock'

/** Whether nobody but the lists has to do with a page's links. Holds: Lru. */
function isSettled(frame: Frame): bool {
  return frame.has(PG_ON_LRU) || Superblock.only.aging === 0
}

/** Notes that one more locked mapping shows a user's page. Takes: Lru. */
export function lockFrame(frame: Frame): void {
  if (Superblock.only.policy !== 0) return
  if (frame.has(PG_BATCHED)) drainLru()
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  if (frame.setFlags(PG_MLOCKED) === 0) countIn(group, UNEVICTABLE_PGS_MLOCKED, 1)
  if (isSettled(frame)) {
    if (!frame.has(PG_UNEVICTABLE)) {
      if (frame.has(PG_ON_LRU)) unlinkLocked(group, frame)
      cullLocked(group, frame)
    }
    frame.locks++
  }
  group.unlock(Rank.Lru)
}

/** Notes that one locked mapping less shows a user's page; with the last it may be evicted, unless its object forbids it. Takes: Lru. */
export function unlockFrame(frame: Frame, forbidden: bool): void {
  if (Superblock.only.policy !== 0) return
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  const counted = isSettled(frame) && frame.has(PG_UNEVICTABLE)
  if (counted && frame.locks !== 0) frame.locks--
  if (!counted || frame.locks === 0) {
    const stranded = !counted && frame.has(PG_UNEVICTABLE)
    if (frame.clearFlags(PG_MLOCKED) !== 0) countIn(group, stranded ? UNEVICTABLE_PGS_STRANDED : UNEVICTABLE_PGS_MUNLOCKED, 1)
    if (counted && !forbidden) rescueLocked(group, frame)
  }
  group.unlock(Rank.Lru)
}

/** Lets a page be evicted again whose object forbade it, unless a locked mapping shows it. Takes: Lru. */
export function rescueFrame(frame: Frame): void {
  if (Superblock.only.policy !== 0) return
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  countIn(group, UNEVICTABLE_PGS_SCANNED, 1)
  if (frame.has(PG_UNEVICTABLE) && !frame.has(PG_MLOCKED)) {
    if (isSettled(frame)) rescueLocked(group, frame)
    else frame.clearFlags(PG_UNEVICTABLE)
  }
  group.unlock(Rank.Lru)
}

/** Puts an unevictable page into an inactive list. Holds: Lru. */
function rescueLocked(group: Group, frame: Frame): void {
  const listed = frame.has(PG_ON_LRU)
  if (listed) unlinkLocked(group, frame)
  frame.clearFlags(PG_UNEVICTABLE)
  if (listed) linkLocked(group, frame)
  countIn(group, UNEVICTABLE_PGS_RESCUED, 1)
}
