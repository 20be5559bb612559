// validate(): one address space: its VMAs in list and tree, its tables, and each entry against its
// VMA, its frame and the frame's object.
import { BROKEN_ENTRY, BROKEN_LOCK, BROKEN_SPACE, BROKEN_SWAP, BROKEN_TABLE, BROKEN_VMAS } from '../abi/invariant'
import { PAGE_SHIFT } from '../abi/layout'
import { STACK_GAP } from '../abi/limits'
import { lookUp, nextMapped, tablesBelow } from '../map/pagetable'
import { isHidden, isSwap, isWritable, pfnOf, swapOf } from '../map/pte'
import { VM_GROWSDOWN, VM_LOCKED, VM_RIGHTS, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Mm } from '../mm/space'
import { Frame, PG_DIRTY, PG_SWAPBACKED, State } from '../phys/frame'
import { Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { tallyHeld, tallyLocked, tallyMap } from './frames'
import { broken } from './report'
import { tallySwap } from './swap'

/** Pages a process can have, and a little more. */
const ALL_PAGES: u64 = (<u64>1) << 36

/** Checks a process that runs. */
export function checkSpace(task: Task): u32 {
  const mm = task.mm
  if (mm.isTaken(Rank.Space) || mm.tablesLock.isTaken(Rank.Tables)) return broken(BROKEN_LOCK, Rank.Space, mm.pid)
  let found = checkVmas(mm)
  if (found !== 0) return found
  let anonymous: u32 = 0
  let shared: u32 = 0
  let swapped: u32 = 0
  let last: Vma | null = null
  for (let vpn = nextMapped(mm.tables, 0, ALL_PAGES); vpn < ALL_PAGES; vpn = nextMapped(mm.tables, vpn + 1, ALL_PAGES)) {
    if (!last || vpn >= last.end) last = findVma(mm.vmas, vpn)
    const pte = lookUp(mm.tables, vpn)
    if (isSwap(pte)) {
      if (!last || last.start > vpn || (last.flags & VM_SHARED) !== 0 || last.anon === 0) return broken(BROKEN_ENTRY, mm.pid, <u32>vpn)
      if (!tallySwap(swapOf(pte))) return broken(BROKEN_SWAP, swapOf(pte), <u32>vpn)
      swapped++
      continue
    }
    if (!last || last.start > vpn || !matches(last, vpn, pte)) return broken(BROKEN_ENTRY, mm.pid, <u32>vpn)
    const frame = Frame.at(pfnOf(pte))
    tallyMap(frame.pfn)
    if ((last.flags & VM_LOCKED) !== 0) tallyLocked(frame.pfn)
    if (frame.state === State.Anonymous) anonymous++
    if (frame.state === State.Object) shared++
  }
  if (mm.anonymous !== anonymous || mm.shared !== shared || mm.swapped !== swapped) return broken(BROKEN_SPACE, mm.pid, anonymous)
  found = checkTable(mm.tables, 3)
  const tables = countTables(mm.tables, 3)
  return found !== 0 || tables === tablesBelow(mm.tables) ? found : broken(BROKEN_TABLE, mm.pid, tables)
}

/** How many tables there are below this one. */
function countTables(table: usize, level: u32): u32 {
  let tables: u32 = 0
  if (level === 0) return tables
  for (let at = table; at < table + 4096; at += 8) {
    const entry = load<u64>(at)
    if (entry !== 0) tables += 1 + countTables((<usize>pfnOf(entry)) << PAGE_SHIFT, level - 1)
  }
  return tables
}

/** Whether an entry is one its VMA may have. */
function matches(vma: Vma, vpn: u64, pte: u64): bool {
  const frame = Frame.at(pfnOf(pte))
  const write = isWritable(pte)
  if ((write && (vma.flags & VM_WRITE) === 0) || isHidden(pte) !== ((vma.flags & VM_RIGHTS) === 0)) return false
  if (frame.state === State.Zero) return !write && vma.object === null
  if (frame.state === State.Anonymous) {
    const placed = frame.owner === changetype<u32>(vma.family) && frame.place === vma.indexOf(vpn)
    return placed && (vma.flags & VM_SHARED) === 0 && (!write || frame.maps === 1)
  }
  if (frame.state !== State.Object || (write && (vma.flags & VM_SHARED) === 0)) return false
  // what may be written of a disk's file counts as written
  if (write && !frame.has(PG_SWAPBACKED | PG_DIRTY)) return false
  return frame.owner === changetype<u32>(vma.object) && frame.index === vma.indexOf(vpn)
}

function checkVmas(mm: Mm): u32 {
  let count: u32 = 0
  let pages: u64 = 0
  let data: u64 = 0
  let locked: u64 = 0
  let end: u64 = 0
  for (let link = mm.list.next; link !== mm.list; link = link.next) {
    const vma = changetype<Vma>(link)
    if (vma.start < end || vma.end <= vma.start || vma.space !== mm.id) return broken(BROKEN_VMAS, mm.pid, count)
    if (findVma(mm.vmas, vma.start) !== vma || (vma.family !== null) !== (vma.anon !== 0)) return broken(BROKEN_VMAS, mm.pid, count)
    const guard: u64 = (vma.flags & VM_GROWSDOWN) !== 0 ? STACK_GAP : 0
    let gap: u64 = vma.start > end + guard ? vma.start - end - guard : 0
    const left = vma.left
    const right = vma.right
    if ((left && left.priority > vma.priority) || (right && right.priority > vma.priority)) return broken(BROKEN_VMAS, mm.pid, count)
    if (left) gap = max(gap, left.gap)
    if (right) gap = max(gap, right.gap)
    if (gap !== vma.gap) return broken(BROKEN_VMAS, mm.pid, count)
    end = vma.end
    pages += end - vma.start
    if ((vma.flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE) data += end - vma.start
    if ((vma.flags & VM_LOCKED) !== 0) locked += end - vma.start
    count++
  }
  const right = pages === mm.total && data === mm.data && locked === mm.locked
  return right && count === mm.count ? 0 : broken(BROKEN_VMAS, mm.pid, count)
}

/** A table and those below it: each is held once and counts its entries; only the root may be empty. */
function checkTable(table: usize, level: u32): u32 {
  const frame = Frame.of(table)
  if (frame.state !== State.Table || !tallyHeld(frame.pfn)) return broken(BROKEN_TABLE, frame.pfn, frame.state)
  let entries: u32 = 0
  for (let at = table; at < table + 4096; at += 8) {
    const entry = load<u64>(at)
    if (entry === 0) continue
    entries++
    const found: u32 = level === 0 ? 0 : checkTable((<usize>pfnOf(entry)) << 12, level - 1)
    if (found !== 0) return found
  }
  return frame.index === <u64>entries && (entries > 0 || level === 3) ? 0 : broken(BROKEN_TABLE, frame.pfn, entries)
}
