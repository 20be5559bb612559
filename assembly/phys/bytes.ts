// Memory of any size for the machine itself: kmalloc. Up to half a page it comes from slab caches of
// powers of two, above from blocks of frames; it is zeroed. Takes: Slab, Zone.
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { allocBlock, freeBlock } from './buddy'
import { Frame } from './frame'
import { allocObject, freeObject, initCache, Kind } from './slab'
import { MAX_ORDER, Need } from './zone'

/** The largest object of a slab cache; the least is 64. */
const LARGEST: u32 = 2048
const SMALLEST_SHIFT: u32 = 6

/** The binary logarithm, rounded up. */
function shiftOf(bytes: u32): u32 {
  return bytes <= 1 ? 0 : 32 - clz(bytes - 1)
}

/** Makes the caches. */
export function initBytes(): void {
  for (let kind: u32 = Kind.Bytes64; kind <= <u32>Kind.Bytes2048; kind++) {
    initCache(kind, (<u32>1) << (kind - Kind.Bytes64 + SMALLEST_SHIFT))
  }
}

/** The cache that so many bytes come from; meaningless above LARGEST. */
export function kindOfBytes(bytes: u32): Kind {
  return Kind.Bytes64 + max(shiftOf(bytes), SMALLEST_SHIFT) - SMALLEST_SHIFT
}

/** The order of the block that so many bytes come from; -1 if they come from a cache. */
export function orderOfBytes(bytes: u32): i32 {
  return bytes <= LARGEST ? -1 : <i32>max(shiftOf(bytes), PAGE_SHIFT) - PAGE_SHIFT
}

/** Address of zeroed memory; 0 if there is none, as above 4 MiB. Takes: Slab, Zone. */
export function allocBytes(bytes: u32): usize {
  const order = orderOfBytes(bytes)
  if (order < 0) return allocObject(kindOfBytes(bytes))
  const frame = <u32>order <= MAX_ORDER ? allocBlock(order, Need.Kernel) : changetype<Frame>(0)
  if (!frame) return 0
  memory.fill(frame.page, 0, PAGE_SIZE << order)
  return frame.page
}

/** Frees memory of the size that it was asked for. Takes: Slab, Zone. */
export function freeBytes(address: usize, bytes: u32): void {
  const order = orderOfBytes(bytes)
  if (order < 0) freeObject(kindOfBytes(bytes), address)
  else freeBlock(Frame.of(address), order)
}
