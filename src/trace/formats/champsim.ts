// ChampSim's records of one instruction each, 64 bytes, little-endian:
//
//   0 u64 ip   8 u8 is a branch   9 u8 is taken   10 u8[2] registers written   12 u8[4] registers read
//   16 u64[2] addresses written   32 u64[4] addresses read (0: none)
//
// The instruction is fetched, then it reads, then it writes. Sizes are not known.
import type { Decoder, Head, TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'

const RECORD = 64
const WORDS = RECORD / 4
const WRITTEN = 4
const READ = 8
/** So many records that look right tell the format even if the last one is cut short. */
const TELLING = 16

/** ChampSim. */
export const champsim: TraceFormat = {
  name: 'champsim',
  description: "ChampSim's 64-byte instruction records",
  unit: 'address',
  detect,
  decoder: (): Decoder => ({ decode }),
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / RECORD) * WORDS)
}

function decode(bytes: Uint8Array, _final: boolean, sink: Sink): number {
  const words = wordsOf(bytes)
  const add = (at: number, write: number): void => {
    const lo = words[at] as number
    const hi = words[at + 1] as number
    if (lo !== 0 || hi !== 0) sink.push(lo, hi, write)
  }
  for (let record = 0; record < words.length; record += WORDS) {
    add(record, 0)
    for (let at = record + READ; at < record + WORDS; at += 2) add(at, 0)
    add(record + WRITTEN, 1)
    add(record + WRITTEN + 2, 1)
  }
  return words.byteLength
}

/** Flags are 0 or 1, addresses are those of a 57-bit address space, and some instruction touches memory. */
function detect({ bytes, complete, size }: Head): number {
  const total = size ?? (complete ? bytes.length : undefined)
  const words = wordsOf(bytes)
  const cut = total !== undefined && total % RECORD !== 0
  if (words.length === 0 || (cut && words.length < TELLING * WORDS)) return 0
  let touches = false
  for (let record = 0; record < words.length; record += WORDS) {
    if (words[record] === 0 && words[record + 1] === 0) return 0
    if (((words[record + 2] as number) & 0xfefe) !== 0) return 0
    for (let at = record + 1; at < record + WORDS; at += at === record + 1 ? 4 : 2) {
      const high = words[at] as number
      if (high > 0x01ffffff && high < 0xfe000000) return 0
      if (at > record + 1) touches ||= high !== 0 || words[at - 1] !== 0
    }
  }
  return touches ? 0.9 : 0
}
