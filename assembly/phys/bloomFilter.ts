// Bloom filters of page tables in which many pages were used: m = 2^15 bits, k = 2, as in Linux's mm/vmscan.c. A group has two: aging
// looks into the tables that one names and notes in the other those for next time; looking around notes in the one that is next.
// They may name a table too many. What is known of a group's generations they do not change, but only which tables are looked into.
import { allocBytes } from './bytes'
import { FILTER_BYTES, FILTER_SHIFT, Generations } from './generations'

/** hash_64 of Linux: 2^64 divided by the golden ratio. */
const GOLDEN_RATIO: u64 = 0x61c8864680b583eb

/** Two bits of a filter, as numbers, for the address of the entry that names a table. */
function bitsOf(entry: usize): u32 {
  return <u32>((<u64>entry * GOLDEN_RATIO) >> (64 - 2 * <u64>FILTER_SHIFT))
}

/** Address of the word of a bit. */
function wordAt(filter: u32, bit: u32): usize {
  return <usize>(filter + ((bit >> 5) << 2))
}

function has(filter: u32, bit: u32): bool {
  return ((atomic.load<u32>(wordAt(filter, bit)) >> (bit & 31)) & 1) !== 0
}

/** Whether the filter of generation `seq` names a table; so does one that is not there yet. */
export function testFilter(generations: Generations, seq: u32, entry: usize): bool {
  const filter = atomic.load<u32>(generations.filterAt(seq))
  const bits = bitsOf(entry)
  return filter === 0 || (has(filter, bits & ((1 << FILTER_SHIFT) - 1)) && has(filter, bits >> FILTER_SHIFT))
}

/** Has the filter of generation `seq` name a table, if it is there. */
export function noteInFilter(generations: Generations, seq: u32, entry: usize): void {
  const filter = atomic.load<u32>(generations.filterAt(seq))
  if (filter === 0) return
  const bits = bitsOf(entry)
  const low = bits & ((1 << FILTER_SHIFT) - 1)
  const high = bits >> FILTER_SHIFT
  atomic.or<u32>(wordAt(filter, low), (<u32>1) << (low & 31))
  atomic.or<u32>(wordAt(filter, high), (<u32>1) << (high & 31))
}

/** Has the filter of generation `seq` name nothing; makes it, if there is memory for it. Takes: Slab, Zone. */
export function resetFilter(generations: Generations, seq: u32): void {
  const filter = load<u32>(generations.filterAt(seq))
  if (filter !== 0) memory.fill(filter, 0, FILTER_BYTES)
  else atomic.store<u32>(generations.filterAt(seq), <u32>allocBytes(FILTER_BYTES))
}
