// The lists of users' pages by use: which one a page belongs to, how it gets there and away. Takes: Lru.
import { Rank } from '../sync/lockdep'
import { Frame, PG_ACTIVE, PG_ON_LRU, PG_REFERENCED, PG_SWAPBACKED, PG_UNEVICTABLE } from './frame'
import { Group, Lru } from './group'

/** The list that a page belongs to, by its flags. */
export function lruOf(frame: Frame): u32 {
  if (frame.has(PG_UNEVICTABLE)) return Lru.Unevictable
  return (frame.has(PG_SWAPBACKED) ? Lru.InactiveAnon : Lru.InactiveFile) + (frame.has(PG_ACTIVE) ? 1 : 0)
}

/** Puts a page at the head of its list. Holds: Lru of its group. */
export function linkLocked(group: Group, frame: Frame): void {
  const lru = lruOf(frame)
  frame.insertAfter(group.list(lru))
  group.growLocked(lru, 1)
}

/** Takes a page out of its list, that of its flags. Holds: Lru of its group. */
export function unlinkLocked(group: Group, frame: Frame): void {
  frame.unlink()
  group.growLocked(lruOf(frame), -1)
}

/** Takes a page that nobody refers to any more out of its list, if it is in one. Takes: Lru. */
export function removeFromLru(frame: Frame): void {
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  if (frame.has(PG_ON_LRU)) {
    unlinkLocked(group, frame)
    frame.clearFlags(PG_ON_LRU | PG_ACTIVE | PG_REFERENCED | PG_UNEVICTABLE)
  }
  group.unlock(Rank.Lru)
}
