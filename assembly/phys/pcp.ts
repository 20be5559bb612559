// Single frames, by way of a list per CPU: only that CPU's thread touches its list, so taking and
// giving back a frame needs no lock. Lists are filled and emptied in batches. A frame on another
// CPU's list is not found by this one, so lists are short in small machines. Takes: Zone.
import { CPU_PCP } from '../abi/layout'
import { PANIC_DOUBLE_FREE } from '../abi/panic'
import { PGALLOC, PGFREE } from '../abi/vmstat'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { allocBlockLocked, freeBlockLocked, Need, Zone } from './buddy'
import { Frame, State } from './frame'
import { count } from './vmstat'

/** A CPU's list of free frames. Guard: the CPU's thread; `count` is read racily. */
@unmanaged
@final
export class PerCpuFrames extends Link {
  count: u32
  /** How many frames move at once; the list holds at most four times as many. Guard: immutable. */
  batch: u32

  @inline
  static of(cpu: Cpu): PerCpuFrames {
    return changetype<PerCpuFrames>(changetype<usize>(cpu) + CPU_PCP)
  }
}

/** Empties a CPU's list without giving anything back: for a CPU that never ran. */
export function initFrames(cpu: Cpu, frames: u32, cpus: u32): void {
  const list = PerCpuFrames.of(cpu)
  list.reset()
  list.count = 0
  // at most a sixteenth of memory waits in lists
  list.batch = max<u32>(1, min<u32>(16, frames / cpus / 64))
}

/** A frame, Raw, with one reference, its bytes stale; null if there is none. Takes: Zone. */
export function allocFrame(need: Need): Frame | null {
  const list = PerCpuFrames.of(Cpu.current)
  if (list.count === 0 && !refill(list, need)) return null
  const frame = changetype<Frame>(list.next)
  frame.unlink()
  list.count--
  frame.state = State.Raw
  frame.owner = 0
  frame.refs = 1
  count(PGALLOC)
  return frame
}

/** Frees a frame nobody refers to any more. Takes: Zone. */
export function freeFrame(frame: Frame): void {
  if (frame.state <= State.Cached) bug(PANIC_DOUBLE_FREE, frame.pfn, frame.state)
  const list = PerCpuFrames.of(Cpu.current)
  frame.state = State.Cached
  frame.refs = 0
  if (!ASC_NO_ASSERT) memory.fill(frame.page, 0x6b, 4096)
  changetype<Link>(frame).insertAfter(list)
  count(PGFREE)
  if (++list.count > list.batch * 4) drain(list, list.batch * 2)
}

function refill(list: PerCpuFrames, need: Need): bool {
  const zone = Zone.only
  zone.lock(Rank.Zone)
  for (let i: u32 = 0; i < list.batch; i++) {
    const frame = allocBlockLocked(zone, 0, need)
    if (!frame) break
    frame.state = State.Cached
    changetype<Link>(frame).insertBefore(list)
    list.count++
  }
  zone.unlock(Rank.Zone)
  return list.count > 0
}

function drain(list: PerCpuFrames, keep: u32): void {
  const zone = Zone.only
  zone.lock(Rank.Zone)
  while (list.count > keep) {
    const frame = changetype<Frame>(list.prev)
    frame.unlink()
    list.count--
    frame.state = State.Raw
    freeBlockLocked(zone, frame, 0)
  }
  zone.unlock(Rank.Zone)
}

/** Gives all frames on a CPU's list back to the buddy allocator: the CPU's own thread, or nobody has it. Takes: Zone. */
export function drainFrames(cpu: Cpu): void {
  drain(PerCpuFrames.of(cpu), 0)
}
