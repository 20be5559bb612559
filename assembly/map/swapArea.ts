// Swap areas and their slots. A slot has 8 bytes in a page of 512 of them, a cluster: how many swap entries refer to it, and
// which frame holds its page as well. Slots are taken as Linux 6.12 does (mm/swapfile.c, cluster_alloc_swap_entry): each
// CPU goes through a cluster of its own from front to back, takes an empty one next, and only then those with
// gaps. Not as there: no CPU keeps 64 slots in reserve (mm/swap_slots.c, gone in 6.15). Takes no lock.
import { COMMITMENT, MAX_CPUS, PAGE_SIZE, SWAP_AREA_SIZE, SWAP_AREAS, SWAP_HITS, SWAP_TOTALS } from '../abi/layout'
import { PANIC_UNDERFLOW } from '../abi/panic'
import { SLOT_SAME, SLOT_ZEROS, SWAP_AREA_COUNT, SWAP_FILE, SWAP_ON } from '../abi/swap'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Frame } from '../phys/frame'
import { Group, unchargeSwap } from '../phys/group'
import { addTo } from '../sync/counter'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'
import { areaNumberOf } from './swapEntry'

/** Slots of a cluster. */
export const CLUSTER: u32 = 512
/** The count of a slot that is none: the header, and what is behind the end of the area. */
export const BAD: u16 = 0xffff
/** In place of the number of the control group that pays for a slot: it was removed. */
export const NOBODY: u32 = 0xff

/** In a slot's `cache`: a CPU's thread moves its page. A shadow has not so many bits. */
const MOVING: u32 = ((<u32>1) << 31) | 1

/** What says in a slot's `cache` that this CPU's thread moves its page. */
export function moverOf(cpu: Cpu): u32 {
  return MOVING | (cpu.id << 1)
}

/** A slot. Guard: Swap of its area. */
@unmanaged
@final
export class Slot {
  /** Swap entries that refer to it, in page tables and objects' trees, or that somebody holds. */
  count: u16
  flags: u16
  /** The frame that holds its page, which is in the swap cache then; or the shadow of that frame, shifted up by one, and bit 0; or who moves its page, see `moverOf`; or 0. */
  cache: u32

  /** The frame that holds its page, null if none does. */
  @inline
  get frame(): Frame | null {
    return changetype<Frame>((this.cache & 1) !== 0 ? 0 : this.cache)
  }

  /** Whether its page is on its way there, or ahead of use from there: what is in the slot is not to be read ahead. */
  @inline
  get isMoving(): bool {
    return (this.cache & MOVING) === MOVING
  }

  /** The shadow that was left there, 0 if there is none. */
  @inline
  get shadow(): u32 {
    return (this.cache & MOVING) === 1 ? this.cache >> 1 : 0
  }

  /** Whether it may be taken. */
  @inline
  get isFree(): bool {
    return this.count === 0 && (this.cache === 0 || (this.cache & 1) !== 0)
  }
}

/** A cluster, in one of its area's lists. Guard: Swap of its area. */
@unmanaged
@final
export class Cluster extends Link {
  /** Address of its slots, and of the number of the control group that pays for each, u8: Linux's swap_cgroup. Guard: immutable. */
  table: u32
  payers: u32
  /** Slots that are not free. */
  used: u16
  /** A number of List. */
  list: u16
}

/** The lists of clusters. */
export enum List {
  /** No slot is in use. */
  Free,
  /** Some are, and one was freed since it was looked at. */
  Nonfull,
  /** Some are. */
  Frag,
  /** All are. */
  Full,
}

/** An area; behind it stand the Links of its lists of clusters. */
@unmanaged
@final
export class SwapArea extends Lock {
  /** SWAP_OFF, SWAP_ON or SWAP_LEAVING. Guard: atomic; written by who calls swapon and swapoff, one at a time. */
  state: u32
  /** Areas with a higher one are filled first. Guard: immutable while it is on, as the next four. */
  priority: i32
  /** Where its pages are: SWAP_MEMORY, SWAP_FILE or SWAP_NONE. */
  backing: u32
  /** Slots, the header included. */
  slots: u32
  /** Its name: address and bytes. */
  path: u32
  pathLength: u32
  /** Where it begins in the host's memory, in pages, if that is its backing. */
  base: u32
  /** How often an area with this number was made: hosts open it anew if it rose. Guard: atomic. */
  generation: u32
  /** Slots in use. */
  used: u32
  /** Slots whose page a frame holds as well. */
  cached: u32
  /** Slots whose page is zeros. */
  zeros: u32
  /** When its turn was, among areas of equal priority. Guard: atomic. */
  turn: u32
  /** Address of struct Cluster of each cluster, and behind them of the slot that each CPU tries next, u32. Guard: immutable while it is on. */
  clusters: u32
  clusterCount: u32
  /** 1 if it is on a disk that rotates; and if it counts what its pages take compressed. Guard: as the two before. */
  rotates: u32
  compresses: u32
  /** Of the slots whose pages the host has, if it counts that: how many they are, those whose page is one word over and over, those that compress too little to be worth it, and the bytes of all but the second kind, compressed. */
  stored: u32
  same: u32
  huge: u32
  compressed: u64

  @inline
  static at(number: u32): SwapArea {
    return changetype<SwapArea>(SWAP_AREAS + <usize>number * SWAP_AREA_SIZE)
  }

  /** The area of an entry. */
  @inline
  static of(entry: u32): SwapArea {
    return SwapArea.at(areaNumberOf(entry))
  }

  /** Its number. */
  @inline
  get number(): u32 {
    return <u32>((changetype<usize>(this) - SWAP_AREAS) / SWAP_AREA_SIZE)
  }

  /** Whether slots are taken. */
  @inline
  get isOn(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<SwapArea>('state')) === SWAP_ON
  }

  /** A list of clusters. Guard: Swap. */
  @inline
  list(list: List): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<SwapArea>() + <usize>list * offsetof<Link>())
  }

  @inline
  cluster(index: u32): Cluster {
    return changetype<Cluster>(<usize>this.clusters + <usize>index * offsetof<Cluster>())
  }

  /** Number of a cluster. */
  @inline
  indexOf(cluster: Cluster): u32 {
    return <u32>(changetype<usize>(cluster) - this.clusters) / offsetof<Cluster>()
  }

  @inline
  slot(slot: u32): Slot {
    return changetype<Slot>(<usize>this.cluster(slot / CLUSTER).table + <usize>(slot % CLUSTER) * offsetof<Slot>())
  }

  /** Address of the number of the control group that pays for a slot, u8; 0 for the root, NOBODY if it is gone. Guard: Swap, or who has the only entry. */
  @inline
  payerAt(slot: u32): usize {
    return <usize>this.cluster(slot / CLUSTER).payers + <usize>(slot % CLUSTER)
  }

  /** The CPU whose slot is tried next, when this one takes one: all have the same on a disk that rotates. */
  @inline
  get turner(): u32 {
    return this.rotates !== 0 ? 0 : Cpu.current.id
  }

  /** Whether its pages are not as fast as memory, so that they go by way of the swap cache and neighbours are read too: no SWP_SYNCHRONOUS_IO. */
  @inline
  get isSlow(): bool {
    return this.backing === SWAP_FILE || this.rotates !== 0
  }

  /** Address of the slot that a CPU tries next, 0 for none. Guard: Swap. */
  @inline
  nextAt(cpu: u32): usize {
    return <usize>this.clusters + <usize>this.clusterCount * offsetof<Cluster>() + <usize>cpu * 4
  }

  /** Bytes of what stands at a cluster's `payers`. */
  @inline
  get noteBytes(): u32 {
    return this.compresses !== 0 ? CLUSTER * 3 : CLUSTER
  }

  /** Address of the bytes that a slot's page takes compressed, u16: SLOT_SAME if it is one word over and over, 0 if the host does not have it. Guard: Swap. */
  @inline
  sizeAt(slot: u32): usize {
    return <usize>this.cluster(slot / CLUSTER).payers + CLUSTER + <usize>(slot % CLUSTER) * 2
  }

  /** Counts one more who refers to a slot that somebody refers to. Takes: Swap. */
  @inline
  hold(slot: u32): void {
    this.lock(Rank.Swap)
    const at = this.slot(slot)
    if (at.count === 0 || at.count >= BAD - 1) bug(PANIC_UNDERFLOW, slot, at.count)
    at.count++
    this.unlock(Rank.Swap)
  }

  /** Takes a free slot. Holds: Swap. */
  @inline
  takeLocked(slot: u32): void {
    const at = this.slot(slot)
    const cluster = this.cluster(slot / CLUSTER)
    at.count = 1
    at.flags = 0
    at.cache = moverOf(Cpu.current)
    this.used++
    SwapTotals.only.addFree(-1)
    const used = <u32>cluster.used + 1
    cluster.used = <u16>used
    if (used === CLUSTER) moveLocked(this, cluster, List.Full)
    else if (cluster.list === <u16>List.Free) moveLocked(this, cluster, List.Nonfull)
    store<u32>(this.nextAt(this.turner), used === CLUSTER || (slot + 1) % CLUSTER === 0 ? 0 : slot + 1)
  }

  /** Bytes of the clusters of an area of so many, and what stands behind them. */
  @inline
  static bytesOf(clusters: u32): u32 {
    return clusters * offsetof<Cluster>() + <u32>MAX_CPUS * 4
  }
}

/** What all areas have together. */
@unmanaged
@final
export class SwapTotals {
  /** Free slots of the areas that are on. Guard: atomic; written under Swap of an area. */
  free: u32
  /** Areas that are not off have numbers below this. Guard: atomic; written by who calls swapon and swapoff. */
  end: u32

  @inline
  static get only(): SwapTotals {
    return changetype<SwapTotals>(SWAP_TOTALS)
  }

  /** How many slots are free. */
  @inline
  get freeNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this))
  }

  /** Where the numbers of areas end. */
  @inline
  get endNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<SwapTotals>('end'))
  }

  /** Notes that so many slots are free now, or are not if the number is below 0. Holds: Swap of an area. */
  @inline
  addFree(slots: i32): void {
    addTo<u32>(changetype<usize>(this), <u32>slots)
  }
}

/** Moves a cluster to the end of a list. Holds: Swap. */
function moveLocked(area: SwapArea, cluster: Cluster, list: List): void {
  cluster.unlink()
  cluster.insertBefore(area.list(list))
  cluster.list = <u16>list
}

/** Takes the first free slot from one on in its cluster; 0 if there is none. Holds: Swap. */
function scanLocked(area: SwapArea, from: u32): u32 {
  const end = (from | (CLUSTER - 1)) + 1
  for (let slot = from; slot < end; slot++) {
    if (!area.slot(slot).isFree) continue
    area.takeLocked(slot)
    return slot
  }
  store<u32>(area.nextAt(area.turner), 0)
  return 0
}

/** Takes a slot of an area that is on; 0 if none is free. Holds: Swap. */
export function takeSlotLocked(area: SwapArea): u32 {
  const next = load<u32>(area.nextAt(area.turner))
  if (next === 0 || !area.slot(next).isFree) return findSlotLocked(area, next)
  area.takeLocked(next)
  return next
}

/** Takes a slot behind that of its number in its cluster, or in another cluster; 0 if none is free. Holds: Swap. */
function findSlotLocked(area: SwapArea, next: u32): u32 {
  let slot = next === 0 ? 0 : scanLocked(area, next)
  if (slot !== 0) return slot
  const free = area.list(List.Free)
  if (!free.isEmpty) return scanLocked(area, area.indexOf(changetype<Cluster>(free.next)) * CLUSTER)
  const nonfull = area.list(List.Nonfull)
  while (slot === 0 && !nonfull.isEmpty) {
    const cluster = changetype<Cluster>(nonfull.next)
    moveLocked(area, cluster, List.Frag)
    slot = scanLocked(area, area.indexOf(cluster) * CLUSTER)
  }
  const frag = area.list(List.Frag)
  if (slot !== 0 || frag.isEmpty) return slot
  const last = changetype<Cluster>(frag.prev)
  let cluster: Cluster
  do {
    cluster = changetype<Cluster>(frag.next)
    moveLocked(area, cluster, List.Frag)
    slot = scanLocked(area, area.indexOf(cluster) * CLUSTER)
  } while (slot === 0 && cluster !== last)
  return slot
}

/** Takes a page of so many bytes into what an area counts, or out of it for -1. Holds: Swap. */
function countSizeLocked(area: SwapArea, bytes: u32, pages: i32): void {
  if (bytes === 0) return
  area.stored += pages
  if (bytes === SLOT_SAME) area.same += pages
  else area.compressed += <u64>bytes * <u64>(<i64>pages)
  if (bytes === PAGE_SIZE) area.huge += pages
}

/** Notes how many bytes a slot's page takes compressed, see `sizeAt`, in an area that counts that. Holds: Swap. */
export function setSizeLocked(area: SwapArea, slot: u32, bytes: u32): void {
  const at = area.sizeAt(slot)
  countSizeLocked(area, load<u16>(at), -1)
  countSizeLocked(area, bytes, 1)
  store<u16>(at, bytes)
}

/** Takes a slot, the number of whose group stands at an address, from what that pays for. Holds: Swap. */
function giveBackLocked(payer: usize): void {
  const number: u32 = load<u8>(payer)
  if (number === 0) return
  if (number !== NOBODY) unchargeSwap(Group.at(number))
  store<u8>(payer, 0)
}

/** Frees a slot to which nothing refers, and whose page no frame has. Holds: Swap. */
export function freeSlotLocked(area: SwapArea, slot: u32): void {
  const at = area.slot(slot)
  const cluster = area.cluster(slot / CLUSTER)
  if (cluster.used === 0 || at.count !== 0) bug(PANIC_UNDERFLOW, slot, at.count)
  if ((at.flags & SLOT_ZEROS) !== 0) area.zeros--
  giveBackLocked(area.payerAt(slot))
  if (area.compresses !== 0) setSizeLocked(area, slot, 0)
  at.flags = 0
  at.cache = 0
  area.used--
  if (area.isOn) SwapTotals.only.addFree(1)
  cluster.used--
  if (cluster.used === 0) moveLocked(area, cluster, List.Free)
  else if (cluster.list !== <u16>List.Nonfull) moveLocked(area, cluster, List.Nonfull)
}

if (offsetof<SwapArea>() + 4 * offsetof<Link>() > SWAP_AREA_SIZE) ERROR('struct SwapArea is larger than its place')
if (SWAP_AREAS + SWAP_AREA_COUNT * SWAP_AREA_SIZE > SWAP_HITS) ERROR('the swap areas reach into what stands behind them')
if (SWAP_TOTALS + offsetof<SwapTotals>() > COMMITMENT) ERROR('the totals of swap areas reach into the count of promises')
if (PAGE_SIZE / offsetof<Slot>() !== CLUSTER) ERROR('a cluster is not a page of slots')
