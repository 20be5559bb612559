// The names and rights of mappings, as /proc/PID/maps has them.
import { HEAP_START } from '../abi/limits.gen.js'
import type { Kernel } from '../core/kernel.js'
import { Use } from '../core/layout.gen.js'
import type { InodeRecord, ProcessRecord, VmaRecord } from './records.js'
import * as walk from './walk.js'

/** Linux's bits of vm_flags, which are the core's too, by the names that smaps gives them, in the order of the bits. */
const FLAGS: readonly (readonly [string, number])[] = [
  ['rd', 0],
  ['wr', 1],
  ['ex', 2],
  ['sh', 3],
  ['mr', 4],
  ['mw', 5],
  ['me', 6],
  ['ms', 7],
  ['gd', 8],
  ['lo', 13],
  ['sr', 15],
  ['rr', 16],
  ['dc', 17],
  ['de', 18],
  ['lf', 19],
  ['ac', 20],
  ['nr', 21],
  ['wf', 25],
  ['dd', 26],
]

/** The flags of a VMA as VmFlags of smaps names them. The core's one bit of sharing is two in Linux: who could never write is not `sh`. */
export function vmFlagsOf(vma: VmaRecord): string[] {
  const has = (bit: number): boolean => ((vma.flags >>> bit) & 1) === 1
  const shared = isShared(vma)
  return FLAGS.filter(([name, bit]) => (name === 'ms' ? shared : name === 'sh' ? shared && has(5) : has(bit))).map(([name]) => name)
}

/** Whether a VMA shows the file itself, rather than a private copy. */
export function isShared({ flags }: VmaRecord): boolean {
  return (flags & 8) !== 0
}

/** `rw-p`. */
export function rightsOf(vma: VmaRecord): string {
  const { flags } = vma
  return `${flags & 1 ? 'r' : '-'}${flags & 2 ? 'w' : '-'}${flags & 4 ? 'x' : '-'}${isShared(vma) ? 's' : 'p'}`
}

/** The name of what a VMA of a process shows: empty for private anonymous memory that is not the heap. */
export function nameOf(kernel: Kernel, { heapEnd }: ProcessRecord, vma: VmaRecord, inode: InodeRecord | undefined): string {
  const { file, start, end } = vma
  if (file === 0) return start < heapEnd && end > HEAP_START ? '[heap]' : ''
  const path = walk.path(kernel, file)
  if (path !== undefined) return path
  switch (inode?.use) {
    case Use.Segment:
      return `/SYSV${inode.tag.toString(16).padStart(8, '0')} (deleted)`
    case Use.Zero:
      return '/dev/zero (deleted)'
    default:
      return ''
  }
}
