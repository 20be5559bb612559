// Random numbers that are the same on every machine: integer operations and single IEEE
// additions, multiplications and divisions alone, nothing from Math whose last bit is free.

/** Blackman and Vigna's xoshiro128** 1.1, its state filled from a seed by splitmix32. */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** The seed is a whole number from 0 to 2^53 - 1; another `stream` gives unrelated numbers from the same seed. */
  constructor(seed: number, stream = 0) {
    let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b) ^ Math.imul(stream, 0xc2b2ae35)) | 0
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) | 0
    }
    this.#a = split()
    this.#b = split()
    this.#c = split()
    this.#d = split() | 1 // the state must not be all zero
  }

  /** The next whole number from 0 to 2^32 - 1. */
  next(): number {
    const times5 = Math.imul(this.#b, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** The next number in [0, 1), of 53 random bits. */
  fraction(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53
  }

  /** The next whole number in [0, bound), bound at most 2^32; its bias is below 2^-21. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }
}

/**
 * A random permutation of 0..size-1, computed and not stored: bijective mixing of the smallest
 * enclosing power of two, repeated until the result lies in the range (cycle walking).
 */
export function permutation(size: number, random: Random): (index: number) => number {
  const bits = Math.max(2, 32 - Math.clz32(size - 1))
  const mask = bits === 32 ? -1 : (1 << bits) - 1
  const shift = bits >>> 1
  const odd = [0, 1, 2].map(() => random.next() | 1) as [number, number, number]
  const offset = random.next()
  return index => {
    let x = index
    do {
      x = Math.imul(x + offset, odd[0]) & mask
      x = Math.imul(x ^ (x >>> shift), odd[1]) & mask
      x = Math.imul(x ^ (x >>> shift), odd[2]) & mask
      x = (x ^ (x >>> shift)) >>> 0
    } while (x >= size)
    return x
  }
}
