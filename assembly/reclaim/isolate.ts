// Taking pages out of a list to look at them, and putting them back: isolate_lru_folios and move_folios_to_lru of Linux's
// mm/vmscan.c. A page that is taken has a reference of who took it, PG_VICTIM, and its links. Takes: Lru, Zone.
import { Link } from '../lib/list'
import { putPrivate } from '../map/swap'
import { Frame, PG_ACTIVE, PG_ON_LRU, PG_REFERENCED, PG_UNEVICTABLE, PG_VICTIM } from '../phys/frame'
import { ageGroup, Group } from '../phys/group'
import { linkLocked, unlinkLocked } from '../phys/lruList'
import { freeFrame } from '../phys/pcp'
import { keepVictim, takeOut } from '../phys/residents'
import { Superblock } from '../phys/superblock'
import { Rank } from '../sync/lockdep'
import { noteIsolate } from './trace'

/** Takes up to `count` pages from the tail of a list; the last comes to the head of `to`. Returns how many it looked at. Takes: Lru. */
export function isolate(group: Group, lru: u32, count: u32, to: Link): u32 {
  const list = group.list(lru)
  let scanned: u32 = 0
  let taken: i32 = 0
  group.lock(Rank.Lru)
  while (scanned < count && !list.isEmpty) {
    const frame = changetype<Frame>(list.prev)
    scanned++
    frame.unlink()
    if (!frame.tryRef()) {
      // who freed it waits for the lock
      frame.insertAfter(list)
      continue
    }
    frame.clearFlags(PG_ON_LRU)
    frame.setFlags(PG_VICTIM)
    frame.insertAfter(to)
    taken++
  }
  group.growLocked(lru, -taken)
  group.unlock(Rank.Lru)
  noteIsolate(lru, count, scanned, taken)
  return scanned
}

/** Takes one page, for which the caller has a reference, out of its list; false if it is in none that is scanned. Linux's folio_isolate_lru. Takes: Lru. */
export function isolateOne(frame: Frame): bool {
  if (Superblock.only.aging === 0) {
    frame.addRef()
    return true
  }
  if (Superblock.only.policy !== 0) return takeOut(frame)
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  const taken = frame.has(PG_ON_LRU) && !frame.has(PG_UNEVICTABLE)
  if (taken) {
    unlinkLocked(group, frame)
    frame.clearFlags(PG_ON_LRU)
    frame.setFlags(PG_VICTIM)
    frame.addRef()
  }
  group.unlock(Rank.Lru)
  return taken
}

/** Puts one page back, as folio_putback_lru. Takes: Lru, Zone. */
export function putBackOne(frame: Frame): void {
  if (Superblock.only.policy !== 0) keepVictim(frame, true)
  else if (frame.has(PG_VICTIM)) {
    const group = Group.at(frame.group)
    group.lock(Rank.Lru)
    frame.clearFlags(PG_VICTIM)
    linkLocked(group, frame)
    frame.setFlags(PG_ON_LRU)
    group.unlock(Rank.Lru)
  }
  putPrivate(frame)
}

/** Puts pages back into the lists of their flags, the last one first; who nobody else refers to is freed. Returns how many were put back. Takes: Lru, Zone. */
export function putBack(group: Group, from: Link): u32 {
  let moved: u32 = 0
  let dead = changetype<Link>(0)
  group.lock(Rank.Lru)
  while (!from.isEmpty) {
    const frame = changetype<Frame>(from.prev)
    frame.unlink()
    frame.clearFlags(PG_VICTIM)
    // before our reference goes: who gives the last one back meanwhile waits for the lock, and finds it in the list
    frame.setFlags(PG_ON_LRU)
    if (frame.dropRef()) {
      frame.clearFlags(PG_ON_LRU | PG_ACTIVE | PG_REFERENCED | PG_UNEVICTABLE)
      frame.next = dead
      dead = frame
      continue
    }
    linkLocked(group, frame)
    if (frame.has(PG_ACTIVE)) ageGroup(group, 1)
    moved++
  }
  group.unlock(Rank.Lru)
  while (dead) {
    const frame = changetype<Frame>(dead)
    dead = frame.next
    freeFrame(frame)
  }
  return moved
}
