// Page faults: what makes a page present, or says why it cannot be. What needs nothing but a frame is
// done at once, under the lock of the tables. An object's page is sought without that lock; then, under
// it, what was found before is looked at again, and if others were faster the fault begins anew.
// Takes: Space, Mapping, Tables, Mount, Slab, Zone.
import { ENOMEM, ENOSPC, ESRCH } from '../abi/errno'
import { FAULT_PROTECTION, FAULT_USER, FAULT_WRITE, PAGE_FAULT_USER } from '../abi/event'
import { PAGE_SHIFT } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from '../abi/signal'
import { PGCOPY, PGFAULT, PGREUSE, ZERO_MAPPED } from '../abi/vmstat'
import { Inode } from '../map/inode'
import { reach, walk } from '../map/pagetable'
import { isPresent, isSwap, make, permits, pfnOf, touched, writable } from '../map/pte'
import { swapCacheLeave } from '../map/swap'
import { isValue } from '../map/swapEntry'
import { fillTlb, flushPage } from '../map/tlb'
import { mayShowWritable, VM_EXEC, VM_GROWSDOWN, VM_READ, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { copyFrame, zeroFrame } from '../phys/contents'
import { Frame, PG_MLOCKED, PG_SWAPCACHE, State } from '../phys/frame'
import { countFor } from '../phys/group'
import { addToLru, isOwn } from '../phys/lru'
import { freeFrame, putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { TraceEvent } from '../phys/trace'
import { count } from '../phys/vmstat'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { mapAroundLocked } from './faultAround'
import { prepareAnonLocked } from './merge'
import { dirtyLocked } from './pageCache'
import { newPrivate } from './privateFrame'
import { findMappedLocked, getFrame, How } from './shmem'
import { countFrameLocked, countShared, Mm, releaseFrameLocked, setEntry } from './space'
import { growDownLocked } from './stack'
import { swapInLocked } from './swapIn'
import { noteMappedLocked, noteUnmappedLocked } from './unevictable'

/** Something changed on the way: look again. No code of abi/signal, nor are the next. */
const AGAIN: i32 = 1
/** The page is one of an object, or a copy of one. */
const OBJECT: i32 = 2
/** The page is one of an object, which has none there. */
const MISSING: i32 = 3
/** The page is private memory that nothing was mapped in, and is written. */
const FRESH: i32 = 4
/** The fault changes VMAs, and must have the space for itself, and no lock of tables. */
const ALONE: i32 = 5
/** The page is there, one of a disk's file that is clean, and is written by way of a shared mapping. */
const CLEAN: i32 = 6

/** An entry, or a table, is to be changed that other threads may use: that needs the tables to write. */
const WHOLE: i32 = 7

/** Makes a page present for reading or writing and fills the TLB; 0, a code of abi/signal, -ENOMEM, or -ESRCH on a doomed thread. Takes: Space. */
export function fault(mm: Mm, vpn: u64, write: bool): i32 {
  const cpu = Cpu.current
  const outside = cpu.entered
  if (outside === 0 && !cpu.begin()) return -ESRCH
  const result = faultInside(mm, vpn, write)
  cpu.entered = outside
  return result
}

/** As fault, in a call that was begun. Takes: Space. */
export function faultInside(mm: Mm, vpn: u64, write: bool): i32 {
  Cpu.current.pid = mm.pid
  Cpu.current.group = mm.group
  const together = mm.isShared
  let result = together ? faultTogether(mm, vpn, write) : ALONE
  if (result === ALONE) {
    mm.lockAll(Rank.Space)
    result = faultLocked(mm, vpn, write, false, together)
    mm.unlock(Rank.Space)
  }
  return result
}

/** A fault beside those of other threads; ALONE, and nothing is changed, if it must be one after the other. Takes: Space. */
function faultTogether(mm: Mm, vpn: u64, write: bool): i32 {
  mm.lockShared(Rank.Space)
  const result = faultLocked(mm, vpn, write, true, false)
  mm.unlockShared(Rank.Space)
  return result
}

/**
 * A fault, `together` with other threads' if so: then the tables are had to read at first, and what takes long is done without them. `missing`
 * says whether it is noted already. Holds: Space.
 */
function faultLocked(mm: Mm, vpn: u64, write: bool, together: bool, missing: bool): i32 {
  let whole = !together
  let result: i32 = 0
  do {
    mm.tablesLock.lockPart(Rank.Tables, whole)
    const at = walk(mm.tables, vpn)
    const old: u64 = at === 0 ? 0 : atomic.load<u64>(at)
    if (permits(old, write)) {
      // this is what a processor does itself on a TLB miss: the VMA is not asked
      enterLocked(mm, vpn, at, old, write)
      result = 0
    } else if (!whole && (at === 0 || old !== 0)) {
      result = WHOLE
    } else {
      if (!missing) noteFault(vpn, write, isPresent(old))
      missing = true
      result = resolveLocked(mm, vpn, at, old, write, together)
    }
    mm.tablesLock.unlockPart(Rank.Tables, whole)
    if (result === ALONE && !together) result = prepareLocked(mm, vpn)
    if (result === OBJECT || result === MISSING) result = mapObject(mm, vpn, write, result, whole)
    else if (result === FRESH) result = mapFresh(mm, vpn, whole)
    else if (result === CLEAN) result = soil(mm, vpn)
    if (result === WHOLE) whole = true
  } while (result === AGAIN || result === WHOLE)
  if (missing && result !== ALONE) countFault(vpn, result)
  return result
}

/** A page that is not there, or may not be accessed so; OBJECT or MISSING if its VMA shows an object that must be asked. Holds: Space, Tables. */
function resolveLocked(mm: Mm, vpn: u64, at: usize, old: u64, write: bool, together: bool): i32 {
  if (mm.isReaped) return -ESRCH
  const vma = vmaAt(mm, vpn)
  if (!vma) {
    const above = findVma(mm.vmas, vpn)
    return above && (above.flags & VM_GROWSDOWN) !== 0 ? ALONE : SEGV_MAPERR
  }
  // on x86-64 a page that may be written or executed may be read
  const wanted = write ? VM_WRITE : VM_READ | VM_WRITE | VM_EXEC
  if ((vma.flags & wanted) === 0) return SEGV_ACCERR
  if (write && (vma.flags & VM_SHARED) === 0 && vma.anon === 0) return ALONE
  if (isSwap(old)) return swapInLocked(mm, vma, vpn, at, write)
  if (old !== 0) return unshareLocked(mm, vma, vpn, at, old)
  if (vma.object !== null) {
    if (!write && at !== 0) mapAroundLocked(mm, vma, vpn, at)
    return mapPresentLocked(mm, vma, vpn, at, write)
  }
  return write && together ? FRESH : mapAnonymousLocked(mm, vma, vpn, at, write)
}

/** Makes the VMA of a page ready to have private pages, or the one above it reach down to it; AGAIN, SEGV_MAPERR or ENOMEM. Holds: Space. */
function prepareLocked(mm: Mm, vpn: u64): i32 {
  const vma = changetype<Vma>(findVma(mm.vmas, vpn))
  if (vma.start > vpn) return growDownLocked(mm, vma, vpn) ? AGAIN : SEGV_MAPERR
  return prepareAnonLocked(mm, vma) ? AGAIN : -ENOMEM
}

/** The VMA of a page, most likely that of the last fault; null if nothing is mapped there. Holds: Space. */
export function vmaAt(mm: Mm, vpn: u64): Vma | null {
  const recent = mm.recent
  if (recent && recent.start <= vpn && vpn < recent.end) return recent
  const vma = findVma(mm.vmas, vpn)
  if (!vma || vma.start > vpn) return null
  // threads of one space would take it from one another
  if (!mm.isShared) mm.recent = vma
  return vma
}

/** Counts a fault that is over, but for bad accesses, and for one that is to be repeated, or given up, where the call ends. */
function countFault(vpn: u64, result: i32): void {
  Cpu.current.starved = result === -ENOMEM ? vpn + 1 : 0
  if (result !== -ENOMEM && result !== SEGV_MAPERR && result !== SEGV_ACCERR) countFor(Cpu.current.group, PGFAULT)
}

/** Notes a fault, unless it is one that is repeated. */
function noteFault(vpn: u64, write: bool, present: bool): void {
  if (Cpu.current.starved === vpn + 1) return
  TraceEvent.note(PAGE_FAULT_USER, vpn << PAGE_SHIFT, FAULT_USER | (write ? FAULT_WRITE : 0) | (present ? FAULT_PROTECTION : 0))
}

/** Marks an entry as used and fills the TLB with it. Holds: Tables, to read at least: what other threads do with the entry then is to mark it, too. */
function enterLocked(mm: Mm, vpn: u64, at: usize, pte: u64, write: bool): void {
  if (mm.isShared) atomic.or<u64>(at, touched(pte, write))
  else store<u64>(at, touched(pte, write))
  // a page that is clean is not written by way of the TLB: the entry must become dirty first
  fillTlb(vpn, mm.id, pfnOf(pte), write)
}

/**
 * Maps a frame, whose reference the caller gives away, where nothing is mapped, as used. `at` is the entry's address,
 * or 0 if there is no table for it. ENOMEM, or AGAIN if another thread was faster, and the reference stays. Holds: Tables, to write if there is no table.
 */
function mapUsedLocked(mm: Mm, vma: Vma, vpn: u64, at: usize, frame: Frame, mayWrite: bool, write: bool): i32 {
  const pfn = frame.pfn
  const entry = at === 0 ? reach(mm.tables, vpn) : at
  if (entry === 0) return -ENOMEM
  if (!setEntry(mm, entry, touched(make(pfn, mayWrite), write))) return AGAIN
  countFrameLocked(mm, frame)
  noteMappedLocked(vma, frame)
  fillTlb(vpn, mm.id, pfn, write)
  return 0
}

/** Private memory that nothing was mapped in: a frame of zeros, or, to read, the one that all share. Holds: Tables. */
function mapAnonymousLocked(mm: Mm, vma: Vma, vpn: u64, at: usize, write: bool): i32 {
  const frame = write ? newAnonymous(vma, vpn, null) : Frame.of(Superblock.only.zeroPage)
  if (!frame) return -ENOMEM
  if (!write) {
    frame.addRef()
    count(ZERO_MAPPED)
  }
  const error = mapUsedLocked(mm, vma, vpn, at, frame, write, write)
  if (error !== 0) putFrame(frame)
  return error
}

/** Maps a frame of zeros, made before, unless the page was mapped meanwhile. `whole` says how to have the tables: WHOLE if they must be had to write. Holds: Space. Takes: Tables. */
function mapFresh(mm: Mm, vpn: u64, whole: bool): i32 {
  const vma = changetype<Vma>(vmaAt(mm, vpn))
  const frame = newAnonymous(vma, vpn, null)
  if (!frame) return -ENOMEM
  mm.tablesLock.lockPart(Rank.Tables, whole)
  const at = walk(mm.tables, vpn)
  const changed = at !== 0 && atomic.load<u64>(at) !== 0
  const result = at === 0 && !whole ? WHOLE : changed ? AGAIN : mapUsedLocked(mm, vma, vpn, at, frame, true, true)
  mm.tablesLock.unlockPart(Rank.Tables, whole)
  if (result !== 0) putFrame(frame)
  return result
}

/**
 * Maps an object's page that is there already; MISSING if it is not, OBJECT if it is more than that. Whoever takes it out meanwhile
 * takes it out of the tree first and finds this entry later, since we hold the tables from before we look until it is there. Holds: Space, Tables.
 */
function mapPresentLocked(mm: Mm, vma: Vma, vpn: u64, at: usize, write: bool): i32 {
  const shared = (vma.flags & VM_SHARED) !== 0
  const object = changetype<Inode>(vma.object)
  if (at === 0 || (write && (!shared || object.isDisk))) return OBJECT
  const index = vma.indexOf(vpn)
  if (index >= min(object.length, PAGES_END >> PAGE_SHIFT)) return BUS_ADRERR
  const pfn = findMappedLocked(object, <u32>index)
  if (pfn <= 0) return pfn === 0 ? MISSING : OBJECT
  const frame = Frame.at(pfn)
  if (!setEntry(mm, at, touched(make(pfn, mayShowWritable(vma)), write))) {
    if (frame.dropMapping()) freeFrame(frame)
    return AGAIN
  }
  countShared(mm, 1)
  noteMappedLocked(vma, frame)
  fillTlb(vpn, mm.id, pfn, write)
  return 0
}

/** Maps an object's page, or, if a private mapping is written, a copy of it; `found` is OBJECT or MISSING, in the VMA of this fault, `whole` as in mapFresh. Holds: Space. Takes: Mapping, Tables. */
function mapObject(mm: Mm, vpn: u64, write: bool, found: i32, whole: bool): i32 {
  const vma = changetype<Vma>(vmaAt(mm, vpn))
  const object = changetype<Inode>(vma.object)
  const generation = object.generationNow
  const index = vma.indexOf(vpn)
  if (index >= PAGES_END >> PAGE_SHIFT) return BUS_ADRERR
  Cpu.current.advice = vma.flags
  const pfn = getFrame(object, <u32>index, found === MISSING ? How.Missing : How.Fault)
  if (pfn < 0) return pfn === -ENOMEM ? pfn : BUS_ADRERR
  const frame = Frame.at(pfn)
  if ((vma.flags & VM_SHARED) !== 0) {
    return write && object.isDisk ? mapDirty(mm, vma, vpn, frame, generation, whole) : mapNew(mm, vma, vpn, frame, write, generation, whole)
  }
  if (!write) return mapNew(mm, vma, vpn, frame, false, generation, whole)
  const copy = newAnonymous(vma, vpn, frame)
  putFrame(frame)
  if (!copy) return -ENOMEM
  count(PGCOPY)
  return mapNew(mm, vma, vpn, copy, true, generation, whole)
}

/** Maps a frame whose reference the caller gives away, unless the page was mapped meanwhile or taken out of the object; `whole` as in mapFresh. Takes: Tables. */
function mapNew(mm: Mm, vma: Vma, vpn: u64, frame: Frame, write: bool, generation: u32, whole: bool): i32 {
  const object = changetype<Inode>(vma.object)
  const mayWrite = write || mayShowWritable(vma)
  mm.tablesLock.lockPart(Rank.Tables, whole)
  const at = walk(mm.tables, vpn)
  const changed = object.generationNow !== generation || (at !== 0 && atomic.load<u64>(at) !== 0)
  let result = WHOLE
  if (at !== 0 || whole) result = changed ? AGAIN : mapUsedLocked(mm, vma, vpn, at, frame, mayWrite, write)
  if (at === 0 && !write && result === 0) mapAroundLocked(mm, vma, vpn, walk(mm.tables, vpn))
  mm.tablesLock.unlockPart(Rank.Tables, whole)
  if (result !== 0) putFrame(frame)
  return result
}

/** Maps a page of a disk's file, in a shared mapping, to be written: it is dirty from then on; `whole` as in mapFresh. Linux's do_shared_fault. Takes: Mapping, Tables. */
function mapDirty(mm: Mm, vma: Vma, vpn: u64, frame: Frame, generation: u32, whole: bool): i32 {
  const object = changetype<Inode>(vma.object)
  object.lock(Rank.Mapping)
  const error = generation !== object.generationNow ? AGAIN : dirtyByMapLocked(object, <u32>vma.indexOf(vpn), frame)
  // under the object's lock, so that nobody writes the page back, and takes it for clean, before the entry is there
  const result = error === 0 ? mapNew(mm, vma, vpn, frame, true, generation, whole) : error
  object.unlock(Rank.Mapping)
  if (error !== 0) putFrame(frame)
  return result
}

/** Notes that a page that a disk's file has, in a shared mapping, is written, and lets its entry be written. Linux's wp_page_shared. Takes: Mapping, Tables. */
function soil(mm: Mm, vpn: u64): i32 {
  const vma = changetype<Vma>(vmaAt(mm, vpn))
  const object = changetype<Inode>(vma.object)
  const index = <u32>vma.indexOf(vpn)
  object.lock(Rank.Mapping)
  const found = object.entryLocked(index)
  const frame = changetype<Frame>(isValue(found) ? 0 : found)
  // if it is not there, somebody is about to take its entry away
  let result = frame ? dirtyByMapLocked(object, index, frame) : AGAIN
  if (result === 0 && frame) {
    mm.tablesLock.lock(Rank.Tables)
    const at = walk(mm.tables, vpn)
    const old: u64 = at === 0 ? 0 : load<u64>(at)
    if (isPresent(old) && pfnOf(old) === frame.pfn) enterLocked(mm, vpn, at, writable(old), true)
    else result = AGAIN
    mm.tablesLock.unlock(Rank.Tables)
  }
  object.unlock(Rank.Mapping)
  return result
}

/** Makes a page of a disk's file, which a mapping is about to write, a dirty one: 0, BUS_ADRERR if the disk is full, ENOMEM. Holds: Mapping. */
function dirtyByMapLocked(object: Inode, index: u32, frame: Frame): i32 {
  const error = dirtyLocked(object, index, frame)
  if (error !== 0) return error === -ENOSPC ? BUS_ADRERR : error
  object.modified = now()
  object.changed = object.modified
  return 0
}

/** A write to a page that may not be written yet: a private one that others may see is copied. Holds: Space, Tables. */
export function unshareLocked(mm: Mm, vma: Vma, vpn: u64, at: usize, old: u64): i32 {
  const frame = Frame.at(pfnOf(old))
  const shared = (vma.flags & VM_SHARED) !== 0
  if (shared && changetype<Inode>(vma.object).isDisk) return CLEAN
  // a slot that nothing refers to any more is no one else's use of the page
  if (frame.has(PG_SWAPCACHE)) swapCacheLeave(frame)
  if (shared || (frame.state === State.Anonymous && isOwn(frame))) {
    if (!shared) count(PGREUSE)
    enterLocked(mm, vpn, at, writable(old), true)
    return 0
  }
  const copy = newAnonymous(vma, vpn, frame.state === State.Zero ? null : frame)
  if (!copy) return -ENOMEM
  count(PGCOPY)
  store<u64>(at, touched(make(copy.pfn, true), true))
  flushPage(mm.cpusNow, vpn, mm.id)
  countFrameLocked(mm, copy)
  noteMappedLocked(vma, copy)
  if (frame.has(PG_MLOCKED)) noteUnmappedLocked(null, vma, vpn, frame)
  releaseFrameLocked(mm, frame)
  fillTlb(vpn, mm.id, copy.pfn, true)
  return 0
}

/** A frame for a private page of a VMA that has a family, with the bytes of another, or zeros; null if there is no memory. */
function newAnonymous(vma: Vma, vpn: u64, from: Frame | null): Frame | null {
  const frame = newPrivate(vma, vpn, 0, Cpu.current.group)
  if (!frame) return null
  if (from) copyFrame(frame, from)
  else zeroFrame(frame)
  addToLru(frame, vma.flags)
  return frame
}
