// Writes packed traces (README.md, "The packed format").
import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createGzip } from 'node:zlib'
import { atExit } from '../core/atExit.js'
import { InputError } from '../core/errors.js'
import { placeOf } from '../core/place.js'
import { FRAME_HEADER_BYTES, HEADER_BYTES, MAGIC, PAGED, PackedEncoder, TRAILER_PAYLOAD_BYTES, VERSION } from './packedCodec.js'
import { Sink } from './sink.js'
import type { Trace } from './trace.js'

/** How many references the writer's batch holds. */
const BATCH = 16 * 1024
/** After how many references `append` waits for the output. */
const SETTLE = 256 * 1024
const WRITE = 0x80000000

/** How a packed trace is written. */
export interface PackedWriterOptions {
  /** Whether to compress with gzip; if the path ends in `.gz` unless given. */
  gzip?: boolean
  /** The compression level, 1 to 9; 6 unless given. */
  level?: number
}

/** How many references were written. */
export interface PackedTotals {
  references: number
  reads: number
  writes: number
}

/**
 * A sink that writes a packed trace to a path, or to standard output for `-`.
 *
 * A file is written beside and renamed by `close`; `abort` leaves nothing behind. What is no
 * regular file, such as /dev/null or a named pipe, is written in place. References
 * come from `decodeTrace(source, options, writer)`, from `append(trace)`, or one by one from
 * `push(lo, hi, write)` with an `await writer.settle()` every million or so, which waits for the
 * output. Set `pageSize`, `shift` and `paged` before the first reference if `decodeTrace` does not.
 */
export class PackedWriter extends Sink {
  readonly #path: string
  /** The file behind symbolic links. */
  readonly #place: string
  /** The unfinished file, undefined if the output is written in place. */
  readonly #beside: string | undefined
  readonly #encoder = new PackedEncoder()
  readonly #output = new PassThrough()
  readonly #written: Promise<void>
  #started = false
  readonly #forget: () => void
  readonly #totals: PackedTotals = { references: 0, reads: 0, writes: 0 }

  constructor(path: string, { gzip = path.endsWith('.gz'), level = 6 }: PackedWriterOptions = {}) {
    super(new Uint32Array(2 * BATCH), new Uint8Array(BATCH))
    this.#path = path
    const { place, direct } = path === '-' ? { place: path, direct: true } : placeOf(path)
    const beside = direct ? undefined : `${place}.${process.pid}.part`
    this.#place = place
    this.#beside = beside
    this.#forget = beside === undefined ? () => {} : atExit(() => rmSync(beside, { force: true }))
    const target = path === '-' ? process.stdout : createWriteStream(beside ?? place)
    this.#written = gzip ? pipeline(this.#output, createGzip({ level }), target) : pipeline(this.#output, target)
    // A failure is reported by the next `settle` or `close`.
    this.#written.catch(() => {})
  }

  /** Adds the references of a trace in memory. */
  async append({ chunks, ids }: Trace): Promise<void> {
    const halves = new Uint32Array(ids.buffer, ids.byteOffset, 2 * ids.length)
    for (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += SETTLE) {
        for (const reference of chunk.subarray(from, from + SETTLE)) {
          const page = (reference & ~WRITE) >>> 0
          this.push(halves[2 * page] as number, halves[2 * page + 1] as number, reference >>> 31)
        }
        await this.settle()
      }
    }
  }

  /** Waits until the output has taken what was written; throws an InputError if it cannot be written. */
  override async settle(): Promise<void> {
    if (!this.#output.writableNeedDrain) return
    await Promise.race([once(this.#output, 'drain'), this.#written]).catch(error => this.#fail(error))
  }

  /** Writes what is left and the trailer, and gives the file its name. */
  async close(): Promise<PackedTotals> {
    this.flush()
    if (this.#encoder.references > 0) this.#endFrame()
    const trailer = new Uint8Array(TRAILER_PAYLOAD_BYTES)
    const view = new DataView(trailer.buffer)
    view.setBigUint64(0, BigInt(this.#totals.references), true)
    view.setBigUint64(8, BigInt(this.#totals.writes), true)
    this.#writeFrame(0, trailer)
    this.#output.end()
    await this.#written.catch(error => this.#fail(error))
    if (this.#beside !== undefined) await rename(this.#beside, this.#place).catch(error => this.#fail(error))
    this.#forget()
    return this.#totals
  }

  /** Gives up: removes what was written. */
  async abort(): Promise<void> {
    this.#output.destroy()
    await this.#written.catch(() => {})
    if (this.#beside !== undefined) await rm(this.#beside, { force: true })
    this.#forget()
  }

  protected override drain(count: number): void {
    const { words, kinds, shift } = this
    let writes = 0
    for (let i = 0; i < count; i++) {
      const lo = words[2 * i] as number
      const hi = words[2 * i + 1] as number
      const write = kinds[i] as number
      writes += write
      if (shift === 0) this.#encoder.add(lo, hi, write)
      else this.#encoder.add(((lo >>> shift) | (hi << (32 - shift))) >>> 0, hi >>> shift, write)
      if (this.#encoder.full) this.#endFrame()
    }
    this.#totals.references += count
    this.#totals.writes += writes
    this.#totals.reads += count - writes
  }

  #endFrame(): void {
    const { references } = this.#encoder
    this.#writeFrame(references, this.#encoder.take())
  }

  /** Writes a frame, behind the header if it is the first. */
  #writeFrame(references: number, payload: Uint8Array): void {
    if (!this.#started) this.#output.write(fileHeader(this.pageSize, this.paged))
    this.#started = true
    this.#output.write(frame(references, payload))
  }

  /** Removes what was written and says what is wrong. */
  async #fail(error: unknown): Promise<never> {
    await this.abort()
    throw new InputError(
      `${this.#path === '-' ? '(standard output)' : this.#path}: cannot be written: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** The header of a packed trace. */
function fileHeader(pageSize: number, paged: boolean): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(MAGIC)
  header.set([VERSION, paged ? PAGED : 0, Math.log2(pageSize)], MAGIC.length)
  new DataView(header.buffer).setUint32(HEADER_BYTES - 4, crc32(header.subarray(0, -4)), true)
  return header
}

/** A frame: header and payload. */
function frame(references: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, references, true)
  view.setUint32(4, payload.length, true)
  bytes.set(payload, FRAME_HEADER_BYTES)
  view.setUint32(8, crc32(payload, crc32(bytes.subarray(0, 8))), true)
  return bytes
}
