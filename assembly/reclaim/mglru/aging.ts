// Aging: a new youngest generation, after the pages that were used since the last one was made are found by the page tables. And the end of
// an oldest one, once it is empty: try_to_inc_max_seq and try_to_inc_min_seq of Linux's mm/vmscan.c.
import { ANON_AND_FILE, MAX_NR_GENS, MIN_NR_GENS } from '../../abi/generation'
import { ACCESSED_BITS, PAGE_TABLE_WALK } from '../../abi/mechanism'
import { panicked } from '../../lib/bug'
import { Generations } from '../../phys/generations'
import { Group, Lru } from '../../phys/group'
import { Superblock } from '../../phys/superblock'
import { Cpu } from '../../sync/cpu'
import { now, wait } from '../../sync/host'
import { Rank } from '../../sync/lockdep'
import { ScanControl } from '../scanControl'
import { resetControl } from './control'
import { walkSpaces } from './walk'

/** Rounds of spinning before sleeping while another thread ages. */
const SPINS: u32 = 1000

/** Returns once no thread ages generations any more. */
function awaitAging(aging: usize): void {
  for (let spins: u32 = 0; atomic.load<u32>(aging) !== 0; spins++) {
    if (spins < SPINS) continue
    wait(aging, 1, 1)
    if (panicked()) unreachable()
  }
}

/** Makes a generation of a group the youngest; if another thread is about it, that is awaited. Takes: Tasks, Space, Tables, Lru. */
export function age(sc: ScanControl, group: Group): void {
  const generations = group.generations
  const aging = changetype<usize>(generations) + offsetof<Generations>('aging')
  if (atomic.cmpxchg<u32>(aging, 0, 1) !== 0) {
    awaitAging(aging)
    return
  }
  if ((Superblock.only.without & (PAGE_TABLE_WALK | ACCESSED_BITS)) === 0) {
    Cpu.current.ages = 1
    walkSpaces(sc, group)
  }
  group.lock(Rank.Lru)
  beginGenerationLocked(group, sc.canSwap)
  group.unlock(Rank.Lru)
  atomic.store<u32>(aging, 0)
}

/** Counts a generation's pages of a kind as active ones that were inactive; a negative number the other way round. */
function shiftLocked(group: Group, file: u32, pages: i32): void {
  const inactive: u32 = file !== 0 ? Lru.InactiveFile : Lru.InactiveAnon
  group.growLocked(inactive, -pages)
  group.growLocked(inactive + 1, pages)
}

/** Raises the number of the youngest generation: inc_max_seq. Holds: Lru. */
function beginGenerationLocked(group: Group, canSwap: bool): void {
  const generations = group.generations
  const max = generations.maxSeq
  const next = (max + 1) % MAX_NR_GENS
  for (let file: u32 = 0; file < ANON_AND_FILE; file++) {
    if (generations.count(file) === MAX_NR_GENS) {
      assert(file === 0 && !canSwap, 'mglru: aging with a generation too many')
      // anonymous pages that cannot go: the oldest are the youngest, too, from here on
      resetControl(generations, file)
      generations.setMinSeq(file, generations.minSeq(file) + 1)
    }
    shiftLocked(group, file, <i32>generations.pages(next, file) - <i32>generations.pages((max - 1) % MAX_NR_GENS, file))
  }
  generations.setBorn(max + 1, now())
  atomic.store<u32>(changetype<usize>(generations), max + 1, offsetof<Generations>('maxSeq'))
}

/** The oldest generation of a kind that has pages in its list, but not one of the youngest two. Holds: Lru. */
function oldestPopulated(generations: Generations, file: u32): u32 {
  let seq = generations.minSeq(file)
  while (seq + MIN_NR_GENS <= generations.maxSeq && generations.list(seq % MAX_NR_GENS, file).isEmpty) seq++
  return seq
}

/** Leaves generations behind whose lists are empty; whether there were any. Holds: Lru. */
export function endGenerationsLocked(generations: Generations, canSwap: bool): bool {
  let anon = canSwap ? oldestPopulated(generations, 0) : generations.minSeq(0)
  let file = oldestPopulated(generations, 1)
  if (canSwap) {
    // those of anonymous pages are never fewer
    anon = min(anon, file)
    file = max(anon, generations.minSeq(1))
  }
  const ended = anon !== generations.minSeq(0) || file !== generations.minSeq(1)
  if (anon !== generations.minSeq(0)) resetControl(generations, 0)
  if (file !== generations.minSeq(1)) resetControl(generations, 1)
  generations.setMinSeq(0, anon)
  generations.setMinSeq(1, file)
  return ended
}
