// What one round of reclaim is for and how it goes: Linux's struct scan_control, one a CPU; and what it is to scan,
// decided anew for each priority. Linux's mm/vmscan.c, prepare_scan_control and get_scan_count.
import { DOOMED, STOPPED } from '../abi/attention'
import { CPU_PCP, CPU_SCAN } from '../abi/layout'
import { SAME_SWAPPINESS } from '../abi/limits'
import { CACHE_TRIM, COST_BALANCE, DEACTIVATION } from '../abi/mechanism'
import { WORKINGSET_ACTIVATE_ANON, WORKINGSET_ACTIVATE_FILE } from '../abi/vmstat'
import { Link } from '../lib/list'
import { freeSlotsFor } from '../map/swap'
import { EVICTABLE_LRUS, Group, Lru, pagesOf } from '../phys/group'
import { Superblock } from '../phys/superblock'
import { Sysctl } from '../phys/sysctl'
import { Zone } from '../phys/zone'
import { Cpu } from '../sync/cpu'

/** The lowest priority: one in 2^12 pages is scanned. */
export const DEF_PRIORITY: i32 = 12
/** Pages that are looked at, or freed, at once. */
export const SWAP_CLUSTER_MAX: u32 = 32
/** Pages of which the last are isolated at once, under linux-6.12-mglru, and that are looked at for that. */
export const MIN_LRU_BATCH: u32 = 64
export const MAX_LRU_BATCH: u32 = 4096
/** Pages of a gigabyte, as a shift. */
const GIGABYTE: u32 = 18
/** The largest swappiness. */
export const MAX_SWAPPINESS: u64 = 200

/** A round of reclaim. Guard: the CPU's thread. */
@unmanaged
@final
export class ScanControl {
  /** Pages taken from the list that is scanned, and those of them to be put back, in reverse order. */
  isolated: Link
  isolatedNext: Link
  kept: Link
  keptNext: Link
  /** How many pages are to be freed; how many were, and how many were looked at. */
  nrToReclaim: u32
  nrReclaimed: u32
  nrScanned: u32
  /** 12 to 0. */
  priority: i32
  /** Of the last batch: pages that were written out, that became active, and that must be written back first. */
  nrPageout: u32
  nrActivate: u32
  nrUnqueuedDirty: u32
  /** Whether it is kswapd that reclaims, and not who was refused a frame. */
  isKswapd: bool
  /** Whether active pages of a kind, anonymous or of files, are to be looked at. */
  mayDeactivateAnon: bool
  mayDeactivateFile: bool
  forceDeactivate: bool
  skippedDeactivate: bool
  /** Whether there are inactive file pages enough for now. */
  cacheTrimMode: bool
  cacheTrimModeFailed: bool
  noCacheTrimMode: bool
  /** Whether there are so few file pages that anonymous ones must go. */
  fileIsTiny: bool
  /** How many pages of each list are to be looked at: left, and at first. */
  left0: u32
  left1: u32
  left2: u32
  left3: u32
  target0: u32
  target1: u32
  target2: u32
  target3: u32
  /** Under linux-6.12-mglru: whether anonymous pages may go. */
  canSwap: bool
  /** Of the last pages that were taken: 1 if they are of files; and how many there were to be scanned. */
  file: u32
  total: u32
  /** Of a group's round: pages of files that were taken, or put off until they are written back. */
  nrFileTaken: u32
  /** Of a walk: the entry of the table that is looked into, 0 for none, its entries, and those of them that were used. */
  table: usize
  tableTotal: u32
  tableYoung: u32

  /** This CPU's. */
  @inline
  static get current(): ScanControl {
    return changetype<ScanControl>(changetype<usize>(Cpu.current) + CPU_SCAN)
  }

  /** The group whose pages are reclaimed. */
  @inline
  get target(): Group {
    return Group.at(Cpu.current.target)
  }

  /** Whether this is kswapd, which frees no page that somebody waits for, and its thread is wanted for something else. */
  get isWanted(): bool {
    return this.isKswapd && (Cpu.current.wants & (DOOMED | STOPPED)) !== 0
  }

  /** A new round, of a control group or, for 0, of all of the machine. */
  static begin(target: u32, nrToReclaim: u32, isKswapd: bool): ScanControl {
    const sc = ScanControl.current
    memory.fill(changetype<usize>(sc), 0, offsetof<ScanControl>())
    sc.isolatedList.reset()
    sc.keptList.reset()
    sc.nrToReclaim = nrToReclaim
    sc.priority = DEF_PRIORITY
    sc.isKswapd = isKswapd
    Cpu.current.target = target
    return sc
  }

  @inline
  get isolatedList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<ScanControl>('isolated'))
  }

  @inline
  get keptList(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<ScanControl>('kept'))
  }

  /** How many pages of a list are left to look at. */
  @inline
  left(lru: u32): u32 {
    return load<u32>(changetype<usize>(this) + <usize>lru * 4, offsetof<ScanControl>('left0'))
  }

  @inline
  setLeft(lru: u32, pages: u32): void {
    store<u32>(changetype<usize>(this) + <usize>lru * 4, pages, offsetof<ScanControl>('left0'))
  }

  /** How many pages of a list were to be looked at. */
  @inline
  targeted(lru: u32): u32 {
    return load<u32>(changetype<usize>(this) + <usize>lru * 4, offsetof<ScanControl>('target0'))
  }

  @inline
  setTargeted(lru: u32, pages: u32): void {
    store<u32>(changetype<usize>(this) + <usize>lru * 4, pages, offsetof<ScanControl>('target0'))
  }
}

/** The whole part of a square root. */
function intSqrt(value: u64): u32 {
  return <u32>sqrt<f64>(<f64>value)
}

/** Whether a group has fewer inactive pages, anonymous or of files, than it should have for its active ones. */
export function inactiveIsLow(group: Group, file: bool): bool {
  if ((Superblock.only.without & DEACTIVATION) !== 0) return false
  const inactive = pagesOf(group, file ? Lru.InactiveFile : Lru.InactiveAnon)
  const active = pagesOf(group, file ? Lru.ActiveFile : Lru.ActiveAnon)
  const gigabytes = (inactive + active) >> GIGABYTE
  const ratio: u64 = gigabytes === 0 ? 1 : <u64>intSqrt(10 * gigabytes)
  return <u64>inactive * ratio < <u64>active
}

/** Decides whether active pages are looked at, and whether one kind of pages alone is scanned. */
export function prepareScanControl(sc: ScanControl): void {
  const group = sc.target
  const without = Superblock.only.without
  const forced = sc.forceDeactivate
  sc.mayDeactivateAnon = forced || activations(group, false) !== group.activatedAnon || inactiveIsLow(group, false)
  sc.mayDeactivateFile = forced || activations(group, true) !== group.activatedFile || inactiveIsLow(group, true)
  const enough = pagesOf(group, Lru.InactiveFile) >> sc.priority !== 0 && !sc.mayDeactivateFile
  sc.cacheTrimMode = enough && !sc.noCacheTrimMode && (without & CACHE_TRIM) === 0
  sc.fileIsTiny = group === Group.root && isFileTiny(sc)
}

/** How many pages, anonymous or of files, came back and were active at once. */
function activations(group: Group, file: bool): u32 {
  return <u32>group.counted(file ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON)
}

/** Remembers how many there were, as one round ends: refaults since then are news to the next. */
export function snapshotRefaults(group: Group): void {
  group.activatedAnon = activations(group, false)
  group.activatedFile = activations(group, true)
}

/** Whether even without any file page the machine would be short of memory. */
function isFileTiny(sc: ScanControl): bool {
  const root = Group.root
  const zone = Zone.ofUsers
  const file = pagesOf(root, Lru.InactiveFile) + pagesOf(root, Lru.ActiveFile)
  const free = atomic.load<u32>(changetype<usize>(zone), offsetof<Zone>('free'))
  return file + free <= zone.high && !sc.mayDeactivateAnon && pagesOf(root, Lru.InactiveAnon) >> sc.priority !== 0
}

/** What get_scan_count weighs: how anonymous and file pages share what is scanned. */
export enum Balance {
  Equal,
  Fractions,
  Anon,
  File,
}

/** vm.swappiness, or that of the group that is reclaimed. */
export function swappinessOf(group: Group): u32 {
  return group.swappiness === SAME_SWAPPINESS ? Sysctl.only.swappiness : group.swappiness
}

/** Which kinds of a group's pages are scanned. */
function balanceOf(sc: ScanControl, group: Group, swappiness: u32): Balance {
  if (freeSlotsFor(group) === 0) return Balance.File
  if (sc.target !== Group.root && swappiness === 0) return Balance.File
  if (sc.priority === 0 && swappiness !== 0) return Balance.Equal
  if (sc.fileIsTiny) return Balance.Anon
  return sc.cacheTrimMode ? Balance.File : Balance.Fractions
}

/** Says how many pages of each of a group's lists are to be looked at. */
export function setScanCounts(sc: ScanControl, group: Group): void {
  const swappiness = swappinessOf(sc.target)
  const balance = balanceOf(sc, group, swappiness)
  const root = sc.target
  const even = (Superblock.only.without & COST_BALANCE) !== 0
  const anonOnly: u64 = even ? 0 : root.anonCost
  const fileOnly: u64 = even ? 0 : root.fileCost
  const anonCost = anonOnly + fileOnly + anonOnly
  const fileCost = anonOnly + fileOnly + fileOnly
  const total = anonCost + fileCost
  const anonShare = (<u64>swappiness * (total + 1)) / (anonCost + 1)
  const fileShare = ((MAX_SWAPPINESS - <u64>swappiness) * (total + 1)) / (fileCost + 1)
  for (let lru: u32 = 0; lru < EVICTABLE_LRUS; lru++) {
    const file = lru >= <u32>Lru.InactiveFile
    let scan: u64 = <u64>(group.size(lru) >> sc.priority)
    if (balance === Balance.Fractions) scan = (scan * (file ? fileShare : anonShare)) / (anonShare + fileShare)
    else if (balance !== Balance.Equal && (balance === Balance.File) !== file) scan = 0
    sc.setLeft(lru, <u32>scan)
    sc.setTargeted(lru, <u32>scan)
  }
}

if (CPU_SCAN + offsetof<ScanControl>() > CPU_PCP) ERROR('struct ScanControl reaches into the stacks of frames')
