// Zones: the frames whose pages have bytes in linear memory, and, in a machine without contents,
// those above them that have a struct Frame only, as Linux's NORMAL and HIGHMEM. The kernel's own
// tables and objects come from the first, users' pages from the last; neither helps the other out.
// A zone's watermarks are Linux's: mm/page_alloc.c, __setup_per_zone_wmarks.
import { ZONE_SIZE, ZONES } from '../abi/layout'
import { KSWAPD } from '../abi/mechanism'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Superblock } from './superblock'

/** The largest block of a zone is 2^MAX_ORDER frames. */
export const MAX_ORDER: u32 = 10

/** vm.watermark_scale_factor: between two watermarks lie at least so many ten-thousandths of a zone. */
const WATERMARK_SCALE: u64 = 10

/** Runs of kswapd that freed nothing after which it gives up: MAX_RECLAIM_RETRIES. */
const MAX_FAILURES: u32 = 16

/** How the zone's kswapd runs. */
export enum Kswapd {
  /** In the thread that comes below the low watermark. */
  Inline,
  /** In a thread of its own, which sleeps until somebody comes below that. */
  Asleep,
  /** In that thread, which reclaims. */
  Awake,
}

/** Who asks for frames. */
export enum Need {
  /** A user's page: it stops at the zone's lowest watermark. */
  User,
  /** A page table or a slab: it has bytes, and may take the last frame. */
  Kernel,
}

/** A zone's state; behind it stands a Link per order. */
@unmanaged
@final
export class Zone extends Lock {
  /** Free frames in all lists. Guard: Zone; read racily. */
  free: u32
  /** The zone is the frames [first, end). Guard: immutable. */
  first: u32
  end: u32
  /** Watermarks, in frames: below `min` only the kernel takes, below `low` reclaim begins, at `high` it rests. Guard: immutable. */
  min: u32
  low: u32
  high: u32
  /** So many frames a user's first try leaves: `min`, or `low`, if kswapd then runs in the thread that is refused. Guard: racy. */
  easy: u32
  /** Runs of kswapd, one after the other, that freed nothing. Guard: atomic. */
  failures: u32
  /** See Kswapd: its thread sleeps on this word. Guard: atomic; Inline is left and come back to by that thread, or who takes its CPU back. */
  kswapd: u32

  @inline
  static at(index: u32): Zone {
    return changetype<Zone>(ZONES + <usize>index * ZONE_SIZE)
  }

  /** How many zones there are. */
  @inline
  static get count(): u32 {
    return Superblock.only.userZone + 1
  }

  /** The zone of users' pages. */
  @inline
  static get ofUsers(): Zone {
    return Zone.at(Superblock.only.userZone)
  }

  /** Whether kswapd has given up, until something is freed otherwise. */
  get isHopeless(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Zone>('failures')) >= MAX_FAILURES
  }

  /** Notes that a run of kswapd freed nothing. */
  noteFailure(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Zone>('failures'))
    this.chooseEasy()
  }

  /** Notes that something was freed. */
  noteProgress(): void {
    if (this.failures === 0) return
    atomic.store<u32>(changetype<usize>(this), 0, offsetof<Zone>('failures'))
    this.chooseEasy()
  }

  /** Says who comes below the low watermark that it has to run kswapd, if so. */
  chooseEasy(): void {
    const superblock = Superblock.only
    const runs = superblock.aging !== 0 && (superblock.without & KSWAPD) === 0 && !this.isHopeless
    this.easy = runs && this.kswapdState === Kswapd.Inline ? this.low : this.min
  }

  /** Free frames, while others take some. */
  get freeNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Zone>('free'))
  }

  /** Address of the word on which kswapd's thread sleeps. */
  @inline
  get kswapdWord(): usize {
    return changetype<usize>(this) + offsetof<Zone>('kswapd')
  }

  /** How kswapd runs. */
  @inline
  get kswapdState(): u32 {
    return atomic.load<u32>(this.kswapdWord)
  }

  /** Notes how kswapd runs. */
  setKswapd(state: Kswapd): void {
    atomic.store<u32>(this.kswapdWord, state)
    this.chooseEasy()
  }

  /** Wakes kswapd's thread, if it sleeps, and may hope to free anything: wakeup_kswapd. */
  wakeKswapd(): void {
    if (this.isHopeless) return
    if (atomic.cmpxchg<u32>(this.kswapdWord, Kswapd.Asleep, Kswapd.Awake) === Kswapd.Asleep) atomic.notify(this.kswapdWord, 1)
  }

  /** So many frames a need leaves. */
  @inline
  floorFor(need: Need): u32 {
    if (need !== Need.User) return 0
    return Cpu.current.urgency === 0 ? this.easy : this.min
  }

  /** The index of the zone that serves a need. */
  @inline
  static indexFor(need: Need): u32 {
    return need === Need.User ? Superblock.only.userZone : 0
  }

  /** The index of a frame's zone. */
  @inline
  static indexOf(pfn: u32): u32 {
    return pfn < Superblock.only.lowFrames ? 0 : 1
  }

  /** The list of free blocks of this order. Guard: Zone. */
  @inline
  list(order: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Zone>() + <usize>order * offsetof<Link>())
  }

  /** The order of the smallest free block; MAX_ORDER if there is none. Holds: Zone. */
  get smallestOrder(): u32 {
    let order: u32 = 0
    while (order < MAX_ORDER && this.list(order).isEmpty) order++
    return order
  }

  /** How many frames the zone has. */
  @inline
  get managed(): u32 {
    return this.end - this.first
  }
}

/**
 * Linux's watermarks. The frames with bytes share out vm.min_free_kbytes, which is 4 times the square
 * root of their kilobytes; those without keep a thousandth, 32 to 128 frames.
 */
export function initWatermarks(): void {
  const lowmem: u64 = Zone.at(0).managed
  const minFree = max<u64>(128, min<u64>(<u64>sqrt<f64>(<f64>((lowmem << 2) * 16)), 262144)) >> 2
  for (let index: u32 = 0; index < Zone.count; index++) {
    const zone = Zone.at(index)
    const managed: u64 = zone.managed
    const share = (minFree * managed) / lowmem
    const distance = <u32>max(share >> 2, (managed * WATERMARK_SCALE) / 10000)
    zone.min = index === 0 ? <u32>share : <u32>max<u64>(32, min<u64>(managed / 1024, 128))
    zone.low = zone.min + distance
    zone.high = zone.low + distance
    zone.easy = zone.min
  }
}

if (offsetof<Zone>() + (MAX_ORDER + 1) * offsetof<Link>() > ZONE_SIZE) ERROR('struct Zone is larger than its place')
