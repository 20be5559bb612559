// A round of reclaim: the lists of the groups are shrunk, by as much as the priority says. shrink_lruvec and shrink_node of
// Linux's mm/vmscan.c. Takes: what evicting a page takes; no lock is held.
import { totalSlots } from '../map/swap'
import { EVICTABLE_LRUS, Group, Lru } from '../phys/group'
import { Superblock } from '../phys/superblock'
import { Zone } from '../phys/zone'
import { shrinkGenerations } from './mglru/evict'
import { DEF_PRIORITY, inactiveIsLow, prepareScanControl, ScanControl, SWAP_CLUSTER_MAX, setScanCounts } from './scanControl'
import { shrinkActive } from './shrinkActive'
import { shrinkInactive } from './shrinkInactive'

/** Looks at pages of one list; returns how many it evicted. */
function shrinkList(sc: ScanControl, group: Group, lru: u32, count: u32): u32 {
  if (lru === Lru.InactiveAnon || lru === Lru.InactiveFile) return shrinkInactive(sc, group, lru, count)
  if (lru === Lru.ActiveAnon ? sc.mayDeactivateAnon : sc.mayDeactivateFile) shrinkActive(sc, group, lru, count)
  else sc.skippedDeactivate = true
  return 0
}

/** Sets what is left to scan of a list to its share of the first target, less what was scanned. */
function rescale(sc: ScanControl, lru: u32, percentage: u32): void {
  const scanned = sc.targeted(lru) - sc.left(lru)
  const left = <u32>((<u64>sc.targeted(lru) * (100 - percentage)) / 100)
  sc.setLeft(lru, left - min(left, scanned))
}

/** Once enough was freed: scans no more of the kind of which less is left, and of the other as much in proportion; false if one is done. */
function balanceRest(sc: ScanControl): bool {
  const anon = sc.left(Lru.InactiveAnon) + sc.left(Lru.ActiveAnon)
  const file = sc.left(Lru.InactiveFile) + sc.left(Lru.ActiveFile)
  if (anon === 0 || file === 0) return false
  const smaller: u32 = file > anon ? Lru.InactiveAnon : Lru.InactiveFile
  const larger: u32 = file > anon ? Lru.InactiveFile : Lru.InactiveAnon
  const target = sc.targeted(smaller) + sc.targeted(smaller + 1) + 1
  const percentage = <u32>((<u64>min(anon, file) * 100) / target)
  sc.setLeft(smaller, 0)
  sc.setLeft(smaller + 1, 0)
  rescale(sc, larger, percentage)
  rescale(sc, larger + 1, percentage)
  return true
}

/** Scans a group's lists by the priority. */
function shrinkGroup(sc: ScanControl, group: Group): void {
  setScanCounts(sc, group)
  // who was refused a frame, machine-wide, does all of the first round: kswapd does not keep up
  const whole = sc.target === Group.root && !sc.isKswapd && sc.priority === DEF_PRIORITY
  let reclaimed: u32 = 0
  while ((sc.left(Lru.InactiveAnon) | sc.left(Lru.ActiveFile) | sc.left(Lru.InactiveFile)) !== 0) {
    for (let lru: u32 = 0; lru < EVICTABLE_LRUS; lru++) {
      const count = min(sc.left(lru), SWAP_CLUSTER_MAX)
      if (count === 0) continue
      sc.setLeft(lru, sc.left(lru) - count)
      reclaimed += shrinkList(sc, group, lru, count)
    }
    if (sc.isWanted || (reclaimed >= sc.nrToReclaim && !whole && !balanceRest(sc))) break
  }
  sc.nrReclaimed += reclaimed
  ageAnon(sc, group)
}

/** Makes some active anonymous pages of a group inactive if there are too many, and there is swap for them. */
function ageAnon(sc: ScanControl, group: Group): void {
  if (totalSlots() > 0 && inactiveIsLow(group, false)) shrinkActive(sc, group, Lru.ActiveAnon, SWAP_CLUSTER_MAX)
}

/** Scans the two lists of each kind. */
function shrinkLists(sc: ScanControl): void {
  prepareScanControl(sc)
  const target = sc.target
  if (target !== Group.root) shrinkGroup(sc, target)
  else for (let number: u32 = 0; number < Superblock.only.groups; number++) shrinkGroup(sc, Group.at(number))
}

/** Scans the lists of the group that is reclaimed, of all groups if that is the root, by the priority. */
export function shrinkNode(sc: ScanControl): void {
  const before = sc.nrReclaimed
  if (Group.root.hasGenerations) shrinkGenerations(sc)
  else shrinkLists(sc)
  if (sc.nrReclaimed !== before) Zone.ofUsers.noteProgress()
  else if (sc.cacheTrimMode) sc.cacheTrimModeFailed = true
}
