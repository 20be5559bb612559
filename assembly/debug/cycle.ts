// Takes and gives back frames over and over, for the benches: what the allocator costs without the
// way into the core and back. Blocks that are out hang together by their links.
import { allocBlock, freeBlock } from '../phys/buddy'
import { Frame } from '../phys/frame'
import { PerCpuFrames } from '../phys/pcp'
import { Need } from '../phys/zone'

/**
 * Takes `depth` blocks of 2^order frames, then gives them back, and does so `times` times. Order 0 goes by way of
 * the CPU's stack. Returns how many blocks it took. Takes: Zone.
 */
export function cycleFrames(order: u32, depth: u32, times: u32): u32 {
  return order === 0 ? cycleSingles(depth, times) : cycleBlocks(order, depth, times)
}

/** Loops of their own, so that what is timed is the allocator alone. */
function cycleSingles(depth: u32, times: u32): u32 {
  let taken: u32 = 0
  for (let i: u32 = 0; i < times; i++) {
    let top = changetype<Frame>(0)
    let held: u32 = 0
    for (; held < depth; held++) {
      const frame = PerCpuFrames.take(Need.User)
      if (!frame) break
      frame.next = top
      top = frame
    }
    taken += held
    while (top) {
      const below = changetype<Frame>(top.next)
      PerCpuFrames.give(top)
      top = below
    }
  }
  return taken
}

function cycleBlocks(order: u32, depth: u32, times: u32): u32 {
  let taken: u32 = 0
  for (let i: u32 = 0; i < times; i++) {
    let top = changetype<Frame>(0)
    let held: u32 = 0
    for (; held < depth; held++) {
      const frame = allocBlock(order, Need.User)
      if (!frame) break
      frame.next = top
      top = frame
    }
    taken += held
    while (top) {
      const below = changetype<Frame>(top.next)
      freeBlock(top, order)
      top = below
    }
  }
  return taken
}
