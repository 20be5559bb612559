// The table that `faultline replay` prints: policies by sizes, miss ratios, the best at each size marked.
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { ReplayReport } from '../sim/report.js'
import { type Curve, type TraceCurves, toCurves } from './curves.js'
import { bytes, grouped, percent } from './format.js'

type Style = Parameters<typeof styleText>[0]

/** Rules between head, policies and bounds, and no lines else. */
export const BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '─', 'mid-mid': '─', right: '', 'right-mid': '', middle: ' ' },
}

/** The report as text; `colour` for a terminal. */
export function renderTable(report: ReplayReport, colour: boolean): string {
  const paint = painter(colour)
  return toCurves(report)
    .map(curves => [header(curves, paint), table(curves, paint), footer(curves, paint)].join('\n'))
    .join('\n\n')
}

/** Styles a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Styles for a terminal with colours, or none. */
export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text) : text)
}

/** What the trace is, in two lines. */
export function header({ trace, pageSize }: Pick<TraceCurves, 'trace' | 'pageSize'>, paint: Paint): string {
  const { path, format, references, uniquePages, reads } = trace
  const facts = [
    format,
    `${grouped(references)} references`,
    `${percent(reads / references)} reads`,
    `${grouped(uniquePages)} distinct pages of ${bytes(pageSize)} (${bytes(uniquePages * pageSize)})`,
  ]
  return `${paint('bold', path)}\n${facts.join(', ')}\n`
}

function table({ trace, frames, choices, best, bounds }: TraceCurves, paint: Paint): string {
  const decimals = frames.map((_, i) => decimalsFor([...choices, ...bounds].map(curve => curve.missRatios[i] as number)))
  const table = new Table({
    head: ['miss ratio, %', ...frames.map(count => `${grouped(count)}\n${percent(count / trace.uniquePages)}`), 'M refs/s'].map(text =>
      text
        .split('\n')
        .map((line, i) => paint(i === 0 ? 'bold' : 'dim', line))
        .join('\n'),
    ),
    colAligns: ['left', ...frames.map(() => 'right' as const), 'right'],
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
    chars: BORDERS,
  })
  const row = ({ policy, missRatios, speed }: Curve, mark: (cell: string, index: number) => string): string[] => [
    policy,
    ...missRatios.map((ratio, i) => mark((ratio * 100).toFixed(decimals[i]), i)),
    paint('dim', (speed / 1e6).toFixed(1)),
  ]
  for (const curve of choices) {
    table.push(row(curve, (cell, i) => (curve.missRatios[i] === best[i] ? paint(['bold', 'green'], `${cell}*`) : `${cell} `)))
  }
  for (const curve of bounds) table.push(row(curve, cell => `${cell} `))
  const lines = table.toString().split('\n')
  // The bounds stand under a rule of their own.
  const rule = lines.find(line => line.includes('─'))
  if (rule && choices.length > 0 && bounds.length > 0) lines.splice(lines.length - bounds.length, 0, rule)
  return lines.join('\n')
}

/** Digits behind the point, so that the smallest of a column keeps at least two digits, but no more than four. */
export function decimalsFor(ratios: readonly number[]): number {
  return Math.max(2, Math.min(4, 2 - Math.floor(Math.log10(100 * Math.min(...ratios)))))
}

function footer({ trace, best, bounds, choices }: TraceCurves, paint: Paint): string {
  const notes = [
    best.some(ratio => ratio !== undefined) ? '* the fewest misses at that size' : '',
    choices.length > 1 ? 'policies nearest the fewest at all sizes come first' : '',
    ...bounds.map(({ policy }) => `${policy}: sees the future, no policy misses less`),
    `${percent(trace.uniquePages / trace.references)} are first references, which always miss`,
  ]
  return `\n${paint('dim', notes.filter(note => note !== '').join('; '))}`
}
