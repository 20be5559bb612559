// Single frames, by way of a stack per CPU and zone: only that CPU's thread touches its stacks, so
// taking and giving back a frame needs no lock. Stacks are filled and emptied in batches; the frame
// that was freed last, whose bytes the processor's caches may hold, is taken first: it stands beside the
// stack, so that a frame that comes and goes moves nothing else. A frame on another CPU's stack is not
// found by this one, so stacks are short in small machines. Takes: Zone.
import { MM_PAGE_ALLOC, MM_PAGE_FREE } from '../abi/event'
import { CPU_PCP, PCP_SIZE } from '../abi/layout'
import { PANIC_DOUBLE_FREE } from '../abi/panic'
import { PGALLOC, PGFREE } from '../abi/vmstat'
import { bug } from '../lib/bug'
import { Cpu, SHORT_OF_LOW, SHORT_OF_MEMORY } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { allocBlockLocked, freeBlockLocked } from './buddy'
import { poisonFrame } from './contents'
import { Frame, PG_ON_LRU, State } from './frame'
import { Group, uncharge } from './group'
import { removeFromLru } from './lruList'
import { Superblock } from './superblock'
import { TraceEvent } from './trace'
import { countOn } from './vmstat'
import { Kswapd, Need, Zone } from './zone'

/** The most frames that move at once. */
const MAX_BATCH: u32 = 63

/** A CPU's free frames of one zone; behind it stand their addresses. Guard: the CPU's thread; `top` and `hot` are read racily. */
@unmanaged
@final
export class PerCpuFrames {
  /** Address of the place that is filled next. */
  top: u32
  /** The frame that came back last, 0 if it was taken again. */
  hot: u32
  /** Address of the place that is filled last: with it, frames go back to the zone. Guard: immutable. */
  last: u32
  /** How many frames move at once; at most four times as many wait here. Guard: immutable. */
  batch: u32

  @inline
  static of(cpu: Cpu, zone: u32): PerCpuFrames {
    return changetype<PerCpuFrames>(changetype<usize>(cpu) + CPU_PCP + <usize>zone * PCP_SIZE)
  }

  /** Address of the first place. */
  @inline
  get bottom(): u32 {
    return changetype<u32>(this) + offsetof<PerCpuFrames>()
  }

  /** How many frames stand on the stack. */
  @inline
  get height(): u32 {
    return (atomic.load<u32>(changetype<usize>(this), offsetof<PerCpuFrames>('top')) - this.bottom) >> 2
  }

  /** How many frames it holds in all. */
  get count(): u32 {
    return this.height + <u32>(atomic.load<u32>(changetype<usize>(this), offsetof<PerCpuFrames>('hot')) !== 0)
  }

  /** The frame at a place. */
  @inline
  static frameAt(place: u32): Frame {
    return changetype<Frame>(load<u32>(place))
  }

  /** See allocFrame. */
  @inline
  static take(need: Need): Frame | null {
    const zone = Zone.indexFor(need)
    const cpu = Cpu.current
    const stack = PerCpuFrames.of(cpu, zone)
    let frame = changetype<Frame>(stack.hot)
    stack.hot = 0
    if (!frame) {
      let top = stack.top
      if (top === stack.bottom) {
        refill(stack, Zone.at(zone), need)
        top = stack.top
      }
      if (top === stack.bottom) return refused(need)
      top -= 4
      frame = PerCpuFrames.frameAt(top)
      stack.top = top
    }
    frame.stamp(State.Raw, 0)
    frame.refs = 1
    countOn(cpu, PGALLOC)
    TraceEvent.noteOn(cpu, MM_PAGE_ALLOC, frame.pfn, 0)
    return frame
  }

  /** Where a CPU's frames for users' pages wait. */
  @inline
  static ofUsers(cpu: Cpu): PerCpuFrames {
    return PerCpuFrames.of(cpu, Superblock.only.userZone)
  }

  /** A frame that waits here, Cached, which the caller makes what it is to be, and counts as taken; null if none does. */
  @inline
  takeWaiting(): Frame | null {
    const hot = changetype<Frame>(this.hot)
    if (hot) {
      this.hot = 0
      return hot
    }
    const top = this.top
    if (top === this.bottom) return null
    this.top = top - 4
    return PerCpuFrames.frameAt(top - 4)
  }

  /** See freeFrame. */
  @inline
  static give(frame: Frame): void {
    if (frame.isFree) bug(PANIC_DOUBLE_FREE, frame.pfn, frame.state)
    const zone = Zone.indexOf(frame.pfn)
    const cpu = Cpu.current
    const stack = PerCpuFrames.of(cpu, zone)
    const before = stack.hot
    // what it was is of no use to anyone, least of all in a snapshot
    frame.stamp(State.Cached, 0)
    frame.refs = 0
    frame.index = 0
    if (!ASC_NO_ASSERT) poisonFrame(frame)
    stack.hot = changetype<u32>(frame)
    countOn(cpu, PGFREE)
    TraceEvent.noteOn(cpu, MM_PAGE_FREE, frame.pfn, 0)
    if (before !== 0) {
      const top = stack.top
      store<u32>(top, before)
      stack.top = top + 4
      if (top === stack.last) drain(stack, Zone.at(zone), stack.batch * 2)
    }
  }
}

/** Empties a CPU's stacks without giving anything back: for a CPU that never ran. */
export function initFrames(cpu: Cpu, cpus: u32): void {
  for (let index: u32 = 0; index < Zone.count; index++) {
    const stack = PerCpuFrames.of(cpu, index)
    // at most a sixteenth of a zone waits in stacks
    stack.batch = max<u32>(1, min<u32>(MAX_BATCH, Zone.at(index).managed / cpus / 64))
    stack.top = stack.bottom
    stack.hot = 0
    stack.last = stack.bottom + (stack.batch * 4 - 1) * 4
  }
}

/** Notes that this call was refused a frame, of which others may be evicted: users' pages are in no other zone. Returns null. */
function refused(need: Need): Frame | null {
  const index = Zone.indexFor(need)
  const zone = Zone.at(index)
  if (index === Superblock.only.userZone) Cpu.current.short = zone.floorFor(need) > zone.min ? SHORT_OF_LOW : SHORT_OF_MEMORY
  return null
}

/** A frame, Raw, with one reference, its bytes stale; null if there is none. Takes: Zone. */
export function allocFrame(need: Need): Frame | null {
  return PerCpuFrames.take(need)
}

/** Frees a frame nobody refers to any more. Takes: Lru, Zone. */
export function freeFrame(frame: Frame): void {
  if (frame.has(PG_ON_LRU)) removeFromLru(frame)
  if (frame.group !== 0) {
    uncharge(Group.at(frame.group))
    frame.group = 0
  }
  PerCpuFrames.give(frame)
}

/** Gives a reference to a frame back; with the last one the frame is free. Takes: Lru, Zone. */
export function putFrame(frame: Frame): void {
  if (frame.dropRef()) freeFrame(frame)
}

/** Takes a batch from the zone: the smallest blocks first, and as few of them as there can be. */
function refill(stack: PerCpuFrames, zone: Zone, need: Need): void {
  let wanted = stack.batch
  zone.lock(Rank.Zone)
  while (wanted > 0) {
    const order = min(zone.smallestOrder, 31 - <u32>clz(wanted))
    const block = allocBlockLocked(zone, order, need)
    if (block) wanted -= push(stack, block, (<u32>1) << order)
    else if (order > 0) wanted = 1
    else break
  }
  const free = zone.free
  zone.unlock(Rank.Zone)
  if (free < zone.low && zone.kswapdState === Kswapd.Asleep) zone.wakeKswapd()
  if (stack.top !== stack.bottom) calmDown()
}

/** Notes that there were frames, after reclaim for this access if there was any. */
function calmDown(): void {
  const cpu = Cpu.current
  cpu.stalls = 0
  if (cpu.urgency === 1) cpu.urgency = 0
}

/** Puts the frames of a block on a stack, to be taken in order of their addresses; returns how many. */
function push(stack: PerCpuFrames, block: Frame, frames: u32): u32 {
  for (let i = frames; i > 0; i--) {
    const frame = block.offset(i - 1)
    frame.state = State.Cached
    store<u32>(stack.top, changetype<u32>(frame))
    stack.top += 4
  }
  return frames
}

/** Gives back the frames that were freed first, so that so many are left on the stack. */
function drain(stack: PerCpuFrames, zone: Zone, keep: u32): void {
  const rest = stack.top - keep * 4
  zone.lock(Rank.Zone)
  for (let place = stack.bottom; place < rest; place += 4) {
    const frame = PerCpuFrames.frameAt(place)
    frame.state = State.Raw
    freeBlockLocked(zone, frame, 0)
  }
  zone.unlock(Rank.Zone)
  memory.copy(stack.bottom, rest, keep * 4)
  stack.top = stack.bottom + keep * 4
}

/** Gives all frames on a CPU's stacks back to the buddy allocator: the CPU's own thread, or nobody has it. Takes: Zone. */
export function drainFrames(cpu: Cpu): void {
  for (let index: u32 = 0; index < Zone.count; index++) {
    const stack = PerCpuFrames.of(cpu, index)
    if (stack.hot !== 0) {
      store<u32>(stack.top, stack.hot)
      stack.top += 4
      stack.hot = 0
    }
    drain(stack, Zone.at(index), 0)
  }
}

if (offsetof<PerCpuFrames>() + MAX_BATCH * 4 * 4 > PCP_SIZE) ERROR('the stack of frames is larger than its place')
