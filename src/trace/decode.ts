// Decodes a trace into a sink: bytes in chunks, the format by name or by the first bytes.
import { existsSync } from 'node:fs'
import { InputError, UsageError } from '../core/errors.js'
import type { CsvOptions, Decoder, TraceFormat } from './format.js'
import { csv } from './formats/csv.js'
import { detectFormat, formatNamed, formats } from './formats.js'
import type { Sink } from './sink.js'
import { type ByteSource, openPath, openStream, type Progress } from './source.js'

/** How many bytes the format is told by. */
const HEAD = 64 * 1024
/** How many bytes are read at a time. */
const READ = 1024 * 1024
/** The most that a decoder may leave of a chunk. */
const CARRY = 256 * 1024
/** The largest page, 1 GiB, as a power of two. */
const MAX_PAGE_BITS = 30
const DEFAULT_PAGE_SIZE = 4096

/** How a trace is read. */
export interface TraceOptions extends CsvOptions {
  /** The format's name; found out unless given. */
  format?: string
  /** Bytes in a page, a power of two; 4096 unless given, or what a packed trace says. */
  pageSize?: number
  /** Expands each block request into the pages it touches. */
  split?: boolean
  onProgress?: Progress
}

/** What was decoded. */
export interface Decoded {
  path: string
  format: TraceFormat
}

/**
 * Decodes a file (`-` is standard input; `format:path` names the format) or a stream of bytes
 * into a sink, whose `pageSize` is set on the way.
 *
 * Throws a UsageError for an unknown format or a bad page size, and an InputError for a trace
 * that cannot be read or is broken; its message starts with the path.
 */
export async function decodeTrace(source: string | AsyncIterable<Uint8Array>, options: TraceOptions, sink: Sink): Promise<Decoded> {
  const { path, formatName } = typeof source === 'string' ? splitPrefix(source, options) : { path: '(stream)', formatName: options.format }
  const { columns, header, delimiter } = options
  const saysCsv = columns !== undefined || header !== undefined || delimiter !== undefined
  const named = formatName !== undefined ? formatNamed(formatName) : saysCsv ? csv : undefined
  const progress = options.onProgress ?? (() => {})
  sink.pageSize = checkPageSize(options.pageSize ?? DEFAULT_PAGE_SIZE)
  try {
    const bytes = typeof source === 'string' ? await openPath(path, progress) : await openStream(source, progress)
    try {
      return { path, format: await pump(new Chunks(bytes), bytes.size, named, options, sink) }
    } finally {
      await bytes.close()
    }
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path === '-' ? '(standard input)' : path}: ${error.message}`)
    throw error
  }
}

/** A page size, if it is one. */
export function checkPageSize(pageSize: number): number {
  if (!Number.isInteger(Math.log2(pageSize)) || pageSize < 1 || pageSize > 2 ** MAX_PAGE_BITS) {
    throw new UsageError(`the page size must be a power of two up to ${2 ** MAX_PAGE_BITS}, not ${pageSize}`)
  }
  return pageSize
}

/** Takes `format:` off a path; a file that has such a name wins. */
function splitPrefix(source: string, { format }: TraceOptions): { path: string; formatName: string | undefined } {
  const [, prefix, rest = ''] = /^(\w+):(.+)$/.exec(source) ?? []
  if (prefix === undefined || existsSync(source)) return { path: source, formatName: format }
  const known = formats.some(({ name }) => name.toLowerCase() === prefix.toLowerCase())
  return known || rest === '-' || existsSync(rest) ? { path: rest, formatName: prefix } : { path: source, formatName: format }
}

/** Reads a source in chunks, each behind what was left of the last; the next is read while one is decoded. */
class Chunks {
  readonly #source: ByteSource
  #buffer = new Uint8Array(CARRY + READ)
  #other = new Uint8Array(CARRY + READ)
  #reading: Promise<number> | undefined

  constructor(source: ByteSource) {
    this.#source = source
    this.#read()
  }

  #read(): void {
    this.#reading = this.#source.read(this.#other.subarray(CARRY))
    // If nobody comes to ask for it, its failure is nobody's.
    this.#reading.catch(() => {})
  }

  /** What was left, then the next chunk, starting at a multiple of 8; `final` says that nothing follows. */
  async next(left: Uint8Array): Promise<{ bytes: Uint8Array; final: boolean }> {
    const count = (await this.#reading) ?? 0
    if (left.length > CARRY) throw new InputError(`a record of more than ${CARRY} bytes`)
    const buffer = this.#other
    this.#other = this.#buffer
    this.#buffer = buffer
    const start = CARRY - left.length
    const aligned = start & ~7
    buffer.set(left, aligned)
    if (aligned !== start) buffer.copyWithin(aligned + left.length, CARRY, CARRY + count)
    const final = count < READ
    if (!final) this.#read()
    return { bytes: buffer.subarray(aligned, aligned + left.length + count), final }
  }

  /** Waits for the read that is under way. */
  async settle(): Promise<void> {
    await this.#reading?.catch(() => {})
  }
}

/** Decodes all chunks; returns the format. */
async function pump(chunks: Chunks, size: number | undefined, named: TraceFormat | undefined, options: TraceOptions, sink: Sink) {
  try {
    let { bytes, final } = await chunks.next(new Uint8Array(0))
    if (bytes.length === 0) throw new InputError('the trace is empty')
    const format = named ?? detectFormat({ bytes: bytes.subarray(0, HEAD), complete: final && bytes.length <= HEAD, size })
    if (!format) throw new InputError(`its format is none that is known; name it: ${formats.map(f => f.name).join(', ')}`)
    const decoder = startDecoder(format, options, sink)
    for (let offset = 0; ; ) {
      const taken = decoder.decode(bytes, final, sink)
      await sink.settle()
      offset += taken
      if (final && taken < bytes.length) {
        throw new InputError(
          `the last record is cut short: ${bytes.length - taken} bytes at offset ${offset} are no whole ${format.name} record`,
        )
      }
      if (final) break
      ;({ bytes, final } = await chunks.next(bytes.subarray(taken)))
    }
    sink.flush()
    await sink.settle()
    return format
  } finally {
    await chunks.settle()
  }
}

function startDecoder(format: TraceFormat, options: TraceOptions, sink: Sink): Decoder {
  const { split = false, pageSize } = options
  if (split && !format.splits) {
    const able = formats.filter(f => f.splits).map(f => f.name)
    throw new UsageError(`records of format ${format.name} are no block requests to split; those of ${able.join(', ')} are`)
  }
  sink.paged = format.unit !== 'object' || split
  sink.shift = format.unit === 'address' || split ? Math.log2(sink.pageSize) : 0
  return format.decoder({ split, pageSize, csv: options })
}
