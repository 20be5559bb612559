// What a replacement policy is. One class a file, derived from Policy, and one line in
// registry.ts. A policy chooses which slot is evicted. It owns no memory but the footprint
// that its caller places, and it cannot tell a cache slot of the replay engine from a frame
// of the machine. Its doc comment describes it to the command line (see assembly/README.md).

/** Bytes at the start of a policy's memory for its own fields; its nodes stand behind them. */
export const HEADER: usize = 512

/** The largest shadow a policy may return: 30 bits. */
export const MAX_SHADOW: u32 = (1 << 30) - 1

/** What `surplus` returns if no page is to go. */
export const NO_SLOT: u32 = u32.MAX_VALUE

/** What a policy is told of its pages; the values of its parameters (f64 each) stand behind. */
@unmanaged
@final
export class Params {
  /** How many distinct pages can come; 0 if the caller does not know. */
  pages: f64

  /** How many pages can be out of the cache, and so be remembered, while every slot is taken. */
  absent(slots: u32): u32 {
    const pages = <u32>this.pages
    return !pages ? u32.MAX_VALUE : pages > slots ? pages - slots : 0
  }

  /** The value of the parameter with this index, in the order of the `@param` tags; of a choice, the index of the chosen word. */
  @inline
  get(index: u32): f64 {
    return load<f64>(changetype<usize>(this) + offsetof<Params>() + ((<usize>index) << 3))
  }
}

/**
 * What every policy has; the rest are hooks, which each policy defines for itself.
 *
 * A reference to a resident page is `access(slot)`. A reference to any other page is
 * `miss(key, shadow)`, then, if every slot is taken, `slot = evict()` and `shadow(slot)`,
 * then `insert(slot, key)`. Every policy defines:
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
 * Some policies define, and the caller calls only what is defined:
 *
 *     miss(key, shadow): bool           the page `key` is referenced and in no slot; false: it bypasses the cache
 *     countsAsHit(): bool               after `miss`: whether the books shall say hit (to equal another simulator's)
 *     shadow(slot): u32                 what to keep in place of the page just evicted from `slot`; 0: nothing
 *     surplus(): u32                    gives up a page though no slot is needed and returns its slot, which stays
 *                                       free until the next miss; NO_SLOT if all may stay. Asked after `access`,
 *                                       and before `insert` once there is a slot
 *     get seesFuture(): bool            whether to set `future` before each hook
 *     wantsIds(params): bool            whether `ids` is needed, at 8 bytes a page; reads no field
 *
 * They are not methods here with a default: a call of an inherited method that another class
 * overrides goes through a virtual table, which an unmanaged class does not have.
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
  /** Address of the u64 id of each key; 0 unless `wantsIds`, or if a page has no other id than its key. Set by the caller. */
  ids: usize
  /** When the page now referenced is referenced next (u32.MAX_VALUE: never). Set if `seesFuture`. */
  future: u32
}
