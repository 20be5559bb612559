// Random numbers from a seed: PCG-XSH-RR 64/32 (O'Neill: PCG, a family of simple fast
// space-efficient statistically good algorithms for random number generation. Harvey Mudd
// College HMC-CS-2014-0905, 2014), on the stream of its reference implementation's minimal
// generator. Not the xorshift of the test traces, lest a policy's draws follow its trace's.

const MULTIPLIER: u64 = 6364136223846793005
const INCREMENT: u64 = 1442695040888963407

/** A generator: 8 bytes. A policy keeps one as a field `rng: u64` and casts the field's address. */
@unmanaged
@final
export class Rng {
  private state: u64

  /** Starts the sequence that `seed` names. */
  seed(seed: u32): void {
    this.state = 0
    this.next()
    this.state += seed
    this.next()
  }

  /** The next number, of all u32. */
  @inline
  next(): u32 {
    const state = this.state
    this.state = state * MULTIPLIER + INCREMENT
    return rotr<u32>(<u32>(((state >> 18) ^ state) >> 27), <u32>(state >> 59))
  }

  /** A number below `bound`: the next number scaled, so that a value's chance is off by less than bound / 2^32. */
  @inline
  below(bound: u32): u32 {
    return <u32>((<u64>this.next() * bound) >> 32)
  }
}
