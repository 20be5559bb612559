// Memory for the trace rings. Takes: Zone.
import { EINVAL, ENOMEM } from '../abi/errno'
import { PAGE_SIZE } from '../abi/layout'
import { Cpu } from '../sync/cpu'
import { allocBlock, freeBlock } from './buddy'
import { Frame } from './frame'
import { Superblock } from './superblock'
import { EVENT_SHIFT } from './trace'
import { MAX_ORDER, Need } from './zone'

/** Gives every CPU a ring of 2^order pages, before any other thread runs; 0, or ENOMEM with no rings made. Takes: Zone. */
export function makeRings(order: u32): i32 {
  if (order > MAX_ORDER) return -EINVAL
  const cpus = Superblock.only.cpus
  for (let id: u32 = 0; id < cpus; id++) {
    const block = allocBlock(order, Need.Kernel)
    if (!block) {
      while (id > 0) freeBlock(Frame.of(Cpu.at(--id).ring), order)
      return -ENOMEM
    }
    memory.fill(block.page, 0, (<usize>PAGE_SIZE) << order)
    Cpu.at(id).ringMask = ((PAGE_SIZE << order) >> EVENT_SHIFT) - 1
    Cpu.at(id).ring = block.page
  }
  return 0
}
