// What of a memory is the machine's state: the pages that a snapshot holds. Left out are pages of
// zeros, the bytes of free frames, TLBs and transfer buffers, and the words in which validate() counts;
// in a memory without them the machine goes on just the same.
import { BUFFER_SIZE, CPU_BUFFER, CPU_SIZE, CPU_TLB, CPUS, MAX_CPUS, PAGE_SHIFT } from '../abi/layout'
import { isZeros } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'

/** Pages one call of markPages looks at. */
export const MARKED_PAGES: u32 = BUFFER_SIZE * 8

/** Sets a bit of the CPU's buffer for each of the next MARKED_PAGES pages from `first` on that is the machine's state, page 0 of them in bit 0 of the first byte. */
export function markPages(first: u32): void {
  const bits = Cpu.current.buffer
  memory.fill(bits, 0, BUFFER_SIZE)
  const end = min(first + MARKED_PAGES, Superblock.only.lowFrames)
  for (let pfn = first; pfn < end; pfn++) {
    if (!isState(pfn)) continue
    const at = bits + ((pfn - first) >> 3)
    store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(pfn & 7))))
  }
}

function isState(pfn: u32): bool {
  if (isScratch(pfn) || isFree(pfn)) return false
  return !isZeros((<usize>pfn) << PAGE_SHIFT)
}

/** Whether a page is a TLB's or a transfer buffer's. */
function isScratch(pfn: u32): bool {
  const address = (<usize>pfn) << PAGE_SHIFT
  return address >= CPUS && address < CPUS + MAX_CPUS * CPU_SIZE && ((address - CPUS) & (CPU_SIZE - 1)) >= CPU_TLB
}

/** Whether a frame is on a CPU's stack or in a free block, at most 2^10 frames long and aligned to its length. */
function isFree(pfn: u32): bool {
  const state = Frame.at(pfn).state
  if (state === State.Cached || state === State.Free) return true
  if (state !== State.Tail) return false
  for (let order: u32 = 1; order <= 10; order++) {
    const head = Frame.at(pfn & ~(((<u32>1) << order) - 1))
    if (head.state !== State.Tail) return head.state === State.Free && head.owner >= order
  }
  return false
}

if (CPU_TLB > CPU_BUFFER) ERROR('the buffer stands before the TLB')
