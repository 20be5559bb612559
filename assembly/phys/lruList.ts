// The lists of users' pages by use: which one a page belongs to, how it gets there and away. Takes: Lru.
import { UNEVICTABLE_PGS_CULLED } from '../abi/vmstat'
import { Rank } from '../sync/lockdep'
import { Frame, PG_ACTIVE, PG_MLOCKED, PG_ON_LRU, PG_REFERENCED, PG_SWAPBACKED, PG_UNEVICTABLE } from './frame'
import { countIn, Group, Lru } from './group'
import { addLocked, removeLocked } from './lruGen'
import { leave } from './residents'
import { Superblock } from './superblock'

/** The list that a page belongs to, by its flags, of a group without generations. */
export function lruOf(frame: Frame): u32 {
  if (frame.has(PG_UNEVICTABLE)) return Lru.Unevictable
  return (frame.has(PG_SWAPBACKED) ? Lru.InactiveAnon : Lru.InactiveFile) + (frame.has(PG_ACTIVE) ? 1 : 0)
}

/** Makes a page that is in no list an unevictable one, of which only the number is kept. Holds: Lru of its group. */
export function cullLocked(group: Group, frame: Frame): void {
  frame.clearFlags(PG_ACTIVE)
  frame.setFlags(PG_UNEVICTABLE)
  frame.locks = 0
  if (Superblock.only.aging !== 0) group.growLocked(Lru.Unevictable, 1)
  countIn(group, UNEVICTABLE_PGS_CULLED, 1)
}

/** Puts a page at the head of its list; one that may not be evicted is only counted. Holds: Lru of its group. */
export function linkLocked(group: Group, frame: Frame): void {
  if (frame.has(PG_UNEVICTABLE | PG_MLOCKED)) {
    cullLocked(group, frame)
    return
  }
  if (group.hasGenerations) {
    addLocked(group, frame, false)
    return
  }
  const lru = lruOf(frame)
  frame.insertAfter(group.list(lru))
  group.growLocked(lru, 1)
}

/** Puts a page that may be evicted at the tail of its list, where the next to go are. Holds: Lru of its group. */
export function linkLastLocked(group: Group, frame: Frame): void {
  if (group.hasGenerations) {
    addLocked(group, frame, true)
    return
  }
  const lru = lruOf(frame)
  frame.insertBefore(group.list(lru))
  group.growLocked(lru, 1)
}

/** Takes a page out of its list, that of its flags. Holds: Lru of its group. */
export function unlinkLocked(group: Group, frame: Frame): void {
  const listed = !frame.has(PG_UNEVICTABLE)
  if (listed && group.hasGenerations) {
    removeLocked(group, frame, false)
    return
  }
  if (listed) frame.unlink()
  group.growLocked(lruOf(frame), -1)
}

/** Takes a page that nobody refers to any more out of its list, if it is in one. Takes: Lru. */
export function removeFromLru(frame: Frame): void {
  if (Superblock.only.policy !== 0) {
    leave(frame)
    return
  }
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  if (frame.has(PG_ON_LRU)) {
    unlinkLocked(group, frame)
    frame.clearFlags(PG_ON_LRU | PG_ACTIVE | PG_REFERENCED | PG_UNEVICTABLE)
  }
  group.unlock(Rank.Lru)
}
