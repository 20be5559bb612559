// Builds a Trace in memory: maps 64-bit page numbers to dense ids in the core's id map and keeps
// 4 bytes a reference.
import { instantiateSync } from '@assemblyscript/loader'
import { InputError } from '../core/errors.js'
import { IdMapLayout } from '../core/layout.gen.js'
import { coreMemory, coreModule } from '../core/module.js'
import type { EventCall, TraceEvents } from './events.js'
import { Sink } from './sink.js'
import { CHUNK, type Trace } from './trace.js'

/** How many wasm pages the id map may grow to: 4 GiB. */
const MAXIMUM = 65536

/** Whose references come before any process is named. */
const FIRST_PROCESS = 1

/** The exports of the ids module. */
interface IdsExports extends Record<string, unknown> {
  BATCH: WebAssembly.Global
  CONTROL: WebAssembly.Global
  DENSE: WebAssembly.Global
  IDS: WebAssembly.Global
  WRITES: WebAssembly.Global
  init(maximum: number): number
  map(count: number, shift: number): number
}

/** What a TraceBuilder is made of. */
export interface TraceBuilderOptions {
  /** How many wasm pages (64 KiB) the id map may grow to; 4 GiB unless given. */
  maximum?: number
  /** The compiled ids module; the release build's unless given. */
  module?: WebAssembly.Module
}

/** A sink that builds a trace. */
export class TraceBuilder extends Sink {
  readonly #exports: IdsExports
  readonly #memory: WebAssembly.Memory
  readonly #dense: Uint32Array
  readonly #control: DataView
  readonly #chunks: Uint32Array<SharedArrayBuffer>[] = []
  /** References in the last chunk. */
  #filled = CHUNK
  /** References drained so far. */
  #drained = 0
  /** Of a trace that says which processes there are. */
  #events: TraceEvents | undefined

  constructor({ maximum = MAXIMUM, module = coreModule('ids') }: TraceBuilderOptions = {}) {
    const memory = coreMemory({ maximum, shared: true })
    const exports = instantiateSync<IdsExports>(module, { env: { memory } }).exports as unknown as IdsExports
    const address = (global: WebAssembly.Global): number => Number(global.value)
    const capacity = address(exports.BATCH)
    const buffer = memory.buffer
    super(new Uint32Array(buffer, address(exports.IDS), 2 * capacity), new Uint8Array(buffer, address(exports.WRITES), capacity))
    exports.init(maximum)
    this.#exports = exports
    this.#memory = memory
    this.#dense = new Uint32Array(buffer, address(exports.DENSE), capacity)
    this.#control = new DataView(buffer, address(exports.CONTROL), IdMapLayout.SIZE)
  }

  override turn(process: number): void {
    this.#events ??= noEvents()
    const { turns } = this.#events
    if (process === (turns.process.at(-1) ?? FIRST_PROCESS)) return
    turns.at.push(this.#drained + this.count)
    turns.process.push(process)
  }

  override event(call: EventCall, line: number): void {
    this.#events ??= noEvents()
    const { turns, calls } = this.#events
    calls.push({ at: this.#drained + this.count, process: turns.process.at(-1) ?? FIRST_PROCESS, line, call })
  }

  /** Maps a batch; throws an InputError if it has more distinct pages than the map can hold. */
  protected override drain(count: number): void {
    this.#drained += count
    if (this.#exports.map(count, this.shift) < count) {
      const limit = this.#control.getUint32(IdMapLayout.limit, true)
      throw new InputError(
        `more than ${limit} distinct pages, and no more fit in the id map's 4 GiB; use a larger page size or a sample of the pages`,
      )
    }
    for (let from = 0; from < count; ) {
      if (this.#filled === CHUNK) {
        this.#chunks.push(new Uint32Array(new SharedArrayBuffer(CHUNK * 4)))
        this.#filled = 0
      }
      const part = this.#dense.subarray(from, Math.min(count, from + CHUNK - this.#filled))
      this.#chunks.at(-1)?.set(part, this.#filled)
      this.#filled += part.length
      from += part.length
    }
  }

  /** The trace of all references so far; the builder is used up. */
  finish(path: string, format: string): Trace {
    this.flush()
    const last = this.#chunks.pop()
    if (last) this.#chunks.push(sharedCopy(last.subarray(0, this.#filled)))
    const references = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    const writes = this.#control.getFloat64(IdMapLayout.writes, true)
    const uniquePages = this.#control.getUint32(IdMapLayout.pages, true)
    const keys = new BigUint64Array(this.#memory.buffer, this.#control.getUint32(IdMapLayout.keys, true), uniquePages)
    const ids = new BigUint64Array(new SharedArrayBuffer(keys.byteLength))
    ids.set(keys)
    return {
      path,
      format,
      pageSize: this.pageSize,
      references,
      uniquePages,
      reads: references - writes,
      writes,
      chunks: this.#chunks,
      ids,
      ...(this.#events && { events: this.#events }),
    }
  }
}

function noEvents(): TraceEvents {
  return { turns: { at: [], process: [] }, calls: [] }
}

function sharedCopy(from: Uint32Array): Uint32Array<SharedArrayBuffer> {
  const copy = new Uint32Array(new SharedArrayBuffer(from.byteLength))
  copy.set(from)
  return copy
}
