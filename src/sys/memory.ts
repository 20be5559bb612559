// The system calls that change what a process maps.
import { whole } from './arguments.js'
import { Runs } from './run.js'

/** mmap(2) and its like. */
export class MemoryCalls extends Runs {
  /** Maps anonymous memory, private or shared; returns its address. As there are no files yet, `fd` is -1. */
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
}
