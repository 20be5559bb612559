// Atomic operations on words of 32 and 64 bits in a process's memory.
import { whole, wide } from './arguments.js'
import { misaligned, NarrowAtomics, Operation } from './narrowAtomics.js'

const { Add, Sub, And, Or, Xor, Exchange, CompareExchange } = Operation

/**
 * Operations that are atomic among all processes, as those of JavaScript's Atomics, on the unsigned number of
 * 32 or 64 bits at an address. Each returns what the number was, and needs the right to write, whatever it does.
 * Throws a RangeError unless the address is a multiple of 4 or 8.
 */
export class AtomicAccess extends NarrowAtomics {
  #on32(operation: number, address: number, value: number, expected: number): number {
    const { atomic32 } = this.kernel.exports
    if ((whole(address, 'address') & 3) !== 0) throw misaligned(address, 4)
    const old = atomic32(this.pid, operation, address, whole(value, 'value'), whole(expected, 'expected'))
    return old < 0 ? this.repeat(atomic32, this.pid, operation, address, value, expected) : old
  }

  #on64(operation: number, address: number, value: bigint, expected: bigint): bigint {
    const { exports, view } = this.kernel
    if ((whole(address, 'address') & 7) !== 0) throw misaligned(address, 8)
    const call = (): number => {
      view.setBigUint64(this.kernel.cpuField('value'), wide(value, 'value'), true)
      view.setBigUint64(this.kernel.cpuField('expected'), wide(expected, 'expected'), true)
      return exports.atomic64(this.pid, operation, address)
    }
    if (call() < 0) this.repeat(call)
    return view.getBigUint64(this.kernel.cpuField('value'), true)
  }

  /** Adds to the number. */
  add32(address: number, value: number): number {
    return this.#on32(Add, address, value, 0)
  }

  /** Subtracts from the number. */
  sub32(address: number, value: number): number {
    return this.#on32(Sub, address, value, 0)
  }

  /** Clears the bits that `value` has not set. */
  and32(address: number, value: number): number {
    return this.#on32(And, address, value, 0)
  }

  /** Sets the bits that `value` has set. */
  or32(address: number, value: number): number {
    return this.#on32(Or, address, value, 0)
  }

  /** Inverts the bits that `value` has set. */
  xor32(address: number, value: number): number {
    return this.#on32(Xor, address, value, 0)
  }

  /** Replaces the number. */
  exchange32(address: number, value: number): number {
    return this.#on32(Exchange, address, value, 0)
  }

  /** Replaces the number if it is `expected`. */
  compareExchange32(address: number, expected: number, value: number): number {
    return this.#on32(CompareExchange, address, value, expected)
  }

  /** Adds to the number. */
  add64(address: number, value: bigint): bigint {
    return this.#on64(Add, address, value, 0n)
  }

  /** Subtracts from the number. */
  sub64(address: number, value: bigint): bigint {
    return this.#on64(Sub, address, value, 0n)
  }

  /** Clears the bits that `value` has not set. */
  and64(address: number, value: bigint): bigint {
    return this.#on64(And, address, value, 0n)
  }

  /** Sets the bits that `value` has set. */
  or64(address: number, value: bigint): bigint {
    return this.#on64(Or, address, value, 0n)
  }

  /** Inverts the bits that `value` has set. */
  xor64(address: number, value: bigint): bigint {
    return this.#on64(Xor, address, value, 0n)
  }

  /** Replaces the number. */
  exchange64(address: number, value: bigint): bigint {
    return this.#on64(Exchange, address, value, 0n)
  }

  /** Replaces the number if it is `expected`. */
  compareExchange64(address: number, expected: bigint, value: bigint): bigint {
    return this.#on64(CompareExchange, address, value, expected)
  }
}
