// Address spaces: VMAs, page tables, and what a process's memory counts. An address space runs on
// one CPU, whose TLB alone holds its pages. Takes: Space, Ipc, Mapping, Tables, Slab, Zone.
import { ENOMEM } from '../abi/errno'
import { PANIC_UNDERFLOW } from '../abi/panic'
import { closeAttachment, openAttachment, Segment } from '../ipc/segment'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { File } from '../map/file'
import { clear, freeTable, install, newTable, nextMapped, walk } from '../map/pagetable'
import { isWritable, pfnOf, readOnly } from '../map/pte'
import { flushAll, flushPage } from '../map/tlb'
import { freeVma, newVma, showFile, VM_SHARED, Vma } from '../map/vma'
import { insertVma, removeVma } from '../map/vmaTree'
import { Frame, State } from '../phys/frame'
import { freeFrame } from '../phys/pcp'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** An address space; behind it stands the Link of its VMAs. Guard, where a field says no other: Space. */
@unmanaged
@final
export class Mm extends Lock {
  /** The tree of VMAs. */
  vmas: Vma | null
  /** The root of the page tables. Guard: immutable; what is behind it: Tables. */
  tables: usize
  /** The lock of the page tables, Tables. */
  tablesWord: u32
  /** The CPU whose thread runs the process. Guard: immutable. */
  cpu: u32
  /** How many VMAs there are. */
  count: u32
  /** The process that runs in it. Guard: immutable. */
  pid: u32
  /** Pages mapped by VMAs. */
  total: u64
  /** Private pages, and pages of objects, in the page tables. Guard: Tables. */
  anonymous: u32
  shared: u32

  @inline
  get tablesLock(): Lock {
    return changetype<Lock>(changetype<usize>(this) + offsetof<Mm>('tablesWord'))
  }

  /** The VMAs in order of address. */
  @inline
  get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mm>())
  }

  @inline
  static get size(): u32 {
    return offsetof<Mm>() + offsetof<Link>()
  }

  /** The address space as the TLB and VMAs know it. */
  @inline
  get id(): u32 {
    return changetype<u32>(this)
  }
}

/** An empty address space for a process that runs on a CPU; null if there is no memory. */
export function newSpace(pid: u32, cpu: u32): Mm | null {
  const mm = changetype<Mm>(allocObject(Kind.Mm))
  if (!mm) return null
  mm.pid = pid
  mm.cpu = cpu
  mm.list.reset()
  mm.tables = newTable()
  if (mm.tables !== 0) return mm
  freeObject(Kind.Mm, changetype<usize>(mm))
  return null
}

/** Enters a new VMA, which overlaps none, for the process that asked for it. Holds: Space. Takes: Ipc. */
export function linkVmaLocked(mm: Mm, vma: Vma, pid: u32): void {
  mm.vmas = insertVma(mm.vmas, vma, mm.list)
  mm.count++
  mm.total += vma.end - vma.start
  if (vma.segment !== 0) openAttachment(changetype<Segment>(vma.segment), pid)
}

/** Takes out a VMA whose pages are unmapped, and frees it. Holds: Space. Takes: Ipc, Mapping. */
export function dropVmaLocked(mm: Mm, vma: Vma): void {
  mm.vmas = removeVma(changetype<Vma>(mm.vmas), vma, mm.list)
  mm.count--
  mm.total -= vma.end - vma.start
  const segment = vma.segment
  freeVma(vma)
  if (segment !== 0) closeAttachment(changetype<Segment>(segment), mm.pid)
}

/** Installs an entry for a frame whose reference the caller gives away; false, and the reference stays, if there is no memory. Holds: Tables. */
export function mapFrameLocked(mm: Mm, vpn: u64, frame: Frame, pte: u64): bool {
  if (!install(mm.tables, vpn, pte)) return false
  countFrameLocked(mm, frame)
  return true
}

/** Counts a frame that was mapped. Holds: Tables. */
export function countFrameLocked(mm: Mm, frame: Frame): void {
  frame.addMap()
  if (frame.state === State.Anonymous) mm.anonymous++
  else if (frame.state === State.Object) mm.shared++
}

/** Lets go of a frame whose entry is gone from page tables and TLB. Holds: Tables. */
export function releaseFrameLocked(mm: Mm, frame: Frame): void {
  if (frame.state === State.Anonymous) mm.anonymous--
  else if (frame.state === State.Object) mm.shared--
  else if (frame.state !== State.Zero) bug(PANIC_UNDERFLOW, frame.pfn, frame.state)
  frame.dropMap()
  if (frame.dropRef()) freeFrame(frame)
}

/** Unmaps the pages [start, end), or, unless `copies` says so, only those of them that are not private. Holds: Tables. */
export function unmapPagesLocked(mm: Mm, start: u64, end: u64, copies: bool): void {
  const cpu = Cpu.at(mm.cpu)
  let vpn = nextMapped(mm.tables, start, end)
  while (vpn < end) {
    const frame = Frame.at(pfnOf(load<u64>(walk(mm.tables, vpn))))
    if (copies || frame.state !== State.Anonymous) {
      clear(mm.tables, vpn)
      flushPage(cpu, vpn, mm.id)
      releaseFrameLocked(mm, frame)
    }
    vpn = nextMapped(mm.tables, vpn + 1, end)
  }
}

/** Unmaps everything in [start, end). Takes: Tables. */
export function unmapPages(mm: Mm, start: u64, end: u64): void {
  mm.tablesLock.lock(Rank.Tables)
  unmapPagesLocked(mm, start, end, true)
  mm.tablesLock.unlock(Rank.Tables)
}

/** Ends an address space that no process has any more. Takes: Space, Ipc, Mapping. */
export function freeSpace(mm: Mm): void {
  mm.lock(Rank.Space)
  while (!mm.list.isEmpty) {
    const vma = changetype<Vma>(mm.list.prev)
    unmapPages(mm, vma.start, vma.end)
    dropVmaLocked(mm, vma)
  }
  mm.unlock(Rank.Space)
  freeTable(mm.tables)
  flushAll()
  freeObject(Kind.Mm, changetype<usize>(mm))
}

/**
 * A copy of an address space for a child: private pages are shared until either writes, pages of
 * objects are left to the child's faults. 0, or ENOMEM with nothing changed but rights that a fault
 * gives back. Takes: Space, Ipc, Mapping.
 */
export function copySpace(from: Mm, to: Mm): i32 {
  from.lock(Rank.Space)
  let error: i32 = 0
  for (let link = from.list.next; link !== from.list && error === 0; link = link.next) {
    error = copyVmaLocked(from, to, changetype<Vma>(link))
  }
  from.unlock(Rank.Space)
  return error
}

/** Holds: Space of the parent; of the child only its VMAs of objects are known. Takes: Mapping, Tables, ChildTables. */
function copyVmaLocked(from: Mm, to: Mm, vma: Vma): i32 {
  const copy = newVma(to.id, vma.start, vma.end, vma.flags)
  if (!copy) return -ENOMEM
  if (vma.file) showFile(copy, changetype<File>(vma.file), vma.offset)
  linkVmaLocked(to, copy, from.pid)
  if ((vma.flags & VM_SHARED) !== 0) return 0
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
  let vpn = nextMapped(from.tables, vma.start, vma.end)
  while (vpn < vma.end) {
    const at = walk(from.tables, vpn)
    const pte = readOnly(load<u64>(at))
    if (isWritable(load<u64>(at))) {
      store<u64>(at, pte)
      flushPage(Cpu.at(from.cpu), vpn, from.id)
    }
    const frame = Frame.at(pfnOf(pte))
    frame.addRef()
    if (!mapFrameLocked(to, vpn, frame, pte)) {
      frame.dropRef()
      return -ENOMEM
    }
    vpn = nextMapped(from.tables, vpn + 1, vma.end)
  }
  return 0
}
