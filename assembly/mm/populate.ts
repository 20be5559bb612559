// Faulting pages in ahead of use: mm_populate of Linux's mm/gup.c. Page numbers. What other threads unmap meanwhile
// is as if it had not been mapped. Where memory is out it says in the CPU's block how far it came. Takes: Space, and what faults take.
import { EFAULT, EINVAL, ENOMEM } from '../abi/errno'
import { CPU_FUTEX, CPU_STRETCH } from '../abi/layout'
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from '../abi/signal'
import { VM_LOCKONFAULT, VM_READ, VM_RIGHTS, VM_SHARED, VM_WRITE } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { fault } from './fault'
import { Mm } from './space'

/** What a VMA was when it was looked up: other threads may change it since. Guard: the CPU's thread. */
@unmanaged
@final
class Stretch {
  start: u64
  end: u64
  flags: u32

  @inline
  static get current(): Stretch {
    return changetype<Stretch>(changetype<usize>(Cpu.current) + CPU_STRETCH)
  }
}

/** The first VMA that ends behind a page, as it is; null if there is none. Takes: Space. */
function stretchFrom(mm: Mm, vpn: u64): Stretch | null {
  const stretch = Stretch.current
  mm.lockShared(Rank.Space)
  const vma = findVma(mm.vmas, vpn)
  if (vma) {
    stretch.start = vma.start
    stretch.end = vma.end
    stretch.flags = vma.flags
  }
  mm.unlockShared(Rank.Space)
  return vma ? stretch : null
}

/** What a failed fault means to a call: ENOMEM where nothing is mapped or no memory is left, `denied` where the right is missing, EFAULT beyond a file's end. */
function errorOf(code: i32, denied: i32): i32 {
  if (code === SEGV_ACCERR) return denied
  return code === BUS_ADRERR ? -EFAULT : code === SEGV_MAPERR ? -ENOMEM : code
}

/** Makes pages of a VMA with these flags present: private ones that may be written are written, so that they are no copies later. Takes: Space. */
function populateStretch(mm: Mm, flags: u32, start: u64, end: u64): i32 {
  if ((flags & VM_LOCKONFAULT) !== 0) return 0
  if ((flags & VM_RIGHTS) === 0) return -EFAULT
  const write = (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE
  for (let vpn = start; vpn < end; vpn++) {
    const code = fault(mm, vpn, write)
    if (code === -ENOMEM) Cpu.current.filled = vpn
    if (code !== 0) return errorOf(code, -EFAULT)
  }
  return 0
}

/** Where to begin, if this is a call that is repeated: where it stopped for want of memory. */
function resume(start: u64, end: u64): u64 {
  const cpu = Cpu.current
  const again = cpu.fillEnd === end && cpu.filled > start && cpu.filled < end
  cpu.fillEnd = 0
  return again ? cpu.filled : start
}

/** Notes that it stopped, if for want of memory, on its way to `end`; whether it did. */
function stopped(error: i32, end: u64): bool {
  const cpu = Cpu.current
  if (error !== -ENOMEM || cpu.short === 0) return false
  cpu.fillEnd = end
  return true
}

/** Makes the pages of [start, end) present, over holes; where it fails it goes on behind the VMA, unless memory may be reclaimed. Takes: Space. */
export function populate(mm: Mm, start: u64, end: u64): void {
  let at = start
  let next = stretchFrom(mm, at)
  while (next && next.start < end) {
    const from = max(at, next.start)
    at = next.end
    if (stopped(populateStretch(mm, next.flags, from, min(end, at)), end)) return
    next = stretchFrom(mm, at)
  }
}

/** Makes the pages of [start, end) present, over holes; 0, or the first failure: EFAULT, ENOMEM. Takes: Space. */
export function populateFully(mm: Mm, start: u64, end: u64): i32 {
  if (start >= end) return 0
  let at = resume(start, end)
  let next = stretchFrom(mm, at)
  while (next && next.start < end) {
    const from = max(at, next.start)
    at = next.end
    const error = populateStretch(mm, next.flags, from, min(end, at))
    if (error !== 0) {
      stopped(error, end)
      return error
    }
    next = stretchFrom(mm, at)
  }
  return 0
}

/** Makes all pages of [start, end) present for reading or writing: MADV_POPULATE_READ and _WRITE. 0, ENOMEM at a hole, EINVAL where the right is missing, EFAULT. Takes: Space. */
export function populateAll(mm: Mm, start: u64, end: u64, write: bool): i32 {
  let at = resume(start, end)
  while (at < end) {
    const stretch = stretchFrom(mm, at)
    if (!stretch || stretch.start > at) return -ENOMEM
    // unlike a load, which may read what can be written or executed
    if (!write && (stretch.flags & VM_READ) === 0) return -EINVAL
    for (const to = min(end, stretch.end); at < to; at++) {
      const code = fault(mm, at, write)
      if (code === -ENOMEM) Cpu.current.filled = at
      if (stopped(code, end)) return code
      if (code !== 0) return errorOf(code, -EINVAL)
    }
  }
  return 0
}

if (CPU_STRETCH + offsetof<Stretch>() > CPU_FUTEX) ERROR('struct Stretch reaches into what follows')
