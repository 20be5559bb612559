// What miss-ratio curves report: the object `missRatioCurve` returns and `faultline mrc --json` prints.
import type { TraceSummary } from './report.js'

/** The misses at one size. */
export interface MissRatioPoint {
  /** Size of the cache, in page frames. */
  frames: number
  /** Estimated, and then not always a whole number, if the curve is sampled. */
  misses: number
  /** Misses by references, from 0 to 1. */
  missRatio: number
}

/** How many frames leave no more than a share of the references to miss besides the first ones to each page. */
export interface WorkingSet {
  share: number
  frames: number
}

/** What was sampled. */
export interface SampleFacts {
  /** Pages in the sample, at its end. */
  pages: number
  /** Share of the distinct pages that is in the sample. */
  rate: number
  /** References to pages in the sample. */
  references: number
}

/** How a curve was found: for all references, or from a sample of LRU's stack distances or of a simulation. */
export type MissRatioMethod = 'exact' | 'shards' | 'miniature'

/** One policy's curve. */
export interface MissRatioCurve {
  policy: string
  method: MissRatioMethod
  /** What was sampled, unless the method is exact. */
  sample?: SampleFacts
  /** By frames, ascending. */
  curve: MissRatioPoint[]
  /** Of LRU alone: the misses at every size, by frames from 0 to the number of distinct pages. */
  misses?: Float64Array
  /** Of LRU alone: what it takes to hold the working set. */
  workingSets?: WorkingSet[]
  /**
   * With `check`: how far the sampled miss ratios are from the exact ones on average, over all
   * sizes from 1 to the number of distinct pages for LRU, over those of the curve for others.
   */
  meanAbsoluteError?: number
  /** Time spent, without decoding the trace and without the check. */
  seconds: number
}

/** Curves of a trace. */
export interface MissRatioReport {
  trace: TraceSummary
  /** Bytes in a page. */
  pageSize: number
  /** By policy, in the order they were given. */
  curves: MissRatioCurve[]
}
