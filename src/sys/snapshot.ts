// A machine's whole state as bytes. The format, numbers little-endian:
//
//   0   "FLTSNAP\0"
//   8   u32 version of this format, ABI version, layout hash
//   20  gzip of: u32 target (0 release, 1 debug), frames with bytes, pages of 64 KiB of linear memory;
//       one bit for each frame with bytes, 1 if its page is stored; the stored pages; the pages in swap, in the
//       order of their slots, and of blocks of disks
//
// Pages of zeros, free frames and what only speeds the machine up (TLBs) are not stored: see
// assembly/debug/image.ts, which decides. The state of the CPUs, locks and clocks is memory like any other.
import { EBUSY } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { ABI_VERSION, BUFFER_SIZE, PAGE_SIZE, SUPERBLOCK } from '../abi/layout.gen.js'
import { InputError } from '../core/errors.js'
import { Kernel, type KernelTarget } from '../core/kernel.js'
import { SuperblockLayout } from '../core/layout.gen.js'
import { LAYOUT_HASH } from '../core/layoutHash.gen.js'
import { loadCoreModule } from '../core/module.js'
import { gunzip, gunzipNow, gzip } from '../host/gzip.js'
import { shown } from './arguments.js'
import { disks } from './disks.js'
import { storeBytes, storedPages, swaps } from './swap.js'

const MAGIC = new TextEncoder().encode('FLTSNAP\0')
const VERSION = 2
/** Bytes before the gzip, and of the numbers within. */
const HEAD = 20
const NUMBERS = 12
const TARGETS: readonly KernelTarget[] = ['release', 'debug']
const WASM_PAGE = 65536

/** The state of a machine that no other thread is changing. Throws a SysError EBUSY if it has swap or a disk in a file. */
export function takeSnapshot(kernel: Kernel): Uint8Array {
  const file = swaps(kernel).find(({ type }) => type === 'file')
  if (file) throw new SysError(EBUSY, 'snapshot', file.path, 'a snapshot does not hold what is in a swap file: swapoff first')
  const disk = disks(kernel).find(({ type }) => type === 'file')
  if (disk) throw new SysError(EBUSY, 'snapshot', disk.source, 'a snapshot does not hold what is on a disk in a file')
  const stored = [...storedPages(kernel)]
  const memory = new Uint8Array(kernel.memory.buffer)
  const lowFrames = superblockWord(kernel, 'lowFrames')
  const bitmap = markPages(kernel, lowFrames)
  const pages = [...setBits(bitmap)]
  const body = new Uint8Array(NUMBERS + bitmap.length + (pages.length + stored.length) * PAGE_SIZE)
  writeWords(body, 0, [TARGETS.indexOf(kernel.target), lowFrames, memory.length / WASM_PAGE])
  body.set(bitmap, NUMBERS)
  for (const [index, page] of pages.entries()) {
    body.set(memory.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE), NUMBERS + bitmap.length + index * PAGE_SIZE)
  }
  const behind = NUMBERS + bitmap.length + pages.length * PAGE_SIZE
  for (const [index, page] of stored.entries()) body.set(kernel.swap.page(page), behind + index * PAGE_SIZE)
  const packed = gzip(body)
  const bytes = new Uint8Array(HEAD + packed.length)
  bytes.set(MAGIC)
  writeWords(bytes, MAGIC.length, [VERSION, ABI_VERSION, LAYOUT_HASH])
  bytes.set(packed, HEAD)
  return bytes
}

function superblockWord({ view }: Kernel, field: keyof typeof SuperblockLayout): number {
  return view.getUint32(SUPERBLOCK + SuperblockLayout[field], true)
}

function writeWords(bytes: Uint8Array, at: number, words: readonly number[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (const [index, word] of words.entries()) view.setUint32(at + index * 4, word, true)
}

/** One bit for each frame with bytes: whether its page is part of the state. */
function markPages({ exports, memory, buffer }: Kernel, lowFrames: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(lowFrames / 8))
  const marked = new Uint8Array(memory.buffer, buffer, BUFFER_SIZE)
  for (let at = 0; at < bitmap.length; at += BUFFER_SIZE) {
    exports.image_mark_pages(at * 8)
    bitmap.set(marked.subarray(0, bitmap.length - at), at)
  }
  return bitmap
}

function* setBits(bitmap: Uint8Array): Generator<number> {
  for (const [index, byte] of bitmap.entries()) {
    for (let bit = 0; byte >> bit !== 0; bit++) if ((byte >> bit) & 1) yield index * 8 + bit
  }
}

/** Makes the machine of a snapshot, with this thread as its CPU 0. Rejects with an InputError if it is none of this version, or damaged. */
export async function restoreSnapshot(bytes: Uint8Array): Promise<{ kernel: Kernel; cpus: number }> {
  const body = await gunzip(packedOf(bytes))
  if (body && body.length >= NUMBERS) await loadCoreModule('kernel', targetOf(body))
  const kernel = load(body)
  kernel.resume()
  return { kernel, cpus: superblockWord(kernel, 'cpus') }
}

/** The machine of a snapshot as it was, to be looked at: nothing of it may run. Throws as restoreSnapshot rejects; an Error in a browser. */
export function lookAtSnapshot(bytes: Uint8Array): Kernel {
  const kernel = load(gunzipNow(packedOf(bytes)))
  kernel.look()
  return kernel
}

/** What stands behind the head of a snapshot. */
function packedOf(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`a snapshot is a Uint8Array, not ${shown(bytes)}`)
  if (bytes.length < HEAD || !MAGIC.every((byte, index) => bytes[index] === byte)) throw new InputError('this is no snapshot of a machine')
  const head = new DataView(bytes.buffer, bytes.byteOffset)
  if ([VERSION, ABI_VERSION, LAYOUT_HASH].some((word, index) => head.getUint32(MAGIC.length + index * 4, true) !== word))
    throw new InputError('this snapshot is of another version of Faultline, whose machines are laid out differently')
  return bytes.subarray(HEAD)
}

/** Which kernel a snapshot's machine runs on. */
function targetOf(body: Uint8Array): KernelTarget {
  return TARGETS[new DataView(body.buffer, body.byteOffset).getUint32(0, true)] ?? 'release'
}

/** A kernel over the memory of a snapshot. */
function load(body: Uint8Array | undefined): Kernel {
  if (!body || body.length < NUMBERS) throw new InputError('this snapshot is truncated or damaged')
  const numbers = new DataView(body.buffer, body.byteOffset)
  const [lowFrames, wasmPages] = [4, 8].map(offset => numbers.getUint32(offset, true)) as [number, number]
  const memory = new WebAssembly.Memory({ initial: wasmPages, maximum: 65536, shared: true })
  const bitmap = body.subarray(NUMBERS, NUMBERS + Math.ceil(lowFrames / 8))
  const bytesOfMemory = new Uint8Array(memory.buffer)
  let at = NUMBERS + bitmap.length
  for (const page of setBits(bitmap)) {
    bytesOfMemory.set(body.subarray(at, at + PAGE_SIZE), page * PAGE_SIZE)
    at += PAGE_SIZE
  }
  const kernel = new Kernel({ memory, target: targetOf(body) })
  loadSwap(kernel, body.subarray(at))
  return kernel
}

/** Puts the pages in swap where the machine's areas say. */
function loadSwap(kernel: Kernel, pages: Uint8Array): void {
  const bytes = storeBytes(kernel)
  if (bytes === 0) return
  kernel.swap.grow(bytes)
  for (const [index, page] of [...storedPages(kernel)].entries())
    kernel.swap.page(page).set(pages.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE))
}
