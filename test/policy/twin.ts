/**
 * What a reference did: a hit, or a miss that may have evicted a page or bypassed the cache;
 * `also` are pages that the policy gave up beside it though their frames were not needed.
 */
export type Outcome = 'hit' | { victim: number | undefined; also?: number[] }

/**
 * A naive model of a policy, written from its paper with plain arrays and maps: one reference
 * at a time, slow and obvious. Its file, `twins/FILE.ts` for `assembly/policy/FILE.ts`, exports
 * `twin`, and the tests find it by that name. It may also export `variants`, settings to test
 * beside the defaults and the other choices, such as `['k=3', 'k=2:retained=0']`.
 */
export interface Twin {
  reference(page: number, future: number): Outcome
  /** The page went away. If a twin has this, the tests remove pages too. */
  remove?(page: number): void
}

/** Makes a twin for a cache of `frames` pages; parameters by name, choices as words. */
export type TwinFactory = (frames: number, parameters: Readonly<Record<string, number | string>>, seed: number) => Twin
