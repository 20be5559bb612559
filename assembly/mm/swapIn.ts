// Bringing private pages back from swap: do_swap_page of Linux's mm/memory.c. All is done under the lock of the tables, the
// reading too: while an entry refers to a slot, what is there stays as it is, so several processes may read one slot
// at once, and the first to put its frame into the swap cache gives it to all. Not as in Linux: threads of one process read one after the
// other. Holds, in every function: Space, Tables. Takes: Swap, Zone.
import { ENOMEM } from '../abi/errno'
import { BUS_ADRERR } from '../abi/signal'
import { PGMAJFAULT } from '../abi/vmstat'
import { hidden, make, SOFT_DIRTY, swapOf, touched } from '../map/pte'
import { adopt, freeSwap, isSwapFull, lookUpSwap, payerOf, SOLE, swapCacheAdd, swapCacheLeave, swapShadow } from '../map/swap'
import { SwapArea } from '../map/swapArea'
import { readSwap } from '../map/swapIo'
import { fillTlb } from '../map/tlb'
import { VM_LOCKED, VM_RIGHTS, VM_WRITE, Vma } from '../map/vma'
import { comeBack } from '../map/workingset'
import { Frame, PG_DIRTY, PG_READAHEAD, PG_SWAPCACHE } from '../phys/frame'
import { countFor } from '../phys/group'
import { NO_FAULT } from '../phys/lru'
import { freeFrame } from '../phys/pcp'
import { newPrivate } from './privateFrame'
import { Mm } from './space'
import { noteSwapHit, readAheadLocked } from './swapAhead'
import { noteSlotHit, readSlotsBeside, readsBySlots } from './swapCluster'
import { noteMappedLocked } from './unevictable'

/** As in mm/fault: look again. */
const AGAIN: i32 = 1

/**
 * The number of a frame with the page of an entry, of which lookUpSwap found this, for a page of a VMA, with a reference for the caller: ENOMEM, or
 * EIO if it cannot be read. `advice` is as `addToLru` has it.
 */
function fetch(vma: Vma, vpn: u64, entry: u32, found: u32, advice: u32): i32 {
  // what one process has, of a device as fast as memory, leaves its slot at once
  const leaves = (found & SOLE) !== 0 && !SwapArea.of(entry).isSlow
  let cached = changetype<Frame>(found & ~SOLE)
  while (!cached) {
    const frame = newPrivate(vma, vpn, leaves ? PG_DIRTY : 0, payerOf(entry))
    if (!frame) return -ENOMEM
    const shadow = swapShadow(entry)
    const error = readSwap(entry, frame)
    if (error === 0 && (leaves || swapCacheAdd(frame, entry))) {
      comeBack(frame, shadow, advice)
      return frame.pfn
    }
    freeFrame(frame)
    if (error !== 0) return error
    // somebody else brought it in meanwhile
    cached = changetype<Frame>(lookUpSwap(entry) & ~SOLE)
  }
  adopt(cached, changetype<u32>(vma.family), vma.indexOf(vpn))
  return cached.pfn
}

/** Puts an entry that maps a frame, whose reference the caller gives away, in the place of the swap entry at `at`. */
function replaceLocked(mm: Mm, vma: Vma, at: usize, frame: Frame, pte: u64): void {
  const old = load<u64>(at)
  store<u64>(at, pte | (old & SOFT_DIRTY))
  frame.addMap()
  mm.swapped--
  mm.anonymous++
  noteMappedLocked(vma, frame)
  freeSwap(swapOf(old))
}

/** Brings in the page of a swap entry that stands at `at`, in a VMA that allows the access: 0, AGAIN if it is to be copied, BUS_ADRERR if it cannot be read, -ENOMEM. */
export function swapInLocked(mm: Mm, vma: Vma, vpn: u64, at: usize, write: bool): i32 {
  const entry = swapOf(load<u64>(at))
  const found = lookUpSwap(entry)
  const sole = (found & SOLE) !== 0
  const major = (found & ~SOLE) === 0
  const pfn = fetch(vma, vpn, entry, found, vma.flags)
  if (pfn === -ENOMEM) return pfn
  if (major) countFor(mm.group, PGMAJFAULT)
  if (pfn < 0) return BUS_ADRERR
  const frame = Frame.at(pfn)
  const wrote = write && sole
  replaceLocked(mm, vma, at, frame, touched(make(pfn, sole && (vma.flags & VM_WRITE) !== 0), wrote))
  if (!major) noteHit(vma, vpn, frame.clearFlags(PG_READAHEAD) !== 0)
  else if (frame.has(PG_SWAPCACHE)) readBesideLocked(mm, vma, vpn, entry)
  // as Linux's should_try_to_free_swap
  if (frame.has(PG_SWAPCACHE) && (write || (vma.flags & VM_LOCKED) !== 0 || isSwapFull(frame))) swapCacheLeave(frame)
  if (write && !sole) return AGAIN
  fillTlb(vpn, mm.id, pfn, wrote)
  return 0
}

/** Notes that a page was found in the swap cache, which `ahead` says was read ahead of use. */
function noteHit(vma: Vma, vpn: u64, ahead: bool): void {
  if (!readsBySlots()) noteSwapHit(vma, vpn, ahead)
  else if (ahead) noteSlotHit()
}

/** Reads pages ahead of use beside one that was just read into the swap cache: of the VMA, or of the area. */
function readBesideLocked(mm: Mm, vma: Vma, vpn: u64, entry: u32): void {
  if (readsBySlots()) readSlotsBeside(entry, vma.flags)
  else readAheadLocked(mm, vma, vpn)
}

/** Brings in the page of a swap entry that stands at `at` without an access, for swapoff: 0, ENOMEM, EIO. Linux's unuse_pte. */
export function unuseLocked(mm: Mm, vma: Vma, vpn: u64, at: usize): i32 {
  const entry = swapOf(load<u64>(at))
  const pfn = fetch(vma, vpn, entry, lookUpSwap(entry), NO_FAULT)
  if (pfn < 0) return pfn
  replaceLocked(mm, vma, at, Frame.at(pfn), hidden(make(pfn, false), (vma.flags & VM_RIGHTS) === 0))
  swapCacheLeave(Frame.at(pfn))
  return 0
}
