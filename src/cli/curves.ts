// A replay's results as curves, one a policy: what the table prints and the plot draws.
import { policies } from '../core/policies.js'
import type { ReplayReport, ReplayResult, TraceSummary } from '../sim/report.js'

/** One policy over all sizes. */
export interface Curve {
  policy: string
  /** Whether it sees the future, so that it is a bound and no choice. */
  bound: boolean
  /** The miss ratio at each size, from 0 to 1. */
  missRatios: number[]
  /** References a second over all its sizes. */
  speed: number
}

/** The results on one trace, of at least one policy. */
export interface TraceCurves {
  trace: TraceSummary
  pageSize: number
  /** The sizes in frames, ascending. */
  frames: number[]
  /** The policies that can be chosen, best first: by how many times the fewest misses they have, over all sizes. */
  choices: Curve[]
  /** The lowest miss ratio of a choice at each size; undefined where all are equal, and if there is but one. */
  best: (number | undefined)[]
  /** The policies that see the future. */
  bounds: Curve[]
}

/** The curves of a report, by trace. */
export function toCurves({ trace, pageSize, results }: ReplayReport): TraceCurves[] {
  const traces = Array.isArray(trace) ? trace : [trace]
  return traces.map((trace, index) => {
    const own = results.filter(result => result.trace === undefined || result.trace === trace.path)
    const names = [...new Set(own.map(result => result.policy))]
    const curves = names.map(name =>
      toCurve(
        name,
        own.filter(result => result.policy === name),
      ),
    )
    const size = Array.isArray(pageSize) ? (pageSize[index] as number) : pageSize
    return arrange(trace, size, [...new Set(own.map(result => result.frames))], curves)
  })
}

/** Curves at the same sizes in the order of their misses, the best at each size found out. */
export function arrange(trace: TraceSummary, pageSize: number, frames: number[], curves: readonly Curve[]): TraceCurves {
  const choices = curves.filter(curve => !curve.bound)
  const columns = frames.map((_, i) => choices.map(curve => curve.missRatios[i] as number))
  const least = columns.map(column => Math.min(...column))
  const excess = (curve: Curve): number => sum(curve.missRatios.map((ratio, i) => ratio / (least[i] as number)))
  return {
    trace,
    pageSize,
    frames,
    choices: choices.toSorted((a, b) => excess(a) - excess(b)),
    best: columns.map((column, i) => (column.some(ratio => ratio !== least[i]) ? least[i] : undefined)),
    bounds: curves.filter(curve => curve.bound),
  }
}

function toCurve(policy: string, results: readonly ReplayResult[]): Curve {
  return {
    policy,
    bound: isBound(policy),
    missRatios: results.map(result => result.missRatio),
    speed: sum(results.map(result => result.references)) / sum(results.map(result => result.seconds)),
  }
}

/** Whether a policy, with or without parameters, sees the future. */
export function isBound(policy: string): boolean {
  const name = policy.split(':')[0]
  return policies.some(info => info.name === name && info.sees === 'the future')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
