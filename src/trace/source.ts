// Where the bytes of a trace come from: a file, standard input or a stream of chunks, plain or
// compressed with gzip or zstd, which is told by the first bytes.
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { InputError } from '../core/errors.js'
import { decompressZstd } from './zstd.js'

/** Bytes read from a compressed file at a time. */
const COMPRESSED_CHUNK = 64 * 1024
/** Bytes inflated at a time. */
const DECOMPRESSED_CHUNK = 256 * 1024

/** Called with the bytes read so far, compressed ones if it is a compressed file, and their total if it is known. */
export type Progress = (bytesRead: number, bytesTotal: number | undefined) => void

/** Decompressed bytes, pulled. */
export interface ByteSource {
  /** The decompressed size if it is known. */
  readonly size: number | undefined
  /** Fills the buffer, less of it only at the end; returns how many bytes it wrote. */
  read(into: Uint8Array): Promise<number>
  close(): Promise<void>
}

/** Opens a file, or standard input for `-`. Throws an InputError if it cannot be opened. */
export async function openPath(path: string, progress: Progress): Promise<ByteSource> {
  if (path === '-') return openStream(process.stdin, progress)
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(error.code === 'ENOENT' ? 'no such file' : `cannot be opened: ${error.message}`)
  })
  try {
    const stat = await file.stat()
    if (stat.isDirectory()) throw new InputError('is a directory, not a trace')
    const close = (): Promise<void> => file.close()
    if (!stat.isFile())
      return await openStream(
        fileChunks(file, () => {}, undefined),
        progress,
        close,
      )
    const magic = new Uint8Array(4)
    await file.read(magic, 0, 4, 0)
    const compression = compressionOf(magic)
    if (!compression) return new FileSource(file, stat.size, progress)
    return new ChunkSource(decompress(compression, fileChunks(file, progress, stat.size)), close)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Reads a stream of chunks, which it does not keep; `close` is called behind its end. */
export async function openStream(
  stream: AsyncIterable<Uint8Array>,
  progress: Progress,
  close: () => Promise<void> = async () => {},
): Promise<ByteSource> {
  const counted = countChunks(stream, progress)
  const first: Uint8Array[] = []
  for (let length = 0; length < 4; ) {
    const { value, done } = await counted.next()
    if (done) break
    first.push(value)
    length += value.length
  }
  const compression = compressionOf(Buffer.concat(first))
  const chunks = (async function* () {
    yield* first
    yield* counted
  })()
  return new ChunkSource(compression ? decompress(compression, chunks) : chunks, close)
}

/** A plain file. */
class FileSource implements ByteSource {
  readonly size: number
  readonly #file: FileHandle
  readonly #progress: Progress
  #position = 0

  constructor(file: FileHandle, size: number, progress: Progress) {
    this.#file = file
    this.size = size
    this.#progress = progress
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#file.read(into, filled, into.length - filled, this.#position)
      if (bytesRead === 0) break
      filled += bytesRead
      this.#position += bytesRead
    }
    this.#progress(this.#position, this.size)
    return filled
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** A stream of chunks, copied out. */
class ChunkSource implements ByteSource {
  readonly size = undefined
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #close: () => Promise<void>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>, close: () => Promise<void>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#close = close
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#chunks.next()
        if (done) break
        this.#rest = value
      }
      const part = this.#rest.subarray(0, into.length - filled)
      into.set(part, filled)
      filled += part.length
      this.#rest = this.#rest.subarray(part.length)
    }
    return filled
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
    await this.#close()
  }
}

async function* fileChunks(file: FileHandle, progress: Progress, size: number | undefined): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const buffer = new Uint8Array(COMPRESSED_CHUNK)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return
    position += bytesRead
    progress(position, size)
    yield buffer.subarray(0, bytesRead)
  }
}

async function* countChunks(stream: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const chunk of stream) {
    position += chunk.length
    progress(position, undefined)
    yield chunk
  }
}

type Compression = 'gzip' | 'zstd'

function compressionOf([a, b, c, d]: Uint8Array): Compression | undefined {
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58) throw new InputError('is compressed with xz; pipe it in: xz -dc TRACE | ... -')
  if (a === 0x42 && b === 0x5a && c === 0x68) throw new InputError('is compressed with bzip2; pipe it in: bzip2 -dc TRACE | ... -')
  if (a === 0x1f && b === 0x8b) return 'gzip'
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : undefined
}

function decompress(compression: Compression, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return watch(compression, compression === 'gzip' ? inflate(chunks) : decompressZstd(chunks))
}

/** What to say of a broken stream; `at` is how many bytes came out of it. */
function broken(compression: Compression, at: number, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const short = /unexpected (end|EOF)/i.test(reason)
  return new InputError(`${short ? 'truncated' : 'corrupt'} ${compression} stream behind byte ${at} of its contents (${reason})`)
}

/** Counts what comes out, and says where it broke. */
async function* watch(compression: Compression, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let at = 0
  try {
    for await (const chunk of chunks) {
      at += chunk.length
      yield chunk
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw broken(compression, at, error)
  }
}

/** Decompresses gzip by Node's stream, which works on a thread of its own. */
async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: DECOMPRESSED_CHUNK })
  const input = Readable.from(chunks)
  input.on('error', error => stream.destroy(error))
  try {
    yield* input.pipe(stream)
  } finally {
    input.destroy()
    stream.destroy()
  }
}
