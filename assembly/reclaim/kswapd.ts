// Reclaim ahead of need: from the low watermark up to the high one. balance_pgdat and kswapd of Linux's mm/vmscan.c. It runs in a thread
// of its own, if the machine has one for it, which is no process and is in a call while it is awake; else in the thread
// that comes below the low watermark, so that the machine gives the same counts every time. Takes: what evicting a page takes; no lock is held.
import { DOOMED, STOPPED } from '../abi/attention'
import { MM_VMSCAN_KSWAPD_SLEEP, MM_VMSCAN_KSWAPD_WAKE } from '../abi/event'
import { KSWAPD_HIGH_WMARK_HIT_QUICKLY, KSWAPD_LOW_WMARK_HIT_QUICKLY, PAGEOUTRUN } from '../abi/vmstat'
import { totalSlots } from '../map/swap'
import { Group, Lru } from '../phys/group'
import { drainFrames } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { TraceEvent } from '../phys/trace'
import { count } from '../phys/vmstat'
import { Kswapd, Zone } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { DEF_PRIORITY, inactiveIsLow, ScanControl, SWAP_CLUSTER_MAX, snapshotRefaults } from './scanControl'
import { shrinkActive } from './shrinkActive'
import { shrinkNode } from './vmscan'

/** How long kswapd's thread naps before it sleeps until it is woken, and how long it sleeps before it looks for a panic, in milliseconds. */
const NAP: f64 = 100
const SLEEP: f64 = 1000

/** What came of reclaiming with rising priority. */
enum Round {
  Balanced,
  Vain,
  /** The thread is wanted for something else. */
  BrokenOff,
}

/** Whether enough frames are free for kswapd to rest. */
function isBalanced(zone: Zone): bool {
  return zone.freeNow > zone.high
}

/** Makes some active anonymous pages inactive if there are too many, so that they can be used again before they go. */
function ageNode(sc: ScanControl): void {
  if (Group.root.hasGenerations || totalSlots() === 0 || !inactiveIsLow(Group.root, false)) return
  for (let number: u32 = 0; number < Superblock.only.groups; number++) shrinkActive(sc, Group.at(number), Lru.ActiveAnon, SWAP_CLUSTER_MAX)
}

/** How many pages one round should look at: as many as should be free. */
function roundSize(): u32 {
  let pages: u32 = 0
  for (let index: u32 = 0; index < Zone.count; index++) pages += max(Zone.at(index).high, SWAP_CLUSTER_MAX)
  return pages
}

/** Lets whoever stops the machine have it, if this is kswapd's thread; false if what kswapd does is to be broken off. */
function goesOn(): bool {
  const cpu = Cpu.current
  if ((cpu.wants & (DOOMED | STOPPED)) === 0) return true
  if (cpu.id === 0 || cpu.id !== Superblock.only.kswapdCpu) return false
  cpu.end()
  return cpu.begin()
}

/** Scans with rising priority until enough frames are free. */
function balanceFrom(sc: ScanControl, zone: Zone): Round {
  sc.priority = DEF_PRIORITY
  do {
    if (isBalanced(zone)) return Round.Balanced
    const before = sc.nrReclaimed
    ageNode(sc)
    sc.nrScanned = 0
    sc.nrToReclaim = roundSize()
    shrinkNode(sc)
    // so that all CPUs find what was freed
    drainFrames(Cpu.current)
    if (sc.isWanted) {
      if (!goesOn()) return Round.BrokenOff
    } else if (sc.nrScanned < sc.nrToReclaim || sc.nrReclaimed === before) sc.priority--
  } while (sc.priority >= 1)
  return Round.Vain
}

/** Reclaims until enough frames are free, or it is hopeless; false if it was broken off. */
export function balance(): bool {
  const zone = Zone.ofUsers
  TraceEvent.note(MM_VMSCAN_KSWAPD_WAKE, 0, 0)
  while (!isBalanced(zone) && !zone.isHopeless) {
    const sc = ScanControl.begin(0, 0, true)
    count(PAGEOUTRUN)
    let round = balanceFrom(sc, zone)
    if (round === Round.Vain && sc.nrReclaimed === 0 && sc.cacheTrimModeFailed) {
      sc.noCacheTrimMode = true
      round = balanceFrom(sc, zone)
    }
    if (round === Round.BrokenOff) return false
    if (round === Round.Vain && sc.nrReclaimed === 0) zone.noteFailure()
    snapshotRefaults(Group.root)
  }
  TraceEvent.note(MM_VMSCAN_KSWAPD_SLEEP, 0, 0)
  return true
}

/** Runs kswapd in this thread, whose CPU is kswapd's, until the thread is to end. */
export function runKswapd(): void {
  const cpu = Cpu.current
  if (!cpu.begin()) return
  const zone = Zone.ofUsers
  zone.setKswapd(Kswapd.Awake)
  while (balance() && rest(cpu, zone)) {}
  cpu.end()
}

/** Whether kswapd has nothing to do, or nothing that it can. */
function mayRest(zone: Zone): bool {
  return isBalanced(zone) || zone.isHopeless
}

/**
 * Sleeps until somebody comes below the low watermark, for a tenth of a second first, lest it have stopped too early;
 * false if the thread is to end. kswapd_try_to_sleep.
 */
function rest(cpu: Cpu, zone: Zone): bool {
  let woken = false
  if (mayRest(zone)) {
    if (!nap(cpu, zone, NAP)) return false
    woken = zone.kswapdState !== Kswapd.Asleep
  }
  if (!woken && mayRest(zone)) {
    do {
      if (!nap(cpu, zone, SLEEP)) return false
    } while (zone.kswapdState === Kswapd.Asleep)
  } else count(woken ? KSWAPD_LOW_WMARK_HIT_QUICKLY : KSWAPD_HIGH_WMARK_HIT_QUICKLY)
  zone.setKswapd(Kswapd.Awake)
  return true
}

/** Sleeps for a while, or until somebody comes below the low watermark; false if the thread is to end. */
function nap(cpu: Cpu, zone: Zone, milliseconds: f64): bool {
  zone.setKswapd(Kswapd.Asleep)
  // who came below the watermark before that was not to wake anybody
  if (zone.freeNow < zone.low) zone.wakeKswapd()
  return cpu.sleep(zone.kswapdWord, Kswapd.Asleep, milliseconds)
}
