// Evicting pages of the oldest generation, and aging when there are few old ones: evict_folios, get_nr_to_scan, try_to_shrink_lruvec
// and lru_gen_shrink_node of Linux's mm/vmscan.c. Takes: what evicting a page takes; no lock is held.
import { ANON_AND_FILE, MAX_NR_GENS, MIN_NR_GENS } from '../../abi/generation'
import { PGACTIVATE, PGSTEAL_ANON, PGSTEAL_DIRECT, PGSTEAL_KSWAPD } from '../../abi/vmstat'
import { freeSlotsFor } from '../../map/swap'
import { Frame, PG_ACTIVE, PG_DIRTY, PG_MLOCKED, PG_REFERENCED, PG_REFS, PG_UNEVICTABLE, PG_WORKINGSET } from '../../phys/frame'
import { countIn, Group, Lru, pagesOf } from '../../phys/group'
import { drainLru } from '../../phys/lru'
import { Superblock } from '../../phys/superblock'
import { Zone } from '../../phys/zone'
import { Cpu } from '../../sync/cpu'
import { Rank } from '../../sync/lockdep'
import { writeBackAll } from '../flush'
import { putBack } from '../isolate'
import { DEF_PRIORITY, MIN_LRU_BATCH, ScanControl, swappinessOf } from '../scanControl'
import { shrinkFrame } from '../shrinkInactive'
import { age, endGenerationsLocked } from './aging'
import { isolateFrames } from './sort'

/** Whether a page that stays may be tried once more: nothing speaks against it any more. */
function isClean(frame: Frame): bool {
  return frame.mapCount === 0 && !frame.has(PG_ACTIVE | PG_REFERENCED | PG_DIRTY)
}

/** Has pages that stay not be of the oldest generation when they are put back; takes those that may be tried again out. */
function rejectKept(sc: ScanControl, again: bool): void {
  const kept = sc.keptList
  for (let link = kept.prev; link !== kept; ) {
    const frame = changetype<Frame>(link)
    link = frame.prev
    if (frame.has(PG_MLOCKED | PG_UNEVICTABLE)) continue
    if (again && isClean(frame)) {
      frame.unlink()
      frame.insertAfter(sc.isolatedList)
      continue
    }
    frame.clearFlags(PG_REFS | PG_WORKINGSET | PG_REFERENCED)
    frame.setFlags(PG_ACTIVE)
  }
}

/** Evicts the pages that were taken, but for those that are in use; returns how many went. */
function shrinkTaken(sc: ScanControl, group: Group): u32 {
  let reclaimed: u32 = 0
  sc.nrActivate = 0
  for (let again = true; !sc.isolatedList.isEmpty; again = false) {
    while (!sc.isolatedList.isEmpty) {
      const frame = changetype<Frame>(sc.isolatedList.prev)
      frame.unlink()
      if (shrinkFrame(sc, frame)) reclaimed++
    }
    rejectKept(sc, again)
    putBack(group, sc.keptList)
  }
  countIn(group, PGACTIVATE, sc.nrActivate)
  countIn(group, sc.isKswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, reclaimed)
  countIn(group, PGSTEAL_ANON + sc.file, reclaimed)
  return reclaimed
}

/** Evicts some pages of a group; returns how many it looked at, 0 if there is no more to be had. */
function evict(sc: ScanControl, group: Group, swappiness: u32): u32 {
  const generations = group.generations
  group.lock(Rank.Lru)
  let scanned = isolateFrames(sc, group, swappiness)
  if (endGenerationsLocked(generations, sc.canSwap)) scanned++
  if (generations.count(sc.canSwap ? 0 : 1) === MIN_NR_GENS) scanned = 0
  group.unlock(Rank.Lru)
  sc.nrReclaimed += shrinkTaken(sc, group)
  return scanned
}

/** Whether a group has too few old pages, by should_run_aging; leaves in `sc.total` how many pages may be scanned. */
function isYoung(sc: ScanControl, group: Group): bool {
  const generations = group.generations
  const max = generations.maxSeq
  const kind: u32 = sc.canSwap ? 0 : 1
  const oldest = generations.minSeq(kind)
  sc.total = 0
  if (oldest + MIN_NR_GENS > max) return true
  let old: u64 = 0
  let young: u64 = 0
  for (let file = kind; file < ANON_AND_FILE; file++) {
    for (let seq = generations.minSeq(file); seq <= max; seq++) {
      const pages = generations.pages(seq % MAX_NR_GENS, file)
      sc.total += pages
      if (seq === max) young += pages
      else if (seq + MIN_NR_GENS === max) old += pages
    }
  }
  if (oldest + MIN_NR_GENS < max) return false
  return young * MIN_NR_GENS > <u64>sc.total || old * (MIN_NR_GENS + 2) < <u64>sc.total
}

/** How many pages of a group are to be scanned; 0 or less if it is done: it was aged instead, or is just aged by another. get_nr_to_scan. */
function pagesToScan(sc: ScanControl, group: Group): u32 {
  const young = isYoung(sc, group)
  if (!young || sc.priority === DEF_PRIORITY) return sc.total >> sc.priority
  age(sc, group)
  return 0
}

/** Whether enough was freed to leave other groups alone: should_abort_scan. */
function isEnough(sc: ScanControl): bool {
  // all groups with a limit pay for themselves
  if (sc.target !== Group.root) return false
  if (sc.nrReclaimed >= sc.nrToReclaim) return true
  const zone = Zone.ofUsers
  return sc.isKswapd && atomic.load<u32>(changetype<usize>(zone), offsetof<Zone>('free')) > zone.high + MIN_LRU_BATCH
}

/** What a group's pages weigh against one another: nothing of anonymous ones where swap is nearly full. */
function swappinessFor(group: Group): u32 {
  return freeSlotsFor(group) < MIN_LRU_BATCH ? 0 : swappinessOf(group)
}

/** Evicts pages of a group, as many as the priority says. */
function shrinkGroup(sc: ScanControl, group: Group): void {
  const swappiness = swappinessFor(group)
  sc.canSwap = swappiness !== 0
  sc.nrFileTaken = 0
  sc.nrUnqueuedDirty = 0
  let scanned: u32 = 0
  for (let goesOn = true; goesOn; ) {
    const wanted = pagesToScan(sc, group)
    const found = wanted !== 0 ? evict(sc, group, swappiness) : 0
    scanned += found
    goesOn = found !== 0 && scanned < wanted && !isEnough(sc) && !sc.isWanted
  }
  // where Linux wakes the flushers, which are to write everything
  if (sc.nrUnqueuedDirty !== 0 && sc.nrUnqueuedDirty === sc.nrFileTaken) writeBackAll()
}

/** Begins with a priority by which the first round frees about as much as is wanted: set_initial_priority. */
function choosePriority(sc: ScanControl): void {
  if (sc.priority !== DEF_PRIORITY || sc.nrToReclaim < MIN_LRU_BATCH) return
  let pages = pagesOf(Group.root, Lru.InactiveFile)
  if (freeSlotsFor(Group.root) > 0) pages += pagesOf(Group.root, Lru.InactiveAnon)
  const priority: i32 = 31 - <i32>clz(pages) - (32 - <i32>clz(sc.nrToReclaim - 1))
  sc.priority = max<i32>(DEF_PRIORITY / 2, min<i32>(priority, DEF_PRIORITY))
}

/** Goes round all groups, from one behind that with which it ended last, until enough is freed. Linux's memcg LRU shares this out by bins. */
function shrinkAll(sc: ScanControl): void {
  const superblock = Superblock.only
  const groups = superblock.groups
  const first = superblock.nextGroup
  for (let i: u32 = 0; i < groups; i++) {
    const group = Group.at((first + i) % groups)
    if (group.isUsed === 0) continue
    shrinkGroup(sc, group)
    superblock.nextGroup = (first + i + 1) % groups
    if (isEnough(sc) || sc.isWanted) return
  }
}

/** Evicts pages of the group that is reclaimed, or of all for the root, by the priority. */
export function shrinkGenerations(sc: ScanControl): void {
  const before = sc.nrReclaimed
  const cpu = Cpu.current
  drainLru()
  cpu.ages = sc.isKswapd ? 1 : 0
  if (sc.target !== Group.root) shrinkGroup(sc, sc.target)
  else {
    choosePriority(sc)
    if (sc.isKswapd) sc.nrReclaimed = 0
    shrinkAll(sc)
    if (sc.isKswapd) sc.nrReclaimed += before
  }
  cpu.ages = 0
}
