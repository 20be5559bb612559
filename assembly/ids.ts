// The id map: 64-bit page numbers in, dense u32 ids out, in order of first appearance. The host
// writes batches of page numbers (or addresses, which `map` shifts) to IDS and write flags to
// WRITES, calls `map`, and reads packed references from DENSE. Every instance has a memory of
// its own, shared so that the host's views of the batch stay valid while the map grows:
//
//   CONTROL  struct IdMap             WRITES  one batch: u8, 1 for a write
//   IDS      one batch: u64           DENSE   one batch: u32 dense id, bit 31 set for a write
//   SLOTS    one group: u32 address   INDEX   u32 dense id + 1, 0 if free; linear probing
//
// Behind the index stand the keys: u64 page number of each dense id, the map's whole result.

/** Address of struct IdMap. */
export const CONTROL: usize = 1024
/** How many references fit in a batch. */
export const BATCH: u32 = 32 * 1024
/** Address of the batch of page numbers. */
export const IDS: usize = 64 * 1024
/** Address of the batch of write flags. */
export const WRITES: usize = IDS + <usize>BATCH * 8
/** Address of the batch of packed references. */
export const DENSE: usize = WRITES + <usize>BATCH
/** Home slots of a group of references. */
const SLOTS: usize = DENSE + <usize>BATCH * 4
/** How many references are looked up together, so that their misses in the CPU's caches overlap. */
const GROUP: u32 = 64
/** Address of the index. */
const INDEX: usize = SLOTS + <usize>GROUP * 4
/** Slots of the smallest index, as a power of two. */
const FIRST_BITS: u32 = 15
/** Up to so many, the slots are quadrupled instead of doubled: a third of the work for at most 16 MiB more. */
const SMALL_BITS: u32 = 21
const WASM_PAGE: usize = 65536

// The multipliers of SplitMix64.
const MIX_1: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15
const MIX_2: u64 = ((<u64>0xbf58476d) << 32) | 0x1ce4e5b9

/** State of the map. */
@unmanaged
@final
export class IdMap {
  /** Distinct pages so far. */
  pages: u32
  /** How many pages fit before the index has to double. */
  limit: u32
  /** Address of the keys. */
  keys: usize
  /** The index has 2^bits slots. */
  bits: u32
  /** The memory may grow to so many wasm pages. */
  maximum: u32
  /** Writes among the references so far. */
  writes: f64
  /** Keeps the look-ahead's loads from being dropped. */
  sink: u32

  /** Address of the first slot to probe for an id in an index of 2^bits: the high bits of a 64-bit mix, as in SplitMix64. */
  @inline
  home(id: u64, bits: u32): usize {
    let hash = (id ^ (id >> 32)) * MIX_1
    hash = (hash ^ (hash >> 29)) * MIX_2
    return INDEX + <usize>((hash >> <u64>(64 - bits)) << 2)
  }
}

/** Starts an empty map in zeroed memory that may grow to `maximum` wasm pages; false if not even the smallest fits. */
export function init(maximum: u32): bool {
  const map = changetype<IdMap>(CONTROL)
  map.maximum = maximum
  return resize(FIRST_BITS)
}

/**
 * Maps the first `count` ids of the batch, shifted right by `shift` bits, and returns how many
 * it mapped: fewer than `count` only if the pages do not fit.
 */
export function map(count: u32, shift: u32): u32 {
  const map = changetype<IdMap>(CONTROL)
  while (map.pages + count > map.limit && (resize(map.bits + (map.bits < SMALL_BITS ? 2 : 1)) || resize(map.bits + 1))) {}
  const limit = map.limit
  const mask: usize = ((<usize>4) << (<usize>map.bits)) - 1
  const keys = map.keys - 8
  let pages = map.pages
  let writes: u32 = 0
  for (let group: u32 = 0; group < count; group += GROUP) {
    const end = min(group + GROUP, count)
    lookAhead(map, group, end, shift)
    for (let i = group; i < end; i++) {
      const id = load<u64>(IDS + ((<usize>i) << 3))
      let slot = load<u32>(SLOTS + ((<usize>(i & (GROUP - 1))) << 2))
      let entry = load<u32>(slot)
      while (entry !== 0 && load<u64>(keys + ((<usize>entry) << 3)) !== id) {
        slot = INDEX + ((slot - INDEX + 4) & mask)
        entry = load<u32>(slot)
      }
      if (entry === 0) {
        if (pages === limit) {
          map.pages = pages
          return i
        }
        entry = ++pages
        store<u32>(slot, entry)
        store<u64>(keys + ((<usize>entry) << 3), id)
      }
      const write = <u32>load<u8>(WRITES + <usize>i)
      writes += write
      store<u32>(DENSE + ((<usize>i) << 2), (entry - 1) | (write << 31))
    }
  }
  map.pages = pages
  map.writes += <f64>writes
  return count
}

/** Shifts the ids of the references in [from, end), finds their home slots, and loads slots and keys for the CPU's caches. */
function lookAhead(map: IdMap, from: u32, end: u32, shift: u32): void {
  const bits = map.bits
  const keys = map.keys - 8
  let sum: u32 = 0
  for (let i = from; i < end; i++) {
    const at = IDS + ((<usize>i) << 3)
    const id = load<u64>(at) >> <u64>shift
    const slot = map.home(id, bits)
    store<u64>(at, id)
    store<u32>(SLOTS + ((<usize>(i & (GROUP - 1))) << 2), <u32>slot)
    sum += load<u32>(slot)
  }
  for (let i = from; i < end; i++) {
    const entry = load<u32>(load<u32>(SLOTS + ((<usize>(i & (GROUP - 1))) << 2)))
    sum += load<u32>(keys + ((<usize>entry) << 3))
  }
  map.sink = sum
}

/** Makes the index 2^bits slots large; false if that would hold no more pages than now. */
function resize(bits: u32): bool {
  const map = changetype<IdMap>(CONTROL)
  const slots: u64 = (<u64>1) << (<u64>bits)
  const keys: u64 = INDEX + slots * 4
  const bytes: u64 = <u64>map.maximum * WASM_PAGE
  if (keys >= bytes) return false
  const limit = min(slots - (slots >> 2) - (slots >> 5), (bytes - keys) >> 3)
  if (limit <= <u64>map.limit) return false
  const wanted = <i32>((keys + limit * 8 + (WASM_PAGE - 1)) / WASM_PAGE)
  if (wanted > memory.size() && memory.grow(wanted - memory.size()) < 0) return false
  memory.copy(<usize>keys, map.keys, (<usize>map.pages) << 3)
  memory.fill(INDEX, 0, <usize>(slots * 4))
  map.bits = bits
  map.limit = <u32>limit
  map.keys = <usize>keys
  for (let page: u32 = 0; page < map.pages; page++) {
    let slot = map.home(load<u64>(map.keys + ((<usize>page) << 3)), bits)
    const mask: usize = <usize>(slots * 4) - 1
    while (load<u32>(slot) !== 0) slot = INDEX + ((slot - INDEX + 4) & mask)
    store<u32>(slot, page + 1)
  }
  return true
}
