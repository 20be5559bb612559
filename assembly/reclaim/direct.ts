// Reclaim by the thread that was refused a frame: try_to_free_pages, and should_reclaim_retry of Linux's mm/page_alloc.c.
import { ALLOCSTALL } from '../abi/vmstat'
import { freeSlots } from '../map/swap'
import { Group, Lru, pagesOf } from '../phys/group'
import { count } from '../phys/vmstat'
import { Zone } from '../phys/zone'
import { writeBackAll } from './flush'
import { ScanControl, SWAP_CLUSTER_MAX, snapshotRefaults } from './scanControl'
import { noteBegin, noteEnd } from './trace'
import { shrinkNode } from './vmscan'

/** Tries in a row that may free nothing before memory is out. */
export const MAX_RECLAIM_RETRIES: u32 = 16

/** Scans with rising priority until enough is freed. */
function scanAll(sc: ScanControl): void {
  if (sc.target === Group.root) count(ALLOCSTALL)
  do {
    sc.nrScanned = 0
    shrinkNode(sc)
  } while (sc.nrReclaimed < sc.nrToReclaim && --sc.priority >= 0)
  snapshotRefaults(sc.target)
}

/** Frees at least `wanted` pages of a control group, or of the machine for 0, if it can; returns how many it freed. */
export function reclaimPages(group: u32, wanted: u32): u32 {
  noteBegin(group)
  let sc = ScanControl.begin(group, max(wanted, SWAP_CLUSTER_MAX), false)
  scanAll(sc)
  if (sc.nrReclaimed === 0 && sc.skippedDeactivate) {
    sc = ScanControl.begin(group, sc.nrToReclaim, false)
    sc.forceDeactivate = true
    scanAll(sc)
  }
  if (sc.nrReclaimed === 0 && writeBackAll() !== 0) {
    sc = ScanControl.begin(group, sc.nrToReclaim, false)
    scanAll(sc)
  }
  noteEnd(group, sc.nrReclaimed)
  return sc.nrReclaimed
}

/** Whether there would be a frame for a user if every page that may be evicted were. */
export function isWorthwhile(): bool {
  const zone = Zone.ofUsers
  const root = Group.root
  let pages = atomic.load<u32>(changetype<usize>(zone), offsetof<Zone>('free'))
  pages += pagesOf(root, Lru.InactiveFile) + pagesOf(root, Lru.ActiveFile)
  if (freeSlots() > 0) pages += pagesOf(root, Lru.InactiveAnon) + pagesOf(root, Lru.ActiveAnon)
  return pages > zone.min
}
