// The system calls that change what a process maps.

import { BUFFER_SIZE, PAGE_SIZE } from '../abi/layout.gen.js'
import { whole } from './arguments.js'
import { Runs } from './run.js'

/** How many bytes of memory one call of the core tells about. */
const RESIDENCY_BYTES = BUFFER_SIZE * PAGE_SIZE

/** mmap(2) and its like. */
export class MemoryCalls extends Runs {
  /** Maps a file, or with MAP_ANONYMOUS memory of its own (`fd` is -1 then), private or shared; returns its address. */
  mmap(address: number, length: number, prot: number, flags: number, fd = -1, offset = 0): number {
    const { mm_map } = this.kernel.exports
    const at = mm_map(
      this.pid,
      whole(address, 'address'),
      whole(length, 'length'),
      whole(prot, 'prot'),
      whole(flags, 'flags'),
      whole(fd, 'fd'),
      whole(offset, 'offset'),
    )
    return this.check(at, 'mmap')
  }

  /** Takes away whatever is mapped in the range. */
  munmap(address: number, length: number): void {
    this.check(this.kernel.exports.mm_unmap(this.pid, whole(address, 'address'), whole(length, 'length')), 'munmap')
  }

  /** Changes the rights of a range. */
  mprotect(address: number, length: number, prot: number): void {
    const result = this.kernel.exports.mm_protect(this.pid, whole(address, 'address'), whole(length, 'length'), whole(prot, 'prot'))
    this.check(result, 'mprotect')
  }

  /**
   * Makes the mapping at an address longer or shorter, moving it if the flags allow that; returns where it is. `newAddress`
   * is where it goes with MREMAP_FIXED, a hint with MREMAP_DONTUNMAP alone. An old size of 0 maps shared memory once more.
   */
  mremap(oldAddress: number, oldSize: number, newSize: number, flags: number, newAddress = 0): number {
    const { mm_remap } = this.kernel.exports
    const at = mm_remap(
      this.pid,
      whole(oldAddress, 'oldAddress'),
      whole(oldSize, 'oldSize'),
      whole(newSize, 'newSize'),
      whole(flags, 'flags'),
      whole(newAddress, 'newAddress'),
    )
    return this.check(at, 'mremap')
  }

  /** Says what is going to be done with a range: one of the MADV constants. */
  madvise(address: number, length: number, advice: number): void {
    const result = this.kernel.exports.mm_advise(this.pid, whole(address, 'address'), whole(length, 'length'), whole(advice, 'advice'))
    this.check(result, 'madvise')
  }

  /** Writes, with MS_SYNC, what was changed by way of a range to the disks of its files. Throws a SysError EIO as fsync does. */
  msync(address: number, length: number, flags: number): void {
    this.check(this.kernel.exports.mm_sync(this.pid, whole(address, 'address'), whole(length, 'length'), whole(flags, 'flags')), 'msync')
  }

  /** Which pages of a range are in memory: a byte each, 1 if it is. */
  mincore(address: number, length: number): Uint8Array {
    const { view, buffer, exports } = this.kernel
    whole(address, 'address')
    const parts: Uint8Array[] = []
    for (let at = 0; at < whole(length, 'length') || at === 0; at += RESIDENCY_BYTES) {
      const pages = this.check(exports.mm_residency(this.pid, address + at, length - at), 'mincore')
      parts.push(new Uint8Array(view.buffer, buffer, pages).slice())
    }
    const vector = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    for (const [i, part] of parts.entries()) vector.set(part, i * BUFFER_SIZE)
    return vector
  }

  /**
   * Does what writing a value to /proc/PID/clear_refs does: 1, 2 and 3 forget that pages were used, of all mappings, of those
   * without a file or with one; 4 forgets that they were written, until they are again: bit 55 in /proc/PID/pagemap.
   */
  clearRefs(value: number): void {
    this.check(this.kernel.exports.mm_clear_refs(this.pid, whole(value, 'value')), 'clear_refs')
  }
}
