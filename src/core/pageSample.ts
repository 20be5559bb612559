// Chooses pages by a hash of their numbers, and filters references to them, in the sample module.
import { instantiateSync } from '@assemblyscript/loader'
import { coreMemory, coreModule } from './module.js'

const WASM_PAGE = 65536

/** The exports of the sample module. */
interface SampleExports extends Record<string, unknown> {
  BATCHES: WebAssembly.Global
  ID_BATCH: WebAssembly.Global
  BATCH: WebAssembly.Global
  BITS: WebAssembly.Global
  footprint(pages: number): number
  hash(count: number, seed: number): void
  index(pages: number): number
  filter(count: number, pages: number): number
}

/** A sample of a trace's pages. */
export class PageSample {
  /** How many pages are in the sample. */
  readonly size: number
  readonly #exports: SampleExports
  readonly #memory: WebAssembly.Memory
  readonly #pages: number
  readonly #references: Uint32Array
  readonly #bits: Uint8Array

  /**
   * `ids` are the page numbers in the order of their dense ids. `choose` gets the hash of each in
   * that order, a number from 0 up to 1, and says whether the page is in the sample; another
   * `seed` gives other hashes.
   */
  constructor(ids: BigUint64Array, seed: number, choose: (hash: number) => boolean) {
    const memory = coreMemory()
    const exports = instantiateSync<SampleExports>(coreModule('sample'), { env: { memory } }).exports as unknown as SampleExports
    memory.grow(Math.max(0, Math.ceil((exports.footprint(ids.length) - memory.buffer.byteLength) / WASM_PAGE)))
    const address = (global: WebAssembly.Global): number => Number(global.value)
    this.#exports = exports
    this.#memory = memory
    this.#pages = ids.length
    this.#references = new Uint32Array(memory.buffer, address(exports.BATCHES), address(exports.BATCH))
    this.#bits = new Uint8Array(memory.buffer, address(exports.BITS), Math.ceil(ids.length / 8))
    this.#choose(ids, seed, choose)
    this.size = exports.index(ids.length)
  }

  #choose(ids: BigUint64Array, seed: number, choose: (hash: number) => boolean): void {
    const { BATCHES, ID_BATCH, hash } = this.#exports
    const batch = new BigUint64Array(this.#memory.buffer, Number(BATCHES.value), Number(ID_BATCH.value))
    const hashes = new Float64Array(batch.buffer, batch.byteOffset, batch.length)
    for (let from = 0; from < ids.length; from += batch.length) {
      const part = ids.subarray(from, from + batch.length)
      batch.set(part)
      hash(part.length, seed)
      for (let i = 0; i < part.length; i++) {
        if (!choose(hashes[i] as number)) continue
        const page = from + i
        this.#bits[page >>> 3] = (this.#bits[page >>> 3] as number) | (1 << (page & 7))
      }
    }
  }

  /** Whether the page with this dense id is in the sample. */
  has(page: number): boolean {
    return (((this.#bits[page >>> 3] as number) >>> (page & 7)) & 1) !== 0
  }

  /**
   * Yields the references to pages in the sample, which are numbered anew from 0 in the order of
   * their dense ids. Each array is valid until the next.
   */
  *filter(references: Uint32Array): Generator<Uint32Array> {
    for (let at = 0; at < references.length; at += this.#references.length) {
      const batch = references.subarray(at, at + this.#references.length)
      this.#references.set(batch)
      yield this.#references.subarray(0, this.#exports.filter(batch.length, this.#pages))
    }
  }
}
