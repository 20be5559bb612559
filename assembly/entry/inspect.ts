// Exports: records of the machine's structs, and the pages of a snapshot. A function fills the CPU's
// buffer and returns how many records it holds, or whether it holds one; see debug/records.
import { markPages } from '../debug/image'
import * as objects from '../debug/objectWalk'
import * as walk from '../debug/walk'
import { viewAs } from '../proc/view'
import { word } from './call'

/** Makes the IPC namespace of a process the one that is looked at, and whose settings are read and changed; false if it does not live. */
export function inspect_as(pid: u32): bool {
  return viewAs(pid)
}

/** The first process from a pid on; returns its pid, 0 if there is none. */
export function inspect_process(pid: u32): u32 {
  return walk.recordProcess(pid)
}

/** The threads of a process. */
export function inspect_threads(pid: u32): u32 {
  return walk.recordThreads(pid)
}

/** The VMAs of a process that end behind an address. */
export function inspect_vmas(pid: u32, address: f64): u32 {
  return walk.recordVmas(pid, word(address))
}

/** The page-table entries of a process in [address, end). */
export function inspect_pages(pid: u32, address: f64, end: f64): u32 {
  return walk.recordPages(pid, word(address), word(end))
}

/** The descriptors of a process from a number on. */
export function inspect_descriptors(pid: u32, fd: u32): u32 {
  return walk.recordDescriptors(pid, fd)
}

export function inspect_file(file: u32): void {
  walk.recordFile(file)
}

/** The frames from a number on that are neither free nor reserved. */
export function inspect_frames(pfn: u32): u32 {
  return walk.recordFrames(pfn)
}

/** Writes the path of a file to the end of the buffer; returns its bytes, 0 if it has none. */
export function inspect_path(file: u32): u32 {
  return objects.recordPath(file)
}

/** The mount with an index. */
export function inspect_mount(index: u32): bool {
  return objects.recordMount(index)
}

/** The inode of a mount behind another; 0 asks for the first. */
export function inspect_inode(mount: u32, after: u32): bool {
  return objects.recordInode(mount, after)
}

export function inspect_inode_at(inode: u32): void {
  objects.recordInodeAt(inode)
}

/** Counts the frames by what they are. */
export function inspect_usage(): void {
  walk.recordUsage()
}

/** Writes how many free blocks a zone has of each order. */
export function inspect_free_blocks(zone: u32): void {
  walk.recordFreeBlocks(zone)
}

/** The pages of an inode from an index on. */
export function inspect_object_pages(inode: u32, index: u32): u32 {
  return objects.recordObjectPages(inode, index)
}

/** The VMAs that show an inode, from behind one; 0 asks for the first. */
export function inspect_object_vmas(inode: u32, after: u32): u32 {
  return objects.recordObjectVmas(inode, after)
}

/** The VMAs of a family, from behind one; 0 asks for the first. */
export function inspect_family_vmas(family: u32, after: u32): u32 {
  return objects.recordFamilyVmas(family, after)
}

/** The segment at an index. */
export function inspect_segment(index: u32): bool {
  return objects.recordSegment(index)
}

/** The set of semaphores at an index. */
export function inspect_semaphores(index: u32): bool {
  return objects.recordSemaphores(index)
}

/** Semaphores of the set at an index, from one on; how many. */
export function inspect_semaphore_values(index: u32, first: u32): u32 {
  return objects.recordValues(index, first)
}

/** The message queue at an index. */
export function inspect_queue(index: u32): bool {
  return objects.recordQueue(index)
}

/** Sets a bit of the buffer for each page, of as many as it has bits, from `first` on, that a snapshot holds. */
export function image_mark_pages(first: u32): void {
  markPages(first)
}
