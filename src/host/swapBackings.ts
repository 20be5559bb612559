// Where the pages of swap areas are, as a thread of the host reaches them: in one memory that all threads of the machine
// share, which grows with each area, or in files of Node's, which each thread opens for itself. Which area is where stands in the
// machine's memory. Nothing is allocated per page but a view.
import { EIO } from '../abi/errno.gen.js'
import { PAGE_SIZE, SWAP_AREA_SIZE, SWAP_AREAS } from '../abi/layout.gen.js'
import { SWAP_FILE } from '../abi/swap.gen.js'
import { SwapAreaLayout } from '../core/layout.gen.js'
import { zramSize } from './lz4.js'
import { openFile, openMemory, type Store } from './store.js'

/** The most that areas in memory have together: what every browser and Node allow a buffer. */
export const MAX_STORE = 2 ** 32

/** An area, as this thread opened it. */
interface Backing extends Store {
  generation: number
  /** Whether what its pages take compressed is counted. */
  compresses: boolean
}

/** A memory for pages of areas, with none as yet. Throws a RangeError if the process may not have so much address space. */
function newStore(): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: MAX_STORE })
}

/** The swap areas of a machine, for one thread. */
export class SwapBackings {
  /** The memory of those in memory: made before another thread starts, or with the first such area. */
  store: SharedArrayBuffer | undefined
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #open: (Backing | undefined)[] = []
  /** Whether other threads have it, or know that there is none. */
  #shared = false

  /** Of the machine in this memory. */
  constructor(memory: SharedArrayBuffer, store: SharedArrayBuffer | undefined) {
    this.#bytes = new Uint8Array(memory)
    this.#words = new Int32Array(memory)
    this.store = store
  }

  /** Reads the page of a slot to an address: 0, or -EIO. */
  read(area: number, slot: number, address: number): number {
    return this.#area(area)?.read(slot, address) ? 0 : -EIO
  }

  /** Writes the page at an address to a slot: -EIO, or how many bytes it takes compressed, if the area counts that, or SLOT_SAME; else 0. */
  write(area: number, slot: number, address: number): number {
    const backing = this.#area(area)
    if (!backing?.write(slot, address)) return -EIO
    return backing.compresses ? zramSize(this.#bytes, address) : 0
  }

  /** The memory of areas in memory, to be given to a thread before it starts; undefined if there is no room for it: then there will be no such areas. */
  share(): SharedArrayBuffer | undefined {
    if (this.#shared) return this.store
    this.#shared = true
    try {
      this.store ??= newStore()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    return this.store
  }

  /** Makes the memory of areas in memory so many bytes long at least. Throws a RangeError if it cannot be. */
  grow(bytes: number): void {
    if (!this.store && this.#shared) throw new RangeError('threads run that know of no memory for swap')
    this.store ??= newStore()
    if (this.store.byteLength < bytes) this.store.grow(bytes)
  }

  /** A page of the memory of areas in memory. */
  page(index: number): Uint8Array<SharedArrayBuffer> {
    if (!this.store) throw new Error('no memory for swap')
    return new Uint8Array(this.store, index * PAGE_SIZE, PAGE_SIZE)
  }

  /** Forgets an area that is off. */
  close(area: number): void {
    this.#open[area]?.close()
    this.#open[area] = undefined
  }

  #field(area: number, field: Exclude<keyof typeof SwapAreaLayout, 'SIZE'>): number {
    return Atomics.load(this.#words, (SWAP_AREAS + area * SWAP_AREA_SIZE + SwapAreaLayout[field]) >>> 2) >>> 0
  }

  /** An area, opened unless it is; undefined if it cannot be. */
  #area(area: number): Backing | undefined {
    const generation = this.#field(area, 'generation')
    const known = this.#open[area]
    if (known?.generation === generation) return known
    this.close(area)
    try {
      const found = this.#field(area, 'backing') === SWAP_FILE ? this.#openFile(area) : this.#openMemory(area)
      this.#open[area] = { generation, compresses: this.#field(area, 'compresses') !== 0, ...found }
      return this.#open[area]
    } catch {
      return undefined
    }
  }

  #openMemory(area: number): Store {
    if (!this.store) throw new Error('no memory for swap')
    return openMemory(this.#bytes, this.store, this.#field(area, 'base'))
  }

  #openFile(area: number): Store {
    const path = this.#field(area, 'path')
    // a shared buffer cannot be decoded
    const name = new TextDecoder().decode(this.#bytes.slice(path, path + this.#field(area, 'pathLength')))
    return openFile(this.#bytes, name, 'a swap area in a file')
  }
}
