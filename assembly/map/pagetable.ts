// Four-level page tables of 512 entries, each a frame: nine bits of the page number a level.
// Tables are made on demand, and freed when their last entry goes, except the root. Such a table is all zeros,
// so every CPU keeps a few, which need not be cleared when they are used again.
// Holds, in every function: Tables of the space, unless nobody else knows it.
import { PAGE_SIZE } from '../abi/layout'
import { TABLE_ALLOC, TABLE_FREE } from '../abi/vmstat'
import { Frame, State } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { count } from '../phys/vmstat'
import { Need } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { make } from './pte'

/** Pages under one entry of the root: 2^27. */
const ROOT_SHIFT: u32 = 27

/** How many pages a lowest table maps. */
export const TABLE_PAGES: u64 = 512

/** How many empty tables a CPU keeps: what a lone page needs, and one. */
const SPARES: u32 = 4

/** How many tables there are below a root. Counted in its frame's `owner`; may be read racily. */
export function tablesBelow(root: usize): u32 {
  return Frame.of(root).owner
}

/** Address of a new empty table; 0 if there is no memory. */
export function newTable(): usize {
  const cpu = Cpu.current
  const spare = changetype<Frame>(cpu.tables)
  const frame = spare ? spare : clearedFrame()
  if (!frame) return 0
  if (spare) {
    if (!ASC_NO_ASSERT) checkEmpty(spare.page)
    cpu.tables = changetype<usize>(spare.next)
    cpu.tableCount--
  }
  count(TABLE_ALLOC)
  return frame.page
}

/** Traps if a table that was freed has an entry. */
function checkEmpty(table: usize): void {
  for (let at: usize = 0; at < PAGE_SIZE; at += 8) assert(load<u64>(table + at) === 0, 'pagetable: a freed table has an entry')
}

/** A frame for a table; null if there is no memory. */
function clearedFrame(): Frame | null {
  const frame = allocFrame(Need.Kernel)
  if (!frame) return null
  frame.state = State.Table
  frame.index = 0
  memory.fill(frame.page, 0, PAGE_SIZE)
  return frame
}

/** Frees a table that is empty. */
export function freeTable(table: usize): void {
  const cpu = Cpu.current
  const frame = Frame.of(table)
  count(TABLE_FREE)
  if (cpu.tableCount === SPARES) {
    freeFrame(frame)
    return
  }
  frame.next = changetype<Frame>(cpu.tables)
  cpu.tables = changetype<usize>(frame)
  cpu.tableCount++
}

/** Gives back the empty tables that a CPU keeps: its own thread, or nobody has it, or it stands still. Takes: Zone. */
export function drainTables(cpu: Cpu): void {
  while (cpu.tables !== 0) {
    const frame = changetype<Frame>(cpu.tables)
    cpu.tables = changetype<usize>(frame.next)
    freeFrame(frame)
  }
  cpu.tableCount = 0
}

/** Address of the entry for a page in the table of the level whose entries span 2^shift pages. */
function entryAt(table: usize, vpn: u64, shift: u32): usize {
  return table + ((<usize>(vpn >> <u64>shift) & 511) << 3)
}

/** Address of the table below an entry: tables are frames with bytes, so its number needs no more bits than an address has. */
function tableOf(entry: u64): usize {
  return <usize>entry & ~(PAGE_SIZE - 1)
}

/** Address of the entry that maps a page; 0 if a table on the way is missing. Not a loop: this is what a TLB miss costs. */
export function walk(root: usize, vpn: u64): usize {
  let entry = load<u64>(entryAt(root, vpn, 27))
  if (entry === 0) return 0
  entry = load<u64>(entryAt(tableOf(entry), vpn, 18))
  if (entry === 0) return 0
  entry = load<u64>(entryAt(tableOf(entry), vpn, 9))
  return entry === 0 ? 0 : entryAt(tableOf(entry), vpn, 0)
}

/** Address of the entry that names the lowest table of a page, which is there. */
export function entryOfTable(root: usize, vpn: u64): usize {
  return entryAt(tableOf(load<u64>(entryAt(tableOf(load<u64>(entryAt(root, vpn, 27))), vpn, 18))), vpn, 9)
}

/** The entry that maps a page, 0 if there is none. */
export function lookUp(root: usize, vpn: u64): u64 {
  const at = walk(root, vpn)
  return at === 0 ? 0 : load<u64>(at)
}

/** Address of the entry for a page, as walk, but the tables on the way are made; 0, and nothing is changed, if there is no memory. */
export function reach(root: usize, vpn: u64): usize {
  const at = walk(root, vpn)
  return at === 0 ? makeTables(root, vpn) : at
}

function makeTables(root: usize, vpn: u64): usize {
  let table = root
  for (let shift = ROOT_SHIFT; shift > 0; shift -= 9) {
    const at = entryAt(table, vpn, shift)
    let entry = load<u64>(at)
    if (entry === 0) {
      const below = newTable()
      if (below === 0) {
        prune(root, vpn)
        return 0
      }
      entry = make(<u32>(below >> 12), true)
      store<u64>(at, entry)
      Frame.of(table).index++
      Frame.of(root).owner++
    }
    table = tableOf(entry)
  }
  return entryAt(table, vpn, 0)
}

/** Counts entries that were set in the table at `at`. */
export function noteSet(at: usize, entries: u32): void {
  Frame.of(at).index += entries
}

/** Counts an entry that was set in the table at `at`, beside other threads that do so. Holds: Tables, to read. */
export function noteSetShared(at: usize): void {
  atomic.add<u64>(changetype<usize>(Frame.of(at)), 1, offsetof<Frame>('index'))
}

/** Takes entries that were cleared in a page's table, one at least, from its count, and frees the tables this leaves empty. */
export function noteCleared(root: usize, vpn: u64, entries: u32): void {
  const table = Frame.of(walk(root, vpn))
  table.index -= entries
  if (table.index === 0) prune(root, vpn)
}

/** The first page behind `vpn` whose entry is in another table, at most `end`. */
export function tableEnd(vpn: u64, end: u64): u64 {
  return min(end, (vpn | 511) + 1)
}

/** Frees the empty tables on the way to a page, lowest first. */
function prune(root: usize, vpn: u64): void {
  while (true) {
    let parent: usize = 0
    let table = root
    for (let shift = ROOT_SHIFT; shift > 0; shift -= 9) {
      const at = entryAt(table, vpn, shift)
      const entry = load<u64>(at)
      if (entry === 0) break
      parent = at
      table = tableOf(entry)
    }
    if (table === root || Frame.of(table).index !== 0) return
    store<u64>(parent, 0)
    Frame.of(parent).index--
    Frame.of(root).owner--
    freeTable(table)
  }
}

/** The first page at or behind `vpn`, below `end`, whose entry is not 0; `end` if there is none. */
export function nextMapped(root: usize, vpn: u64, end: u64): u64 {
  while (vpn < end) {
    let table = root
    let shift = ROOT_SHIFT
    let entry = load<u64>(entryAt(table, vpn, shift))
    while (entry !== 0 && shift > 0) {
      table = tableOf(entry)
      shift -= 9
      entry = load<u64>(entryAt(table, vpn, shift))
    }
    if (entry !== 0) return vpn
    vpn = ((vpn >> <u64>shift) + 1) << (<u64>shift)
  }
  return end
}
