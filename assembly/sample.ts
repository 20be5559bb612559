// Spatial sampling (SHARDS: Waldspurger, Park, Garthwaite, Ahmad. FAST 2015): of a trace, all the
// references to some of its pages, chosen by a hash of the page number. The host reads the hashes
// of all pages, batch by batch, sets the bits of the chosen ones, calls `index`, and then has
// every batch of references filtered in place. What is left is a trace of its own: the chosen
// pages are numbered in order of their dense ids, so they still appear in order.
//
//   BATCHES  u64 page numbers, replaced by f64 hashes; or u32 packed references, replaced by those left
//   BITS     one bit a page, in u64 words: whether it is chosen; then u32 a word: chosen pages before it

/** Address of a batch of either kind. */
export const BATCHES: usize = 64 * 1024
/** How many page numbers fit in a batch. */
export const ID_BATCH: u32 = 32 * 1024
/** How many references fit in a batch. */
export const BATCH: u32 = 64 * 1024
/** Address of the bits. */
export const BITS: usize = BATCHES + <usize>BATCH * 4

/** A reference's write bit. */
const WRITE: u32 = 1 << 31

// The multipliers of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators. OOPSLA 2014).
const GAMMA: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15
const MIX_1: u64 = ((<u64>0xbf58476d) << 32) | 0x1ce4e5b9
const MIX_2: u64 = ((<u64>0x94d049bb) << 32) | 0x133111eb

/** Bytes of memory for a trace of so many distinct pages. */
export function footprint(pages: u32): f64 {
  return <f64>BITS + <f64>wordsFor(pages) * 12
}

/** Replaces the first `count` page numbers of the batch by their hashes: f64 from 0 up to 1, which is left out. */
export function hash(count: u32, seed: u32): void {
  const offset = (<u64>seed + 1) * GAMMA
  const end = BATCHES + ((<usize>count) << 3)
  for (let at = BATCHES; at < end; at += 8) {
    let mix = load<u64>(at) + offset
    mix = (mix ^ (mix >> 30)) * MIX_1
    mix = (mix ^ (mix >> 27)) * MIX_2
    mix ^= mix >> 31
    store<f64>(at, <f64>(mix >> 11) / 9007199254740992)
  }
}

/** Numbers the chosen ones of `pages` pages, once their bits are set, and returns how many they are. */
export function index(pages: u32): u32 {
  const words = wordsFor(pages)
  let before: u32 = 0
  for (let word: u32 = 0; word < words; word++) {
    store<u32>(BITS + ((<usize>words) << 3) + ((<usize>word) << 2), before)
    before += <u32>popcnt<u64>(load<u64>(BITS + ((<usize>word) << 3)))
  }
  return before
}

/** Keeps of the first `count` references of the batch those to chosen ones of `pages` pages, renumbered, and returns how many they are. */
export function filter(count: u32, pages: u32): u32 {
  const before = BITS + ((<usize>wordsFor(pages)) << 3)
  const end = BATCHES + ((<usize>count) << 2)
  let left = BATCHES
  for (let at = BATCHES; at < end; at += 4) {
    const reference = load<u32>(at)
    const page = reference & ~WRITE
    const word = load<u64>(BITS + ((<usize>(page >> 6)) << 3))
    if (!((word >> <u64>page) & 1)) continue
    const own = load<u32>(before + ((<usize>(page >> 6)) << 2)) + <u32>popcnt<u64>(word & (((<u64>1) << (<u64>page)) - 1))
    store<u32>(left, own | (reference & WRITE))
    left += 4
  }
  return <u32>((left - BATCHES) >> 2)
}

function wordsFor(pages: u32): u32 {
  return <u32>((<u64>pages + 63) >> 6)
}
