// Swap areas: swapon(2), swapoff(2), and what /proc/swaps tells of them.
import { EBUSY, EINVAL, EIO, ENOENT, ENOMEM, EPERM } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { BUFFER_SIZE, PAGE_SIZE, SWAP_AREA_SIZE, SWAP_AREAS } from '../abi/layout.gen.js'
import {
  SLOT_ZEROS,
  SWAP_AREA_COUNT,
  SWAP_COMPRESSES,
  SWAP_FILE,
  SWAP_MEMORY,
  SWAP_NONE,
  SWAP_OFF,
  SWAP_ROTATES,
  SWAP_SLOT_BITS,
} from '../abi/swap.gen.js'
import type { Kernel } from '../core/kernel.js'
import { ClusterLayout, SlotLayout, SwapAreaLayout } from '../core/layout.gen.js'
import { builtin } from '../host/builtin.js'
import { MAX_STORE } from '../host/swapBackings.js'
import { options as known, shown, whole } from './arguments.js'
import { diskPages, diskPlaces } from './disks.js'
import { parseSize } from './size.js'

/** What a swap area is made of. */
export interface SwaponOptions {
  /**
   * How much it holds, its first page, a header, included: bytes, or a number with KiB, MiB or GiB, of which whole pages count. Not
   * needed for a file that has a header, which says so.
   */
  size?: number | string
  /** 0 to 32767: areas with a higher one are filled first, equal ones by turns. Unless given, each area comes behind those before. */
  priority?: number
  /**
   * Where pages go: `memory` of the host, unless given, 4 GiB at most in all; a file on disk, in Node, made as mkswap would if there is
   * none; or nowhere, `none`, in machines without contents.
   */
  backing?: SwapBacking
  /**
   * Whether it is on a disk that rotates: pages are then read ahead by slots, and not by address, by all of the machine, and go by way of the swap cache,
   * as those of files do. It does not unless given.
   */
  rotational?: boolean
  /** Of an area in memory: that it counts how many bytes its pages take compressed, as zram with this algorithm; they are kept as they are. */
  compression?: 'lz4'
}

/** Where a swap area's pages go. */
export type SwapBacking = 'memory' | 'none' | { file: string }

/** A swap area that is on. */
export interface SwapInfo {
  /** Its number: the type in swap entries of a pagemap. */
  area: number
  /** Its name: of a file its path. */
  path: string
  /** As /proc/swaps has it. */
  type: 'partition' | 'file'
  /** Bytes of its slots, the header apart; and of those in use. */
  size: number
  used: number
  priority: number
  /** Bytes of slots in use whose page is in a frame as well. */
  cached: number
  /** Bytes of slots in use whose page is zeros, which is not stored. */
  zeros: number
  /** Whether it is on a disk that rotates. */
  rotational: boolean
  /** What its pages take compressed, if it counts that. */
  mm_stat?: MmStat
}

/** What the pages of an area take compressed: names and meaning are those of zram's mm_stat. Pages of zeros are no part of it, as Linux keeps them from the device. */
export interface MmStat {
  /** Bytes of the pages. */
  orig_data_size: number
  /** Bytes of them compressed; of one that compresses too little, a page's; of one of the next kind, none. */
  compr_data_size: number
  /** Pages of one word of 8 bytes over and over. */
  same_pages: number
  /** Pages that compress too little to be worth it. */
  huge_pages: number
}

const OPTIONS = ['size', 'priority', 'backing', 'rotational', 'compression'] satisfies (keyof SwaponOptions)[]
/** The most pages of an area. */
const MAX_PAGES = 2 ** SWAP_SLOT_BITS
/** The least bytes of an area, a header and one page, and the most. */
export const MIN_SWAP = 2 * PAGE_SIZE
export const MAX_SWAP = MAX_PAGES * PAGE_SIZE
/** Slots of a cluster. */
const CLUSTER = PAGE_SIZE / SlotLayout.SIZE
/** SWAP_FLAG_PRIO_MASK. */
const MAX_PRIORITY = 32767
/** Where in the first page of a file stand the version and the number of the last page, and the magic. */
const VERSION_AT = 1024
const MAGIC_AT = PAGE_SIZE - 10
const MAGIC = 'SWAPSPACE2'

function failure(errno: number, reason: string, path?: string): SysError {
  return new SysError(errno, 'swapon', path, reason)
}

/** One field of an area's struct. */
function fieldOf({ view }: Kernel, area: number, field: Exclude<keyof typeof SwapAreaLayout, 'SIZE'>): number {
  return view.getUint32(SWAP_AREAS + area * SWAP_AREA_SIZE + SwapAreaLayout[field], true)
}

/** What an area's pages take compressed. */
function mmStatOf(kernel: Kernel, area: number): MmStat {
  return {
    orig_data_size: fieldOf(kernel, area, 'stored') * PAGE_SIZE,
    compr_data_size: Number(kernel.view.getBigUint64(SWAP_AREAS + area * SWAP_AREA_SIZE + SwapAreaLayout.compressed, true)),
    same_pages: fieldOf(kernel, area, 'same'),
    huge_pages: fieldOf(kernel, area, 'huge'),
  }
}

/** The areas that are on, by number. */
export function swaps(kernel: Kernel): SwapInfo[] {
  return Array.from({ length: SWAP_AREA_COUNT }, (_, area) => area)
    .filter(area => fieldOf(kernel, area, 'state') !== SWAP_OFF)
    .map(area => {
      const at = fieldOf(kernel, area, 'path')
      const bytes = new Uint8Array(kernel.memory.buffer, at, fieldOf(kernel, area, 'pathLength'))
      return {
        area,
        path: new TextDecoder().decode(bytes.slice()),
        type: fieldOf(kernel, area, 'backing') === SWAP_FILE ? 'file' : 'partition',
        size: (fieldOf(kernel, area, 'slots') - 1) * PAGE_SIZE,
        used: fieldOf(kernel, area, 'used') * PAGE_SIZE,
        priority: fieldOf(kernel, area, 'priority') | 0,
        cached: fieldOf(kernel, area, 'cached') * PAGE_SIZE,
        zeros: fieldOf(kernel, area, 'zeros') * PAGE_SIZE,
        rotational: fieldOf(kernel, area, 'rotates') !== 0,
        ...(fieldOf(kernel, area, 'compresses') === 0 ? {} : { mm_stat: mmStatOf(kernel, area) }),
      }
    })
}

/** The pages of the host's memory that hold pages in swap, of all areas there, in order, and behind them those that hold blocks of disks. */
export function* storedPages(kernel: Kernel): Generator<number> {
  if (!kernel.hasContents) return
  const { view } = kernel
  for (const { area, type } of swaps(kernel)) {
    if (type === 'file') continue
    const base = fieldOf(kernel, area, 'base')
    for (let slot = 1; slot < fieldOf(kernel, area, 'slots'); slot++) {
      const cluster = fieldOf(kernel, area, 'clusters') + Math.floor(slot / CLUSTER) * ClusterLayout.SIZE
      const at = view.getUint32(cluster + ClusterLayout.table, true) + (slot % CLUSTER) * SlotLayout.SIZE
      // an even number that is not 0 is the address of a frame in the swap cache, which need not be written again
      const cache = view.getUint32(at + SlotLayout.cache, true)
      const used = view.getUint16(at + SlotLayout.count, true) !== 0 || (cache !== 0 && cache % 2 === 0)
      if (used && (view.getUint16(at + SlotLayout.flags, true) & SLOT_ZEROS) === 0) yield base + slot
    }
  }
  yield* diskPages(kernel)
}

/** Where the areas and disks in memory are in the host's, in bytes from where to where, in order. */
function storedAreas(kernel: Kernel): (readonly [number, number])[] {
  const areas = swaps(kernel)
    .filter(({ type }) => kernel.hasContents && type !== 'file')
    .map(
      ({ area }) =>
        [fieldOf(kernel, area, 'base') * PAGE_SIZE, (fieldOf(kernel, area, 'base') + fieldOf(kernel, area, 'slots')) * PAGE_SIZE] as const,
    )
  return [...areas, ...diskPlaces(kernel)].sort(([one], [other]) => one - other)
}

/** How much of the host's memory areas and disks need. */
export function storeBytes(kernel: Kernel): number {
  return Math.max(0, ...storedAreas(kernel).map(([, end]) => end))
}

/** Where in the store an area or disk of so many bytes fits, behind all that are there or between them. */
function placeInStore(kernel: Kernel, bytes: number, syscall: string): number {
  let place = 0
  for (const [start, end] of storedAreas(kernel)) {
    if (start - place >= bytes) break
    place = end
  }
  if (place + bytes > MAX_STORE)
    throw new SysError(ENOMEM, syscall, undefined, `swap areas and disks in memory hold ${MAX_STORE / 2 ** 30} GiB at most in all`)
  return place
}

/** Makes room in the store for an area or disk of so many pages; returns the page where it begins. */
export function reserveStore(kernel: Kernel, pages: number, syscall: string): number {
  const place = placeInStore(kernel, pages * PAGE_SIZE, syscall)
  try {
    kernel.swap.grow(place + pages * PAGE_SIZE)
  } catch (error) {
    if (error instanceof RangeError) throw new SysError(ENOMEM, syscall, undefined, `the host has no memory for it: ${error.message}`)
    throw error
  }
  return place / PAGE_SIZE
}

/** The first page of a swap file, as mkswap(8) writes it. */
function headerOf(pages: number): Uint8Array {
  const header = new Uint8Array(PAGE_SIZE)
  const view = new DataView(header.buffer)
  view.setUint32(VERSION_AT, 1, true)
  view.setUint32(VERSION_AT + 4, pages - 1, true)
  header.set(new TextEncoder().encode(MAGIC), MAGIC_AT)
  return header
}

/** The pages that a file's header says it has. Throws a SysError EINVAL if it is none of this version, or the file is too small. */
function pagesOfFile(file: string, header: Uint8Array, size: number): number {
  if (header.length < PAGE_SIZE) throw failure(EINVAL, 'the file is too small for a header', file)
  if (new TextDecoder().decode(header.subarray(MAGIC_AT)) !== MAGIC)
    throw failure(EINVAL, 'the file has no header of a swap area, and is left as it is', file)
  const view = new DataView(header.buffer, header.byteOffset)
  if (view.getUint32(VERSION_AT, true) !== 1) throw failure(EINVAL, 'the header is of another version', file)
  const pages = view.getUint32(VERSION_AT + 4, true) + 1
  if (pages * PAGE_SIZE > size) throw failure(EINVAL, `the header says ${pages} pages, which the file is too small for`, file)
  return pages
}

/** The pages of a swap file, which is made if there is none. Throws a SysError. */
function prepareFile(file: string, wanted: number | undefined): { file: string; pages: number } {
  const fs = builtin('node:fs', 'a swap area in a file')
  try {
    if (!fs.existsSync(file)) {
      if (wanted === undefined) throw failure(ENOENT, 'there is no such file, and no size to make it with', file)
      fs.writeFileSync(file, headerOf(wanted), { flag: 'wx', mode: 0o600 })
      fs.truncateSync(file, wanted * PAGE_SIZE)
    }
    const path = fs.realpathSync(file)
    const fd = fs.openSync(path, 'r+')
    try {
      const header = new Uint8Array(PAGE_SIZE)
      const length = fs.readSync(fd, header, 0, PAGE_SIZE, 0)
      const pages = pagesOfFile(file, header.subarray(0, length), fs.fstatSync(fd).size)
      if (wanted !== undefined && wanted > pages) throw failure(EINVAL, `the file holds ${pages} pages only`, file)
      return { file: path, pages: wanted ?? pages }
    } finally {
      fs.closeSync(fd)
    }
  } catch (error) {
    const { errno = -EIO } = error as NodeJS.ErrnoException
    throw error instanceof SysError ? error : failure(Math.abs(errno), (error as Error).message, file)
  }
}

/** The number of a backing, the name of an area of it, and its pages. */
function prepare(kernel: Kernel, backing: SwapBacking, pages: number | undefined): { kind: number; path: string; pages: number } {
  if (typeof backing === 'object' && backing !== null && typeof backing.file === 'string') {
    const found = prepareFile(backing.file, pages)
    return { kind: SWAP_FILE, path: found.file, pages: found.pages }
  }
  if (backing !== 'memory' && backing !== 'none')
    throw new TypeError(`backing must be 'memory', 'none' or { file: path }, not ${shown(backing)}`)
  if (pages === undefined) throw new TypeError("size must be given, such as '64MiB'")
  const kind = backing === 'memory' ? SWAP_MEMORY : SWAP_NONE
  const names = new Set(swaps(kernel).map(({ path }) => path))
  const name = (index: number): string => `/dev/${kind === SWAP_MEMORY ? 'zram' : 'null'}${index}`
  let index = 0
  while (names.has(name(index))) index++
  return { kind, path: name(index), pages }
}

/** Why there is no area of so many pages. */
function refusal(errno: number, pages: number): string {
  if (errno === EBUSY) return 'it is a swap area already'
  if (errno === EPERM) return `there are ${SWAP_AREA_COUNT} areas already, the most there can be`
  if (errno === ENOMEM) return 'the machine has no memory for the map of its slots, 9 bytes a page'
  if (pages < 2) return 'an area has a header and one page at least'
  if (pages > MAX_PAGES) return `an area has ${MAX_PAGES} pages at most`
  return "pages with contents must go somewhere: 'none' is for machines without"
}

/** Throws a TypeError unless pages of an area in memory are there to be compressed, in a way that is known. */
function checkCompression(kernel: Kernel, backing: SwapBacking, compression: string): void {
  if (compression !== 'lz4') throw new TypeError(`compression must be 'lz4', not ${shown(compression)}`)
  if (backing !== 'memory' || !kernel.hasContents)
    throw new TypeError("compression is counted of pages with contents, of areas with the backing 'memory'")
}

/** Makes a swap area; returns its number. Throws a SysError, or a TypeError. */
export function swapon(kernel: Kernel, options: SwaponOptions): number {
  const { size, priority = -1, backing = 'memory', rotational = false, compression } = known(options, OPTIONS, "swapon's options")
  if (options.priority !== undefined && (whole(priority, 'priority') < 0 || priority > MAX_PRIORITY))
    throw failure(EINVAL, `a priority is 0 to ${MAX_PRIORITY}`)
  if (typeof rotational !== 'boolean') throw new TypeError(`rotational must be true or false, not ${shown(rotational)}`)
  if (compression !== undefined) checkCompression(kernel, backing, compression)
  const wanted = size === undefined ? undefined : Math.floor(parseSize(size) / PAGE_SIZE)
  // before a file of that size is made
  if (wanted !== undefined && (wanted < 2 || wanted > MAX_PAGES)) throw failure(EINVAL, refusal(EINVAL, wanted))
  const { kind, path, pages } = prepare(kernel, backing, wanted)
  // a machine without contents stores nothing
  const base = kind === SWAP_MEMORY && kernel.hasContents ? reserveStore(kernel, pages, 'swapon') : 0
  const flags = (rotational ? SWAP_ROTATES : 0) | (compression === undefined ? 0 : SWAP_COMPRESSES)
  const name = new TextEncoder().encode(path)
  if (name.length > BUFFER_SIZE) throw failure(EINVAL, 'the path is too long', path)
  new Uint8Array(kernel.memory.buffer).set(name, kernel.buffer)
  const area = kernel.exports.swap_on(kind, flags, pages, priority, name.length, base)
  if (area < 0) throw failure(-area, refusal(-area, pages), path)
  return area
}

/** Brings back what is in a swap area, by its number or name, and ends it. Throws a SysError, or a TypeError for what is neither. */
export function swapoff(kernel: Kernel, which: number | string): void {
  if (typeof which !== 'number' && typeof which !== 'string')
    throw new TypeError(`swapoff takes an area's number or its path, not ${shown(which)}`)
  const found = swaps(kernel).find(({ area, path }) => which === area || which === path)
  if (!found) throw new SysError(EINVAL, 'swapoff', String(which), 'it is no swap area')
  const error = kernel.exports.swap_off(found.area)
  if (error < 0) {
    const reason = error === -ENOMEM ? 'its pages do not fit into memory; it stays on' : 'a page of it cannot be read; it stays on'
    throw new SysError(-error, 'swapoff', found.path, reason)
  }
  kernel.swap.close(found.area)
}
