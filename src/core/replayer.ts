// One policy at one size over one wasm instance of the replay engine.
import { readFileSync } from 'node:fs'
import { instantiateSync } from '@assemblyscript/loader'
import { UsageError } from './errors.js'
import { ReplayLayout } from './layout.gen.js'
import type { PolicyChoice } from './policies.js'

const WASM_PAGE = 65536
const MAX_MEMORY = 65536 * WASM_PAGE

/** Set in a packed reference if it is a write; the other bits are the dense page id. */
export const WRITE = 0x80000000

/** The exports of the replay module. */
interface ReplayExports extends Record<string, unknown> {
  BATCH: WebAssembly.Global
  CONTROL: WebAssembly.Global
  FUTURE: WebAssembly.Global
  PARAMS: WebAssembly.Global
  REFERENCES: WebAssembly.Global
  footprint(policy: number, slots: number, pages: number): number
  init(policy: number, slots: number, pages: number, seed: number, withIds: boolean): void
  run(policy: number, count: number): void
  check(policy: number): void
}

const modules = new Map<string, WebAssembly.Module>()

/** The compiled replay module of the built-in policies. */
export function replayModule(target: 'release' | 'debug' = 'release'): WebAssembly.Module {
  const name = target === 'debug' ? 'replay.debug.wasm' : 'replay.wasm'
  const known = modules.get(name)
  if (known) return known
  const module = new WebAssembly.Module(readFileSync(new URL(`./${name}`, import.meta.url)))
  modules.set(name, module)
  return module
}

/** What a Replayer is made of. */
export interface ReplayerOptions {
  policy: PolicyChoice
  /** Number of page frames. */
  frames: number
  /** Number of distinct pages; dense ids are below it. */
  pages: number
  /** Seed of the policy's random numbers, 1 unless given. */
  seed?: number
  /** The page id behind each dense id, for policies that hash ids (W-TinyLFU). */
  ids?: BigUint64Array
  /** The module the policy is in; the built-in policies' unless given. */
  module?: WebAssembly.Module
}

/** The counts of a replay so far. */
export interface ReplayCounts {
  misses: number
  evictions: number
  dirtyEvictions: number
}

/** A cache of `frames` pages under one policy, to which batches of packed references are fed. */
export class Replayer {
  /** How many references one batch may hold. */
  readonly batch: number
  /** Bytes of memory in use. */
  readonly footprint: number
  readonly #exports: ReplayExports
  readonly #policy: number
  readonly #references: Uint32Array
  readonly #future: Uint32Array
  readonly #control: DataView

  /** Throws a UsageError if the policy's state for so many frames and pages does not fit in 4 GiB. */
  constructor({ policy, frames, pages, seed = 1, ids, module = replayModule() }: ReplayerOptions) {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 })
    const exports = instantiateSync<ReplayExports>(module, { env: { memory } }).exports as unknown as ReplayExports
    const address = (global: WebAssembly.Global): number => Number(global.value)
    const writeParams = (): void => new Float64Array(memory.buffer, address(exports.PARAMS), policy.values.length).set(policy.values)
    writeParams()
    const bytes = exports.footprint(policy.index, frames, pages) + (ids ? ids.byteLength : 0)
    if (bytes > MAX_MEMORY) {
      throw new UsageError(
        `policy ${policy.label} with ${frames} frames over ${pages} pages needs ${(bytes / 2 ** 30).toFixed(1)} GiB, and an engine holds 4; use fewer frames, a larger page size or a sample of the pages`,
      )
    }
    memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE)))
    exports.init(policy.index, frames, pages, seed, ids !== undefined)
    this.batch = address(exports.BATCH)
    this.footprint = bytes
    this.#exports = exports
    this.#policy = policy.index
    this.#references = new Uint32Array(memory.buffer, address(exports.REFERENCES), this.batch)
    this.#future = new Uint32Array(memory.buffer, address(exports.FUTURE), this.batch)
    this.#control = new DataView(memory.buffer, address(exports.CONTROL), ReplayLayout.SIZE)
    if (ids) new BigUint64Array(memory.buffer, this.#control.getUint32(ReplayLayout.end, true), ids.length).set(ids)
  }

  /**
   * Replays packed references (dense page id, bit 31 for a write), any number of them. `future`
   * holds for each the time of the page's next reference (0xffffffff: never), for a policy that
   * sees the future.
   */
  run(references: Uint32Array, future?: Uint32Array): void {
    for (let at = 0; at < references.length; at += this.batch) {
      const batch = references.subarray(at, at + this.batch)
      this.#references.set(batch)
      if (future) this.#future.set(future.subarray(at, at + this.batch))
      this.#exports.run(this.#policy, batch.length)
    }
  }

  /** Misses and evictions so far. */
  get counts(): ReplayCounts {
    const count = (offset: number): number => this.#control.getUint32(offset, true)
    return {
      misses: count(ReplayLayout.misses),
      evictions: count(ReplayLayout.evictions),
      dirtyEvictions: count(ReplayLayout.dirtyEvictions),
    }
  }

  /** The dense ids of the resident pages, by slot. */
  get resident(): Uint32Array {
    const count = (offset: number): number => this.#control.getUint32(offset, true)
    return new Uint32Array(this.#control.buffer, count(ReplayLayout.pageOf), count(ReplayLayout.taken))
  }

  /** In the debug build, traps if an invariant of the policy or the engine is broken. */
  check(): void {
    this.#exports.check(this.#policy)
  }
}
