// Random numbers of a worker, and what its pages hold.

/** Marsaglia's xorshift: numbers below a bound. A seed makes a worker's choices repeatable, not how threads interleave. */
export function generator(seed) {
  let x = seed | 1
  return bound => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % bound
  }
}

/** A checksum of some numbers. */
export function sumOf(...numbers) {
  let sum = 0x811c9dc5
  for (const number of numbers) sum = Math.imul(sum ^ number, 0x01000193) ^ (sum >>> 15)
  return sum >>> 0
}
