// libCacheSim's oracleGeneral: records of 24 bytes, little-endian.
//
//   0 u32 time (s)   4 u64 object id   12 u32 size   16 i64 number, from 1, of the id's next request (-1: none)
//
// Records of size 0 are skipped, as libCacheSim does. To split a request its id is taken for the
// number of a 512-byte block, which it is in traces made from block I/O.
import type { Decoder, Head, TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'

const RECORD = 24
const WORDS = RECORD / 4

/** libCacheSim's oracleGeneral. */
export const oracleGeneral: TraceFormat = {
  name: 'oracleGeneral',
  description: "libCacheSim's 24-byte records: time, object id, size, next access",
  unit: 'object',
  splits: true,
  detect,
  decoder: ({ split }): Decoder => ({ decode: split ? decodeSplit : decode }),
}

/** The whole records of `bytes` as words. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / RECORD) * WORDS)
}

function decode(bytes: Uint8Array, _final: boolean, sink: Sink): number {
  const records = wordsOf(bytes)
  const { words, kinds, capacity } = sink
  for (let at = 0; at < records.length; ) {
    let to = sink.count
    const end = Math.min(records.length, at + (capacity - to) * WORDS)
    kinds.fill(0, to)
    for (; at < end; at += WORDS) {
      if (records[at + 3] === 0) continue
      words[2 * to] = records[at + 1] as number
      words[2 * to + 1] = records[at + 2] as number
      to++
    }
    sink.count = to
    if (to === capacity) sink.flush()
  }
  return records.byteLength
}

function decodeSplit(bytes: Uint8Array, _final: boolean, sink: Sink): number {
  const records = wordsOf(bytes)
  for (let at = 0; at < records.length; at += WORDS) {
    const [, lo = 0, hi = 0, size = 0] = records.subarray(at, at + 4)
    if (size > 0) sink.blocks(lo, hi, size, 0)
  }
  return records.byteLength
}

/** Times must not go back, and each record's next request must come after it and, where it is in sight, be to the same id. */
function detect({ bytes, complete, size }: Head): number {
  const total = size ?? (complete ? bytes.length : undefined)
  const records = wordsOf(bytes)
  const count = records.length / WORDS
  if (count === 0 || count > 0xffff || (complete && bytes.length % RECORD > 0 && count < 2)) return 0
  let proofs = 0
  for (let i = 0, time = 0; i < count; i++) {
    const [now = 0, lo, hi, , low = 0, high = 0] = records.subarray(i * WORDS, (i + 1) * WORDS)
    if (now < time) return 0
    time = now
    const never = low === 0xffffffff && (high === 0xffffffff || high === 0x7fffffff)
    if (never) continue
    const next = high * 2 ** 32 + low
    if (next <= i + 1 || next > 2 ** 48) return 0
    if (next > count) continue
    if (records[(next - 1) * WORDS + 1] !== lo || records[(next - 1) * WORDS + 2] !== hi) return 0
    proofs++
  }
  return proofs > 0 || (total !== undefined && total % RECORD === 0) ? 1 : 0.7
}
