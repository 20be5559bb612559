// validate(): the frames, free, cached, in slabs; and at the end, each one's counts. The tally, a
// word a frame, holds what checks of other files counted: entries that map the frame, plus HELD
// once an object, a list or a table accounts for it.
import {
  BROKEN_BUDDY,
  BROKEN_CPU_LIST,
  BROKEN_FREE_COUNT,
  BROKEN_LOST_FRAME,
  BROKEN_MAP_COUNT,
  BROKEN_MLOCK,
  BROKEN_REF_COUNT,
  BROKEN_SLAB,
  BROKEN_WATERMARKS,
} from '../abi/invariant'
import { Frame, PG_MLOCKED, PG_SWAPCACHE, State } from '../phys/frame'
import { PerCpuFrames } from '../phys/pcp'
import { Cache, KINDS, Kind } from '../phys/slab'
import { Superblock } from '../phys/superblock'
import { MAX_ORDER, Zone } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { broken } from './report'

/** Added to the tally of a frame that something accounts for. */
const HELD: u32 = 0x80000000
/** Added to the tally of a frame that a locked VMA maps. */
const LOCKED: u32 = 0x40000000

/** Address of a frame's tally. */
function tally(pfn: u32): usize {
  return <usize>Superblock.only.tally + pfn * 4
}

/** Counts an entry that maps a frame. */
export function tallyMap(pfn: u32): void {
  store<u32>(tally(pfn), load<u32>(tally(pfn)) + 1)
}

/** Notes that a locked VMA maps a frame. */
export function tallyLocked(pfn: u32): void {
  store<u32>(tally(pfn), load<u32>(tally(pfn)) | LOCKED)
}

/** Accounts for a frame; false if something did already. */
export function tallyHeld(pfn: u32): bool {
  const count = load<u32>(tally(pfn))
  store<u32>(tally(pfn), count | HELD)
  return (count & HELD) === 0
}

/** The zones' lists and the CPUs' stacks. */
export function checkFree(): u32 {
  let found: u32 = 0
  for (let index: u32 = 0; index < Zone.count && found === 0; index++) {
    found = checkZone(Zone.at(index))
    for (let id: u32 = 0; id < Superblock.only.cpus && found === 0; id++) found = checkStack(id, index)
  }
  return found
}

/** A zone's blocks, their number, and that its watermarks rise. */
function checkZone(zone: Zone): u32 {
  let free: u32 = 0
  for (let order: u32 = 0; order <= MAX_ORDER; order++) {
    const list = zone.list(order)
    for (let link = list.next; link !== list; link = link.next) {
      const head = changetype<Frame>(link)
      const pfn = head.pfn
      const size = (<u32>1) << order
      const right = head.state === State.Free && head.owner === order && (pfn & (size - 1)) === 0
      if (!right || pfn < zone.first || pfn + size > zone.end) return broken(BROKEN_BUDDY, pfn, head.state)
      for (let i: u32 = 0; i < size; i++) {
        if (!tallyHeld(pfn + i) || (i > 0 && Frame.at(pfn + i).state !== State.Tail)) return broken(BROKEN_BUDDY, pfn + i, order)
      }
      free += size
    }
  }
  if (free !== zone.free) return broken(BROKEN_FREE_COUNT, zone.free, free)
  return zone.min <= zone.low && zone.low <= zone.high ? 0 : broken(BROKEN_WATERMARKS, zone.min, zone.high)
}

/** A CPU's stack of a zone's frames. */
function checkStack(id: u32, index: u32): u32 {
  const stack = PerCpuFrames.of(Cpu.at(id), index)
  if (stack.count > stack.batch * 4) return broken(BROKEN_CPU_LIST, id, stack.count)
  if (stack.hot !== 0 && !checkCached(changetype<Frame>(stack.hot), index))
    return broken(BROKEN_CPU_LIST, id, changetype<Frame>(stack.hot).pfn)
  for (let height: u32 = 0; height < stack.height; height++) {
    const frame = PerCpuFrames.frameAt(stack.bottom + height * 4)
    if (!checkCached(frame, index)) return broken(BROKEN_CPU_LIST, id, frame.pfn)
  }
  return 0
}

/** Whether a frame may be on a CPU's stack of a zone, and is on no other. */
function checkCached(frame: Frame, zone: u32): bool {
  return frame.state === State.Cached && Zone.indexOf(frame.pfn) === zone && tallyHeld(frame.pfn)
}

/** Each cache's counts against its slabs, which have bytes. */
export function checkSlabs(): u32 {
  for (let kind: u32 = 0; kind < KINDS; kind++) {
    const found = checkCache(kind)
    if (found !== 0) return found
  }
  return 0
}

function checkCache(kind: Kind): u32 {
  const cache = Cache.of(kind)
  const frames = Superblock.only.lowFrames
  let slabs: u32 = 0
  let active: u64 = 0
  let partial: u32 = 0
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const frame = Frame.at(pfn)
    if (frame.state !== State.Slab || frame.owner !== changetype<u32>(cache)) continue
    if (!tallyHeld(pfn) || frame.index === 0) return broken(BROKEN_SLAB, kind, pfn)
    slabs++
    active += frame.index
    if (frame.index < <u64>cache.perSlab) partial++
  }
  if (slabs !== cache.slabs || active !== <u64>cache.active) return broken(BROKEN_SLAB, kind, slabs)
  return cache.partial.checkedLength(frames) === partial ? 0 : broken(BROKEN_SLAB, kind, partial)
}

/** Every frame is accounted for, and its counts are what was counted. */
export function checkAccounts(): u32 {
  const zero = Frame.of(Superblock.only.zeroPage)
  tallyHeld(zero.pfn)
  const frames = Superblock.only.frames
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const frame = Frame.at(pfn)
    const count = load<u32>(tally(pfn))
    const maps = count & ~(HELD | LOCKED)
    const state = frame.state
    if (state === State.Raw) {
      pfn += ((<u32>1) << frame.owner) - 1
      continue
    }
    const mappable = state === State.Anonymous || state === State.Object || state === State.Zero
    const cached = state === State.Anonymous && frame.has(PG_SWAPCACHE)
    const held: u32 = cached || state === State.Object || state === State.Zero ? 1 : 0
    const accounted = state === State.Reserved || (state === State.Anonymous && !cached ? maps !== 0 : (count & HELD) !== 0)
    if (!accounted || (maps !== 0 && !mappable)) return broken(BROKEN_LOST_FRAME, pfn, state)
    if (!mappable) continue
    if (frame.has(PG_MLOCKED) && (count & LOCKED) === 0) return broken(BROKEN_MLOCK, pfn, frame.flags)
    if (frame.maps !== maps) return broken(BROKEN_MAP_COUNT, pfn, maps)
    if (frame.refs !== maps + held) return broken(BROKEN_REF_COUNT, pfn, frame.refs)
  }
  return 0
}
