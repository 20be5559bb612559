// The packed format's code for references (README.md, "The packed format"): a table of 64 recent
// pages turns most references into one byte. Every frame starts with an empty table, so frames
// can be read on their own.
import type { Sink } from './sink.js'

/** Header of the file: magic 8, version u8, flags u8, log2 of the page size u8, 0 u8, CRC-32 u32 of these 12 bytes. */
export const HEADER_BYTES = 16
export const MAGIC = Uint8Array.of(0x89, 0x46, 0x4c, 0x54, 0x0d, 0x0a, 0x1a, 0x0a)
export const VERSION = 1
/** Flag: the ids are page numbers, so that larger pages can be made of them; else they are objects' ids. */
export const PAGED = 1

/** Header of a frame: references u32, payload bytes u32, CRC-32 u32 of these 8 bytes and the payload. */
export const FRAME_HEADER_BYTES = 12
/** Most bytes in a payload. */
export const MAX_PAYLOAD = 128 * 1024
/** Most references in a frame. */
export const MAX_REFERENCES = 1 << 24
/** The trailer is a frame of no references; its payload: references u64, writes u64. */
export const TRAILER_PAYLOAD_BYTES = 16

/** Pages in the table. */
const TABLE = 64
/** First of the bytes that repeat the reference before; this one does it once. */
const REPEAT = 2 * TABLE
/** A reference to a page that is not in the table; the lowest bit says whether it is a write. */
const NEW = 254
/** How often one byte can repeat a reference. */
const MOST_REPEATS = NEW - REPEAT
/** Most bytes of one reference and the repeats before it. */
const LONGEST = 16

/** Where in the table a page stands. */
function placeOf(lo: number, hi: number): number {
  return (lo ^ (lo >>> 6) ^ (lo >>> 12) ^ hi) & (TABLE - 1)
}

/** The state that both directions keep: the table, and the page that was last new to it. */
class Coder {
  protected readonly low = new Uint32Array(TABLE)
  protected readonly high = new Uint32Array(TABLE)
  protected baseLo = 0
  protected baseHi = 0

  protected reset(): void {
    this.low.fill(0)
    this.high.fill(0)
    this.baseLo = 0
    this.baseHi = 0
  }
}

/** Encodes references into a frame's payload. */
export class PackedEncoder extends Coder {
  readonly #payload = new Uint8Array(MAX_PAYLOAD)
  #length = 0
  #repeats = 0
  #lastLo = 0
  #lastHi = 0
  #lastWrite = -1
  /** References in the frame. */
  references = 0

  /** Whether the frame may be too full for another reference. */
  get full(): boolean {
    return this.#length > MAX_PAYLOAD - LONGEST || this.references === MAX_REFERENCES
  }

  /** Adds a reference; the frame must not be full. */
  add(lo: number, hi: number, write: number): void {
    this.references++
    if (lo === this.#lastLo && hi === this.#lastHi && write === this.#lastWrite) {
      if (++this.#repeats === MOST_REPEATS) this.#endRepeats()
      return
    }
    this.#endRepeats()
    this.#lastLo = lo
    this.#lastHi = hi
    this.#lastWrite = write
    const place = placeOf(lo, hi)
    if (this.low[place] === lo && this.high[place] === hi) this.#payload[this.#length++] = 2 * place + write
    else this.#addNew(lo, hi, write, place)
  }

  /** The payload of the frame; the next frame begins. It is overwritten by what is added next. */
  take(): Uint8Array {
    this.#endRepeats()
    const payload = this.#payload.subarray(0, this.#length)
    this.#length = 0
    this.#lastWrite = -1
    this.references = 0
    this.reset()
    return payload
  }

  #endRepeats(): void {
    if (this.#repeats > 0) this.#payload[this.#length++] = REPEAT + this.#repeats - 1
    this.#repeats = 0
  }

  /** The distance to the last new page, its sign in the lowest bit, 7 bits a byte. */
  #addNew(lo: number, hi: number, write: number, place: number): void {
    const low = (lo - this.baseLo) | 0
    const high = (hi - this.baseHi - (lo < this.baseLo ? 1 : 0)) | 0
    const sign = high >> 31
    let restLo = ((low << 1) ^ sign) >>> 0
    let restHi = (((high << 1) | (low >>> 31)) ^ sign) >>> 0
    this.#payload[this.#length++] = NEW + write
    while (restHi !== 0 || restLo > 127) {
      this.#payload[this.#length++] = (restLo & 127) | 128
      restLo = ((restLo >>> 7) | (restHi << 25)) >>> 0
      restHi >>>= 7
    }
    this.#payload[this.#length++] = restLo
    this.low[place] = lo
    this.high[place] = hi
    this.baseLo = lo
    this.baseHi = hi
  }
}

/** Decodes payloads into a sink. */
export class PackedDecoder extends Coder {
  #at = 0
  /** Writes so far, in all frames. */
  writes = 0

  /** Decodes one frame; returns how many references it held, or -1 if it is no right code. */
  decode(payload: Uint8Array, sink: Sink): number {
    this.reset()
    let references = 0
    let lo = 0
    let hi = 0
    let write = 0
    for (this.#at = 0; this.#at < payload.length; ) {
      const token = payload[this.#at++] as number
      let times = 1
      if (token >= REPEAT && token < NEW) {
        if (references === 0) return -1
        times = token - REPEAT + 1
      } else {
        write = token & 1
        if (token >= NEW) this.#readNew(payload)
        const place = token >= NEW ? placeOf(this.baseLo, this.baseHi) : token >> 1
        lo = this.low[place] as number
        hi = this.high[place] as number
      }
      references += times
      this.writes += write * times
      while (times-- > 0) sink.push(lo, hi, write)
    }
    return this.#at === payload.length ? references : -1
  }

  /** Reads a distance and puts the page there into the table, as the new base. */
  #readNew(payload: Uint8Array): void {
    let lo = 0
    let hi = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = payload[this.#at++] as number
      if (shift < 32) lo |= (byte & 127) << shift
      if (shift === 28) hi = (byte & 127) >>> 4
      else if (shift > 28) hi |= (byte & 127) << (shift - 32)
      if (byte < 128) break
    }
    const sign = -(lo & 1)
    const low = this.baseLo + ((((lo >>> 1) | (hi << 31)) ^ sign) >>> 0)
    this.baseHi = (this.baseHi + ((hi >>> 1) ^ sign) + (low > 0xffffffff ? 1 : 0)) >>> 0
    this.baseLo = low >>> 0
    const place = placeOf(this.baseLo, this.baseHi)
    this.low[place] = this.baseLo
    this.high[place] = this.baseHi
  }
}
