// What is found at the entries beside one that was used: when reclaim looks whether a page was used, by its reverse maps, it looks at
// up to 64 entries around as well, and makes the pages that were used ones of the youngest generation: lru_gen_look_around of
// Linux's mm/vmscan.c. Unlike there, pages do not go by way of a batch if the thread has not aged anything.
// Holds, in every function: Tables. Takes: Lru.
import { MAX_NR_GENS } from '../abi/generation'
import { PGACTIVATE } from '../abi/vmstat'
import { entryOfTable, TABLE_PAGES } from '../map/pagetable'
import { ACCESSED, isPresent, pfnOf, unused } from '../map/pte'
import { TlbEntry } from '../map/tlb'
import { Vma } from '../map/vma'
import { noteInFilter } from '../phys/bloomFilter'
import { Frame, PG_ACTIVE, PG_ON_LRU, PG_REFERENCED, PG_SWAPBACKED, PG_UNEVICTABLE } from '../phys/frame'
import { countIn, Group } from '../phys/group'
import { addLocked, changeLocked, genOf, removeLocked } from '../phys/lruGen'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { Mm } from './space'

/** The most entries that are looked at: MIN_LRU_BATCH. */
const WINDOW: u64 = 64
/** Of a table's entries, one in so many was used where it is worth looking into it: as many as there are in a cache line. */
const PER_LINE: u32 = 8

/** Whether of so many entries enough were used: suitable_to_scan. */
export function isSuitable(total: u32, young: u32): bool {
  return young * PER_LINE >= total
}

/** Notes that a page was used whose entry was found so: folio_update_gen. Holds: Lru. */
export function promoteLocked(group: Group, frame: Frame): void {
  const settled = frame.has(PG_ON_LRU) && !frame.has(PG_UNEVICTABLE)
  // who has it off its list finds that, or its batch's end makes nothing of it
  if (!settled) frame.setFlags(PG_REFERENCED)
  else changeLocked(group, frame, group.generations.maxSeq % MAX_NR_GENS)
}

/** The same, and moves the page: folio_activate. Holds: Lru. */
function activateLocked(group: Group, frame: Frame): void {
  const settled = frame.has(PG_ON_LRU) && !frame.has(PG_UNEVICTABLE)
  if (!settled) {
    frame.setFlags(PG_REFERENCED)
    return
  }
  if (genOf(frame) === group.generations.maxSeq % MAX_NR_GENS) return
  removeLocked(group, frame, false)
  frame.setFlags(PG_ACTIVE)
  addLocked(group, frame, false)
  countIn(group, PGACTIVATE, 1)
}

/** Whether the entry at `at` was used, of a page that a group pays for and that may go; forgets that it was. */
export function harvest(mm: Mm, group: Group, vpn: u64, at: usize, canSwap: bool): Frame | null {
  const pte = load<u64>(at)
  if (!isPresent(pte) || (pte & ACCESSED) === 0) return null
  const frame = Frame.at(pfnOf(pte))
  if (!frame.isUsers || frame.group !== <u8>group.number || (!canSwap && frame.has(PG_SWAPBACKED))) return null
  store<u64>(at, unused(pte))
  TlbEntry.flush(mm.cpusNow, vpn, mm.id)
  return frame
}

/** Looks at the entries around that at `at`, which is a VMA's for a page, and which was used. */
export function lookAround(mm: Mm, vma: Vma, vpn: u64, at: usize, used: Frame): void {
  const group = Group.at(used.group)
  const generations = group.generations
  const canSwap = used.has(PG_SWAPBACKED)
  const walks = Cpu.current.ages !== 0
  let start = max(vpn & ~(TABLE_PAGES - 1), vma.start)
  let end = min((vpn | (TABLE_PAGES - 1)) + 1, vma.end)
  if (end - start > WINDOW) {
    if (vpn - start < WINDOW / 2) end = start + WINDOW
    else if (end - vpn < WINDOW / 2) start = end - WINDOW
    else {
      start = vpn - WINDOW / 2
      end = vpn + WINDOW / 2
    }
  }
  let young: u32 = 0
  let entry = at - ((<usize>(vpn - start)) << 3)
  group.lock(Rank.Lru)
  for (let page = start; page < end; page++, entry += 8) {
    const frame = harvest(mm, group, page, entry, canSwap)
    if (!frame) continue
    young++
    if (walks) promoteLocked(group, frame)
    else activateLocked(group, frame)
  }
  group.unlock(Rank.Lru)
  if (isSuitable(<u32>(end - start), young)) noteInFilter(generations, generations.maxSeq, entryOfTable(mm.tables, vpn))
}
