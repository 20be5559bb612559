// The disks of a machine, as its memory has them.
import { DISK_COUNT, DISK_FILE, DISK_NONE } from '../abi/disk.gen.js'
import { MOUNT_SIZE, MOUNTS, PAGE_SIZE } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { MountIndex, MountLayout } from '../core/layout.gen.js'

/** A disk that is mounted. */
export interface DiskInfo {
  /** Its name: of a file its path. */
  source: string
  type: 'memory' | 'file' | 'none'
  /** Bytes that files may have on it, and that they have. */
  size: number
  used: number
}

/** Where a disk is, and what of it is in use. */
interface Disk extends DiskInfo {
  /** Its first page in the host's memory, and how many pages it has, the header included. */
  base: number
  pages: number
  bitmap: number
}

/** The disks, in the order of their mounting. */
export function disks({ view, memory }: Kernel): Disk[] {
  return Array.from({ length: DISK_COUNT }, (_, disk) => MOUNTS + (MountIndex.Disk + disk) * MOUNT_SIZE).flatMap(at => {
    const field = (name: Exclude<keyof typeof MountLayout, 'SIZE'>): number => view.getUint32(at + MountLayout[name], true)
    const backing = field('backing')
    if (backing === 0) return []
    const path = field('path')
    const type = backing === DISK_FILE ? 'file' : backing === DISK_NONE ? 'none' : 'memory'
    return {
      source: new TextDecoder().decode(new Uint8Array(memory.buffer).slice(path, path + field('pathLength'))),
      type,
      size: field('maxBlocks') * PAGE_SIZE,
      used: field('blocks') * PAGE_SIZE,
      base: field('base'),
      pages: field('maxBlocks') + 1,
      bitmap: field('bitmap'),
    }
  })
}

/** Where the disks in memory are in the host's, in bytes from where to where. */
export function diskPlaces(kernel: Kernel): (readonly [number, number])[] {
  return inMemory(kernel).map(({ base, pages }) => [base * PAGE_SIZE, (base + pages) * PAGE_SIZE] as const)
}

/** The pages of the host's memory that hold blocks of files. */
export function* diskPages(kernel: Kernel): Generator<number> {
  for (const { base, pages, bitmap } of inMemory(kernel)) {
    for (let block = 1; block < pages; block++) if ((kernel.view.getUint8(bitmap + (block >>> 3)) >>> (block & 7)) & 1) yield base + block
  }
}

/** Those that the host's memory has room for. */
function inMemory(kernel: Kernel): Disk[] {
  return kernel.hasContents ? disks(kernel).filter(({ type }) => type === 'memory') : []
}
