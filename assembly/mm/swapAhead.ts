// Reading private pages from swap ahead of use: those beside a page that is faulted, in the same VMA and table, go to the swap
// cache, more of them the more such pages were used: swap_vma_readahead of Linux's mm/swap_state.c. vm.page-cluster says how many at
// most, as a power of two; 0 for none. From disks that rotate, and for objects, mm/swapCluster reads by slots
// instead. Holds, in every function: Space, Tables. Takes: Swap, Zone.
import { SWAP_RA, SWAP_RA_HIT } from '../abi/vmstat'
import { walk } from '../map/pagetable'
import { isSwap, swapOf } from '../map/pte'
import { isSwapCached, payerOf, putPrivate, swapCacheAdd, swapShadow } from '../map/swap'
import { readSwap } from '../map/swapIo'
import { Vma } from '../map/vma'
import { comeBack } from '../map/workingset'
import { PG_READAHEAD } from '../phys/frame'
import { NO_FAULT } from '../phys/lru'
import { freeFrame } from '../phys/pcp'
import { Sysctl } from '../phys/sysctl'
import { count } from '../phys/vmstat'
import { newPrivate } from './privateFrame'
import { Mm } from './space'

/** Order of the most pages at once: SWAP_RA_ORDER_CEILING. */
const CEILING: u32 = 5
/** Pages of a table. */
const TABLE: u64 = 512

/** A VMA's `ahead`: the page faulted last, above the window of that time, above how many pages read ahead were used since. */
const WINDOW_SHIFT: u64 = 6
const PAGE_SHIFT_AHEAD: u64 = 12
const FIELD: u64 = 63
/** What a VMA begins with. */
const FIRST_HITS: u64 = 4

function pack(vpn: u64, window: u64, hits: u64): u64 {
  return (vpn << PAGE_SHIFT_AHEAD) | (window << WINDOW_SHIFT) | hits
}

/** How many pages to read: Linux's __swapin_nr_pages. */
export function pagesToRead(previous: u64, vpn: u64, hits: u64, most: u64, window: u64): u64 {
  let pages = hits + 2
  if (pages === 2) {
    if (vpn !== previous + 1 && vpn !== previous - 1) pages = 1
  } else {
    let power: u64 = 4
    while (power < pages) power <<= 1
    pages = power
  }
  // and it does not shrink too fast
  return max(min(pages, most), window / 2)
}

/** Notes that a page was found in the swap cache by a fault, which `ahead` says was read ahead. */
export function noteSwapHit(vma: Vma, vpn: u64, ahead: bool): void {
  const old = vma.ahead === 0 ? FIRST_HITS : vma.ahead
  const hits = old & FIELD
  vma.ahead = pack(vpn, (old >> WINDOW_SHIFT) & FIELD, ahead ? min(hits + 1, FIELD) : hits)
  if (ahead) count(SWAP_RA_HIT)
}

/** Reads the pages beside one that is being faulted, as far as there is memory. */
export function readAheadLocked(mm: Mm, vma: Vma, vpn: u64): void {
  const most = (<u64>1) << (<u64>min(Sysctl.only.pageCluster, CEILING))
  if (most === 1) return
  const old = vma.ahead === 0 ? FIRST_HITS : vma.ahead
  const previous = old >> PAGE_SHIFT_AHEAD
  const window = pagesToRead(previous, vpn, old & FIELD, most, (old >> WINDOW_SHIFT) & FIELD)
  vma.ahead = pack(vpn, window, 0)
  let left: u64 = vpn < (window - 1) / 2 ? 0 : vpn - (window - 1) / 2
  if (vpn === previous + 1) left = vpn
  else if (previous === vpn + 1) left = vpn + 1 < window ? 0 : vpn + 1 - window
  const first = vpn & ~(TABLE - 1)
  const end = min(left + window, min(vma.end, first + TABLE))
  for (let page = max(left, max(vma.start, first)); page < end; page++) {
    if (page !== vpn && !readPage(mm, vma, page, true)) return
  }
}

/** Reads a page into the swap cache, if it is in swap, ahead of use or because it is asked for; false if there is no memory, or it cannot be read. */
export function readPage(mm: Mm, vma: Vma, vpn: u64, ahead: bool): bool {
  const at = walk(mm.tables, vpn)
  const pte: u64 = at === 0 ? 0 : load<u64>(at)
  if (!isSwap(pte) || isSwapCached(swapOf(pte))) return true
  const frame = newPrivate(vma, vpn, ahead ? PG_READAHEAD : 0, payerOf(swapOf(pte)))
  if (!frame) return false
  const shadow = swapShadow(swapOf(pte))
  const error = readSwap(swapOf(pte), frame)
  if (error === 0 && swapCacheAdd(frame, swapOf(pte))) {
    if (ahead) count(SWAP_RA)
    comeBack(frame, shadow, ahead ? vma.flags : NO_FAULT)
    putPrivate(frame)
  } else freeFrame(frame)
  return error === 0
}
