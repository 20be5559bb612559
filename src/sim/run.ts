// One policy at one size over a whole trace.
import type { ReplayCounts } from '../core/replayer.js'
import type { Tally } from './report.js'

/** What replays references: a Replayer, or a policy outside WebAssembly. */
export interface Engine {
  run(references: Uint32Array, future?: Uint32Array): void
  /** What was counted so far; each count is taken modulo 2^32. */
  readonly counts: ReplayCounts
}

/** The references of a trace, in chunks, and for each when its page is referenced next. */
export interface References {
  chunks: readonly Uint32Array[]
  /** Chunks parallel to `chunks`; only needed by policies that see the future. */
  future?: readonly Uint32Array[]
}

/**
 * Replays a trace, at most `step` references at a time; yields after each step how many they
 * were and returns the tally. Only the time within steps is counted.
 */
export function* replaySteps(engine: Engine, { chunks, future }: References, step: number): Generator<number, Tally> {
  const tally: Tally = { misses: 0, evictions: 0, dirtyEvictions: 0, seconds: 0 }
  let before: ReplayCounts = { misses: 0, evictions: 0, dirtyEvictions: 0 }
  for (const [index, chunk] of chunks.entries()) {
    for (let at = 0; at < chunk.length; at += step) {
      const references = chunk.subarray(at, at + step)
      const start = performance.now()
      engine.run(references, future?.[index]?.subarray(at, at + step))
      tally.seconds += (performance.now() - start) / 1000
      const counts = engine.counts
      for (const key of ['misses', 'evictions', 'dirtyEvictions'] as const) tally[key] += (counts[key] - before[key]) >>> 0
      before = counts
      yield references.length
    }
  }
  return tally
}
