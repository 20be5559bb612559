// Pages to slots and back. The host moves the bytes, at once, on the thread that asks; a page of zeros, and one of a
// frame without bytes, moves none. Takes: Swap.
import { BUFFER_SIZE, PAGE_SIZE } from '../abi/layout'
import { SLOT_ZEROS, SWAP_NONE } from '../abi/swap'
import { PGPGIN, PGPGOUT, PSWPIN, PSWPOUT } from '../abi/vmstat'
import { hasBytes, isZeros, zeroFrame } from '../phys/contents'
import { Frame } from '../phys/frame'
import { countFor } from '../phys/group'
import { putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { countMany } from '../phys/vmstat'
import { Cpu } from '../sync/cpu'
import { swapRead, swapWrite } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { disturbAhead, lookUpSwap, SOLE } from './swap'
import { Slot, SwapArea, setSizeLocked } from './swapArea'
import { slotOf } from './swapEntry'

/** Whether the host has the bytes of a frame's page in an area. */
function hasStored(area: SwapArea, frame: Frame): bool {
  return area.backing !== SWAP_NONE && hasBytes(frame.pfn)
}

/** Notes whether a slot's page is zeros. Takes: Swap. */
function setZeros(area: SwapArea, at: Slot, zeros: bool): void {
  if (((at.flags & SLOT_ZEROS) !== 0) === zeros) return
  area.lock(Rank.Swap)
  at.flags ^= <u16>SLOT_ZEROS
  if (zeros) area.zeros++
  else area.zeros--
  area.unlock(Rank.Swap)
}

/** Notes how many bytes a slot's page takes compressed, as the host says, if its area counts that. Takes: Swap. */
function noteSize(area: SwapArea, slot: u32, bytes: u32): void {
  if (area.compresses === 0) return
  area.lock(Rank.Swap)
  setSizeLocked(area, slot, bytes)
  area.unlock(Rank.Swap)
}

/** Writes a frame's bytes to the slot of an entry, which the caller holds or the frame has: 0, or EIO. */
export function writeSwap(entry: u32, frame: Frame): i32 {
  const area = SwapArea.of(entry)
  const at = area.slot(slotOf(entry))
  const zeros = hasBytes(frame.pfn) && isZeros(frame.page)
  const bytes = !zeros && hasStored(area, frame) ? swapWrite(area.number, slotOf(entry), frame.page) : 0
  if (bytes < 0) return bytes
  setZeros(area, at, zeros)
  noteSize(area, slotOf(entry), bytes)
  // as Linux counts them, whose zero map keeps pages of zeros from the device
  if (zeros) return 0
  countFor(frame.group, PSWPOUT)
  countMany(PGPGOUT, PAGE_SIZE / 1024)
  return 0
}

/** Reads the page in the slot of an entry, which the caller holds, into a frame: 0, or EIO. */
export function readSwap(entry: u32, frame: Frame): i32 {
  const area = SwapArea.of(entry)
  const at = area.slot(slotOf(entry))
  if ((at.flags & SLOT_ZEROS) !== 0) {
    zeroFrame(frame)
    return 0
  }
  countFor(frame.group, PSWPIN)
  countMany(PGPGIN, PAGE_SIZE / 1024)
  return hasStored(area, frame) ? swapRead(area.number, slotOf(entry), frame.page) : 0
}

/** Makes the bytes [from, to) of an object's page in a slot zeros, where it can be read and written; Linux brings the page in. Holds: Mapping of the object. */
export function clearSwapPart(entry: u32, from: u32, to: u32): void {
  const area = SwapArea.of(entry)
  const at = area.slot(slotOf(entry))
  if ((at.flags & SLOT_ZEROS) !== 0 || area.backing === SWAP_NONE || Superblock.only.lowFrames !== Superblock.only.frames) return
  const page = Cpu.current.buffer
  const cached = changetype<Frame | null>(lookUpSwap(entry) & ~SOLE)
  if (cached) {
    if (hasBytes(cached.pfn)) memory.fill(cached.page + from, 0, to - from)
    putFrame(cached)
  } else disturbAhead(entry)
  if (swapRead(area.number, slotOf(entry), page) !== 0) return
  memory.fill(page + from, 0, to - from)
  const bytes = swapWrite(area.number, slotOf(entry), page)
  if (bytes >= 0) noteSize(area, slotOf(entry), bytes)
}

if (BUFFER_SIZE < PAGE_SIZE) ERROR('the buffer holds no page')
