// `missRatioCurve`: misses by cache size. LRU by stack distances, all sizes in one pass; other
// policies by simulation at some sizes. A sample makes either cheaper: SHARDS for LRU, miniature
// simulation (Waldspurger, Saemundsson, Ahmad, Park. ATC 2017) for the others.
import { UsageError } from '../core/errors.js'
import { openTrace } from '../trace/open.js'
import type { Trace } from '../trace/trace.js'
import { type FramesSpec, parseFrames } from './frames.js'
import { logSpaced, meanAbsoluteError, pointsAt, workingSets } from './mrcCurve.js'
import { exactPass, shardsPass } from './mrcPass.js'
import type { MissRatioCurve, MissRatioReport } from './mrcReport.js'
import { type SampleChoice, sampledTrace } from './mrcSample.js'
import { LEAST_FRAMES, miniature, simulateCurves } from './mrcSimulation.js'
import { isTrace, type ReplayOptions, type ReplaySource, requireWhole } from './replay.js'
import { summarize } from './report.js'
import { labelOf, type Policy, type PolicySpec, selectPolicies } from './select.js'

/** Points of a curve if all sizes cost one pass, and if each costs a simulation. */
const POINTS = 100
const SIMULATED_POINTS = 16
const MAX_POINTS = 1e6

/** How far the curves are: bytes decoded of a trace, references measured in passes, or replayed by all simulations together. */
export interface MissRatioProgress {
  phase: 'decoding' | 'measuring' | 'replaying'
  done: number
  /** Undefined if it cannot be known, as with standard input. */
  total: number | undefined
}

/** What curves to find, and how. */
export interface MissRatioOptions extends Omit<ReplayOptions, 'trace' | 'onProgress'> {
  trace: ReplaySource
  /** Policies as for `replay`; `'lru'` unless given. */
  policies?: PolicySpec
  /** Samples the pages at this rate, above 0 and at most 1. */
  sample?: number
  /** Samples so many pages. */
  sampleSize?: number
  /** Sizes of the curve, as for `replay`; spaced evenly on a logarithmic scale unless given. */
  frames?: FramesSpec
  /** How many sizes that are; 100 unless given, 16 if a policy has to be simulated at each. */
  points?: number
  /** Also finds the curves without the sample, and the mean absolute error. */
  check?: boolean
  onProgress?: (progress: MissRatioProgress) => void
}

/** What is to be done, checked and resolved. */
interface Plan {
  trace: Trace
  lru: boolean
  simulated: Policy[]
  choice: SampleChoice | undefined
  /** The trace in miniature, if there is a choice and something to simulate. */
  sampled: Trace | undefined
  /** Sizes in frames, ascending. */
  sizes: number[]
  check: boolean
  seed: number
  jobs: number | undefined
  signal: AbortSignal | undefined
  onProgress: MissRatioOptions['onProgress']
}

/**
 * Finds the miss-ratio curves of a trace.
 *
 * Throws a UsageError for options that make no sense, before any work where it can be told, and
 * an InputError for a trace that cannot be read; no worker is left running.
 */
export async function missRatioCurve(options: MissRatioOptions): Promise<MissRatioReport> {
  const { seed = 1, check = false, signal, onProgress } = options
  const choice = sampleChoice(options)
  if (check && !choice) throw new UsageError('there is nothing to check: the curve is exact without a sample')
  requireWhole('jobs', options.jobs ?? 1, 1024)
  requireWhole('seed', seed, 2 ** 32 - 1)
  const policies = await selectPolicies(options.policies ?? 'lru')
  const simulated = policies.filter(policy => !isLru(policy))
  const sizesFor = parseSizes(options, simulated.length > 0)
  signal?.throwIfAborted()
  const trace = await open(options)
  const sampled = choice && simulated.length > 0 ? sampledTrace(trace, choice, seed) : undefined
  const sizes = sizesFor(trace, sampled ? sampled.uniquePages / LEAST_FRAMES : pagesIn(choice, trace))
  const lru = simulated.length < policies.length
  const plan = { trace, lru, simulated, choice, sampled, sizes, check, seed, signal, onProgress, jobs: options.jobs }
  const curves = [...(await lruCurve(plan)), ...(await simulatedCurves(plan))]
  const ordered = policies.map(policy => curves.find(curve => curve.policy === labelOf(policy)) as MissRatioCurve)
  return { trace: summarize(trace), pageSize: trace.pageSize, curves: ordered }
}

/** Whether a policy is the built-in LRU, whose curve needs no simulation. */
function isLru(policy: Policy): boolean {
  return 'info' in policy && policy.info.name === 'lru' && policy.module === undefined
}

/** How the trace is to be sampled. Throws a UsageError for what makes no sense. */
function sampleChoice({ sample, sampleSize }: MissRatioOptions): SampleChoice | undefined {
  if (sample !== undefined && sampleSize !== undefined) throw new UsageError('a sample has a rate or a size, not both')
  if (sample !== undefined && !(sample > 0 && sample <= 1)) {
    throw new UsageError(`a sampling rate is above 0 and at most 1, not ${sample}`)
  }
  if (sampleSize !== undefined) requireWhole('a sample size', sampleSize, 2 ** 32 - 1)
  return sample !== undefined ? { rate: sample } : sampleSize !== undefined ? { size: sampleSize } : undefined
}

/** How many pages a sample has, about. */
function pagesIn(choice: SampleChoice | undefined, { uniquePages }: Trace): number {
  if (choice === undefined) return uniquePages
  return 'rate' in choice ? choice.rate * uniquePages : Math.min(choice.size, uniquePages)
}

/** Sizes for a trace, of which the smallest is to be no less than one `resolution`-th of the pages. */
type SizesFor = (trace: Trace, resolution: number) => number[]

/** The sizes that were given, or as many as there are to be points. Throws a UsageError for what makes no sense. */
function parseSizes({ frames, points }: MissRatioOptions, simulated: boolean): SizesFor {
  if (frames !== undefined) {
    if (points !== undefined) throw new UsageError('either the sizes are given or how many points there are, not both')
    return parseFrames(frames)
  }
  const count = points ?? (simulated ? SIMULATED_POINTS : POINTS)
  requireWhole('the number of points', count, MAX_POINTS)
  return ({ uniquePages }, resolution) => {
    const first = Math.min(uniquePages, Math.ceil(uniquePages / Math.max(1, resolution)))
    return logSpaced(first, uniquePages, count)
  }
}

async function open({ trace, onProgress, ...options }: MissRatioOptions): Promise<Trace> {
  if (isTrace(trace)) return trace
  return openTrace(trace, { ...options, onProgress: (done, total) => onProgress?.({ phase: 'decoding', done, total }) })
}

/** LRU's curve, if it is asked for. */
async function lruCurve({ trace, lru, choice, check, sizes, seed, signal, onProgress }: Plan): Promise<MissRatioCurve[]> {
  if (!lru) return []
  const total = trace.references * (check ? 2 : 1)
  let done = 0
  const onReferences = (references: number): void => {
    done += references
    onProgress?.({ phase: 'measuring', done, total })
  }
  const pass = choice
    ? { method: 'shards' as const, ...(await shardsPass(trace, choice, seed, { signal, onReferences })) }
    : { method: 'exact' as const, ...(await exactPass(trace, { signal, onReferences })) }
  const { misses, seconds, ...facts } = pass
  const exact = check ? (await exactPass(trace, { signal, onReferences })).misses : undefined
  return [
    {
      policy: 'lru',
      ...facts,
      curve: pointsAt(misses, sizes, trace.references),
      misses,
      workingSets: workingSets(misses, trace),
      ...(exact && { meanAbsoluteError: meanAbsoluteError(misses, exact, trace.references) }),
      seconds,
    },
  ]
}

/** The curves of the policies that have to be simulated. */
async function simulatedCurves({ trace, simulated, sampled, check, sizes, onProgress, ...options }: Plan): Promise<MissRatioCurve[]> {
  if (simulated.length === 0) return []
  const simulation = {
    ...options,
    policies: simulated,
    sizes,
    onProgress: (done: number, total: number) => onProgress?.({ phase: 'replaying', done, total }),
  }
  const curves = sampled ? await miniature(trace, sampled, simulation) : await simulateCurves(trace, simulation)
  if (!check) return curves
  const exact = await simulateCurves(trace, simulation)
  return curves.map((own, index) => {
    const errors = own.curve.map(({ missRatio }, i) => Math.abs(missRatio - (exact[index]?.curve[i]?.missRatio as number)))
    return { ...own, meanAbsoluteError: errors.reduce((sum, error) => sum + error, 0) / errors.length }
  })
}
