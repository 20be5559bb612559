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
    const frames = [...new Set(own.map(result => result.frames))]
    const choices = curves.filter(curve => !curve.bound)
    const columns = frames.map((_, i) => choices.map(curve => curve.missRatios[i] as number))
    const least = columns.map(column => Math.min(...column))
    const excess = (curve: Curve): number => sum(curve.missRatios.map((ratio, i) => ratio / (least[i] as number)))
    return {
      trace,
      pageSize: Array.isArray(pageSize) ? (pageSize[index] as number) : pageSize,
      frames,
      choices: choices.toSorted((a, b) => excess(a) - excess(b)),
      best: columns.map((column, i) => (column.some(ratio => ratio !== least[i]) ? least[i] : undefined)),
      bounds: curves.filter(curve => curve.bound),
    }
  })
}

function toCurve(policy: string, results: readonly ReplayResult[]): Curve {
  const name = policy.split(':')[0]
  return {
    policy,
    bound: policies.some(info => info.name === name && info.sees === 'the future'),
    missRatios: results.map(result => result.missRatio),
    speed: sum(results.map(result => result.references)) / sum(results.map(result => result.seconds)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
