// A count-min sketch of small counters: estimates how often a number was counted lately. A number
// has four counters, one in each row of 16 of one 64-byte block, so that counting touches one
// line of the CPU's cache. After ten additions an entry all counters are halved, so that what
// was frequent once is forgotten. A counter goes to 15 but has a byte: to find and change half a
// byte would take twice the time.
//
// Cormode, Muthukrishnan: An improved data stream summary. Journal of Algorithms 55(1), 2005;
// the small counters and the halving are TinyLFU's (ACM Transactions on Storage 13(4), 2017).

/** Numbers that are expected to share a block. */
const ENTRIES: u32 = 8
/** The highest a counter goes. */
const MOST: u32 = 15
/** Additions between two halvings, per entry. */
const SAMPLE: u32 = 10
/** What is left of eight counters shifted by one bit: none takes its neighbour's. */
const HALVES: u64 = 0x7f7f7f7f7f7f7f7f

/** A sketch; its blocks stand behind it in memory. */
@unmanaged
@final
export class FrequencySketch {
  blocks: u32
  /** Additions since the counters were halved, and half of those before. */
  added: u32
  /** How many additions make the counters be halved. */
  sample: u32
  /** Address of the first block. */
  base: usize

  /** Bytes of a sketch for so many numbers: 8 each. */
  footprint(entries: u32): usize {
    return offsetof<FrequencySketch>() + 64 + <usize>this.blocksFor(entries) * 64
  }

  /** Starts with all counters at zero, in zeroed memory. */
  init(entries: u32): void {
    this.blocks = this.blocksFor(entries)
    this.sample = max<u32>(<u32>min<u64>(<u64>entries * SAMPLE, u32.MAX_VALUE), SAMPLE)
    this.base = (changetype<usize>(this) + offsetof<FrequencySketch>() + 63) & ~63
  }

  /** A number's hash, for the other methods; its two low bits are 0. */
  @inline
  hash(value: u32): u32 {
    let hash = (value ^ (value >>> 16)) * 0x85ebca6b
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35
    return (hash ^ (hash >>> 16)) & ~3
  }

  /** Counts a number once, and returns how often it was counted before, roughly. */
  @inline
  add(hash: u32): u32 {
    const block = this.blockOf(hash)
    const choice = this.choiceOf(hash)
    const c0 = this.bump(block, choice)
    const c1 = this.bump(block + 16, choice >>> 8)
    const c2 = this.bump(block + 32, choice >>> 16)
    const c3 = this.bump(block + 48, choice >>> 24)
    const least = min(min(c0, c1), min(c2, c3))
    if (++this.added >= this.sample) this.halve()
    return least
  }

  /** How often a number was counted, roughly; at most 15. */
  @inline
  estimate(hash: u32): u32 {
    const block = this.blockOf(hash)
    const choice = this.choiceOf(hash)
    const c0 = this.count(block, choice)
    const c1 = this.count(block + 16, choice >>> 8)
    const c2 = this.count(block + 32, choice >>> 16)
    const c3 = this.count(block + 48, choice >>> 24)
    return min(min(c0, c1), min(c2, c3))
  }

  /** Halves every counter. */
  private halve(): void {
    this.added >>>= 1
    const end = this.base + <usize>this.blocks * 64
    for (let at = this.base; at < end; at += 8) store<u64>(at, (load<u64>(at) >> 1) & HALVES)
  }

  /** Address of the number's block: its hash as a fraction of the blocks. */
  @inline
  private blockOf(hash: u32): usize {
    return this.base + ((<usize>((<u64>hash * this.blocks) >> 32)) << 6)
  }

  /** Eight bits for each of the four counters, of which the low four say which of its row. */
  @inline
  private choiceOf(hash: u32): u32 {
    const choice = hash * 0x9e3779b1
    return choice ^ (choice >>> 15)
  }

  /** The counter that the low bits of `choice` name in the row at `row`. */
  @inline
  private count(row: usize, choice: u32): u32 {
    return <u32>load<u8>(row + (choice & 15))
  }

  /** Adds one to such a counter unless it is full, and returns what it was. */
  @inline
  private bump(row: usize, choice: u32): u32 {
    const at = row + (choice & 15)
    const count = <u32>load<u8>(at)
    store<u8>(at, count + <u32>(count !== MOST))
    return count
  }

  private blocksFor(entries: u32): u32 {
    return max<u32>((entries + ENTRIES - 1) / ENTRIES, 1)
  }
}
