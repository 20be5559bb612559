// The project's own packed format: page numbers in checked frames (README.md, "The packed format").
import { crc32 } from 'node:zlib'
import { InputError, UsageError } from '../../core/errors.js'
import type { Decoder, TraceFormat } from '../format.js'
import {
  FRAME_HEADER_BYTES,
  HEADER_BYTES,
  MAGIC,
  MAX_PAYLOAD,
  PAGED,
  PackedDecoder,
  TRAILER_PAYLOAD_BYTES,
  VERSION,
} from '../packedCodec.js'
import type { Sink } from '../sink.js'

/** The packed format. */
export const packed: TraceFormat = {
  name: 'packed',
  description: "the project's own: page numbers, packed, with checksums",
  unit: 'page',
  detect: ({ bytes }) => (MAGIC.every((byte, i) => bytes[i] === byte) ? 1 : 0),
  decoder: ({ pageSize }) => new PackedReader(pageSize),
}

class PackedReader implements Decoder {
  readonly #pageSize: number | undefined
  readonly #codec = new PackedDecoder()
  /** Where in the trace the bytes given start. */
  #offset = 0
  #references = 0
  #state: 'header' | 'frames' | 'end' = 'header'

  constructor(pageSize: number | undefined) {
    this.#pageSize = pageSize
  }

  decode(bytes: Uint8Array, final: boolean, sink: Sink): number {
    let at = 0
    if (this.#state === 'header' && bytes.length >= HEADER_BYTES) {
      this.#readHeader(bytes.subarray(0, HEADER_BYTES), sink)
      at = HEADER_BYTES
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    while (this.#state === 'frames' && at + FRAME_HEADER_BYTES <= bytes.length) {
      const length = view.getUint32(at + 4, true)
      if (length > MAX_PAYLOAD) throw this.#corrupt(at, `a frame of ${length} bytes`)
      const end = at + FRAME_HEADER_BYTES + length
      if (end > bytes.length) break
      if (view.getUint32(at + 8, true) !== crc32(bytes.subarray(at + FRAME_HEADER_BYTES, end), crc32(bytes.subarray(at, at + 8)))) {
        throw this.#corrupt(at, 'the checksum of the frame is wrong')
      }
      this.#readFrame(view.getUint32(at, true), bytes.subarray(at + FRAME_HEADER_BYTES, end), at, sink)
      at = end
    }
    if (this.#state === 'end' && at < bytes.length) throw this.#corrupt(at, 'there is something behind the trailer')
    this.#offset += at
    if (final && this.#state !== 'end' && at === bytes.length) {
      throw new InputError(`the packed trace is cut short at offset ${this.#offset}: its trailer is missing`)
    }
    return at
  }

  #readHeader(header: Uint8Array, sink: Sink): void {
    if (!MAGIC.every((byte, i) => header[i] === byte)) throw new InputError('this is no packed trace: it starts otherwise')
    const [version = 0, flags = 0, bits = 0] = header.subarray(MAGIC.length)
    const sum = new DataView(header.buffer, header.byteOffset).getUint32(HEADER_BYTES - 4, true)
    if (sum !== crc32(header.subarray(0, -4))) throw this.#corrupt(0, 'the checksum of the header is wrong')
    if (version !== VERSION) throw new InputError(`the packed trace is of version ${version}, and this program knows version ${VERSION}`)
    sink.paged = (flags & PAGED) !== 0
    this.#setPages(2 ** bits, sink)
    this.#state = 'frames'
  }

  /** Makes pages of the size asked for of those in the trace. */
  #setPages(own: number, sink: Sink): void {
    const wanted = this.#pageSize ?? own
    if (sink.paged && wanted < own) {
      throw new UsageError(`the trace was packed with pages of ${own} bytes and cannot be read with smaller ones`)
    }
    sink.pageSize = wanted
    sink.shift = sink.paged ? Math.log2(wanted / own) : 0
  }

  #readFrame(references: number, payload: Uint8Array, at: number, sink: Sink): void {
    if (references > 0) {
      if (this.#codec.decode(payload, sink) !== references) throw this.#corrupt(at, `the frame does not hold its ${references} references`)
      this.#references += references
      return
    }
    const totals = new DataView(payload.buffer, payload.byteOffset, payload.length)
    const right =
      payload.length === TRAILER_PAYLOAD_BYTES &&
      Number(totals.getBigUint64(0, true)) === this.#references &&
      Number(totals.getBigUint64(8, true)) === this.#codec.writes
    if (!right) throw this.#corrupt(at, 'the totals in the trailer are not those of the frames')
    this.#state = 'end'
  }

  #corrupt(at: number, what: string): InputError {
    return new InputError(`the packed trace is corrupt at offset ${this.#offset + at}: ${what}`)
  }
}
