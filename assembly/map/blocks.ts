// Which blocks of a disk are taken, in a bitmap, and which are a file's, in a radix tree of its pages. An entry of that:
//
//   31                       1    0
//   block, never 0          │ 1: its bytes mean nothing yet
//
// Takes: Mount, Slab.
import { Rank } from '../sync/lockdep'
import { Mount } from './mount'
import { Node, radixClear, radixGet, radixNext } from './radix'

/** In an entry: the block was never written. */
export const UNWRITTEN: u32 = 1

/** The block of an entry of a file's tree. */
export function blockOf(stored: u32): u32 {
  return stored >> 1
}

/** Address of the word with the bit of a block; its place in the word is the block's in a multiple of 32. */
function wordOf(mount: Mount, block: u32): usize {
  return <usize>mount.bitmap + ((<usize>block >> 5) << 2)
}

/** Bytes of the bitmap of a disk with so many blocks, the header included. */
export function bitmapBytes(blocks: u32): u32 {
  return ((blocks + 31) >> 5) << 2
}

/** Whether a block is taken, the header and what is behind the end included. */
export function isTaken(mount: Mount, block: u32): bool {
  return ((load<u32>(wordOf(mount, block)) >> (block & 31)) & 1) !== 0
}

/** Notes whether a block is taken. Holds: Mount. */
export function setTakenLocked(mount: Mount, block: u32, taken: bool): void {
  const bit = (<u32>1) << (block & 31)
  const at = wordOf(mount, block)
  store<u32>(at, taken ? load<u32>(at) | bit : load<u32>(at) & ~bit)
}

/** Takes the free block that comes next on a disk; 0 if there is none. Takes: Mount. */
export function takeBlock(mount: Mount): u32 {
  let block: u32 = 0
  mount.lock(Rank.Mount)
  if (mount.blocks < mount.maxBlocks) {
    const words = bitmapBytes(mount.maxBlocks + 1) >> 2
    let word = mount.nextBlock >> 5
    // one is free, so this ends
    while (load<u32>(<usize>mount.bitmap + ((<usize>word) << 2)) === 0xffffffff) word = word + 1 === words ? 0 : word + 1
    block = (word << 5) + ctz(~load<u32>(<usize>mount.bitmap + ((<usize>word) << 2)))
    setTakenLocked(mount, block, true)
    mount.nextBlock = block
    mount.blocks++
  }
  mount.unlock(Rank.Mount)
  return block
}

/** Gives a block back. Takes: Mount. */
export function freeBlock(mount: Mount, block: u32): void {
  mount.lock(Rank.Mount)
  setTakenLocked(mount, block, false)
  mount.blocks--
  mount.unlock(Rank.Mount)
}

/** Gives the blocks of the pages [first, last] of a file back, whose tree's root is the word at `root`; returns how many there were. Holds: Mapping of the file. Takes: Mount, Slab. */
export function freeBlocks(mount: Mount, root: usize, first: u32, last: u32): u32 {
  let blocks: u32 = 0
  let index = radixNext(changetype<Node>(load<u32>(root)), first)
  while (index >= 0 && index <= <i64>last) {
    freeBlock(mount, blockOf(radixGet(changetype<Node>(load<u32>(root)), <u32>index)))
    radixClear(root, <u32>index)
    blocks++
    index = radixNext(changetype<Node>(load<u32>(root)), <u32>index)
  }
  return blocks
}
