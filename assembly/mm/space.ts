// Address spaces: VMAs, page tables, and what a process's memory counts. An address space runs on
// the CPUs of its process's threads, whose TLBs alone hold its pages. Takes: Space, Ipc, Mapping, Tables, Slab, Zone.
import { ENOMEM, ESRCH } from '../abi/errno'
import { VMA_REMOVE, VMA_STORE } from '../abi/event'
import { PAGE_SHIFT } from '../abi/layout'
import { HEAP_START } from '../abi/limits'
import { PANIC_UNDERFLOW } from '../abi/panic'
import { Cred } from '../ipc/perm'
import { closeAttachment, openAttachment, Segment } from '../ipc/segment'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { File } from '../map/file'
import { freeTable, newTable, nextMapped, noteCleared, noteSet, noteSetShared, reach, tableEnd, walk } from '../map/pagetable'
import { isAccessed, isDirty, isSwap, pfnOf, readOnly, swapOf } from '../map/pte'
import { dupSwap, freeSwap, putPrivate } from '../map/swap'
import { flushPage } from '../map/tlb'
import {
  freeVma,
  joinFamily,
  newVma,
  showFile,
  VM_ACCOUNT,
  VM_DONTCOPY,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_LOCKS,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_WIPEONFORK,
  VM_WRITE,
  Vma,
} from '../map/vma'
import { findVma, insertVma, removeVma } from '../map/vmaTree'
import { tryCommit, uncommit } from '../phys/commit'
import { Frame, PG_DIRTY, PG_MLOCKED, PG_SWAPCACHE, State } from '../phys/frame'
import { Group } from '../phys/group'
import { markZapped } from '../phys/lru'
import { freeFrame } from '../phys/pcp'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Superblock } from '../phys/superblock'
import { TraceEvent } from '../phys/trace'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { SharedLock, TablesLock } from '../sync/sharedLock'
import { copyLimits, initLimits, limitAt, RLIMITS_SIZE, Rlimit } from './rlimit'
import { noteUnmappedLocked } from './unevictable'

/** So many pages are unmapped before a fault of another thread may have the tables. */
const TURN: u64 = 32

/** In a VMA's `anon`: it has pages of a parent's. */
export const INHERITED: u32 = 1

/** An address space; behind it stand the Link of its VMAs and the process's limits. Guard, where a field says no other: Space. */
@unmanaged
@final
export class Mm extends SharedLock {
  /** The tree of VMAs. */
  vmas: Vma | null
  /** The root of the page tables. Guard: immutable; what is behind it: Tables. */
  tables: usize
  /** The lock of the page tables, Tables, and the CPUs that may have it to read. */
  tablesWord: u32
  tablesCpus: u32
  /** How many VMAs there are. */
  count: u32
  /** The process that runs in it. Guard: immutable. */
  pid: u32
  /** Whose memory it is. Guard: immutable. */
  cred: Cred
  /** The control group that pays for its pages. Guard: atomic. */
  group: u32
  /** 1 + the group whose aging walked its page tables last; 0 if none did. Guard: who ages. */
  agedBy: u32
  /** 1 once who ran out of memory killed the process and took its private pages: nothing is made present any more. Guard: Space to write; read atomically. */
  reaped: u32
  /** What new VMAs have beside their flags: VM_LOCKS, by mlockall. */
  defaults: u32
  /** The last number given to private pages: see mm/merge. */
  lastAnon: u32
  /** Where the heap ends, in bytes. */
  heapEnd: u64
  // up to here, in a line of the processor's cache, stands what faults of several threads only read
  /** The VMA of a recent fault, while the space has one thread; null if it is gone. A hint only. */
  recent: Vma | null
  /** Private pages, and pages of objects, in the page tables. Guard: Tables to write; atomic under Tables to read. */
  anonymous: u32
  shared: u32
  /** Private pages in swap, as entries of the page tables say. Guard: Tables. */
  swapped: u32
  /** Pages mapped by VMAs; of them, private ones that may be written, and locked ones. */
  total: u64
  data: u64
  locked: u64

  @inline
  get tablesLock(): TablesLock {
    return changetype<TablesLock>(changetype<usize>(this) + offsetof<Mm>('tablesWord'))
  }

  /** The VMAs in order of address. */
  @inline
  get list(): Link {
    return changetype<Link>(changetype<usize>(this) + HEAD)
  }

  @inline
  static get size(): u32 {
    return HEAD + offsetof<Link>() + RLIMITS_SIZE
  }

  /** Whether several threads use it, whose faults do not wait for one another. */
  @inline
  get isShared(): bool {
    const cpus = this.cpusNow
    return (cpus & (cpus - 1)) !== 0
  }

  /** Lets a CPU, whose thread does not run yet, use the address space. */
  addCpu(cpu: Cpu): void {
    atomic.or<u32>(changetype<usize>(this), cpu.bit, offsetof<Mm>('cpus'))
    atomic.or<u32>(changetype<usize>(this), cpu.bit, offsetof<Mm>('tablesCpus'))
  }

  /** Notes that a CPU's thread uses it no more; its TLB is empty, or will be before it is used again. */
  dropCpu(cpu: Cpu): void {
    atomic.and<u32>(changetype<usize>(this), ~cpu.bit, offsetof<Mm>('cpus'))
    atomic.and<u32>(changetype<usize>(this), ~cpu.bit, offsetof<Mm>('tablesCpus'))
  }

  /** Whether its pages were taken, so that what is not there is no page of zeros. */
  @inline
  get isReaped(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Mm>('reaped')) !== 0
  }

  /** Address of the process's limits. Guard: atomic, and Space to write. */
  @inline
  get limits(): usize {
    return changetype<usize>(this) + HEAD + offsetof<Link>()
  }

  /** One of the process's limits. */
  @inline
  limit(resource: u32): Rlimit {
    return limitAt(this.limits, resource)
  }

  /** The address space as the TLB and VMAs know it. */
  @inline
  get id(): u32 {
    return changetype<u32>(this)
  }
}

/** Bytes of the struct: what stands behind it is aligned. */
const HEAD: u32 = (offsetof<Mm>() + 7) & ~7

/** An empty address space for a process that runs on a CPU, with the limits of its parent if it has one; null if there is no memory. */
export function newSpace(cred: Cred, cpu: u32, parent: Mm | null): Mm | null {
  const mm = changetype<Mm>(allocObject(Kind.Mm))
  if (!mm) return null
  mm.pid = cred.pid
  mm.cred = cred
  mm.heapEnd = HEAP_START
  if (parent) copyLimits(mm.limits, parent.limits)
  else initLimits(mm.limits)
  if (parent) joinGroup(mm, atomic.load<u32>(changetype<usize>(parent), offsetof<Mm>('group')))
  mm.cpus = (<u32>1) << cpu
  mm.tablesCpus = (<u32>1) << cpu
  mm.list.reset()
  mm.tables = newTable()
  if (mm.tables !== 0) return mm
  joinGroup(mm, 0)
  freeObject(Kind.Mm, changetype<usize>(mm))
  return null
}

/** Has a control group pay for the pages that a space will have. What it has is paid for on by whom it was. */
export function joinGroup(mm: Mm, number: u32): void {
  const old = atomic.xchg<u32>(changetype<usize>(mm), number, offsetof<Mm>('group'))
  if (old !== 0) atomic.sub<u32>(changetype<usize>(Group.at(old)), 1, offsetof<Group>('members'))
  if (number !== 0) atomic.add<u32>(changetype<usize>(Group.at(number)), 1, offsetof<Group>('members'))
}

/** A number for private pages that may join no others: see mm/merge. Holds: Space, unless nobody else knows the space. */
export function newAnon(mm: Mm): u32 {
  mm.lastAnon += 2
  return mm.lastAnon
}

/** Counts pages that VMAs with these flags gain, or lose if the number is below 0. Holds: Space. */
export function countPagesLocked(mm: Mm, flags: u32, pages: i64): void {
  mm.total += <u64>pages
  if (isData(flags)) mm.data += <u64>pages
  if ((flags & VM_LOCKED) !== 0) mm.locked += <u64>pages
}

/** Whether pages of VMAs with these flags count as data: private, written, no stack. */
export function isData(flags: u32): bool {
  return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE
}

/** Enters a new VMA, which overlaps none, for the process that asked for it. Holds: Space. Takes: Ipc. */
export function linkVmaLocked(mm: Mm, vma: Vma, pid: u32): void {
  mm.vmas = insertVma(mm.vmas, vma, mm.list)
  mm.count++
  countPagesLocked(mm, vma.flags, <i64>(vma.end - vma.start))
  TraceEvent.note(VMA_STORE, vma.start << PAGE_SHIFT, vma.end << PAGE_SHIFT)
  if (vma.segment !== 0) openAttachment(changetype<Segment>(vma.segment), pid)
}

/** Takes out a VMA whose pages are unmapped, and frees it, and what was promised of it. Holds: Space. Takes: Ipc, Mapping. */
export function endVmaLocked(mm: Mm, vma: Vma): void {
  if ((vma.flags & VM_ACCOUNT) !== 0) uncommit(vma.end - vma.start)
  dropVmaLocked(mm, vma)
}

/** Takes out a VMA whose pages are unmapped or another's, and frees it. Holds: Space. Takes: Ipc, Mapping. */
export function dropVmaLocked(mm: Mm, vma: Vma): void {
  mm.vmas = removeVma(changetype<Vma>(mm.vmas), vma, mm.list)
  if (mm.recent === vma) mm.recent = null
  mm.count--
  countPagesLocked(mm, vma.flags, -(<i64>(vma.end - vma.start)))
  TraceEvent.note(VMA_REMOVE, vma.start << PAGE_SHIFT, vma.end << PAGE_SHIFT)
  const segment = vma.segment
  freeVma(vma)
  if (segment !== 0) closeAttachment(changetype<Segment>(segment), mm.pid)
}

/**
 * Sets the entry at an address, of which the caller found that it maps nothing; false if another thread was faster, as they
 * all have the tables to read only. Holds: Tables, to read at least.
 */
export function setEntry(mm: Mm, at: usize, pte: u64): bool {
  if (!mm.isShared) {
    store<u64>(at, pte)
    noteSet(at, 1)
    return true
  }
  if (atomic.cmpxchg<u64>(at, 0, pte) !== 0) return false
  noteSetShared(at)
  return true
}

/** Counts a frame that was mapped. Holds: Tables, to read at least. */
export function countFrameLocked(mm: Mm, frame: Frame): void {
  frame.addMap()
  if (frame.state === State.Anonymous) countPrivate(mm, 1)
  else if (frame.state === State.Object) countShared(mm, 1)
}

/** Counts private pages that were mapped. Holds: Tables, to read at least. */
export function countPrivate(mm: Mm, pages: u32): void {
  if (mm.isShared) atomic.add<u32>(changetype<usize>(mm), pages, offsetof<Mm>('anonymous'))
  else mm.anonymous += pages
}

/** Counts pages of objects that were mapped. Holds: Tables, to read at least. */
export function countShared(mm: Mm, pages: u32): void {
  if (mm.isShared) atomic.add<u32>(changetype<usize>(mm), pages, offsetof<Mm>('shared'))
  else mm.shared += pages
}

/** Lets go of a frame whose entry is gone from page tables and TLB. Holds: Tables. Takes: Swap. */
export function releaseFrameLocked(mm: Mm, frame: Frame): void {
  if (frame.state === State.Anonymous) mm.anonymous--
  else if (frame.state === State.Object) mm.shared--
  else if (frame.state !== State.Zero) bug(PANIC_UNDERFLOW, frame.pfn, frame.state)
  if (frame.has(PG_SWAPCACHE)) {
    // the slot goes with the last who maps the page, unless a swap entry refers to it
    frame.dropMap()
    putPrivate(frame)
  } else if (frame.dropMapping()) freeFrame(frame)
}

/** Lets go of the swap entry that stood in the page tables. Holds: Tables. Takes: Swap. */
export function releaseSwapLocked(mm: Mm, entry: u32): void {
  mm.swapped--
  freeSwap(entry)
}

/** Unmaps the pages [start, end), or, unless `copies` says so, only those of them that are not private: of a VMA, or, if the space is the caller's, whosever. Holds: Tables. */
export function unmapPagesLocked(mm: Mm, vma: Vma | null, start: u64, end: u64, copies: bool): void {
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; ) {
    const stop = tableEnd(vpn, end)
    unmapInTableLocked(mm, vma, vpn, stop, copies)
    vpn = nextMapped(mm.tables, stop, end)
  }
}

/** Unmaps pages whose entries are in one table. Holds: Tables. */
function unmapInTableLocked(mm: Mm, vma: Vma | null, start: u64, end: u64, copies: bool): void {
  const cpus = mm.cpusNow
  let at = walk(mm.tables, start)
  let cleared: u32 = 0
  for (let vpn = start; vpn < end; vpn++, at += 8) {
    const pte = load<u64>(at)
    if (pte === 0) continue
    const frame: Frame | null = isSwap(pte) ? null : Frame.at(pfnOf(pte))
    // what is in swap is private
    if (!copies && (!frame || frame.state === State.Anonymous)) continue
    store<u64>(at, 0)
    cleared++
    if (!frame) {
      releaseSwapLocked(mm, swapOf(pte))
      continue
    }
    flushPage(cpus, vpn, mm.id)
    if (frame.state === State.Object) noteZappedLocked(mm, vma, vpn, pte, frame)
    if (frame.has(PG_MLOCKED)) noteUnmappedLocked(mm.vmas, vma, vpn, frame)
    releaseFrameLocked(mm, frame)
  }
  if (cleared !== 0) noteCleared(mm.tables, start, cleared)
}

/** Notes what an entry of an object's page, which is taken away, says of its use: zap_present_folio_ptes of Linux's mm/memory.c. Holds: Tables. Takes: Lru. */
function noteZappedLocked(mm: Mm, vma: Vma | null, vpn: u64, pte: u64, frame: Frame): void {
  if (isDirty(pte)) frame.setFlags(PG_DIRTY)
  if (Superblock.only.aging === 0 || !isAccessed(pte)) return
  const shown = vma ? vma : findVma(mm.vmas, vpn)
  if (shown && (shown.flags & (VM_SEQ_READ | VM_RAND_READ)) === 0) markZapped(frame)
}

/** Unmaps everything in [start, end); where other threads may be in faults, some pages at a time. Holds: Space. Takes: Tables. */
export function unmapPages(mm: Mm, start: u64, end: u64): void {
  let vpn = start
  while (vpn < end) {
    mm.tablesLock.lock(Rank.Tables)
    const first = mm.isShared ? nextMapped(mm.tables, vpn, end) : vpn
    const stop = mm.isShared ? min(end, first + TURN) : end
    unmapPagesLocked(mm, null, first, stop, true)
    mm.tablesLock.unlock(Rank.Tables)
    vpn = stop
  }
}

/** Ends an address space that no thread uses any more, nor has in its TLB. Takes: Space, Ipc, Mapping. */
export function freeSpace(mm: Mm): void {
  mm.lockAll(Rank.Space)
  while (!mm.list.isEmpty) {
    const vma = changetype<Vma>(mm.list.prev)
    unmapPages(mm, vma.start, vma.end)
    endVmaLocked(mm, vma)
  }
  mm.unlock(Rank.Space)
  joinGroup(mm, 0)
  freeTable(mm.tables)
  freeObject(Kind.Mm, changetype<usize>(mm))
}

/**
 * Takes all private pages of a process that was killed, before its threads know: Linux's __oom_reap_task_mm. Returns how many
 * there were. The caller sees to it that the space stays. Takes: Space.
 */
export function reapSpace(mm: Mm): u32 {
  mm.lockAll(Rank.Space)
  atomic.store<u32>(changetype<usize>(mm), 1, offsetof<Mm>('reaped'))
  const before = mm.anonymous
  for (let link = mm.list.next; link !== mm.list; link = link.next) {
    const vma = changetype<Vma>(link)
    if ((vma.flags & VM_SHARED) === 0) unmapPages(mm, vma.start, vma.end)
  }
  const pages = before - mm.anonymous
  mm.unlock(Rank.Space)
  return pages
}

/**
 * A copy of an address space for a child: private pages are shared until either writes, pages of
 * objects are left to the child's faults. 0, or ENOMEM with nothing changed but rights that a fault
 * gives back; ESRCH of one that was reaped. Takes: Space, Ipc, Mapping.
 */
export function copySpace(from: Mm, to: Mm): i32 {
  from.lockAll(Rank.Space)
  to.heapEnd = from.heapEnd
  let error: i32 = from.isReaped ? -ESRCH : 0
  for (let link = from.list.next; link !== from.list && error === 0; link = link.next) {
    const vma = changetype<Vma>(link)
    if ((vma.flags & VM_DONTCOPY) === 0) error = copyVmaLocked(from, to, vma)
  }
  from.unlock(Rank.Space)
  return error
}

/** Holds: Space of the parent; of the child only its VMAs of objects and of families are known. Takes: Mapping, Family, Tables, ChildTables. */
function copyVmaLocked(from: Mm, to: Mm, vma: Vma): i32 {
  const pages = vma.end - vma.start
  const promised = (vma.flags & VM_ACCOUNT) !== 0
  if (promised && !tryCommit(pages, from.total, from.cred.isRoot)) return -ENOMEM
  // a child's memory is not locked
  const copy = newVma(to.id, vma.start, vma.end, vma.flags & ~VM_LOCKS)
  if (!copy) {
    if (promised) uncommit(pages)
    return -ENOMEM
  }
  copy.offset = vma.offset
  const wipe = (vma.flags & VM_WIPEONFORK) !== 0
  if (vma.anon !== 0 && !wipe) joinFamily(copy, newAnon(to) | INHERITED, vma.family)
  if (vma.file) showFile(copy, changetype<File>(vma.file), vma.offset)
  linkVmaLocked(to, copy, from.pid)
  // the child's faults find the object's pages, and the zero page
  if (vma.anon === 0 || wipe) return 0
  // who unmaps the object's pages comes to the child's VMA after the parent's, hence finds what is copied here
  from.tablesLock.lock(Rank.Tables)
  to.tablesLock.lock(Rank.ChildTables)
  const error = copyPagesLocked(from, to, vma)
  to.tablesLock.unlock(Rank.ChildTables)
  from.tablesLock.unlock(Rank.Tables)
  return error
}

/** Copies the entries of a private VMA, none of them writable. Holds: Tables of the parent, ChildTables. */
function copyPagesLocked(from: Mm, to: Mm, vma: Vma): i32 {
  for (let vpn = nextMapped(from.tables, vma.start, vma.end); vpn < vma.end; ) {
    const stop = tableEnd(vpn, vma.end)
    if (!copyTableLocked(from, to, vpn, stop)) return -ENOMEM
    vpn = nextMapped(from.tables, stop, vma.end)
  }
  return 0
}

/** Copies entries that are in one table; false if there is no memory for the child's. Holds: Tables of the parent, ChildTables. */
function copyTableLocked(from: Mm, to: Mm, start: u64, end: u64): bool {
  const cpus = from.cpusNow
  const target = reach(to.tables, start)
  if (target === 0) return false
  let at = walk(from.tables, start)
  let copy = target
  let anonymous: u32 = 0
  let shared: u32 = 0
  let entries: u32 = 0
  for (let vpn = start; vpn < end; vpn++, at += 8, copy += 8) {
    const old = load<u64>(at)
    if (old === 0) continue
    entries++
    if (isSwap(old)) {
      dupSwap(swapOf(old))
      to.swapped++
      store<u64>(copy, old)
      continue
    }
    const pte = readOnly(old)
    if (pte !== old) {
      store<u64>(at, pte)
      flushPage(cpus, vpn, from.id)
    }
    store<u64>(copy, pte)
    const frame = Frame.at(pfnOf(pte))
    frame.addMapping()
    const state = frame.state
    anonymous += <u32>(state === State.Anonymous)
    shared += <u32>(state === State.Object)
  }
  noteSet(target, entries)
  to.anonymous += anonymous
  to.shared += shared
  return true
}
