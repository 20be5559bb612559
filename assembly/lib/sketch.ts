// A counting Bloom filter: estimates how often a number was counted, never too low. Each number
// has ten counters, all of which count it, and the least of them is the estimate. It equals
// libCacheSim's filter, whose counters have 32 bits, until a counter would need more than 16:
// then all are halved, which keeps their order.
import { xxh64Finish, xxh64Round } from './xxh64'

/** Counters of one number. */
const HASHES: u32 = 10
/** Counters per expected number, for one false estimate in a thousand: -ln(0.001) / ln(2)^2. */
const DENSITY: f64 = 6.907755278982137 / 0.480453013918201
/** A counter that reaches this has all of them halved. */
const FULL: u32 = u16.MAX_VALUE
const SEED_A: u64 = 0x12345678
const SEED_B: u64 = 0x12344321

/**
 * Where a number's counters are: `(a + i * b) mod 2^32 mod counters` for i below HASHES. The
 * remainders are kept too, so that going from one counter to the next needs no division: 16 bytes.
 */
@unmanaged
export class Probe {
  a: u32
  b: u32
  /** a mod counters. */
  first: u32
  /** b mod counters. */
  step: u32
}

/** A sketch; its counters stand behind it in memory. */
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

  /** Finds the counters of a number. */
  locate(probe: Probe, value: u64): void {
    const round = xxh64Round(value)
    probe.a = <u32>xxh64Finish(round, SEED_A)
    probe.b = <u32>xxh64Finish(round, SEED_B)
    probe.first = probe.a % this.counters
    probe.step = probe.b % this.counters
  }

  /** Counts a number once, and returns how often it was counted before, roughly. */
  @inline
  add(probe: Probe): u32 {
    // All in locals, since the stores might change what is in memory.
    const base = changetype<usize>(this) + offsetof<Sketch>()
    const counters = this.counters
    const step = probe.step
    const wrapped = this.wrapped(step)
    const b = probe.b
    let sum = probe.a
    let index = probe.first
    let least: u32 = u32.MAX_VALUE
    let most: u32 = 0
    for (let i: u32 = 0; i < HASHES; i++) {
      const place = base + ((<usize>index) << 1)
      const count = <u32>load<u16>(place)
      store<u16>(place, count + 1)
      least = min(least, count)
      most = max(most, count)
      const next = sum + b
      index += next < sum ? wrapped : step
      index -= index >= counters ? counters : 0
      sum = next
    }
    if (most >= FULL - 1) this.halve()
    return least
  }

  /** How often a number was counted, roughly. */
  @inline
  estimate(probe: Probe): u32 {
    const base = changetype<usize>(this) + offsetof<Sketch>()
    const counters = this.counters
    const step = probe.step
    const wrapped = this.wrapped(step)
    const b = probe.b
    let sum = probe.a
    let index = probe.first
    let least: u32 = u32.MAX_VALUE
    for (let i: u32 = 0; i < HASHES; i++) {
      least = min(least, <u32>load<u16>(base + ((<usize>index) << 1)))
      const next = sum + b
      index += next < sum ? wrapped : step
      index -= index >= counters ? counters : 0
      sum = next
    }
    return least
  }

  /** Halves every counter. */
  halve(): void {
    const base = changetype<usize>(this) + offsetof<Sketch>()
    const end = base + ((<usize>this.counters) << 1)
    for (let at = base; at < end; at += 2) store<u16>(at, load<u16>(at) >>> 1)
  }

  /** What a step that passes 2^32 adds to a counter's index. */
  @inline
  private wrapped(step: u32): u32 {
    const sum = step + this.wrap
    return sum - (sum >= this.counters ? this.counters : 0)
  }

  private countersFor(entries: u32): u32 {
    const counters = <u32>ceil<f64>(DENSITY * <f64>entries)
    return counters < HASHES ? 2 * HASHES : counters
  }
}
