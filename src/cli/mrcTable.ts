// What `faultline mrc` prints for people: sizes by policies, and how the curves were found.
import Table from 'cli-table3'
import type { MissRatioCurve, MissRatioReport, WorkingSet } from '../sim/mrcReport.js'
import type { TraceSummary } from '../sim/report.js'
import { bytes, grouped, percent } from './format.js'
import { BORDERS, decimalsFor, header, type Paint, painter } from './table.js'

/** A curve from fewer sampled pages is said to be rough: its error grows fast below. */
const SURE = 1000

/** The report as text with at most so many sizes of each curve; `colour` for a terminal. */
export function renderMissRatios(report: MissRatioReport, rows: number, colour: boolean): string {
  const paint = painter(colour)
  const { trace, pageSize, curves } = report
  const points = curves[0]?.curve.length ?? 0
  const notes = [
    ...(points > rows ? [`${rows} of ${grouped(points)} sizes are shown; --csv prints all, --frames asks for others`] : []),
    ...curves.map(curve => found(curve, trace)),
    ...curves.flatMap(({ workingSets }) => (workingSets ? [held(workingSets, trace, pageSize)] : [])),
  ]
  return [header(report, paint), table(report, thinned(points, rows), paint), '', ...notes.map(note => paint('dim', note)), ''].join('\n')
}

/** The indices of `rows` of so many points, evenly spread, the first and the last among them. */
function thinned(points: number, rows: number): number[] {
  const count = Math.min(points, rows)
  return Array.from({ length: count }, (_, i) => Math.round((i * (points - 1)) / Math.max(1, count - 1)))
}

function table({ trace, pageSize, curves }: MissRatioReport, shown: readonly number[], paint: Paint): string {
  const table = new Table({
    head: ['frames', 'of pages', 'memory', ...curves.map(({ policy }) => `${policy}, %`)].map(text => paint('bold', text)),
    colAligns: [...Array<'right'>(3 + curves.length).fill('right')],
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
    chars: BORDERS,
  })
  const decimals = decimalsFor(curves.flatMap(({ curve }) => shown.map(index => curve[index]?.missRatio as number)))
  for (const index of shown) {
    const frames = curves[0]?.curve[index]?.frames as number
    const ratios = curves.map(({ curve }) => (100 * (curve[index]?.missRatio as number)).toFixed(decimals))
    table.push([grouped(frames), paint('dim', percent(frames / trace.uniquePages)), paint('dim', bytes(frames * pageSize)), ...ratios])
  }
  return table.toString()
}

/** How a curve was found, and how well. */
function found({ policy, method, sample, meanAbsoluteError, workingSets, seconds, curve }: MissRatioCurve, trace: TraceSummary): string {
  const how = {
    exact: workingSets ? 'exact, one pass' : `exact, ${curve.length} simulations`,
    shards: 'SHARDS',
    miniature: 'in miniature',
  }[method]
  const of = sample
    ? ` of ${grouped(sample.references)} references to ${grouped(sample.pages)} pages (${percent(sample.pages / trace.uniquePages)})`
    : ''
  const sizes = workingSets ? 'all sizes' : 'these sizes'
  const error =
    meanAbsoluteError === undefined ? '' : `; mean absolute error ${(100 * meanAbsoluteError).toFixed(3)} percentage points over ${sizes}`
  const rough = sample && sample.pages < SURE ? '; so few pages make rough numbers, above all at small sizes' : ''
  return `${policy}: ${how}${of}, ${seconds.toFixed(2)} s${error}${rough}`
}

function held(workingSets: readonly WorkingSet[], trace: TraceSummary, pageSize: number): string {
  const sets = workingSets.map(({ share, frames }, i) => {
    return `${percent(share)}${i === 0 ? ' or fewer miss' : ''} with ${grouped(frames)} frames (${bytes(frames * pageSize)})`
  })
  return `lru: besides the first references (${percent(trace.uniquePages / trace.references)} of all), ${sets.join(', ')}`
}
