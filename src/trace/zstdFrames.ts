// The frames of a zstd stream (RFC 8878), found by the sizes in their headers alone.

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a5
/** A block of this type is one byte, repeated. */
const RUN = 1
/** Bytes of a dictionary's number, by its code. */
const DICTIONARY_BYTES = [0, 1, 2, 4]

/** What a frame is made of; a skippable one of magic, size and contents. */
type Part = 'magic' | 'skip size' | 'descriptor' | 'header' | 'block' | 'contents' | 'checksum'

/** Some bytes of a frame. */
export interface ZstdPiece {
  bytes: Uint8Array
  /** Whether the frame ends with it. */
  last: boolean
  /** Whether it is of a frame that decompresses to nothing. */
  skipped: boolean
  /** The frame's checksum, if this is its end and it has one. */
  checksum: number | undefined
}

/** Follows the frames and blocks of a stream, which it cuts where frames end. */
export class ZstdFrames {
  /** What is read next, and how many bytes it takes. */
  #part: Part = 'magic'
  #needed = 4
  /** The bytes of that part that have been seen; of contents only their number. */
  #seen: number[] = []
  #passed = 0
  #hasChecksum = false
  #lastBlock = false
  #skipped = false

  /** Whether the stream may end here. */
  get complete(): boolean {
    return this.#part === 'magic' && this.#passed === 0
  }

  /** Cuts a chunk where frames end; throws an Error if it is no zstd stream. */
  *cut(chunk: Uint8Array): Generator<ZstdPiece> {
    let from = 0
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(this.#needed - this.#passed, chunk.length - at)
      if (this.#part !== 'contents') this.#seen.push(...chunk.subarray(at, at + taken))
      at += taken
      this.#passed += taken
      // A part of no bytes is over at once.
      while (this.#passed === this.#needed) {
        const { checksum, last } = this.#advance()
        if (!last) continue
        yield { bytes: chunk.subarray(from, at), last, skipped: this.#skipped, checksum }
        this.#skipped = false
        from = at
        break
      }
    }
    if (from < chunk.length) yield { bytes: chunk.subarray(from), last: false, skipped: this.#skipped, checksum: undefined }
  }

  /** A part is whole: what follows. */
  #advance(): { last: boolean; checksum: number | undefined } {
    const value = this.#seen.reduceRight((sum, byte) => sum * 256 + byte, 0)
    const part = this.#part
    this.#seen = []
    this.#passed = 0
    if (part === 'magic') this.#startFrame(value)
    else if (part === 'skip size') this.#expect('contents', value)
    else if (part === 'descriptor') this.#expect('header', this.#readDescriptor(value))
    else if (part === 'header') this.#expect('block', 3)
    else if (part === 'block') {
      this.#lastBlock = (value & 1) === 1
      this.#expect('contents', ((value >> 1) & 3) === RUN ? 1 : value >> 3)
    } else if (part === 'contents' && !this.#lastBlock) this.#expect('block', 3)
    else if (part === 'contents' && this.#hasChecksum) this.#expect('checksum', 4)
    else {
      this.#expect('magic', 4)
      return { last: true, checksum: part === 'checksum' ? value : undefined }
    }
    return { last: false, checksum: undefined }
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part
    this.#needed = bytes
  }

  #startFrame(magic: number): void {
    this.#skipped = Math.floor(magic / 16) === SKIPPABLE_MAGIC
    if (this.#skipped) {
      this.#lastBlock = true
      this.#hasChecksum = false
      this.#expect('skip size', 4)
    } else if (magic === FRAME_MAGIC) this.#expect('descriptor', 1)
    else throw new Error('incorrect header check')
  }

  /** Bytes of the frame's header behind its descriptor. */
  #readDescriptor(descriptor: number): number {
    const single = (descriptor >> 5) & 1
    const sizeCode = descriptor >> 6
    this.#hasChecksum = (descriptor & 4) !== 0
    return 1 - single + (DICTIONARY_BYTES[descriptor & 3] as number) + (sizeCode > 0 ? 2 ** sizeCode : single)
  }
}
