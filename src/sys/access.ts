// Loads and stores in a process's memory. Alignment is told by the low bits: `%` of numbers beyond 2^31 is a call
// that costs as much as the load.
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import { shown, whole, wide } from './arguments.js'
import { Faults } from './faults.js'

/** What a process does in its memory. */
export class Access extends Faults {
  /** The number of the frame behind an address; undefined if its page is not present. */
  frameOf(address: number): number | undefined {
    return this.kernel.exports.mm_frame(this.pid, whole(address, 'address')) || undefined
  }

  /** The byte at an address. */
  load8(address: number): number {
    const { load8 } = this.kernel.exports
    const value = load8(this.pid, whole(address, 'address'))
    return value < 0 ? this.repeat(load8, this.pid, address) : value
  }

  /** The unsigned 16-bit number at an address, as in load32 and load64 in little-endian order. */
  load16(address: number): number {
    if ((address & 1) !== 0) return this.#view(address, 2).getUint16(0, true)
    const { load16 } = this.kernel.exports
    const value = load16(this.pid, whole(address, 'address'))
    return value < 0 ? this.repeat(load16, this.pid, address) : value
  }

  /** The unsigned 32-bit number at an address. */
  load32(address: number): number {
    if ((address & 3) !== 0) return this.#view(address, 4).getUint32(0, true)
    const { load32 } = this.kernel.exports
    const value = load32(this.pid, whole(address, 'address'))
    return value < 0 ? this.repeat(load32, this.pid, address) : value
  }

  /** The unsigned 64-bit number at an address. */
  load64(address: number): bigint {
    if ((address & 7) !== 0) return this.#view(address, 8).getBigUint64(0, true)
    const { load64 } = this.kernel.exports
    if (load64(this.pid, whole(address, 'address')) < 0) this.repeat(load64, this.pid, address)
    return this.kernel.view.getBigUint64(this.kernel.cpuField('value'), true)
  }

  #view(address: number, length: number): DataView {
    return new DataView(this.read(address, length).buffer)
  }

  /** Stores the low 8 bits of a number. */
  store8(address: number, value: number): void {
    const { store8 } = this.kernel.exports
    if (store8(this.pid, whole(address, 'address'), whole(value, 'value')) < 0) this.repeat(store8, this.pid, address, value)
  }

  /** Stores the low 16 bits of a number. */
  store16(address: number, value: number): void {
    const { store16 } = this.kernel.exports
    if ((address & 1) !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8))
    else if (store16(this.pid, whole(address, 'address'), whole(value, 'value')) < 0) this.repeat(store16, this.pid, address, value)
  }

  /** Stores the low 32 bits of a number. */
  store32(address: number, value: number): void {
    const { store32 } = this.kernel.exports
    if ((address & 3) !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8, value >>> 16, value >>> 24))
    else if (store32(this.pid, whole(address, 'address'), whole(value, 'value')) < 0) this.repeat(store32, this.pid, address, value)
  }

  /** Stores the low 64 bits of a number. */
  store64(address: number, value: bigint): void {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(0, wide(value, 'value'), true)
    const { store64 } = this.kernel.exports
    const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)]
    if ((address & 7) !== 0) this.write(address, bytes)
    else if (store64(this.pid, whole(address, 'address'), low, high) < 0) this.repeat(store64, this.pid, address, low, high)
  }

  /** A copy of `length` bytes, less than 4 GiB, from an address on. */
  read(address: number, length: number): Uint8Array<ArrayBuffer> {
    whole(address, 'address')
    if (size(length) >= 2 ** 32) throw new RangeError(`length must be less than 4 GiB, it is ${length}`)
    const bytes = new Uint8Array(length)
    const { exports, view, buffer } = this.kernel
    const copy = new Uint8Array(view.buffer, buffer, BUFFER_SIZE)
    const part = (done: number, wanted: number): number => {
      const more = exports.mm_read(this.pid, address + done, wanted)
      bytes.set(more === BUFFER_SIZE ? copy : copy.subarray(0, more), done)
      return more
    }
    this.proceed(length, part, BUFFER_SIZE)
    return bytes
  }

  /** Copies bytes to an address; what lies before a bad access is written. */
  write(address: number, bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`bytes must be a Uint8Array, not ${shown(bytes)}`)
    whole(address, 'address')
    const { exports, view, buffer } = this.kernel
    const copy = new Uint8Array(view.buffer, buffer, BUFFER_SIZE)
    const part = (done: number, wanted: number): number => {
      copy.set(bytes.subarray(done, done + wanted))
      return exports.mm_write(this.pid, address + done, wanted)
    }
    this.proceed(bytes.length, part, BUFFER_SIZE)
  }

  /** Makes `length` bytes from an address on the low 8 bits of a number; what lies before a bad access is filled. */
  fill(address: number, value: number, length: number): void {
    const { mm_fill } = this.kernel.exports
    whole(address, 'address')
    const byte = whole(value, 'value') & 255
    this.proceed(size(length), (done, wanted) => mm_fill(this.pid, address + done, byte, wanted))
  }

  /** Copies `length` bytes from one address to another, as memmove: the ranges may overlap. After a bad access, a part of them is copied. */
  copy(to: number, from: number, length: number): void {
    const { mm_copy } = this.kernel.exports
    const bytes = size(length)
    const backwards = whole(to, 'to') > whole(from, 'from') && to - from < bytes
    this.proceed(bytes, (done, wanted) => mm_copy(this.pid, backwards ? to : to + done, backwards ? from : from + done, wanted))
  }
}

/** A length in bytes, checked. */
function size(length: number): number {
  if (whole(length, 'length') < 0) throw new RangeError(`length must not be negative, it is ${length}`)
  return length
}
