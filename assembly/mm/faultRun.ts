// Faults of a batch of references, many in one section of the tables: what a fault does once for a page, to find its VMA, its
// table and whatever else, is done once for a stretch of them. It does what needs nothing but a frame that waits on the
// CPU's stack, a copy, or a page of swap; where more is needed it stops, and that reference is a fault like any other.
// Takes: Space, Tables, Swap, Slab, Lru, Zone.
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { PAGES_END, TASK_PAGES } from '../abi/limits'
import { SWAP_FILE } from '../abi/swap'
import { PGALLOC, PGFAULT } from '../abi/vmstat'
import { Inode } from '../map/inode'
import { walk } from '../map/pagetable'
import { isSwap, make, permits, pfnOf, swapOf, touched } from '../map/pte'
import { payerOf } from '../map/swap'
import { SwapArea } from '../map/swapArea'
import { TlbEntry, tagOf } from '../map/tlb'
import { mayShowWritable, VM_LOCKED, VM_RIGHTS, VM_WRITE, Vma } from '../map/vma'
import { zeroFrame } from '../phys/contents'
import { Frame, PG_SWAPBACKED, State } from '../phys/frame'
import { charge, countIn, Group, uncharge } from '../phys/group'
import { addToLru } from '../phys/lru'
import { freeFrame, PerCpuFrames } from '../phys/pcp'
import { countMany, countOn } from '../phys/vmstat'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { unshareLocked, vmaAt } from './fault'
import { pageAt, RunCounts, writesAt } from './reference'
import { findMappedLocked, listFrame } from './shmem'
import { countPrivate, countShared, Mm, setEntry } from './space'
import { swapInLocked } from './swapIn'

/** So many misses of the TLB are served before another thread may have the tables to write; and so many where those of one space are about to. */
const TURN: u32 = 64
const SHORT_TURN: u32 = 8

/**
 * Executes references of a batch from `first` on, each a T, of which the TLB does not serve the first, as long as they need no more than
 * said above; returns where it stopped. Takes: Space.
 */
export function serve<T>(mm: Mm, base: u64, first: usize, end: usize): usize {
  const cpu = Cpu.current
  // each fault is an event, or an access that a policy sees
  if (cpu.ring !== 0 || cpu.uses !== 0 || (cpu.entered === 0 && !cpu.begin())) return first
  cpu.pid = mm.pid
  cpu.group = mm.group
  const together = mm.isShared
  if (together) mm.lockShared(Rank.Space)
  else mm.lockAll(Rank.Space)
  mm.tablesLock.lockPart(Rank.Tables, !together)
  const at = serveLocked<T>(mm, base, first, end, together)
  mm.tablesLock.unlockPart(Rank.Tables, !together)
  if (together) mm.unlockShared(Rank.Space)
  else mm.unlock(Rank.Space)
  return at
}

/** As serve, `together` with other threads or not. Holds: Space, Tables, to read at least if together, else to write. */
function serveLocked<T>(mm: Mm, base: u64, first: usize, end: usize, together: bool): usize {
  const cpu = Cpu.current
  const tag = tagOf(0, mm.id)
  const turn = Cpu.alone ? u32.MAX_VALUE : together ? SHORT_TURN : TURN
  let table: usize = 0
  let span = u64.MAX_VALUE
  let vma = changetype<Vma>(0)
  let walks: u32 = 0
  let faults: u32 = 0
  let at = first
  for (; at < end && walks + faults < turn; at += sizeof<T>()) {
    const vpn = pageAt<T>(at, base)
    const write = writesAt<T>(at) !== 0
    const entry = TlbEntry.of(cpu, vpn, mm.id)
    if (vpn >= TASK_PAGES) break
    if (entry.tag === (vpn | tag) && entry.lets(<u32>write)) continue
    if (vpn >> 9 !== span) {
      table = walk(mm.tables, vpn) & ~(PAGE_SIZE - 1)
      if (table === 0) break
      span = vpn >> 9
    }
    const place = table + ((<usize>vpn & 511) << 3)
    let pte = atomic.load<u64>(place)
    if (permits(pte, write)) {
      walks++
      if (together) atomic.or<u64>(place, touched(pte, write))
      else store<u64>(place, touched(pte, write))
    } else if (isSwap(pte)) {
      if (together || !bringLocked(mm, vpn, place, write)) break
      faults++
      continue
    } else {
      if (!write || (pte !== 0 && together)) break
      if (!vma || vpn < vma.start || vpn >= vma.end) vma = changetype<Vma>(simpleVma(mm, vpn))
      if (!vma) break
      pte = pte === 0 ? Arrival.map(cpu, mm, vma, vpn, place) : copyLocked(mm, vma, vpn, place, pte)
      if (pte === 0) break
      faults++
    }
    entry.fill(vpn | tag, pfnOf(pte), write)
  }
  if (faults !== 0) {
    countFaults(cpu.group, faults)
    cpu.starved = 0
  }
  // who runs the batch takes the faults from all misses
  RunCounts.of(cpu).walks += walks + faults
  return at
}

/** Counts faults that a group's pages served. */
function countFaults(group: u32, faults: u32): void {
  if (group === 0) countMany(PGFAULT, faults)
  else countIn(Group.at(group), PGFAULT, faults)
}

/**
 * Brings a page back that is in swap, where nothing can go wrong but want of memory; false if more is needed, as a copy. It is asked once
 * of a group that is full, which counts that, and of a file, whose errors are. Holds: Space, and Tables to write.
 */
function bringLocked(mm: Mm, vpn: u64, place: usize, write: bool): bool {
  const vma = vmaAt(mm, vpn)
  if (!vma || mm.isReaped || (vma.flags & (write ? VM_WRITE : VM_RIGHTS)) === 0) return false
  const entry = swapOf(load<u64>(place))
  const payer = payerOf(entry)
  if (SwapArea.of(entry).backing === SWAP_FILE || (payer !== 0 && Group.at(payer).isFull)) return false
  return swapInLocked(mm, vma, vpn, place, write) === 0
}

/** The VMA of a page that may be written, if the page is either an object's that all share, of which no disk is to know, or private and of a family; null otherwise. Holds: Space. */
function simpleVma(mm: Mm, vpn: u64): Vma | null {
  const vma = vmaAt(mm, vpn)
  if (!vma || mm.isReaped || (vma.flags & (VM_WRITE | VM_LOCKED)) !== VM_WRITE) return null
  return (vma.object === null ? vma.anon !== 0 : mayShowWritable(vma)) ? vma : null
}

/** The entry of a page that may not be written yet, once it may; 0 if there is no memory, or a group is asked for it, which counts how often it is. Holds: Space, Tables. */
function copyLocked(mm: Mm, vma: Vma, vpn: u64, place: usize, pte: u64): u64 {
  if (Cpu.current.group !== 0 || unshareLocked(mm, vma, vpn, place, pte) !== 0) return 0
  return load<u64>(place)
}

/** Pages that come where nothing is mapped. */
@unmanaged
@final
class Arrival {
  /** The entry of a page that comes, at `place` in its table; 0 if more is needed. Holds: Tables, to read at least. */
  @inline
  static map(cpu: Cpu, mm: Mm, vma: Vma, vpn: u64, place: usize): u64 {
    const isShared = vma.object !== null
    const pfn: u32 = isShared ? showLocked(vma, vpn) : Arrival.fresh(cpu, vma, vpn)
    if (pfn === 0) return 0
    const pte = touched(make(pfn, true), true)
    if (!setEntry(mm, place, pte)) {
      // another thread was faster
      if (Frame.at(pfn).dropMapping()) freeFrame(Frame.at(pfn))
      return 0
    }
    if (isShared) countShared(mm, 1)
    else countPrivate(mm, 1)
    return pte
  }

  /** The number of a frame for a private page; 0 if there is none. */
  @inline
  private static fresh(cpu: Cpu, vma: Vma, vpn: u64): u32 {
    const frame = Arrival.take(cpu, State.Anonymous, changetype<u32>(vma.family), 1, vma.indexOf(vpn))
    if (!frame) return 0
    addToLru(frame, vma.flags)
    return frame.pfn
  }

  /** A frame of zeros, already counted as mapped once; null if none waits on the stack, or the group may have no more. */
  @inline
  static take(cpu: Cpu, state: State, owner: u32, refs: u32, index: u64): Frame | null {
    const group = cpu.group
    if (group !== 0 && !charge(Group.at(group))) return null
    const frame = PerCpuFrames.ofUsers(cpu).takeWaiting()
    if (frame) {
      countOn(cpu, PGALLOC)
      frame.becomeUsers(state, owner, PG_SWAPBACKED, group, refs, index)
      zeroFrame(frame)
    } else if (group !== 0) uncharge(Group.at(group))
    return frame
  }
}

/** The number of an object's frame for a page, counted as mapped by an entry that the caller makes; 0 if more is needed. Holds: Tables. */
function showLocked(vma: Vma, vpn: u64): u32 {
  const object = changetype<Inode>(vma.object)
  const index = vma.indexOf(vpn)
  if (index >= min(object.length, PAGES_END >> PAGE_SHIFT)) return 0
  const pfn = findMappedLocked(object, <u32>index)
  // a thread that is alone holds every lock
  return pfn === 0 && Cpu.alone ? enterLocked(object, <u32>index, vma.flags) : <u32>max(pfn, 0)
}

/** The number of a new frame of an object, counted as mapped once; 0 if more is needed. Holds: Mapping. */
function enterLocked(object: Inode, index: u32, advice: u32): u32 {
  if (!object.takeBlock()) return 0
  const frame = Arrival.take(Cpu.current, State.Object, changetype<u32>(object), 2, index)
  if (frame && object.enterLocked(index, frame) !== 0) {
    listFrame(object, frame, advice)
    return frame.pfn
  }
  object.giveBlocks(1)
  if (frame) freeFrame(frame)
  return 0
}
