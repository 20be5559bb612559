// Curves of policies that have to be simulated at each size: with all references, or in miniature,
// with those to a sample of the pages and as much smaller caches.
import { UsageError } from '../core/errors.js'
import type { Trace } from '../trace/trace.js'
import { toPoint } from './mrcCurve.js'
import type { MissRatioCurve } from './mrcReport.js'
import type { ReplayResult } from './report.js'
import { labelOf, type Policy } from './select.js'
import { type SimulationOptions, simulate } from './simulate.js'

/** The smallest cache that is simulated in miniature; in smaller ones chance decides. */
export const LEAST_FRAMES = 16

/** What to simulate. */
export interface CurveOptions extends Omit<SimulationOptions, 'frames'> {
  policies: readonly Policy[]
  /** Frames, ascending. */
  sizes: readonly number[]
}

/** The policies' curves with all references. */
export async function simulateCurves(trace: Trace, { sizes, ...options }: CurveOptions): Promise<MissRatioCurve[]> {
  const results = await simulate(trace, { ...options, frames: () => [...sizes] })
  return options.policies.map((policy, index) => {
    const own = results.slice(index * sizes.length, (index + 1) * sizes.length)
    return {
      policy: labelOf(policy),
      method: 'exact',
      curve: own.map(({ frames, misses }) => toPoint(frames, misses, trace.references)),
      seconds: seconds(own),
    }
  })
}

/**
 * The policies' curves with the trace of a sample of the pages. As with SHARDS-adj, a sampled miss
 * stands for as many misses as there are pages for each sampled one, however many references the
 * sample got.
 *
 * Throws a UsageError for a size that is too small for the sample.
 */
export async function miniature(trace: Trace, sampled: Trace, { sizes, ...options }: CurveOptions): Promise<MissRatioCurve[]> {
  const rate = sampled.uniquePages / trace.uniquePages
  const scaled = sizes.map(frames => Math.round(frames * rate))
  const tooSmall = scaled.findIndex(frames => frames < LEAST_FRAMES)
  if (tooSmall >= 0) throw tooFewFrames(sizes[tooSmall] as number, scaled[tooSmall] as number)
  const distinct = [...new Set(scaled)]
  const results = await simulate(sampled, { ...options, frames: () => distinct })
  const { references, uniquePages } = trace
  return options.policies.map((policy, index) => {
    const own = results.slice(index * distinct.length, (index + 1) * distinct.length)
    const misses = new Map(own.map(result => [result.frames, Math.min(references, Math.max(uniquePages, result.misses / rate))]))
    return {
      policy: labelOf(policy),
      method: 'miniature',
      sample: { pages: sampled.uniquePages, rate, references: sampled.references },
      curve: sizes.map((frames, i) => toPoint(frames, misses.get(scaled[i] as number) as number, references)),
      seconds: seconds(own),
    }
  })
}

function tooFewFrames(frames: number, scaled: number): UsageError {
  return new UsageError(
    `${frames} frames are ${scaled} in miniature, and fewer than ${LEAST_FRAMES} say little; take a larger sample or larger sizes`,
  )
}

function seconds(results: readonly ReplayResult[]): number {
  return results.reduce((sum, result) => sum + result.seconds, 0)
}
