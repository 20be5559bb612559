// Reclaim ahead of need: from the low watermark up to the high one. balance_pgdat of Linux's mm/vmscan.c. It runs in the thread
// that comes below the low watermark, if the machine is to give the same counts every time, or has one CPU; else in a
// thread of its own. Takes: what evicting a page takes; no lock is held.
import { PAGEOUTRUN } from '../abi/vmstat'
import { totalSlots } from '../map/swap'
import { Group, Lru } from '../phys/group'
import { drainFrames } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { count } from '../phys/vmstat'
import { Zone } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { DEF_PRIORITY, inactiveIsLow, ScanControl, SWAP_CLUSTER_MAX, snapshotRefaults } from './scanControl'
import { shrinkActive } from './shrinkActive'
import { shrinkNode } from './vmscan'

/** Whether enough frames are free for kswapd to rest. */
function isBalanced(): bool {
  const zone = Zone.ofUsers
  return atomic.load<u32>(changetype<usize>(zone), offsetof<Zone>('free')) > zone.high
}

/** Makes some active anonymous pages inactive if there are too many, so that they can be used again before they go. */
function ageNode(sc: ScanControl): void {
  if (totalSlots() === 0 || !inactiveIsLow(Group.root, false)) return
  for (let number: u32 = 0; number < Superblock.only.groups; number++) shrinkActive(sc, Group.at(number), Lru.ActiveAnon, SWAP_CLUSTER_MAX)
}

/** How many pages one round should look at: as many as should be free. */
function roundSize(): u32 {
  let pages: u32 = 0
  for (let index: u32 = 0; index < Zone.count; index++) pages += max(Zone.at(index).high, SWAP_CLUSTER_MAX)
  return pages
}

/** Scans with rising priority until enough frames are free; false if they never were. */
function balanceFrom(sc: ScanControl): bool {
  sc.priority = DEF_PRIORITY
  do {
    if (isBalanced()) return true
    const before = sc.nrReclaimed
    ageNode(sc)
    sc.nrScanned = 0
    sc.nrToReclaim = roundSize()
    shrinkNode(sc)
    // so that all CPUs find what was freed
    drainFrames(Cpu.current)
    if (sc.nrScanned < sc.nrToReclaim || sc.nrReclaimed === before) sc.priority--
  } while (sc.priority >= 1)
  return false
}

/** Reclaims until enough frames are free, or it is hopeless. */
export function balance(): void {
  const zone = Zone.ofUsers
  while (!isBalanced() && !zone.isHopeless) {
    const sc = ScanControl.begin(0, 0, true)
    count(PAGEOUTRUN)
    let balanced = balanceFrom(sc)
    if (!balanced && sc.nrReclaimed === 0 && sc.cacheTrimModeFailed) {
      sc.noCacheTrimMode = true
      balanced = balanceFrom(sc)
    }
    if (!balanced && sc.nrReclaimed === 0) zone.noteFailure()
    snapshotRefaults(Group.root)
  }
}
