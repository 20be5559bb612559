// One pass of stack distances over one wasm instance of the mrc module.
import { instantiateSync } from '@assemblyscript/loader'
import { UsageError } from './errors.js'
import { EventLayout, MrcLayout } from './layout.gen.js'
import { coreMemory, coreModule } from './module.js'

const WASM_PAGE = 65536
const MAX_MEMORY = 65535 * WASM_PAGE

/** Time slots a page: with fewer the pass renumbers too often, with more the slots lie too far apart. */
const SLOTS_A_PAGE = 4
const MIN_SLOTS = 2 ** 16
/** Slots that a group of references can take before they are renumbered. */
const GROUP = 64

/** The exports of the mrc module. */
interface MrcExports extends Record<string, unknown> {
  BATCH: WebAssembly.Global
  CONTROL: WebAssembly.Global
  REFERENCES: WebAssembly.Global
  footprint(pages: number, slots: number, limit: number, events: number): number
  init(pages: number, slots: number, limit: number, events: number): void
  run(count: number): void
  runSampled(count: number): void
  check(): void
}

/** When a sample of fixed size takes in a page too many. */
export interface SampleEvent {
  /** The page whose first reference it is, by its number in the sample. */
  page: number
  /** The page that leaves. */
  victim: number
  /** How many references each sampled one stands for from then on. */
  gap: number
}

/** What stack distances are taken of. */
export interface StackDistancesOptions {
  /** Number of distinct pages; dense ids are below it. */
  pages: number
  /** The longest distance that is told apart; the number of pages unless given. */
  limit?: number
  /** How many references each sampled one stands for at first; 1 unless given. */
  gap?: number
  /** In the order of their pages. */
  events?: readonly SampleEvent[]
  /** Time slots: at least 64 more than pages. */
  slots?: number
  /** The compiled mrc module; the release build's unless given. */
  module?: WebAssembly.Module
}

/** Bytes of memory a pass over so many distinct pages takes. */
export function stackDistancesFootprint(pages: number): number {
  return instantiate(coreModule('mrc')).exports.footprint(pages, slotsFor(pages), pages, 0)
}

function slotsFor(pages: number): number {
  return Math.min(2 ** 32 - 1, Math.max(MIN_SLOTS, SLOTS_A_PAGE * pages))
}

function instantiate(module: WebAssembly.Module) {
  const memory = coreMemory()
  return { memory, exports: instantiateSync<MrcExports>(module, { env: { memory } }).exports as unknown as MrcExports }
}

/** A histogram of LRU stack distances, to which packed references are fed. */
export class StackDistances {
  /** Bytes of memory in use. */
  readonly footprint: number
  readonly #exports: MrcExports
  readonly #batch: Uint32Array
  readonly #control: DataView
  readonly #limit: number

  /** Throws a UsageError if so many pages do not fit in 4 GiB. */
  constructor({ pages, limit = pages, gap = 1, events = [], slots = slotsFor(pages), module = coreModule('mrc') }: StackDistancesOptions) {
    if (slots < pages + GROUP) throw new RangeError(`${slots} slots are too few for ${pages} pages`)
    const { memory, exports } = instantiate(module)
    const bytes = exports.footprint(pages, slots, limit, events.length)
    if (bytes > MAX_MEMORY) {
      const fitting = Math.floor((pages * MAX_MEMORY) / bytes)
      throw new UsageError(
        `stack distances of ${pages} pages need ${(bytes / 2 ** 30).toFixed(1)} GiB and a pass holds 4, where about ${fitting} pages fit; take a sample or a larger page size`,
      )
    }
    memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE)))
    exports.init(pages, slots, limit, events.length)
    const address = (global: WebAssembly.Global): number => Number(global.value)
    this.footprint = bytes
    this.#exports = exports
    this.#limit = limit
    this.#batch = new Uint32Array(memory.buffer, address(exports.REFERENCES), address(exports.BATCH))
    this.#control = new DataView(memory.buffer, address(exports.CONTROL), MrcLayout.SIZE)
    this.#control.setFloat64(MrcLayout.gap, gap, true)
    const list = new DataView(memory.buffer, this.#control.getUint32(MrcLayout.event, true))
    for (const [index, { page, victim, gap }] of events.entries()) {
      list.setUint32(index * EventLayout.SIZE + EventLayout.page, page, true)
      list.setUint32(index * EventLayout.SIZE + EventLayout.victim, victim, true)
      list.setFloat64(index * EventLayout.SIZE + EventLayout.gap, gap, true)
    }
  }

  /** Adds packed references, any number of them; only their pages count. */
  run(references: Uint32Array): void {
    this.#feed(references, this.#exports.run)
  }

  /** Adds references that are a sample. */
  runSampled(references: Uint32Array): void {
    this.#feed(references, this.#exports.runSampled)
  }

  #feed(references: Uint32Array, run: (count: number) => void): void {
    for (let at = 0; at < references.length; at += this.#batch.length) {
      const batch = references.subarray(at, at + this.#batch.length)
      this.#batch.set(batch)
      run(batch.length)
    }
  }

  /**
   * The histogram so far, of `limit + 1` entries. After `run`, entry d is the number of references
   * at distance d: pages referenced since the last reference to the page, that one included.
   * After `runSampled`, the sum of the entries up to d is the number of references at distance d + 1.
   */
  get histogram(): Float64Array {
    return new Float64Array(this.#control.buffer, this.#control.getUint32(MrcLayout.histogram, true), this.#limit + 1)
  }

  /** How many references the sampled ones stand for, all together. */
  get weight(): number {
    return this.#control.getFloat64(MrcLayout.weight, true)
  }

  /** Sampled references so far, without those to pages that had left the sample. */
  get sampled(): number {
    return this.#control.getFloat64(MrcLayout.sampled, true)
  }

  /** Pages in the sample now. */
  get live(): number {
    return this.#control.getUint32(MrcLayout.live, true)
  }

  /** How many references each sampled one stands for now. */
  get gap(): number {
    return this.#control.getFloat64(MrcLayout.gap, true)
  }

  /** How often time slots were renumbered. */
  get compactions(): number {
    return this.#control.getUint32(MrcLayout.compactions, true)
  }

  /** In the debug build, traps if the books do not balance. */
  check(): void {
    this.#exports.check()
  }
}
