// validate(): the generations of a control group against the flags of the pages in their lists.
import { ANON_AND_FILE, MAX_NR_GENS, MIN_NR_GENS } from '../abi/generation'
import { BROKEN_BYTES, BROKEN_LRU } from '../abi/invariant'
import { Frame, PG_ACTIVE, PG_ON_LRU, PG_SWAPBACKED, PG_UNEVICTABLE } from '../phys/frame'
import { FILTER_BYTES, Generations } from '../phys/generations'
import { Group, Lru } from '../phys/group'
import { genOf } from '../phys/lruGen'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { tallyBytes } from './bytes'
import { broken } from './report'

/** Behind what is found, in the CPU's buffer: how many pages of each generation of a kind were met. */
function metAt(gen: u32): usize {
  return Cpu.current.buffer + 64 + <usize>gen * 4
}

/** A list: that its pages may stand there; pages of younger generations may, too. Counts them by generation. */
function checkList(group: Group, gen: u32, file: u32): u32 {
  const list = group.generations.list(gen, file)
  let length: u32 = 0
  for (let link = list.next; link !== list; link = link.next) {
    const frame = changetype<Frame>(link)
    const right = frame.has(PG_ON_LRU) && !frame.has(PG_ACTIVE | PG_UNEVICTABLE) && frame.has(PG_SWAPBACKED) === (file === 0)
    const ours = frame.group === <u8>group.number && link.prev.next === link && ++length <= Superblock.only.frames
    if (!right || !ours) return broken(BROKEN_LRU, gen, frame.pfn)
    store<u32>(metAt(genOf(frame)), load<u32>(metAt(genOf(frame))) + 1)
  }
  return 0
}

/** The lists of a kind: that each generation has as many pages as it says, and that they count as the lists that they should. */
function checkKind(group: Group, file: u32): u32 {
  const generations = group.generations
  const count = generations.count(file)
  if (count < MIN_NR_GENS || count > MAX_NR_GENS) return broken(BROKEN_LRU, generations.maxSeq, generations.minSeq(file))
  memory.fill(metAt(0), 0, <usize>MAX_NR_GENS * 4)
  for (let gen: u32 = 0; gen < MAX_NR_GENS; gen++) {
    const found = checkList(group, gen, file)
    if (found !== 0) return found
  }
  let active: u32 = 0
  let inactive: u32 = 0
  for (let gen: u32 = 0; gen < MAX_NR_GENS; gen++) {
    const pages = load<u32>(metAt(gen))
    if (pages !== generations.pages(gen, file)) return broken(BROKEN_LRU, gen, pages)
    if (generations.isActive(gen)) active += pages
    else inactive += pages
  }
  const lru: u32 = file !== 0 ? Lru.InactiveFile : Lru.InactiveAnon
  return group.size(lru) === inactive && group.size(lru + 1) === active ? 0 : broken(BROKEN_LRU, lru, inactive)
}

/** The generations of a group that has some, and their memory. */
export function checkGenerations(group: Group): u32 {
  const generations = group.generations
  if (generations.aging !== 0) return broken(BROKEN_LRU, generations.aging, group.number)
  if (!tallyBytes(changetype<usize>(generations), <u32>Generations.size)) return broken(BROKEN_BYTES, group.number, 0)
  for (let seq: u32 = 0; seq < 2; seq++) {
    const filter = load<u32>(generations.filterAt(seq))
    if (filter !== 0 && !tallyBytes(filter, FILTER_BYTES)) return broken(BROKEN_BYTES, group.number, filter)
  }
  const found = checkKind(group, 0)
  if (found !== 0) return found
  // of anonymous pages there are as many generations, or more
  return generations.minSeq(0) > generations.minSeq(1)
    ? broken(BROKEN_LRU, generations.minSeq(0), generations.minSeq(1))
    : checkKind(group, 1)
}

if (<u32>ANON_AND_FILE !== 2) ERROR('there are two kinds of pages')
