// VMware's vscsi traces of block I/O, little-endian; both versions have the LBN at 16.
//
//   version 1, 32 bytes: 0 u32 number   4 u32 bytes   8 u32 segments   12 u16 command  14 u16 version  16 u64 LBN  24 u64 time
//   version 2, 40 bytes: 0 u16 command  2 u16 version  4 u32 number    8 u32 bytes     12 u32 segments 16 u64 LBN  24 u64 time  32 u64 response
//
// The version's high byte is 1 or 2. Commands that write count as writes, all others as reads.
import { InputError } from '../../core/errors.js'
import type { Decoder, Head, TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'

/** Where the two versions differ: offsets in 4-byte words. */
interface Version {
  words: number
  /** The word with the command, and the version in its high half. */
  command: number
  size: number
}

const VERSIONS: readonly Version[] = [
  { words: 8, command: 3, size: 1 },
  { words: 10, command: 0, size: 2 },
]
const LBN = 4

/** SCSI's commands that write (WRITE 6 aside, all that libCacheSim knows) and those that read. */
const WRITES: ReadonlySet<number> = new Set([0x2a, 0x3f, 0x8a, 0x8e, 0x9a, 0x9c, 0xaa, 0xae])
const READS: ReadonlySet<number> = new Set([0x28, 0x08, 0x88, 0x2d, 0xa8])

/** vscsi, version 1 and 2. */
export const vscsi: TraceFormat = {
  name: 'vscsi',
  description: "VMware's block I/O records, version 1 (32 bytes) and 2 (40 bytes)",
  unit: 'object',
  splits: true,
  detect,
  decoder: ({ split }) => new VscsiDecoder(split),
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
}

/** The version of a trace by its first two records; the second version is tried first. */
function versionOf(words: Uint32Array): Version | undefined {
  return VERSIONS.findLast((version, i) => {
    const first = words[version.command]
    const second = words[version.command + version.words] ?? first
    return first !== undefined && first >>> 24 === i + 1 && (second as number) >>> 24 === i + 1
  })
}

class VscsiDecoder implements Decoder {
  readonly #split: boolean
  #version: Version | undefined

  constructor(split: boolean) {
    this.#split = split
  }

  decode(bytes: Uint8Array, final: boolean, sink: Sink): number {
    const words = wordsOf(bytes)
    if (!this.#version) {
      if (!final && bytes.length < 80) return 0
      this.#version = versionOf(words)
      if (!this.#version) throw new InputError('these are vscsi records neither of version 1 nor of version 2')
    }
    const version = this.#version
    const records = Math.floor(words.length / version.words)
    for (let i = 0, at = 0; i < records; i++, at += version.words) {
      const lo = words[at + LBN] as number
      const hi = words[at + LBN + 1] as number
      const write = WRITES.has((words[at + version.command] as number) & 0xffff) ? 1 : 0
      if (this.#split) sink.blocks(lo, hi, words[at + version.size] as number, write)
      else sink.push(lo, hi, write)
    }
    return records * version.words * 4
  }
}

/** Every record has the version and a command that reads or writes. */
function detect({ bytes }: Head): number {
  const words = wordsOf(bytes)
  const version = versionOf(words)
  if (!version) return 0
  const high = (words[version.command] as number) >>> 24
  for (let at = version.command; at < words.length; at += version.words) {
    const word = words[at] as number
    if (word >>> 24 !== high || !(WRITES.has(word & 0xffff) || READS.has(word & 0xffff))) return 0
  }
  return 1
}
