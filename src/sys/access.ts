// Loads, stores and atomic operations in a process's memory. Alignment is told by the low bits: `%` of numbers
// beyond 2^31 is a call that costs as much as the load.
import { FaultError } from '../abi/errors.js'
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import { whole } from './arguments.js'
import { Calls } from './calls.js'

/** What a process does in its memory. */
export class Access extends Calls {
  /** The number of the frame behind an address; undefined if its page is not present. */
  frameOf(address: number): number | undefined {
    return this.kernel.exports.mm_frame(this.pid, whole(address, 'address')) || undefined
  }

  /** Throws what a bad access, one of a run's references if `index` is given, means. */
  protected fault(access: 'read' | 'write', index?: number): never {
    const { view } = this.kernel
    const code = view.getInt32(this.kernel.cpuField('faultCode'), true)
    if (code < 0) this.fail(-code, access)
    throw new FaultError(code, view.getFloat64(this.kernel.cpuField('faultAddress'), true), access, index)
  }

  #loaded(value: number): number {
    return value < 0 ? this.fault('read') : value
  }

  /** The byte at an address. */
  load8(address: number): number {
    return this.#loaded(this.kernel.exports.load8(this.pid, whole(address, 'address')))
  }

  /** The unsigned 16-bit number at an address, as in load32 and load64 in little-endian order. */
  load16(address: number): number {
    if ((address & 1) === 0) return this.#loaded(this.kernel.exports.load16(this.pid, whole(address, 'address')))
    return this.#small(this.read(address, 2)).getUint16(0, true)
  }

  /** The unsigned 32-bit number at an address. */
  load32(address: number): number {
    if ((address & 3) === 0) return this.#loaded(this.kernel.exports.load32(this.pid, whole(address, 'address')))
    return this.#small(this.read(address, 4)).getUint32(0, true)
  }

  /** The unsigned 64-bit number at an address. */
  load64(address: number): bigint {
    if ((address & 7) !== 0) return this.#small(this.read(address, 8)).getBigUint64(0, true)
    if (!this.kernel.exports.load64(this.pid, whole(address, 'address'))) this.fault('read')
    return this.kernel.view.getBigUint64(this.kernel.cpuField('value'), true)
  }

  #small(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset)
  }

  /** Stores the low 8 bits of a number. */
  store8(address: number, value: number): void {
    if (!this.kernel.exports.store8(this.pid, whole(address, 'address'), whole(value, 'value'))) this.fault('write')
  }

  /** Stores the low 16 bits of a number. */
  store16(address: number, value: number): void {
    if ((address & 1) !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8))
    else if (!this.kernel.exports.store16(this.pid, whole(address, 'address'), whole(value, 'value'))) this.fault('write')
  }

  /** Stores the low 32 bits of a number. */
  store32(address: number, value: number): void {
    if ((address & 3) !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8, value >>> 16, value >>> 24))
    else if (!this.kernel.exports.store32(this.pid, whole(address, 'address'), whole(value, 'value'))) this.fault('write')
  }

  /** Stores the low 64 bits of a number. */
  store64(address: number, value: bigint): void {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(0, value, true)
    if ((address & 7) !== 0) this.write(address, bytes)
    else {
      const { store64 } = this.kernel.exports
      if (!store64(this.pid, whole(address, 'address'), view.getUint32(0, true), view.getUint32(4, true))) this.fault('write')
    }
  }

  /** Adds to the 32-bit number at a multiple of 4, atomically among all processes; returns what it was. */
  add32(address: number, value: number): number {
    const result = this.kernel.exports.add32(this.pid, this.#aligned(address), whole(value, 'value'))
    return result < 0 ? this.fault('write') : result
  }

  /** Replaces the 32-bit number at a multiple of 4 if it is `expected`, atomically among all processes; returns what it was. */
  compareExchange32(address: number, expected: number, value: number): number {
    const { compare_exchange32 } = this.kernel.exports
    const result = compare_exchange32(this.pid, this.#aligned(address), whole(expected, 'expected'), whole(value, 'value'))
    return result < 0 ? this.fault('write') : result
  }

  #aligned(address: number): number {
    if ((whole(address, 'address') & 3) !== 0) throw new RangeError(`address 0x${address.toString(16)} is not a multiple of 4`)
    return address
  }

  /** A copy of `length` bytes from an address on. */
  read(address: number, length: number): Uint8Array {
    if (whole(length, 'length') < 0) throw new RangeError(`length must not be negative, it is ${length}`)
    const bytes = new Uint8Array(length)
    const buffer = new Uint8Array(this.kernel.view.buffer, this.kernel.buffer, BUFFER_SIZE)
    whole(address, 'address')
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, BUFFER_SIZE)
      if (this.kernel.exports.mm_read(this.pid, address + done, part) !== part) this.fault('read')
      bytes.set(buffer.subarray(0, part), done)
      done += part
    }
    return bytes
  }

  /** Copies bytes to an address; what lies before a bad access is written. */
  write(address: number, bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array')
    const buffer = new Uint8Array(this.kernel.view.buffer, this.kernel.buffer, BUFFER_SIZE)
    whole(address, 'address')
    for (let done = 0; done < bytes.length; done += BUFFER_SIZE) {
      const part = bytes.subarray(done, done + BUFFER_SIZE)
      buffer.set(part)
      if (this.kernel.exports.mm_write(this.pid, address + done, part.length) !== part.length) this.fault('write')
    }
  }
}
