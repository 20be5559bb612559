// A counting Bloom filter: estimates how often a number was counted. Each number has ten
// counters, all of which count it, and the least of them is the estimate, never too low until it
// is FULL. It equals libCacheSim's filter but for that: there a counter has 32 bits, here 16. The
// caller halves the counters when numbers it must compare have become full.
import { xxh64Finish, xxh64Round } from './xxh64'

/** Counters of one number: the fields of Probe. */
const HASHES: u32 = 10
/** Counters per expected number, for one false estimate in a thousand: -ln(0.001) / ln(2)^2. */
const DENSITY: f64 = 6.907755278982137 / 0.480453013918201
/** The highest a counter goes. */
export const FULL: u32 = u16.MAX_VALUE
const SEED_A: u64 = 0x12345678
const SEED_B: u64 = 0x12344321

/** The addresses of a number's counters. Whoever counts a number often keeps it: to find them costs more than to count. */
@unmanaged
export class Probe {
  at0: usize
  at1: usize
  at2: usize
  at3: usize
  at4: usize
  at5: usize
  at6: usize
  at7: usize
  at8: usize
  at9: usize
}

/** A sketch; its counters stand behind it in memory, u16 each. */
@unmanaged
@final
export class Sketch {
  /** Number of counters. */
  counters: u32
  /** What passing 2^32 adds to a counter's index: -2^32 mod counters. */
  wrap: u32

  /** Bytes of a sketch for so many numbers. */
  footprint(entries: u32): usize {
    return offsetof<Sketch>() + ((<usize>this.countersFor(entries)) << 1)
  }

  /** Starts with all counters at zero, in zeroed memory. */
  init(entries: u32): void {
    const counters = this.countersFor(entries)
    this.counters = counters
    this.wrap = <u32>((<u64>counters - (((<u64>1) << 32) % counters)) % counters)
  }

  /** Finds a number's counters, which are `(a + i * b) mod 2^32 mod counters` for two hashes, without a division each. */
  locate(probe: Probe, value: u64): void {
    const counters = this.counters
    const round = xxh64Round(value)
    const b = <u32>xxh64Finish(round, SEED_B)
    const step = b % counters
    const wrapped = (step + this.wrap) % counters
    let sum = <u32>xxh64Finish(round, SEED_A)
    let index = sum % counters
    for (let i: u32 = 0; i < HASHES; i++) {
      store<usize>(changetype<usize>(probe) + <usize>i * sizeof<usize>(), this.base + ((<usize>index) << 1))
      const next = sum + b
      // Masks instead of conditions, which the CPU could not predict.
      index += step + ((wrapped - step) & -(<u32>(next < sum)))
      index -= counters & -(<u32>(index >= counters))
      sum = next
    }
  }

  /** Counts a number once, and returns how often it was counted before, roughly. */
  @inline
  add(probe: Probe): u32 {
    // One after the other, since two may be the same counter.
    const c0 = this.bump(probe.at0)
    const c1 = this.bump(probe.at1)
    const c2 = this.bump(probe.at2)
    const c3 = this.bump(probe.at3)
    const c4 = this.bump(probe.at4)
    const c5 = this.bump(probe.at5)
    const c6 = this.bump(probe.at6)
    const c7 = this.bump(probe.at7)
    const c8 = this.bump(probe.at8)
    const c9 = this.bump(probe.at9)
    const c0to3 = lesser(lesser(c0, c1), lesser(c2, c3))
    const c4to7 = lesser(lesser(c4, c5), lesser(c6, c7))
    return lesser(lesser(c0to3, c4to7), lesser(c8, c9))
  }

  /** How often a number was counted, roughly. */
  @inline
  estimate(probe: Probe): u32 {
    let least = FULL
    for (let i: u32 = 0; i < HASHES; i++) {
      least = lesser(least, <u32>load<u16>(load<usize>(changetype<usize>(probe) + <usize>i * sizeof<usize>())))
    }
    return least
  }

  /** Halves every counter. */
  halve(): void {
    const end = this.base + ((<usize>this.counters) << 1)
    for (let at = this.base; at < end; at += 2) store<u16>(at, load<u16>(at) >>> 1)
  }

  /** Adds one to the counter at an address, and returns what it was. */
  @inline
  private bump(at: usize): u32 {
    const count = <u32>load<u16>(at)
    store<u16>(at, count + <u32>(count < FULL))
    return count
  }

  /** Address of the first counter. */
  @inline
  private get base(): usize {
    return changetype<usize>(this) + offsetof<Sketch>()
  }

  private countersFor(entries: u32): u32 {
    const counters = <u32>ceil<f64>(DENSITY * <f64>entries)
    return counters < HASHES ? 2 * HASHES : counters
  }
}

/** The lesser of two counts, without a condition, which the CPU could not predict. */
function lesser(a: u32, b: u32): u32 {
  const difference = <i32>(a - b)
  return b + (difference & (difference >> 31))
}
