// Reading from swap ahead of use by slots: those beside a page that is read, in an aligned block, go to the swap cache, whosever pages
// they have, the more of them the more such pages were used: swap_cluster_readahead of Linux's mm/swap_state.c. So it is done
// for areas on disks that rotate, where neighbours cost little, and for objects. A page that is read so has no owner: a
// private one gets it where it is mapped first, an object's is copied from the swap cache. Takes: Swap, Lru, Zone.
import { VMA_READAHEAD } from '../abi/mechanism'
import { SWAP_RA, SWAP_RA_HIT } from '../abi/vmstat'
import { beginAhead, endAhead, freeSwap, NOT_BEGUN, payerOf, putPrivate } from '../map/swap'
import { SwapArea } from '../map/swapArea'
import { makeEntry, slotOf } from '../map/swapEntry'
import { SwapHits } from '../map/swapHits'
import { readSwap } from '../map/swapIo'
import { comeBack } from '../map/workingset'
import { Frame, PG_READAHEAD, PG_SWAPBACKED, State } from '../phys/frame'
import { drainLru } from '../phys/lru'
import { freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Sysctl } from '../phys/sysctl'
import { allocUserFor } from '../phys/user'
import { count } from '../phys/vmstat'
import { pagesToRead } from './swapAhead'

/** Whether private pages are read ahead by slots, and not by VMA: swap_use_vma_readahead says the opposite. */
export function readsBySlots(): bool {
  return SwapHits.only.rotating !== 0 || (Superblock.only.without & VMA_READAHEAD) !== 0
}

/** Notes that a page that was read ahead was used. */
export function noteSlotHit(): void {
  count(SWAP_RA_HIT)
  SwapHits.only.note()
}

/** How many pages to read as that of a slot is: Linux's swapin_nr_pages. */
function pagesAround(slot: u32): u32 {
  const most = (<u32>1) << min<u32>(Sysctl.only.pageCluster, 31)
  if (most === 1) return 1
  const state = SwapHits.only
  const hits = state.take()
  const pages = <u32>pagesToRead(state.previous, slot, hits, most, state.window)
  if (hits === 0) state.previous = slot
  state.window = pages
  return pages
}

/** Reads the pages in the slots beside that of an entry, which was just read, as far as there is memory; `advice` is as `addToLru` has it. */
export function readSlotsBeside(entry: u32, advice: u32): void {
  // policies of the registry know pages by their owners
  if (Superblock.only.policy !== 0) return
  const area = SwapArea.of(entry)
  const slot = slotOf(entry)
  const mask = pagesAround(slot) - 1
  if (mask === 0) return
  const last = min(slot | mask, area.slots - 1)
  let fits = true
  for (let at = max<u32>(slot & ~mask, 1); at <= last && fits; at++) fits = at === slot || readSlot(makeEntry(area.number, at), advice)
  drainLru()
}

/** Reads a page into the swap cache, if an entry refers to it; false if there is no memory. */
function readSlot(entry: u32, advice: u32): bool {
  const shadow = beginAhead(entry)
  if (shadow === NOT_BEGUN) return true
  const frame = allocUserFor(payerOf(entry))
  let entered = false
  if (frame) {
    frame.stampUser(State.Anonymous, 0, PG_SWAPBACKED | PG_READAHEAD)
    frame.index = 0
    entered = readSwap(entry, frame) === 0
  }
  entered = endAhead(entry, entered ? frame : null, shadow)
  if (entered) {
    count(SWAP_RA)
    comeBack(changetype<Frame>(frame), shadow, advice)
    putPrivate(changetype<Frame>(frame))
  } else if (frame) freeFrame(frame)
  freeSwap(entry)
  return frame !== null
}
