// Which generation a page is of, in its flags: how it comes to one, goes on to another, and leaves: lru_gen_add_folio and what
// stands beside it in Linux's include/linux/mm_inline.h. A page that walks of page tables find used is of the youngest
// generation from then on, but stands in the list of its old one until reclaim meets it there.
// Holds, in every function whose name ends in Locked: Lru of the group, which has generations.
import { MAX_NR_GENS, MIN_NR_GENS } from '../abi/generation'
import { TIERS } from '../abi/mechanism'
import { Link } from '../lib/list'
import {
  Frame,
  PG_ACTIVE,
  PG_DIRTY,
  PG_GENERATION,
  PG_RECLAIM,
  PG_REFERENCED,
  PG_REFS,
  PG_SWAPBACKED,
  PG_SWAPCACHE,
  PG_UNEVICTABLE,
  PG_WORKINGSET,
} from './frame'
import { Generations } from './generations'
import { Group, Lru } from './group'
import { Superblock } from './superblock'

/** Where in a page's flags its generation stands, modulo MAX_NR_GENS, and the two bits of its uses. */
const GENERATION_SHIFT: u32 = 13
const REFS_LOW: u32 = 512
const REFS_HIGH: u32 = 32768
/** The most uses that are told apart: BIT(LRU_REFS_WIDTH). */
export const MAX_REFS: u32 = 4

/** How often a page was used since the first time, by its flags, up to MAX_REFS: folio_lru_refs. */
function refsOf(flags: u32): u32 {
  return (flags / REFS_HIGH) * 2 + (flags & REFS_LOW) / REFS_LOW + (flags & PG_WORKINGSET) / PG_WORKINGSET
}

/** How often a page was used since the first time, as far as that matters. */
export function usesOf(frame: Frame): u32 {
  return (Superblock.only.without & TIERS) !== 0 ? 0 : refsOf(frame.flagsNow)
}

/** The tier of a page that was used so often: its logarithm, rounded up. */
export function tierOf(refs: u32): u32 {
  return refs === 0 ? 0 : 32 - clz(refs)
}

/** 1 for a file's page, 0 for an anonymous one. */
function isFile(frame: Frame): u32 {
  return frame.has(PG_SWAPBACKED) ? 0 : 1
}

/** The generation of a page that is in a list, modulo MAX_NR_GENS. */
export function genOf(frame: Frame): u32 {
  return (frame.flagsNow & PG_GENERATION) >> GENERATION_SHIFT
}

/** Notes a use of a page by read or write, or by an entry that is taken away: it counts in the page's tier. Linux's folio_inc_refs. */
export function countUse(frame: Frame): void {
  if (frame.has(PG_UNEVICTABLE) || frame.setFlags(PG_REFERENCED) === 0 || (Superblock.only.without & TIERS) !== 0) return
  if (frame.setFlags(PG_WORKINGSET) === 0) return
  const flags = frame.flagsNow
  if ((flags & REFS_LOW) === 0) frame.setFlags(REFS_LOW)
  else if ((flags & REFS_HIGH) === 0) {
    frame.setFlags(REFS_HIGH)
    frame.clearFlags(REFS_LOW)
  }
}

/** Adds pages to the lengths of the list that a generation's count as. */
function growLocked(group: Group, gen: u32, file: u32, pages: i32): void {
  const generations = group.generations
  generations.grow(gen, file, pages)
  group.growLocked(lruOfGen(generations, gen, file), pages)
}

/** The list as which a generation counts: the two youngest are active. */
export function lruOfGen(generations: Generations, gen: u32, file: u32): u32 {
  return (file !== 0 ? Lru.InactiveFile : Lru.InactiveAnon) + (generations.isActive(gen) ? 1 : 0)
}

/** The generation in which a page comes: lru_gen_add_folio. */
function seqFor(generations: Generations, frame: Frame, reclaiming: bool): u32 {
  const flags = frame.flagsNow
  const max = generations.maxSeq
  const oldest = generations.minSeq(isFile(frame))
  if ((flags & PG_ACTIVE) !== 0) return max
  // what cannot go at once
  const swapped = (flags & (PG_SWAPBACKED | PG_SWAPCACHE)) !== PG_SWAPBACKED
  if (!swapped || (flags & (PG_RECLAIM | PG_DIRTY)) === (PG_RECLAIM | PG_DIRTY)) return max - 1
  return reclaiming || oldest + MIN_NR_GENS >= max ? oldest : oldest + 1
}

/** Puts a page that is in no list into its generation's, at the tail if it is to go first. */
export function addLocked(group: Group, frame: Frame, reclaiming: bool): void {
  const generations = group.generations
  const gen = seqFor(generations, frame, reclaiming) % MAX_NR_GENS
  const file = isFile(frame)
  frame.clearFlags(PG_ACTIVE | PG_GENERATION)
  frame.setFlags(gen << GENERATION_SHIFT)
  growLocked(group, gen, file, 1)
  const list = generations.list(gen, file)
  if (reclaiming) frame.insertBefore(list)
  else frame.insertAfter(list)
}

/** Takes a page out of its list; that it was of one of the youngest generations is remembered, unless it is to be evicted: lru_gen_del_folio. */
export function removeLocked(group: Group, frame: Frame, reclaiming: bool): void {
  const gen = genOf(frame)
  frame.unlink()
  growLocked(group, gen, isFile(frame), -1)
  frame.clearFlags(PG_GENERATION)
  if (!reclaiming && group.generations.isActive(gen)) frame.setFlags(PG_ACTIVE)
}

/** Makes a page of another generation, as one that was never used; it stays where it stands. */
export function changeLocked(group: Group, frame: Frame, gen: u32): void {
  const old = genOf(frame)
  const file = isFile(frame)
  frame.clearFlags(PG_GENERATION | PG_REFS | PG_WORKINGSET | PG_REFERENCED)
  frame.setFlags(gen << GENERATION_SHIFT)
  if (old === gen) return
  growLocked(group, old, file, -1)
  growLocked(group, gen, file, 1)
}

/** Moves a page to the tail, or the head, of the list of its generation. */
export function moveLocked(generations: Generations, frame: Frame, tail: bool): void {
  const list: Link = generations.list(genOf(frame), isFile(frame))
  frame.unlink()
  if (tail) frame.insertBefore(list)
  else frame.insertAfter(list)
}

if (PG_GENERATION >> GENERATION_SHIFT !== MAX_NR_GENS - 1) ERROR('a generation does not fit its bits')
if ((REFS_LOW | REFS_HIGH) !== PG_REFS) ERROR('the bits of uses are not these')
