// zstd: Node's own decompressor from Node 22.15 on, fzstd before. Neither is enough alone: Node's
// takes a stream that is cut short for whole and drops all frames but the first, and fzstd checks
// no checksums. So streams are cut into frames here, and fzstd's output is hashed.
import * as zlib from 'node:zlib'
import { instantiateSync } from '@assemblyscript/loader'
import { Decompress } from 'fzstd'
import { coreModule } from '../core/module.js'
import { ZstdFrames, type ZstdPiece } from './zstdFrames.js'

/** Node 20's types do not know it. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: zlib.ZlibOptions) => zlib.Gunzip }
const OUTPUT_CHUNK = 256 * 1024

/** Decompresses a stream of chunks; throws an Error that says what is wrong. */
export async function* decompressZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames()
  const decoder = createZstdDecompress ? new NativeDecoder(createZstdDecompress) : new ScriptDecoder()
  try {
    for await (const chunk of chunks) {
      for (const piece of frames.cut(chunk)) {
        if (!piece.skipped) yield* await decoder.push(piece)
        if (piece.last) decoder.reset()
      }
    }
    if (!frames.complete) throw new Error('unexpected end')
  } finally {
    decoder.reset()
  }
}

/** Decompresses frames, piece by piece. */
interface FrameDecoder {
  /** What the frame's next piece decompresses to. */
  push(piece: ZstdPiece): Promise<Uint8Array[]>
  /** Forgets the frame. */
  reset(): void
}

/** By Node's stream, one for each frame. */
class NativeDecoder implements FrameDecoder {
  readonly #create: NonNullable<typeof createZstdDecompress>
  #output: Uint8Array[] = []
  #stream: zlib.Gunzip | undefined

  constructor(create: NonNullable<typeof createZstdDecompress>) {
    this.#create = create
  }

  async push({ bytes, last }: ZstdPiece): Promise<Uint8Array[]> {
    this.#output = []
    this.#stream ??= this.#create({ chunkSize: OUTPUT_CHUNK }).on('data', data => this.#output.push(data))
    const stream = this.#stream
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject)
      const done = (): void => {
        stream.off('error', reject)
        resolve()
      }
      if (last) stream.once('end', done).end(bytes)
      else stream.write(bytes, error => (error ? reject(error) : done()))
    })
    return this.#output
  }

  reset(): void {
    this.#stream?.destroy()
    this.#stream = undefined
  }
}

/** By fzstd. */
class ScriptDecoder implements FrameDecoder {
  #output: Uint8Array[] = []
  #decoder = this.#start()
  readonly #hash = new Checksum()

  #start(): Decompress {
    return new Decompress(data => this.#output.push(data))
  }

  async push({ bytes, last, checksum }: ZstdPiece): Promise<Uint8Array[]> {
    this.#output = []
    this.#decoder.push(bytes, last)
    for (const data of this.#output) this.#hash.add(data)
    if (checksum !== undefined && this.#hash.value !== checksum) throw new Error('incorrect data check')
    return this.#output
  }

  reset(): void {
    this.#decoder = this.#start()
    this.#hash.start()
  }
}

/** The exports of the xxh64 module. */
interface Xxh64Exports extends Record<string, unknown> {
  CAPACITY: WebAssembly.Global
  DATA: WebAssembly.Global
  init(): void
  update(count: number): number
  digest(): number
}

/** The checksum of what a frame holds. */
class Checksum {
  readonly #exports: Xxh64Exports
  readonly #data: Uint8Array
  readonly #capacity: number
  #waiting = 0

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 4 })
    this.#exports = instantiateSync<Xxh64Exports>(coreModule('xxh64'), { env: { memory } }).exports as unknown as Xxh64Exports
    this.#data = new Uint8Array(memory.buffer, Number(this.#exports.DATA.value))
    this.#capacity = Number(this.#exports.CAPACITY.value)
    this.start()
  }

  start(): void {
    this.#exports.init()
    this.#waiting = 0
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.#capacity) {
      const part = bytes.subarray(at, at + this.#capacity)
      this.#data.set(part, this.#waiting)
      this.#waiting = this.#exports.update(part.length)
    }
  }

  get value(): number {
    return this.#exports.digest() >>> 0
  }
}
