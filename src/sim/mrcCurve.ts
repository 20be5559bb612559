// The arithmetic of miss-ratio curves: from histograms of stack distances to misses by size.
import type { MissRatioPoint, WorkingSet } from './mrcReport.js'

/** The shares of which working sets are told. */
const SHARES = [0.1, 0.05, 0.01]

/** What bounds every curve of a trace: all references miss, or only the first to each page. */
interface Bounds {
  references: number
  uniquePages: number
}

/** Misses by frames, from 0 to the number of distinct pages, out of the counts of each stack distance. */
export function missesByFrames(distances: Float64Array, references: number): Float64Array {
  let misses = references
  return distances.map(count => {
    misses -= count
    return misses
  })
}

/** A sampled histogram, as StackDistances has it. */
export interface SampledDistances {
  histogram: Float64Array
  weight: number
  gap: number
}

/**
 * Estimated misses by frames. The references that the sampled ones do not stand for, or stand for
 * too often, are hits at the shortest distances: SHARDS-adj, from the paper.
 */
export function estimatedMisses({ histogram, weight, gap }: SampledDistances, { references, uniquePages }: Bounds): Float64Array {
  const shortest = Math.max(1, Math.round(gap))
  const adjustment = (references - weight) / shortest
  let density = 0
  let left = references
  let misses = references
  return histogram.map((change, frames) => {
    misses = Math.min(misses, Math.max(left, uniquePages))
    density += change
    left -= frames < shortest ? density + adjustment : density
    return misses
  })
}

/** Sizes spaced evenly on a logarithmic scale, both ends among them: at most `points`, for some round to the same. */
export function logSpaced(first: number, last: number, points: number): number[] {
  if (points === 1 || first >= last) return [last]
  const ratio = last / first
  const sizes = Array.from({ length: points }, (_, i) => Math.round(first * ratio ** (i / (points - 1))))
  return [...new Set(sizes)]
}

/** The points of a curve at these sizes, of which those beyond its end miss as often as there. */
export function pointsAt(misses: Float64Array, sizes: readonly number[], references: number): MissRatioPoint[] {
  return sizes.map(frames => toPoint(frames, misses[Math.min(frames, misses.length - 1)] as number, references))
}

export function toPoint(frames: number, misses: number, references: number): MissRatioPoint {
  return { frames, misses, missRatio: misses / references }
}

/** The working sets of a trace by its whole curve. */
export function workingSets(misses: Float64Array, { references, uniquePages }: Bounds): WorkingSet[] {
  return SHARES.map(share => ({ share, frames: fewestFrames(misses, uniquePages + share * references) }))
}

/** The fewest frames, at least one, that miss no more than `most`; all if none do. The curve falls, so the place is bisected. */
function fewestFrames(misses: Float64Array, most: number): number {
  let low = 1
  let high = misses.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((misses[middle] as number) <= most) high = middle
    else low = middle + 1
  }
  return low
}

/** The mean, over all sizes from 1 frame to one for every page, of how far two curves' miss ratios are apart. */
export function meanAbsoluteError(estimated: Float64Array, exact: Float64Array, references: number): number {
  let sum = 0
  for (let frames = 1; frames < exact.length; frames++) sum += Math.abs((estimated[frames] as number) - (exact[frames] as number))
  return sum / (exact.length - 1) / references
}
