// Which pages of a trace are sampled: all whose hash is below a rate, or so many with the lowest
// hashes of those seen so far. Distances are scaled by the share of the distinct pages that are
// in the sample. The paper takes the rate instead, not knowing how many pages there will be; the
// share halves the error or better.
import { UsageError } from '../core/errors.js'
import { PageSample } from '../core/pageSample.js'
import type { SampleEvent } from '../core/stackDistances.js'
import { CHUNK, type Trace } from '../trace/trace.js'

/** How a trace is sampled: at a rate from 0 to 1, or by a number of pages. */
export type SampleChoice = { rate: number } | { size: number }

/** A sample, and how it changes with time. */
export interface Sampling {
  /** Every page that is ever in the sample. */
  pages: PageSample
  /** How many references each sampled one stands for at first. */
  gap: number
  events: SampleEvent[]
}

/** The sample that stack distances are taken of. Throws a UsageError if it has no page. */
export function sampleFor(trace: Trace, choice: SampleChoice, seed: number): Sampling {
  if ('size' in choice) return sampleBySize(trace, choice.size, seed)
  const pages = sampleByRate(trace, choice.rate, seed)
  return { pages, gap: trace.uniquePages / pages.size, events: [] }
}

function sampleByRate({ ids, path }: Trace, rate: number, seed: number): PageSample {
  const pages = new PageSample(ids, seed, hash => hash < rate)
  if (pages.size === 0) throw new UsageError(`${path}: a sample at rate ${rate} of ${ids.length} pages is empty; take a higher rate`)
  return pages
}

/** SHARDS of fixed size: when a page too many comes in, the one with the highest hash leaves, and from then on only lower ones come in. */
function sampleBySize({ ids }: Trace, size: number, seed: number): Sampling {
  const events: SampleEvent[] = []
  const heap = new HashHeap(Math.min(size, ids.length) + 1)
  let threshold = 1
  let seen = 0
  let sampled = 0
  const pages = new PageSample(ids, seed, hash => {
    seen++
    if (hash >= threshold) return false
    const page = sampled++
    heap.push(hash, page)
    if (heap.size > size) {
      threshold = heap.highest
      events.push({ page, victim: heap.pop(), gap: seen / size })
    }
    return true
  })
  return { pages, gap: 1, events }
}

/** A binary heap of pages with the highest hash on top. */
class HashHeap {
  size = 0
  readonly #hashes: Float64Array
  readonly #pages: Uint32Array

  constructor(capacity: number) {
    this.#hashes = new Float64Array(capacity)
    this.#pages = new Uint32Array(capacity)
  }

  /** The highest hash. */
  get highest(): number {
    return this.#hashes[0] as number
  }

  push(hash: number, page: number): void {
    let at = this.size++
    for (let parent = (at - 1) >> 1; at > 0 && (this.#hashes[parent] as number) < hash; parent = (at - 1) >> 1) {
      this.#move(parent, at)
      at = parent
    }
    this.#hashes[at] = hash
    this.#pages[at] = page
  }

  /** Takes the page with the highest hash out. */
  pop(): number {
    const top = this.#pages[0] as number
    const hash = this.#hashes[--this.size] as number
    let at = 0
    for (let child = this.#higherChild(at); child > 0 && (this.#hashes[child] as number) > hash; child = this.#higherChild(at)) {
      this.#move(child, at)
      at = child
    }
    this.#move(this.size, at)
    return top
  }

  /** The child of `at` with the higher hash, 0 if there is none. */
  #higherChild(at: number): number {
    const left = 2 * at + 1
    if (left >= this.size) return 0
    return left + 1 < this.size && (this.#hashes[left + 1] as number) > (this.#hashes[left] as number) ? left + 1 : left
  }

  #move(from: number, to: number): void {
    this.#hashes[to] = this.#hashes[from] as number
    this.#pages[to] = this.#pages[from] as number
  }
}

/** The trace of the sampled pages alone, numbered anew. Throws a UsageError if there are none. */
export function sampledTrace(trace: Trace, choice: SampleChoice, seed: number): Trace {
  const rate = 'size' in choice ? choice.size / trace.uniquePages : choice.rate
  const pages = sampleByRate(trace, rate, seed)
  const chunks = filterAll(trace, pages)
  let references = 0
  let writes = 0
  for (const chunk of chunks) {
    references += chunk.length
    for (let i = 0; i < chunk.length; i++) writes += (chunk[i] as number) >>> 31
  }
  const ids = new BigUint64Array(new SharedArrayBuffer(8 * pages.size))
  let own = 0
  for (let page = 0; page < trace.uniquePages; page++) if (pages.has(page)) ids[own++] = trace.ids[page] as bigint
  return { ...trace, references, uniquePages: pages.size, reads: references - writes, writes, chunks, ids }
}

/** The references to sampled pages, in chunks. */
function filterAll(trace: Trace, pages: PageSample): Uint32Array<SharedArrayBuffer>[] {
  const chunks: Uint32Array<SharedArrayBuffer>[] = []
  let chunk = newChunk(CHUNK)
  let filled = 0
  for (const references of trace.chunks) {
    for (const part of pages.filter(references)) {
      for (let from = 0; from < part.length; ) {
        if (filled === CHUNK) {
          chunks.push(chunk)
          chunk = newChunk(CHUNK)
          filled = 0
        }
        const piece = part.subarray(from, from + CHUNK - filled)
        chunk.set(piece, filled)
        filled += piece.length
        from += piece.length
      }
    }
  }
  const last = newChunk(filled)
  last.set(chunk.subarray(0, filled))
  return [...chunks, last]
}

function newChunk(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(4 * length))
}
