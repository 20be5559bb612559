// validate(): the lists of users' pages against their flags and lengths. Batches are empty, and nothing is being evicted,
// while the machine is stopped.
import { BROKEN_LRU } from '../abi/invariant'
import { Frame, PG_BATCHED, PG_MLOCKED, PG_ON_LRU, PG_UNEVICTABLE, PG_VICTIM } from '../phys/frame'
import { EVICTABLE_LRUS, Group, LRUS, Lru } from '../phys/group'
import { lruOf } from '../phys/lruList'
import { Superblock } from '../phys/superblock'
import { Rank } from '../sync/lockdep'
import { checkGenerations } from './generations'
import { broken } from './report'
import { checkSlots } from './slots'

/** A list of a group: that its pages belong there, and are as many as it says. */
function checkList(group: Group, lru: u32): u32 {
  const list = group.list(lru)
  const size = group.size(lru)
  let length: u32 = 0
  for (let link = list.next; link !== list; link = link.next) {
    const frame = changetype<Frame>(link)
    const right = frame.has(PG_ON_LRU) && frame.group === <u8>group.number && lruOf(frame) === lru
    if (!right || link.prev.next !== link || ++length > size) return broken(BROKEN_LRU, lru, frame.pfn)
  }
  return length === size ? 0 : broken(BROKEN_LRU, lru, length)
}

/** The lists that reclaim scans. */
function checkEvictable(group: Group): u32 {
  let found: u32 = 0
  for (let lru: u32 = 0; lru < EVICTABLE_LRUS && found === 0; lru++) found = checkList(group, lru)
  return found
}

/** Every list, and that users' pages, and nothing else, stand in one, if there are lists. */
export function checkLists(): u32 {
  const superblock = Superblock.only
  if (superblock.policy !== 0 && superblock.aging !== 0) return checkSlots()
  let listed: u32 = 0
  let unevictable: u32 = 0
  for (let number: u32 = 0; number < superblock.groups; number++) {
    const group = Group.at(number)
    if (group.isHeld) return broken(BROKEN_LRU, Rank.Lru, number)
    const found = group.hasGenerations ? checkGenerations(group) : checkEvictable(group)
    if (found !== 0) return found
    for (let lru: u32 = 0; lru < LRUS; lru++) listed += group.size(lru)
    if (group.size(Lru.Unevictable) > superblock.frames) return broken(BROKEN_LRU, Lru.Unevictable, number)
    unevictable += group.size(Lru.Unevictable)
  }
  for (let pfn: u32 = 0; pfn < superblock.frames; pfn++) {
    const frame = Frame.at(pfn)
    if (!frame.isUsers) continue
    if (frame.has(PG_BATCHED | PG_VICTIM) || frame.has(PG_ON_LRU) !== (superblock.aging !== 0)) return broken(BROKEN_LRU, pfn, frame.flags)
    if (frame.has(PG_ON_LRU)) listed--
    if (frame.has(PG_ON_LRU) && frame.has(PG_UNEVICTABLE)) unevictable--
    if (frame.has(PG_MLOCKED) && !frame.has(PG_UNEVICTABLE)) return broken(BROKEN_LRU, pfn, frame.flags)
  }
  if (unevictable !== 0) return broken(BROKEN_LRU, Lru.Unevictable, unevictable)
  return listed === 0 ? 0 : broken(BROKEN_LRU, listed, 0)
}
