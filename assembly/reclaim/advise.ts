// madvise(MADV_PAGEOUT): evicting the pages of a range that nobody else maps: madvise_pageout_page_range of Linux's mm/madvise.c.
// Page numbers. Holds: Space. Takes: what pageOut takes.
import { BUFFER_SIZE } from '../abi/layout'
import { nextMapped, tableEnd, walk } from '../map/pagetable'
import { isPresent, pfnOf, unused } from '../map/pte'
import { TlbEntry } from '../map/tlb'
import { Mm } from '../mm/space'
import { Frame, PG_ACTIVE, PG_REFERENCED, PG_WORKINGSET, State } from '../phys/frame'
import { drainLru } from '../phys/lru'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { isolateOne, putBackOne } from './isolate'
import { Outcome, pageOut } from './pageOut'

/** Whether a page may be taken: nobody else maps it. */
function mayTake(frame: Frame, objects: bool): bool {
  const kind = frame.state
  if (kind !== State.Anonymous && (kind !== State.Object || !objects)) return false
  return frame.mapCount === 1
}

/** Takes the pages of [start, end), in one table, with a reference each, into the CPU's buffer; returns how many. Holds: Space. Takes: Tables. */
function takePages(mm: Mm, start: u64, end: u64, objects: bool): u32 {
  const frames = Cpu.current.buffer
  let taken: u32 = 0
  mm.tablesLock.lock(Rank.Tables)
  let at = walk(mm.tables, start)
  for (let vpn = start; vpn < end && at !== 0; vpn++, at += 8) {
    const pte = load<u64>(at)
    if (!isPresent(pte)) continue
    const frame = Frame.at(pfnOf(pte))
    if (!mayTake(frame, objects) || !isolateOne(frame)) continue
    frame.clearFlags(PG_REFERENCED)
    if (frame.has(PG_ACTIVE)) frame.setFlags(PG_WORKINGSET)
    store<u64>(at, unused(pte))
    TlbEntry.flush(mm.cpusNow, vpn, mm.id)
    store<u32>(frames + <usize>(taken++ << 2), changetype<u32>(frame))
  }
  mm.tablesLock.unlock(Rank.Tables)
  return taken
}

/** Evicts the pages [start, end) of a VMA, those of its object if `objects` says so. Holds: Space. */
export function pageOutVma(mm: Mm, start: u64, end: u64, objects: bool): void {
  drainLru()
  for (let vpn = nextIn(mm, start, end); vpn < end; vpn = nextIn(mm, vpn, end)) {
    const stop = tableEnd(vpn, end)
    const taken = takePages(mm, vpn, stop, objects)
    for (let i: u32 = 0; i < taken; i++) {
      const frame = changetype<Frame>(load<u32>(Cpu.current.buffer + <usize>(i << 2)))
      const outcome = pageOut(frame, false)
      if ((outcome & Outcome.Freed) !== 0) continue
      if ((outcome & Outcome.Activate) !== 0) frame.setFlags(PG_ACTIVE)
      putBackOne(frame)
    }
    vpn = stop
  }
}

/** The first page from `vpn` on whose entry is not 0. Takes: Tables. */
function nextIn(mm: Mm, vpn: u64, end: u64): u64 {
  mm.tablesLock.lock(Rank.Tables)
  const next = nextMapped(mm.tables, vpn, end)
  mm.tablesLock.unlock(Rank.Tables)
  return next
}

if (<u32>512 * 4 > BUFFER_SIZE) ERROR('the buffer holds no table of frames')
