// The bytes of frames. A frame below Superblock.lowFrames has a page of linear memory; any other
// has none: it reads as zeros, and what is written to it goes to a page that nobody reads. Whoever
// copies, clears or maps a frame's bytes asks here; only tables and slabs, which have bytes always,
// use Frame.page. Takes no lock.
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { Frame } from './frame'
import { Superblock } from './superblock'

/** What a freed page is filled with in the debug build. */
const POISON: u8 = 0x6b

/** Whether a frame has bytes. */
export function hasBytes(pfn: u32): bool {
  return pfn < Superblock.only.lowFrames
}

/** Linear address from which a frame's bytes are read. */
export function readablePage(pfn: u32): usize {
  return hasBytes(pfn) ? (<usize>pfn) << PAGE_SHIFT : Superblock.only.zeroPage
}

/** Linear address to which a frame's bytes are written. */
export function writablePage(pfn: u32): usize {
  return hasBytes(pfn) ? (<usize>pfn) << PAGE_SHIFT : Superblock.only.sinkPage
}

/** Whether a linear address from writablePage is of a frame without bytes: what it holds means nothing. */
export function isSink(address: usize): bool {
  return (<u32>address & ~(PAGE_SIZE - 1)) === Superblock.only.sinkPage
}

/** Makes all of a frame's bytes 0. */
export function zeroFrame(frame: Frame): void {
  if (hasBytes(frame.pfn)) memory.fill(frame.page, 0, PAGE_SIZE)
}

/** Whether all bytes of a page, at its linear address, are 0. */
export function isZeros(page: usize): bool {
  for (let at = page; at < page + PAGE_SIZE; at += 64) {
    const low = v128.or(v128.load(at), v128.load(at, 16))
    const high = v128.or(v128.load(at, 32), v128.load(at, 48))
    if (v128.any_true(v128.or(low, high))) return false
  }
  return true
}

/** Makes a frame's bytes those of another. */
export function copyFrame(to: Frame, from: Frame): void {
  const pfn = to.pfn
  if (hasBytes(pfn)) memory.copy(to.page, readablePage(from.pfn), PAGE_SIZE)
}

/** Makes a frame's bytes junk, so that whoever still reads them notices. */
export function poisonFrame(frame: Frame): void {
  if (hasBytes(frame.pfn)) memory.fill(frame.page, POISON, PAGE_SIZE)
}
