// The names and rights of mappings, as /proc/PID/maps has them.
import type { Kernel } from '../core/kernel.js'
import { Use } from '../core/layout.gen.js'
import type { InodeRecord, VmaRecord } from './records.js'
import * as walk from './walk.js'

/** Bits of a VMA's flags: VM_READ and so on. */
const READ = 1
const WRITE = 2
const EXEC = 4
const SHARED = 8

/** `rw-p`. */
export function rightsOf({ flags }: VmaRecord): string {
  return `${flags & READ ? 'r' : '-'}${flags & WRITE ? 'w' : '-'}${flags & EXEC ? 'x' : '-'}${flags & SHARED ? 's' : 'p'}`
}

/** Whether writes to the VMA are seen by others. */
export function isShared({ flags }: VmaRecord): boolean {
  return (flags & SHARED) !== 0
}

/** The name of what a VMA shows: empty for private anonymous memory. */
export function nameOf(kernel: Kernel, { file }: VmaRecord, inode: InodeRecord | undefined): string {
  const path = file === 0 ? undefined : walk.path(kernel, file)
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
