// Walking the page tables of a group's processes: pages whose entries were used are of the youngest generation from then on, wherever they stand.
// Tables in which few were are left out next time, by Bloom filters, until looking around finds used pages there. walk_mm and
// what it calls of Linux's mm/vmscan.c; a space is walked even if it has not run since, and its directories have no accessed bits.
// Takes: Tasks, Space, Tables, Lru.
import { MM_LEAF_TOTAL, MM_LEAF_YOUNG, MM_NONLEAF_ADDED, MM_NONLEAF_FOUND } from '../../abi/generation'
import { PID_MAX } from '../../abi/layout'
import { BLOOM_FILTER } from '../../abi/mechanism'
import { entryOfTable, nextMapped, TABLE_PAGES, tableEnd, walk } from '../../map/pagetable'
import { VM_LOCKED, VM_RAND_READ, VM_RIGHTS, VM_SEQ_READ, Vma } from '../../map/vma'
import { harvest, isSuitable, promoteLocked } from '../../mm/lookAround'
import { Mm } from '../../mm/space'
import { noteInFilter, resetFilter, testFilter } from '../../phys/bloomFilter'
import { Generations } from '../../phys/generations'
import { Group } from '../../phys/group'
import { Superblock } from '../../phys/superblock'
import { anyTask, Life, Tasks } from '../../proc/task'
import { Rank } from '../../sync/lockdep'
import { ScanControl } from '../scanControl'

/** No table. */
const NONE: u64 = 0xffffffffffffffff

/** Whether a VMA is left out: should_skip_vma. */
function isSkipped(vma: Vma, canSwap: bool): bool {
  const flags = vma.flags
  if ((flags & VM_RIGHTS) === 0 || (flags & (VM_LOCKED | VM_SEQ_READ | VM_RAND_READ)) !== 0) return true
  const object = vma.object
  return object ? object.lockedFor !== 0 : !canSwap
}

/** Whether a lowest table is to be looked into: new spaces' are, and those that the filter names. */
function isWorthIt(group: Group, entry: usize, force: bool): bool {
  const generations = group.generations
  if (force || (Superblock.only.without & BLOOM_FILTER) !== 0) return true
  return testFilter(generations, generations.maxSeq, entry)
}

/** Done with a table, if there is one: it is looked into next time, too, if enough of its entries were used. */
function finishTable(sc: ScanControl, generations: Generations): void {
  if (sc.table !== 0 && isSuitable(sc.tableTotal, sc.tableYoung)) {
    generations.addStat(MM_NONLEAF_ADDED, 1)
    noteInFilter(generations, generations.maxSeq + 1, sc.table)
  }
  generations.addStat(MM_LEAF_TOTAL, sc.tableTotal)
  generations.addStat(MM_LEAF_YOUNG, sc.tableYoung)
  sc.tableTotal = 0
  sc.tableYoung = 0
}

/** Begins with the table at an entry; several VMAs may share one. */
function beginTable(sc: ScanControl, group: Group, entry: usize, force: bool): void {
  finishTable(sc, group.generations)
  sc.table = isWorthIt(group, entry, force) ? entry : 0
  if (sc.table !== 0) group.generations.addStat(MM_NONLEAF_FOUND, 1)
}

/** Promotes the used pages of the entries of [start, end), which are in one table that is there. Holds: Tables. Takes: Lru. */
function walkTableLocked(sc: ScanControl, mm: Mm, group: Group, start: u64, end: u64): void {
  let at = walk(mm.tables, start)
  sc.tableTotal += <u32>(end - start)
  group.lock(Rank.Lru)
  for (let vpn = start; vpn < end; vpn++, at += 8) {
    const frame = harvest(mm, group, vpn, at, sc.canSwap)
    if (!frame) continue
    sc.tableYoung++
    promoteLocked(group, frame)
  }
  group.unlock(Rank.Lru)
}

/** Walks the tables of a VMA, from that on with number `number` plus one; returns the number of the last. Holds: Space. Takes: Tables, Lru. */
function walkVma(sc: ScanControl, mm: Mm, group: Group, vma: Vma, number: u64, force: bool): u64 {
  const end = vma.end
  for (let vpn = vma.start; vpn < end; ) {
    mm.tablesLock.lock(Rank.Tables)
    const next = nextMapped(mm.tables, vpn, end)
    if (next < end) {
      if (next / TABLE_PAGES !== number) beginTable(sc, group, entryOfTable(mm.tables, next), force)
      number = next / TABLE_PAGES
      if (sc.table !== 0) walkTableLocked(sc, mm, group, max(vma.start, number * TABLE_PAGES), tableEnd(next, end))
    }
    mm.tablesLock.unlock(Rank.Tables)
    vpn = tableEnd(next, end)
  }
  return number
}

/** Walks the tables of a space; all of them if it is new to the group. Holds: Space. Takes: Tables, Lru. */
function walkSpace(sc: ScanControl, mm: Mm, group: Group): void {
  const force = mm.agedBy !== group.number + 1
  mm.agedBy = group.number + 1
  sc.table = 0
  let number = NONE
  for (let link = mm.list.next; link !== mm.list; link = link.next) {
    const vma = changetype<Vma>(link)
    if (!isSkipped(vma, sc.canSwap)) number = walkVma(sc, mm, group, vma, number, force)
  }
  finishTable(sc, group.generations)
  sc.table = 0
}

/** Walks the page tables of all processes of a group whose generations no other thread ages. Takes: Tasks, Space, Tables, Lru. */
export function walkSpaces(sc: ScanControl, group: Group): void {
  const tasks = Tasks.only
  let first = true
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    if (!anyTask(pid)) continue
    tasks.lock(Rank.Tasks)
    const task = anyTask(pid)
    // one without threads is about to lose its memory
    if (task && task.state === Life.Alive && !task.threads.isEmpty && task.mm.group === group.number) {
      if (first) resetFilter(group.generations, group.generations.maxSeq + 1)
      first = false
      task.mm.lockShared(Rank.Space)
      walkSpace(sc, task.mm, group)
      task.mm.unlockShared(Rank.Space)
    }
    tasks.unlock(Rank.Tasks)
  }
}
