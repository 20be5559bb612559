// One policy, written as a plain TypeScript object, at one size: the same books as
// assembly/replay.ts keeps, and the same order of hooks, but in JavaScript and so several times
// slower. For trying an idea out; a policy for long traces is better written for the core.
import { InputError, UsageError } from './errors.js'
import { type ReplayCounts, WRITE } from './replayer.js'

/**
 * A replacement policy as an object, with the hooks of the core's policies (assembly/policy/policy.ts).
 *
 * A reference to a resident page is `access(slot)`. A reference to any other page is
 * `miss(key, shadow)`, then, if every slot is taken, `slot = evict()` and `shadow(slot)`, then
 * `insert(slot, key)`. Slots count from 0 to `frames - 1`, keys are dense page numbers.
 */
export interface PolicyObject {
  /** Its name in results. */
  name: string
  /** Whether `future` is to be set before each hook. */
  seesFuture?: boolean
  /** When the page now referenced is referenced next (0xffffffff: never). Set by the engine. */
  future?: number
  /** Starts afresh, with every slot free. Called before each replay, since one object serves several sizes. */
  init?(frames: number): void
  /** The page in `slot` is referenced again. */
  access(slot: number): void
  /** The page `key` is referenced and in no slot. Returns false if it is to bypass the cache. */
  miss?(key: number, shadow: number): boolean | undefined
  /** Chooses a slot and forgets it; every slot is taken. */
  evict(): number
  /** What is kept in place of the page just evicted from `slot`, for `miss`: a number from 0 (nothing) to 2^30 - 1. */
  shadow?(slot: number): number
  /** The missed page now stands in `slot`. */
  insert(slot: number, key: number): void
  /** The page in `slot` went away; replay never removes pages. */
  remove?(slot: number): void
}

/** What an ObjectReplayer is made of. */
export interface ObjectReplayerOptions {
  policy: PolicyObject
  /** Number of page frames. */
  frames: number
  /** Number of distinct pages; dense ids are below it. */
  pages: number
}

// A page's entry, as in assembly/replay.ts: bit 31 resident, bit 30 dirty, and the slot; or the
// policy's shadow, 0 for a page never seen.
const RESIDENT = 0x80000000
const DIRTY = 0x40000000
const SLOT = DIRTY - 1

/** Throws a UsageError unless `value` has the hooks of a policy. */
export function checkPolicyObject(value: unknown): asserts value is PolicyObject {
  const object = (value ?? {}) as Record<string, unknown>
  if (typeof object.name !== 'string' || object.name === '') throw new UsageError('a policy object needs a name')
  for (const hook of ['access', 'evict', 'insert']) {
    if (typeof object[hook] !== 'function') throw new UsageError(`policy ${object.name}: the object has no ${hook}()`)
  }
}

/** A cache of `frames` pages under a policy object, to which batches of packed references are fed. */
export class ObjectReplayer {
  readonly #policy: PolicyObject
  readonly #frames: number
  readonly #pageOf: Uint32Array
  readonly #where: Uint32Array
  readonly #counts: ReplayCounts = { misses: 0, evictions: 0, dirtyEvictions: 0 }
  #taken = 0

  /** Throws a UsageError if a hook is missing. */
  constructor({ policy, frames, pages }: ObjectReplayerOptions) {
    checkPolicyObject(policy)
    this.#policy = policy
    this.#frames = frames
    this.#pageOf = new Uint32Array(frames)
    this.#where = new Uint32Array(pages)
    policy.init?.(frames)
  }

  /** Replays packed references; see Replayer.run. Throws an InputError if a hook returns nonsense. */
  run(references: Uint32Array, future?: Uint32Array): void {
    const policy = this.#policy
    const where = this.#where
    for (let i = 0; i < references.length; i++) {
      const reference = references[i] as number
      const page = (reference & ~WRITE) >>> 0
      const entry = where[page] as number
      const dirty = (reference & WRITE) !== 0 ? DIRTY : 0
      if (policy.seesFuture && future) policy.future = future[i] as number
      if ((entry & RESIDENT) !== 0) {
        where[page] = entry | dirty
        policy.access(entry & SLOT)
        continue
      }
      this.#counts.misses++
      if (policy.miss?.(page, entry) === false) continue
      const slot = this.#taken < this.#frames ? this.#taken++ : this.#makeRoom()
      this.#pageOf[slot] = page
      where[page] = RESIDENT | dirty | slot
      policy.insert(slot, page)
    }
  }

  /** Misses and evictions so far. */
  get counts(): ReplayCounts {
    return { ...this.#counts }
  }

  /** The dense ids of the resident pages, by slot. */
  get resident(): Uint32Array {
    return this.#pageOf.subarray(0, this.#taken)
  }

  /** Evicts a page and returns its slot. */
  #makeRoom(): number {
    const policy = this.#policy
    const slot = policy.evict()
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.#frames) {
      throw new InputError(`policy ${policy.name}: evict() returned ${slot}, which is no slot from 0 to ${this.#frames - 1}`)
    }
    const page = this.#pageOf[slot] as number
    this.#counts.evictions++
    if (((this.#where[page] as number) & DIRTY) !== 0) this.#counts.dirtyEvictions++
    const shadow = policy.shadow?.(slot) ?? 0
    if (!Number.isInteger(shadow) || shadow < 0 || shadow >= DIRTY) {
      throw new InputError(`policy ${policy.name}: shadow() returned ${shadow}, which is no number from 0 to ${DIRTY - 1}`)
    }
    this.#where[page] = shadow
    return slot
  }
}
