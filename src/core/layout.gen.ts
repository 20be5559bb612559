// GENERATED from the core's struct classes by the build; do not edit. Offsets and sizes in bytes.

/** Field offsets of the core's struct Replay. */
export const ReplayLayout = {
  SIZE: 52,
  slots: 0,
  taken: 4,
  pageOf: 8,
  where: 12,
  end: 16,
  misses: 20,
  evictions: 24,
  dirtyEvictions: 28,
  freed: 32,
  freedCount: 36,
  refusals: 40,
  sink: 44,
  fault: 48,
} as const

/** Field offsets of the core's struct IdMap. */
export const IdMapLayout = {
  SIZE: 36,
  pages: 0,
  limit: 4,
  keys: 8,
  bits: 12,
  maximum: 16,
  writes: 24,
  sink: 32,
} as const

/** Field offsets of the core's struct Mrc. */
export const MrcLayout = {
  SIZE: 64,
  pages: 0,
  live: 4,
  now: 8,
  slots: 12,
  histogram: 16,
  limit: 20,
  compactions: 24,
  event: 28,
  sink: 32,
  gap: 40,
  sampled: 48,
  weight: 56,
} as const

/** Field offsets of the core's struct Event. */
export const EventLayout = {
  SIZE: 16,
  page: 0,
  victim: 4,
  gap: 8,
} as const
