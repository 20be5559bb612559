// /proc/PID/maps, smaps, statm and pagemap: fs/proc/task_mmu.c of Linux 6.18.
import { EINVAL, ESRCH } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { PAGE_SIZE } from '../abi/layout.gen.js'
import { SWAP_SLOT_BITS } from '../abi/swap.gen.js'
import type { Kernel } from '../core/kernel.js'
import { State } from '../core/layout.gen.js'
import { nameOf, rightsOf, vmFlagsOf } from './names.js'
import type { PageRecord, ProcessRecord, VmaRecord } from './records.js'
import { hex, kilobytes, right } from './text.js'
import * as walk from './walk.js'

/** Column in which the name of a mapping begins. */
const NAME_COLUMN = 73

/** One line of maps. */
function mapsLine(kernel: Kernel, process: ProcessRecord, vma: VmaRecord): string {
  const { start, end, offset } = vma
  const inode = vma.inode === 0 ? undefined : walk.inode(kernel, vma.inode)
  const device = `00:${hex(inode?.device ?? 0, 2)}`
  const line = `${hex(start, 8)}-${hex(end, 8)} ${rightsOf(vma)} ${hex(offset, 8)} ${device} ${inode?.number ?? 0} `
  const name = nameOf(kernel, process, vma, inode)
  return name === '' ? `${line}\n` : `${line.padEnd(NAME_COLUMN)}${name.replaceAll('\n', '\\012')}\n`
}

/** /proc/PID/maps. */
export function renderMaps(kernel: Kernel, process: ProcessRecord): string {
  return [...walk.vmas(kernel, process.pid)].map(vma => mapsLine(kernel, process, vma)).join('')
}

/** What smaps counts of a VMA's pages, in bytes; shares of pages in fixed point, as Linux. */
interface Counts {
  rss: number
  pss: number
  pssDirty: number
  sharedClean: number
  sharedDirty: number
  privateClean: number
  privateDirty: number
  referenced: number
  anonymous: number
  lazyFree: number
  swap: number
  swapPss: number
}

/** Bits behind the point of a share. */
const PSS_UNIT = 2 ** 12

function countPages(pages: Iterable<PageRecord>): Counts {
  const counts = {
    rss: 0,
    pss: 0,
    pssDirty: 0,
    sharedClean: 0,
    sharedDirty: 0,
    privateClean: 0,
    privateDirty: 0,
    referenced: 0,
    anonymous: 0,
    lazyFree: 0,
    swap: 0,
    swapPss: 0,
  }
  for (const { state, maps, accessed, dirty, lazyFree, swap, swapUsers } of pages) {
    if (swap !== 0) {
      counts.swap += PAGE_SIZE
      counts.swapPss += Math.floor((PAGE_SIZE * PSS_UNIT) / swapUsers)
      continue
    }
    // the page of zeros is nobody's
    if (state === State.Zero) continue
    const share = Math.floor((PAGE_SIZE * PSS_UNIT) / maps)
    counts.rss += PAGE_SIZE
    counts.pss += share
    if (dirty) counts.pssDirty += share
    if (accessed) counts.referenced += PAGE_SIZE
    if (state === State.Anonymous) counts.anonymous += PAGE_SIZE
    if (lazyFree) counts.lazyFree += PAGE_SIZE
    counts[`${maps > 1 ? 'shared' : 'private'}${dirty ? 'Dirty' : 'Clean'}`] += PAGE_SIZE
  }
  return counts
}

/** Bytes in swap of the object's pages that a VMA shows; of a private one that may be written, where it maps nothing. */
function shmemSwap(kernel: Kernel, vma: VmaRecord, pages: readonly PageRecord[]): number {
  if (vma.inode === 0 || walk.inode(kernel, vma.inode).swapped === 0) return 0
  const flags = vmFlagsOf(vma)
  const mapped = new Set(flags.includes('sh') || !flags.includes('wr') ? [] : pages.map(({ address }) => address))
  const addressOf = (index: number): number => vma.start + index * PAGE_SIZE - vma.offset
  const shown = [...walk.objectPages(kernel, vma.inode)].filter(({ index, swap }) => {
    const address = addressOf(index)
    return swap !== 0 && address >= vma.start && address < vma.end && !mapped.has(address)
  })
  return shown.length * PAGE_SIZE
}

/** The lines of a VMA in smaps behind its line of maps. */
function smapsLines(kernel: Kernel, pid: number, vma: VmaRecord): string {
  const pages = [...walk.pages(kernel, pid, vma.start, vma.end)]
  const counts = countPages(pages)
  const flags = vmFlagsOf(vma)
  const [pss, pssDirty] = [counts.pss / PSS_UNIT, counts.pssDirty / PSS_UNIT]
  const rows: readonly (readonly [string, number])[] = [
    ['Size', vma.end - vma.start],
    ['KernelPageSize', PAGE_SIZE],
    ['MMUPageSize', PAGE_SIZE],
    ['Rss', counts.rss],
    ['Pss', pss],
    ['Pss_Dirty', pssDirty],
    ['Shared_Clean', counts.sharedClean],
    ['Shared_Dirty', counts.sharedDirty],
    ['Private_Clean', counts.privateClean],
    ['Private_Dirty', counts.privateDirty],
    ['Referenced', counts.referenced],
    ['Anonymous', counts.anonymous],
    ['KSM', 0],
    ['LazyFree', counts.lazyFree],
    ['AnonHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FilePmdMapped', 0],
    ['Shared_Hugetlb', 0],
    ['Private_Hugetlb', 0],
    ['Swap', counts.swap + shmemSwap(kernel, vma, pages)],
    ['SwapPss', counts.swapPss / PSS_UNIT],
    ['Locked', flags.includes('lo') ? pss : 0],
  ]
  const text = rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${right(Math.floor(bytes / 1024), 8)} kB\n`).join('')
  return `${text}THPeligible:           0\nVmFlags: ${flags.map(flag => `${flag} `).join('')}\n`
}

/** /proc/PID/smaps. */
export function renderSmaps(kernel: Kernel, process: ProcessRecord): string {
  const { pid } = process
  return [...walk.vmas(kernel, pid)].map(vma => mapsLine(kernel, process, vma) + smapsLines(kernel, pid, vma)).join('')
}

/** Sums over a process's VMAs, in pages: code, and stacks that grow. */
export function sumVmas(kernel: Kernel, pid: number): { code: number; stack: number } {
  const sums = { code: 0, stack: 0 }
  for (const vma of walk.vmas(kernel, pid)) {
    const flags = vmFlagsOf(vma)
    const pages = (vma.end - vma.start) / PAGE_SIZE
    if (flags.includes('gd')) sums.stack += pages
    else if (flags.includes('ex') && !flags.includes('wr')) sums.code += pages
  }
  return sums
}

/** /proc/PID/statm. */
export function renderStatm(kernel: Kernel, { pid, alive, total, data, anonymous, shared }: ProcessRecord): string {
  if (!alive) return '0 0 0 0 0 0 0\n'
  return `${total / PAGE_SIZE} ${anonymous + shared} ${shared} 0 0 ${data / PAGE_SIZE + sumVmas(kernel, pid).stack} 0\n`
}

/** Bits of an entry of pagemap; the frame's number stands in the low 55, of what is in swap its area in 5 and its slot above. */
const PM_SOFT_DIRTY = 1n << 55n
const PM_MMAP_EXCLUSIVE = 1n << 56n
const PM_FILE = 1n << 61n
const PM_SWAP = 1n << 62n
const PM_PRESENT = 1n << 63n

/** The largest part of a pagemap that is read at once, in bytes. */
const MAX_PAGEMAP = 2 ** 30
/** The length of a pagemap: 8 bytes for each page of the user's half of the addresses. */
const PAGEMAP_END = (2 ** 47 / PAGE_SIZE) * 8

/** A part of /proc/PID/pagemap: 8 bytes for each page from `offset / 8` on. Throws a SysError EINVAL unless both are multiples of 8. */
export function readPagemap(kernel: Kernel, { pid, alive }: ProcessRecord, offset: number, length: number): Uint8Array {
  if (!alive) throw new SysError(ESRCH, 'open')
  if (offset < 0 || length < 0 || length > MAX_PAGEMAP || offset % 8 !== 0 || length % 8 !== 0) throw new SysError(EINVAL, 'pread')
  const bytes = new Uint8Array(Math.max(0, Math.min(length, PAGEMAP_END - offset)))
  const view = new DataView(bytes.buffer)
  const first = (offset / 8) * PAGE_SIZE
  for (const page of walk.pages(kernel, pid, first, first + (bytes.length / 8) * PAGE_SIZE)) {
    if (page.swap !== 0) {
      const [area, slot] = [page.swap >>> SWAP_SLOT_BITS, page.swap & (2 ** SWAP_SLOT_BITS - 1)]
      const entry = PM_SWAP | BigInt(area) | (BigInt(slot) << 5n) | (page.softDirty ? PM_SOFT_DIRTY : 0n)
      view.setBigUint64(((page.address - first) / PAGE_SIZE) * 8, entry, true)
      continue
    }
    const exclusive = page.maps === 1 && page.state !== State.Zero
    const entry =
      BigInt(page.frame) |
      PM_PRESENT |
      (page.softDirty ? PM_SOFT_DIRTY : 0n) |
      (page.state === State.Object ? PM_FILE : 0n) |
      (exclusive ? PM_MMAP_EXCLUSIVE : 0n)
    view.setBigUint64(((page.address - first) / PAGE_SIZE) * 8, entry, true)
  }
  return bytes
}

/** Resident memory of a process in kilobytes, as status splits it. */
export function residentOf({ anonymous, shared }: ProcessRecord): { anonymous: number; shared: number } {
  return { anonymous: kilobytes(anonymous), shared: kilobytes(shared) }
}
