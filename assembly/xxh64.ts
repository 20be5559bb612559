// XXH64 (Yann Collet, xxHash specification), seed 0: the checksum of zstd's frames. The host
// writes bytes behind those that wait at DATA and calls `update`.
//
//   CONTROL  struct Xxh64     DATA  bytes that wait for a whole stripe, then those just written

/** Address of struct Xxh64. */
export const CONTROL: usize = 1024
/** Address of the data. */
export const DATA: usize = 4096
/** The most that may be written at a time. */
export const CAPACITY: u32 = 128 * 1024

/** The unit of hashing, in bytes: 8 for each of the four lanes. */
const STRIPE: usize = 32

const P1: u64 = ((<u64>0x9e3779b1) << 32) | 0x85ebca87
const P2: u64 = ((<u64>0xc2b2ae3d) << 32) | 0x27d4eb4f
const P3: u64 = ((<u64>0x165667b1) << 32) | 0x9e3779f9
const P4: u64 = ((<u64>0x85ebca77) << 32) | 0xc2b2ae63
const P5: u64 = ((<u64>0x27d4eb2f) << 32) | 0x165667c5

/** State of a hash. */
@unmanaged
@final
export class Xxh64 {
  lane0: u64
  lane1: u64
  lane2: u64
  lane3: u64
  /** Bytes so far. */
  total: u64
  /** Bytes that wait at DATA. */
  waiting: u32

  /** A lane behind 8 more bytes. */
  @inline
  round(lane: u64, input: u64): u64 {
    return rotl(lane + input * P2, 31) * P1
  }

  /** The hash with a lane folded in. */
  @inline
  merge(hash: u64, lane: u64): u64 {
    return (hash ^ this.round(0, lane)) * P1 + P4
  }
}

/** Starts a hash. */
export function init(): void {
  const state = changetype<Xxh64>(CONTROL)
  state.lane0 = P1 + P2
  state.lane1 = P2
  state.lane2 = 0
  state.lane3 = 0 - P1
  state.total = 0
  state.waiting = 0
}

/** Hashes the `count` bytes written behind those that wait; returns how many wait now. */
export function update(count: u32): u32 {
  const state = changetype<Xxh64>(CONTROL)
  const end = DATA + <usize>state.waiting + <usize>count
  let lane0 = state.lane0
  let lane1 = state.lane1
  let lane2 = state.lane2
  let lane3 = state.lane3
  let at = DATA
  for (; at + STRIPE <= end; at += STRIPE) {
    lane0 = state.round(lane0, load<u64>(at))
    lane1 = state.round(lane1, load<u64>(at, 8))
    lane2 = state.round(lane2, load<u64>(at, 16))
    lane3 = state.round(lane3, load<u64>(at, 24))
  }
  state.lane0 = lane0
  state.lane1 = lane1
  state.lane2 = lane2
  state.lane3 = lane3
  state.total += count
  state.waiting = <u32>(end - at)
  memory.copy(DATA, at, end - at)
  return state.waiting
}

/** The low half of the hash of all bytes. */
export function digest(): u32 {
  const state = changetype<Xxh64>(CONTROL)
  let hash = state.lane2 + P5
  if (state.total >= <u64>STRIPE) {
    hash = rotl(state.lane0, 1) + rotl(state.lane1, 7) + rotl(state.lane2, 12) + rotl(state.lane3, 18)
    hash = state.merge(hash, state.lane0)
    hash = state.merge(hash, state.lane1)
    hash = state.merge(hash, state.lane2)
    hash = state.merge(hash, state.lane3)
  }
  hash += state.total
  let at = DATA
  const end = DATA + <usize>state.waiting
  for (; at + 8 <= end; at += 8) hash = rotl(hash ^ state.round(0, load<u64>(at)), 27) * P1 + P4
  for (; at + 4 <= end; at += 4) hash = rotl(hash ^ (<u64>load<u32>(at) * P1), 23) * P2 + P3
  for (; at < end; at++) hash = rotl(hash ^ (<u64>load<u8>(at) * P5), 11) * P1
  hash = (hash ^ (hash >> 33)) * P2
  hash = (hash ^ (hash >> 29)) * P3
  return <u32>(hash ^ (hash >> 32))
}
