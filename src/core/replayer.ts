// One policy at one size over one wasm instance of the replay engine.
import { instantiateSync } from '@assemblyscript/loader'
import { InputError, UsageError } from './errors.js'
import { ReplayLayout } from './layout.gen.js'
import { coreMemory, coreModule } from './module.js'
import type { PolicyChoice } from './policies.js'
import { explainTrap } from './traps.js'

const WASM_PAGE = 65536
/** The most an engine uses: one page less than 4 GiB, so that no end of a region wraps to 0. */
const MAX_MEMORY = 65535 * WASM_PAGE
/** The fewest frames whose bytes tell those of many more. */
const SMALL = 4096

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
  wantsIds(policy: number): number
  init(policy: number, slots: number, pages: number, seed: number, withIds: boolean): void
  run(policy: number, count: number): void
  remove(policy: number, page: number): void
  check(policy: number): void
}

/** The compiled replay module of the built-in policies. */
export function replayModule(target: 'release' | 'debug' = 'release'): WebAssembly.Module {
  return coreModule('replay', target)
}

/** What decides how much memory a replay takes. */
export interface EngineSize {
  policy: PolicyChoice
  /** Number of page frames. */
  frames: number
  /** Number of distinct pages; dense ids are below it. */
  pages: number
  /** The module the policy is in: its own, else that of the built-in policies, unless given. */
  module?: WebAssembly.Module
}

/** What a Replayer is made of. */
export interface ReplayerOptions extends EngineSize {
  /** Seed of the policy's random numbers, 1 unless given. */
  seed?: number
  /** The page id behind each dense id; copied if the policy uses ids. */
  ids?: BigUint64Array
}

/** The counts of a replay so far. */
export interface ReplayCounts {
  misses: number
  evictions: number
  dirtyEvictions: number
}

/**
 * Bytes of memory a replay takes.
 *
 * Throws a UsageError that says how much would fit if that is more than the 4 GiB of an engine.
 */
export function replayFootprint(size: EngineSize): number {
  return requireFit(size, instantiate(size.module, size.policy).bytes)
}

/** A fresh instance with the policy's parameters written, and its bytes by frames and pages. */
function instantiate(given: WebAssembly.Module | undefined, policy: PolicyChoice) {
  const module = given ?? policy.module ?? replayModule()
  const memory = coreMemory()
  const raw = instantiateSync<ReplayExports>(module, { env: { memory } }).exports as unknown as ReplayExports
  const fault = (): number => new DataView(memory.buffer, address(raw.CONTROL)).getUint32(ReplayLayout.fault, true)
  const exports = guarded(raw, error => explainTrap(error, module, policy.label, fault()))
  new Float64Array(memory.buffer, address(exports.PARAMS), policy.values.length).set(policy.values)
  const wantsIds = Boolean(exports.wantsIds(policy.index))
  const counted = uncut((frames, pages) => exports.footprint(policy.index, frames, pages))
  const bytes = (frames: number, pages: number): number => (wantsIds ? 8 * pages : 0) + counted(frames, pages)
  return { memory, exports, bytes, wantsIds }
}

/**
 * The core's footprint by frames and pages, with what it cuts off: it counts a policy's bytes
 * modulo 4 GiB, which those of a small part of the cache, times the parts, give away.
 */
function uncut(footprint: (frames: number, pages: number) => number): (frames: number, pages: number) => number {
  return (frames, pages) => {
    const exact = footprint(frames, pages)
    const fixed = footprint(1, 1)
    for (let parts = 16; frames / parts >= SMALL; parts *= 16) {
      const estimate = fixed + parts * (footprint(frames / parts, pages / parts) - fixed)
      if (estimate > exact + 2 ** 31) return estimate
    }
    return exact
  }
}

/** The same exports, whose functions throw what `explain` makes of a trap. */
function guarded(exports: ReplayExports, explain: (error: unknown) => unknown): ReplayExports {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return call(...args)
      } catch (error) {
        throw explain(error)
      }
    }
  const { footprint, init, run, check } = exports
  return { ...exports, footprint: guard(footprint), init: guard(init), run: guard(run), check: guard(check) }
}

function address(global: WebAssembly.Global): number {
  return Number(global.value)
}

function requireFit({ policy, frames, pages }: EngineSize, footprint: (frames: number, pages: number) => number): number {
  const bytes = footprint(frames, pages)
  if (bytes <= MAX_MEMORY) return bytes
  const fittingPages = largest(pages, n => footprint(frames, n) <= MAX_MEMORY)
  const fit = fittingPages > 0 ? `${fittingPages} pages` : `${largest(frames, n => footprint(n, pages) <= MAX_MEMORY)} frames`
  throw new UsageError(
    `policy ${policy.label} with ${frames} frames over ${pages} pages needs ${(bytes / 2 ** 30).toFixed(1)} GiB and an engine holds 4, where ${fit} fit; take fewer frames, a larger page size or a sample of the trace`,
  )
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  try {
    memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE)))
  } catch {
    throw new InputError(`this machine has not the ${(bytes / 2 ** 30).toFixed(2)} GiB of memory that a replay needs; take fewer jobs`)
  }
}

/** The largest number up to `limit` that fits, 0 if not even 1 does. */
function largest(limit: number, fits: (n: number) => boolean): number {
  let low = 0
  let high = limit
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
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
  constructor({ policy, frames, pages, seed = 1, ids: allIds, module }: ReplayerOptions) {
    const { memory, exports, bytes: footprint, wantsIds } = instantiate(module, policy)
    const ids = wantsIds ? allIds : undefined
    const bytes = requireFit({ policy, frames, pages }, footprint)
    grow(memory, bytes)
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

  /** The dense ids of the resident pages, by slot; of a slot whose page was removed, a number from 2^31 up. */
  get resident(): Uint32Array {
    const count = (offset: number): number => this.#control.getUint32(offset, true)
    return new Uint32Array(this.#control.buffer, count(ReplayLayout.pageOf), count(ReplayLayout.taken))
  }

  /** Frees the slot of a resident page, given by its dense id, that went away: its next reference misses as if it were new. */
  remove(page: number): void {
    this.#exports.remove(this.#policy, page)
  }

  /** In the debug build, lets the next `count` evictions fail: the policy chooses, gets its victim back, and chooses again. */
  refuseEvictions(count: number): void {
    this.#control.setUint32(ReplayLayout.refusals, count, true)
  }

  /** In the debug build, traps if an invariant of the policy or the engine is broken. */
  check(): void {
    this.#exports.check(this.#policy)
  }
}
