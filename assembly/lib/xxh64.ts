// XXH64 of one 8-byte number (Collet: xxHash fast digest algorithm, specification 0.1.1). The
// first step does not depend on the seed, so hashes of one number by several seeds share it.

const PRIME_1: u64 = 0x9e3779b185ebca87
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f
const PRIME_3: u64 = 0x165667b19e3779f9
const PRIME_4: u64 = 0x85ebca77c2b2ae63
const PRIME_5: u64 = 0x27d4eb2f165667c5

/** The part of the hash of a number that serves every seed. */
export function xxh64Round(value: u64): u64 {
  return rotl<u64>(value * PRIME_2, 31) * PRIME_1
}

/** The hash of a number, of which `round` is the round, with a seed. */
export function xxh64Finish(round: u64, seed: u64): u64 {
  let hash = rotl<u64>((seed + PRIME_5 + 8) ^ round, 27) * PRIME_1 + PRIME_4
  hash = (hash ^ (hash >> 33)) * PRIME_2
  hash = (hash ^ (hash >> 29)) * PRIME_3
  return hash ^ (hash >> 32)
}
