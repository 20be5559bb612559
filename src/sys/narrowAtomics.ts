// Atomic operations on words of 8 and 16 bits in a process's memory.
import { Access } from './access.js'
import { whole } from './arguments.js'

/** The core's numbers of the operations: enum Operation of assembly/entry/atomic.ts. */
export const Operation = { Add: 0, Sub: 1, And: 2, Or: 3, Xor: 4, Exchange: 5, CompareExchange: 6 } as const

/** What is thrown for an address at which no word of so many bytes is. */
export function misaligned(address: number, size: number): RangeError {
  return new RangeError(`address 0x${address.toString(16)} is not a multiple of ${size}`)
}

/**
 * Operations that are atomic among all processes, on the unsigned number of 8 or 16 bits at an address. Each returns what the number was, and needs the right to write.
 * Throws a RangeError unless the address of 16 bits is a multiple of 2.
 */
export class NarrowAtomics extends Access {
  #on8(operation: number, address: number, value: number, expected: number): number {
    const { atomic8 } = this.kernel.exports
    const old = atomic8(this.pid, operation, whole(address, 'address'), whole(value, 'value'), whole(expected, 'expected'))
    return old < 0 ? this.repeat(atomic8, this.pid, operation, address, value, expected) : old
  }

  #on16(operation: number, address: number, value: number, expected: number): number {
    const { atomic16 } = this.kernel.exports
    if ((whole(address, 'address') & 1) !== 0) throw misaligned(address, 2)
    const old = atomic16(this.pid, operation, address, whole(value, 'value'), whole(expected, 'expected'))
    return old < 0 ? this.repeat(atomic16, this.pid, operation, address, value, expected) : old
  }

  /** Adds to the number. */
  add8(address: number, value: number): number {
    return this.#on8(Operation.Add, address, value, 0)
  }

  /** Subtracts from the number. */
  sub8(address: number, value: number): number {
    return this.#on8(Operation.Sub, address, value, 0)
  }

  /** Clears the bits that `value` has not set. */
  and8(address: number, value: number): number {
    return this.#on8(Operation.And, address, value, 0)
  }

  /** Sets the bits that `value` has set. */
  or8(address: number, value: number): number {
    return this.#on8(Operation.Or, address, value, 0)
  }

  /** Inverts the bits that `value` has set. */
  xor8(address: number, value: number): number {
    return this.#on8(Operation.Xor, address, value, 0)
  }

  /** Replaces the number. */
  exchange8(address: number, value: number): number {
    return this.#on8(Operation.Exchange, address, value, 0)
  }

  /** Replaces the number if it is `expected`. */
  compareExchange8(address: number, expected: number, value: number): number {
    return this.#on8(Operation.CompareExchange, address, value, expected)
  }

  /** Adds to the number. */
  add16(address: number, value: number): number {
    return this.#on16(Operation.Add, address, value, 0)
  }

  /** Subtracts from the number. */
  sub16(address: number, value: number): number {
    return this.#on16(Operation.Sub, address, value, 0)
  }

  /** Clears the bits that `value` has not set. */
  and16(address: number, value: number): number {
    return this.#on16(Operation.And, address, value, 0)
  }

  /** Sets the bits that `value` has set. */
  or16(address: number, value: number): number {
    return this.#on16(Operation.Or, address, value, 0)
  }

  /** Inverts the bits that `value` has set. */
  xor16(address: number, value: number): number {
    return this.#on16(Operation.Xor, address, value, 0)
  }

  /** Replaces the number. */
  exchange16(address: number, value: number): number {
    return this.#on16(Operation.Exchange, address, value, 0)
  }

  /** Replaces the number if it is `expected`. */
  compareExchange16(address: number, expected: number, value: number): number {
    return this.#on16(Operation.CompareExchange, address, value, expected)
  }
}
