// Page faults: what makes a page present, or says why it cannot be. Takes: Space, Mapping, Slab, Zone.

import { ENOMEM } from '../abi/errno'
import { SEGV_ACCERR, SEGV_MAPERR } from '../abi/signal'
import { PGCOPY, PGFAULT, PGREUSE, ZERO_MAPPED } from '../abi/vmstat'
import { walk } from '../map/pagetable'
import { isWritable, make, pfnOf, touched, writable } from '../map/pte'
import { fillTlb, flushPage } from '../map/tlb'
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { copyFrame, zeroFrame } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { count } from '../phys/vmstat'
import { Need } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { getFrame } from './shmem'
import { countFrameLocked, Mm, mapFrameLocked, releaseFrameLocked } from './space'

/** Makes a page present for reading or writing and fills the TLB; 0, a SEGV code, or -ENOMEM. Takes: Space. */
export function fault(mm: Mm, vpn: u64, write: bool): i32 {
  const cpu = Cpu.current
  const outside = cpu.entered
  cpu.entered = 1
  mm.lock(Rank.Space)
  const result = faultLocked(mm, vpn, write)
  mm.unlock(Rank.Space)
  cpu.entered = outside
  return result
}

/** Holds: Space. */
function faultLocked(mm: Mm, vpn: u64, write: bool): i32 {
  const vma = findVma(mm.vmas, vpn)
  if (!vma || vma.start > vpn) return SEGV_MAPERR
  // on x86-64 a page that may be written or executed may be read
  const wanted = write ? VM_WRITE : VM_READ | VM_WRITE | VM_EXEC
  if ((vma.flags & wanted) === 0) return SEGV_ACCERR
  let at = walk(mm.tables, vpn)
  const old: u64 = at === 0 ? 0 : load<u64>(at)
  if (old === 0 || (write && !isWritable(old))) count(PGFAULT)
  if (old === 0) {
    const error = faultAbsentLocked(mm, vma, vpn, write)
    if (error !== 0) return error
    at = walk(mm.tables, vpn)
  }
  if (write && !isWritable(load<u64>(at))) {
    const error = unshareLocked(mm, vma, vpn, at)
    if (error !== 0) return error
  }
  const pte = touched(load<u64>(at), write)
  store<u64>(at, pte)
  fillTlb(vpn, mm.id, pfnOf(pte), write)
  return 0
}

/** Nothing was mapped. Holds: Space. */
function faultAbsentLocked(mm: Mm, vma: Vma, vpn: u64, write: bool): i32 {
  const mayWrite = (vma.flags & VM_WRITE) !== 0
  const object = vma.object
  if (object) {
    const frame = getFrame(object, vma.indexOf(vpn))
    if (!frame) return -ENOMEM
    if (mapFrameLocked(mm, vpn, frame, make(frame.pfn, mayWrite && (vma.flags & VM_SHARED) !== 0))) return 0
    frame.dropRef()
    return -ENOMEM
  }
  if (!write) {
    const zero = Frame.of(Superblock.only.zeroPage)
    zero.addRef()
    count(ZERO_MAPPED)
    if (mapFrameLocked(mm, vpn, zero, make(zero.pfn, false))) return 0
    zero.dropRef()
    return -ENOMEM
  }
  const frame = newAnonymous(null)
  if (!frame) return -ENOMEM
  if (mapFrameLocked(mm, vpn, frame, make(frame.pfn, true))) return 0
  freeFrame(frame)
  return -ENOMEM
}

/** A write to a page that may not be written yet: a private one that others may see is copied. Holds: Space. */
function unshareLocked(mm: Mm, vma: Vma, vpn: u64, at: usize): i32 {
  const pte = load<u64>(at)
  const frame = Frame.at(pfnOf(pte))
  const shared = (vma.flags & VM_SHARED) !== 0
  if (shared || (frame.state === State.Anonymous && frame.refCount === 1)) {
    if (!shared) count(PGREUSE)
    store<u64>(at, writable(pte))
    return 0
  }
  const copy = newAnonymous(frame.state === State.Zero ? null : frame)
  if (!copy) return -ENOMEM
  count(PGCOPY)
  store<u64>(at, make(copy.pfn, true))
  flushPage(vpn, mm.id)
  countFrameLocked(mm, copy)
  releaseFrameLocked(mm, frame)
  return 0
}

/** A private frame with the bytes of another, or zeros; null if there is no memory. */
function newAnonymous(from: Frame | null): Frame | null {
  const frame = allocFrame(Need.User)
  if (!frame) return null
  if (from) copyFrame(frame, from)
  else zeroFrame(frame)
  frame.state = State.Anonymous
  return frame
}
