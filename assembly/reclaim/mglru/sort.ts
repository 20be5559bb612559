// Taking pages of the oldest generation off their list to evict them. What is met there and is none to be evicted goes where it
// belongs: sort_folio, isolate_folio, scan_folios and isolate_folios of Linux's mm/vmscan.c. Holds, in every function: Lru.
import { MAX_NR_GENS, MIN_NR_GENS } from '../../abi/generation'
import { PGREFILL, PGSCAN_ANON, PGSCAN_DIRECT, PGSCAN_KSWAPD } from '../../abi/vmstat'
import { isForbidden } from '../../mm/unevictable'
import {
  Frame,
  PG_DIRTY,
  PG_MLOCKED,
  PG_ON_LRU,
  PG_RECLAIM,
  PG_REFERENCED,
  PG_REFS,
  PG_VICTIM,
  PG_WORKINGSET,
  State,
} from '../../phys/frame'
import { Generations, Tier } from '../../phys/generations'
import { countIn, Group } from '../../phys/group'
import { changeLocked, genOf, MAX_REFS, moveLocked, removeLocked, tierOf, usesOf } from '../../phys/lruGen'
import { cullLocked } from '../../phys/lruList'
import { MAX_LRU_BATCH, MAX_SWAPPINESS, MIN_LRU_BATCH, ScanControl } from '../scanControl'
import { kindToScan, lastTier, lastTierBeside } from './control'

/** Puts a page that is met in the oldest generation's list where it belongs, if it is not to be evicted; whether it did. */
function sortLocked(sc: ScanControl, group: Group, frame: Frame, file: u32, tier: u32): bool {
  const generations = group.generations
  const oldest = generations.minSeq(file) % MAX_NR_GENS
  if (frame.has(PG_MLOCKED) || isForbidden(frame)) {
    removeLocked(group, frame, true)
    cullLocked(group, frame)
    return true
  }
  if (genOf(frame) !== oldest) {
    moveLocked(generations, frame, false)
    return true
  }
  const refs = usesOf(frame)
  if (tierOf(refs) > tier || refs === MAX_REFS) {
    generations.countTier(Tier.Protected, file, tierOf(refs))
    changeLocked(group, frame, (oldest + 1) % MAX_NR_GENS)
    moveLocked(generations, frame, true)
    return true
  }
  return file !== 0 && frame.has(PG_DIRTY) && deferLocked(sc, group, frame)
}

/** Lets a file's page that is to be written back first wait in the next generation, where who writes it back finds it; not one that MADV_FREE gave away. */
function deferLocked(sc: ScanControl, group: Group, frame: Frame): bool {
  if (frame.state === State.Anonymous) return false
  const generations = group.generations
  sc.nrFileTaken++
  sc.nrUnqueuedDirty++
  changeLocked(group, frame, (generations.minSeq(1) + 1) % MAX_NR_GENS)
  frame.setFlags(PG_RECLAIM)
  moveLocked(generations, frame, false)
  return true
}

/** Takes a page off its list for who evicts it, with a reference; false if it is just being freed. */
function isolateLocked(sc: ScanControl, group: Group, frame: Frame): bool {
  if (!frame.tryRef()) return false
  // uses through page tables alone do not count
  if (!frame.has(PG_REFERENCED)) frame.clearFlags(PG_REFS | PG_WORKINGSET)
  removeLocked(group, frame, true)
  frame.clearFlags(PG_ON_LRU | PG_REFERENCED | PG_RECLAIM)
  frame.setFlags(PG_VICTIM)
  frame.insertAfter(sc.isolatedList)
  return true
}

/** Takes up to MIN_LRU_BATCH pages, up to a tier, of the oldest generation of a kind; returns how many it looked at, 0 if it took none. */
function scanLocked(sc: ScanControl, group: Group, file: u32, tier: u32): u32 {
  const generations = group.generations
  if (generations.count(file) === MIN_NR_GENS) return 0
  const list = generations.list(generations.minSeq(file) % MAX_NR_GENS, file)
  let scanned: u32 = 0
  let sorted: u32 = 0
  let isolated: u32 = 0
  let skipped: u32 = 0
  while (!list.isEmpty && scanned < MAX_LRU_BATCH && max(isolated, skipped) < MIN_LRU_BATCH) {
    const frame = changetype<Frame>(list.prev)
    scanned++
    if (sortLocked(sc, group, frame, file, tier)) sorted++
    else if (isolateLocked(sc, group, frame)) isolated++
    else {
      // who freed it waits for the lock
      skipped++
      moveLocked(generations, frame, false)
    }
  }
  countIn(group, sc.isKswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, isolated)
  countIn(group, PGSCAN_ANON + file, isolated)
  countIn(group, PGREFILL, sorted)
  if (file !== 0) sc.nrFileTaken += isolated
  return isolated !== 0 || scanned === MAX_LRU_BATCH ? scanned : 0
}

/** The kind of pages that is evicted first: 1 for those of files. */
function chooseKind(generations: Generations, swappiness: u32): u32 {
  if (swappiness === 0) return 1
  if (generations.minSeq(0) < generations.minSeq(1)) return 0
  if (swappiness === 1) return 1
  return <u64>swappiness === MAX_SWAPPINESS ? 0 : kindToScan(generations, swappiness)
}

/** Whether the kinds' tiers were compared to choose between them. */
function isCompared(generations: Generations, swappiness: u32): bool {
  return swappiness > 1 && <u64>swappiness < MAX_SWAPPINESS && generations.minSeq(0) >= generations.minSeq(1)
}

/** Takes pages to evict off a group's lists; returns how many it looked at, and leaves in `sc.file` of which kind they are. */
export function isolateFrames(sc: ScanControl, group: Group, swappiness: u32): u32 {
  const generations = group.generations
  let file = chooseKind(generations, swappiness)
  const tier = isCompared(generations, swappiness) ? lastTierBeside(generations, file, swappiness) : lastTier(generations, file)
  let scanned = scanLocked(sc, group, file, tier)
  if (scanned === 0 && swappiness !== 0) {
    file = 1 - file
    scanned = scanLocked(sc, group, file, lastTier(generations, file))
  }
  sc.file = file
  return scanned
}
