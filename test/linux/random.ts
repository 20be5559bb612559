// Random numbers from a seed.

/** Marsaglia's xorshift, seeded by a number of any size. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.floor(seed / 2 ** 32)) | 0 || 1
    for (let i = 0; i < 8; i++) this.below(2)
  }

  /** A whole number from 0 on, below a bound of at most 2^32. */
  below(bound: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) % bound
  }

  /** One of the choices. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  /** Whether one in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }
}
