// What a replacement policy is. One class a file, derived from Policy, and one line in
// registry.ts. A policy chooses which slot is evicted. It owns no memory but the footprint
// that its caller places, and it cannot tell a cache slot of the replay engine from a frame
// of the machine. Its doc comment describes it to the command line (see assembly/README.md).

/** Bytes at the start of a policy's memory for its own fields; its nodes stand behind them. */
export const HEADER: usize = 512

/** The largest shadow a policy may return: 30 bits. */
export const MAX_SHADOW: u32 = (1 << 30) - 1

/** A policy's parameters, in the order of the `@param` tags of its doc comment. */
@unmanaged
@final
export class Params {
  /** The value of the parameter with this index; of a choice, the index of the chosen word. */
  @inline
  get(index: u32): f64 {
    return load<f64>(changetype<usize>(this) + ((<usize>index) << 3))
  }
}

/**
 * The hooks of a policy, with the defaults that most of them share.
 *
 * A reference to a resident page is `access(slot)`. A reference to any other page is
 * `miss(key, shadow)`, then, if every slot is taken, `slot = evict()` and `shadow(slot)`,
 * then `insert(slot, key)`. A policy also defines, since nothing sensible can be inherited:
 *
 *     footprint(slots, params): usize   bytes for `slots` slots; reads no field
 *     init(params): void                memory is zero, `slots`, `ids` and `seed` are set
 *     access(slot): void                the page in `slot` is referenced again
 *     evict(): u32                      chooses a taken slot and forgets it; every slot is taken
 *     insert(slot, key): void           the missed page now stands in `slot`
 *     putback(slot, key): void          the slot that evict just returned could not be evicted
 *     remove(slot): void                the page in `slot` went away (freed, truncated)
 *     check(resident): void             traps on a broken invariant; `resident` slots are taken
 *
 * `key` names a page. `shadow` is what `shadow()` returned when the page was last evicted, 0
 * for a page that never was: a number the policy chooses, usually a ghost's index plus one,
 * that the caller keeps in the page's place. So ghosts need no hash table; Linux's page cache
 * keeps the shadow entries of evicted pages in their place in the same way
 * (mm/workingset.c). The ghost may have been reused since: compare its key.
 */
@unmanaged
export class Policy {
  /** Number of slots. Set by the caller before init, constant afterwards. */
  slots: u32
  /** Seed of the policy's random numbers, not 0. Set by the caller before init. */
  seed: u32
  /** Address of the u64 id of each key, or 0 if a page has no other id than its key. Set by the caller. */
  ids: usize
  /** When the page now referenced is referenced next (u32.MAX_VALUE: never). Set if `seesFuture`. */
  future: u32

  /** Whether the caller is to set `future` before each hook. */
  @inline
  get seesFuture(): bool {
    return false
  }

  /** The page `key` is referenced and in no slot. Returns false if it is to bypass the cache. */
  @inline
  miss(key: u32, shadow: u32): bool {
    return true
  }

  /** What the caller shall keep in place of the page just evicted from `slot`; 0: nothing. */
  @inline
  shadow(slot: u32): u32 {
    return 0
  }
}
