// Exports: swap areas. Names stand in the CPU's buffer; init's thread calls these, one at a time.
import { EINVAL } from '../abi/errno'
import { BUFFER_SIZE } from '../abi/layout'
import { isArea, makeArea } from '../map/swapOn'
import { beginReclaim } from '../reclaim/begin'
import { swapOff } from '../reclaim/swapOff'
import { Cpu } from '../sync/cpu'
import { reserve } from '../sync/host'

/** Makes a swap area of so many pages with a backing of abi/swap; returns its number, or -errno. All other threads stand still. `base` is its place in the host's memory, in pages; `flags` are of abi/swap. */
export function swap_on(backing: u32, flags: u32, pages: f64, priority: i32, length: u32, base: u32): i32 {
  reserve(false)
  const area = makeArea(backing, flags, <u64>pages, priority, Cpu.current.buffer, min(length, BUFFER_SIZE), base)
  if (area >= 0) beginReclaim()
  return area
}

/** Brings back what is in a swap area and frees it: EINVAL if it is not on, ENOMEM, EIO. All other threads stand still. */
export function swap_off(area: u32): i32 {
  reserve(false)
  return isArea(area) ? swapOff(area) : -EINVAL
}
