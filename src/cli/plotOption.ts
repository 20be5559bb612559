// How miss-ratio curves look: the ECharts option, without functions so that it can stand in a page.
// Each trace has a panel of two grids: one for the curves, and a narrow one in the right margin
// for the lines that lead from the curves' ends to their labels.
import { basename } from 'node:path'
import type { EChartsCoreOption } from 'echarts/core'
import type { Curve, TraceCurves } from './curves.js'
import { bytes, grouped } from './format.js'
import { placeLabels } from './plotLabels.js'
import { fromTop, logTicks, missScale, type Scale } from './plotScale.js'

/** Width of a plot in pixels. */
export const WIDTH = 960
const TOP = 96
const PANEL = 400
const GAP = 136
const BOTTOM = 76
const LEFT = 72
/** Height of a curve's label, width of a character of it (generously), and how far it stands from the curve's end. */
const LABEL = 15
const CHARACTER = 7.8
const LEADER = 30

/** After Paul Tol's muted scheme, which stays distinct without full colour vision; the light ones darker, since labels wear them too. */
const COLOURS = ['#332288', '#CC6677', '#117733', '#882255', '#4FA3D1', '#C28E0E', '#44AA99', '#AA4499', '#8A8A2B', '#777777']
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond']
const DASHES = ['solid', [7, 3], [2, 2]] as const
const INK = '#222222'
const FAINT = '#666666'
const GRID = '#e6e6e6'

/** From this ratio of the largest to the smallest size the axis of sizes is logarithmic. */
const LOG_FROM = 12
/** Up to so many sizes, each has a tick of its own; up to so many, a symbol. */
const TICKED = 8
const MARKED = 30

/** A curve as it is drawn. */
interface Line {
  name: string
  bound: boolean
  color: string
  symbol: string
  dash: 'solid' | readonly number[]
  /** Frames and percent of misses. */
  points: [number, number][]
}

/** A panel of the plot. */
interface Panel {
  trace: TraceCurves
  lines: Line[]
  scale: Scale
}

/** Height of a plot in pixels: one panel a trace. */
export function plotHeight(traces: readonly TraceCurves[]): number {
  return TOP + traces.length * (PANEL + GAP) - GAP + BOTTOM
}

/** The option that draws one panel a trace, the policies in the same colours in each. */
export function plotOption(traces: readonly TraceCurves[]): EChartsCoreOption {
  const policies = [...new Set(traces.flatMap(trace => trace.choices.map(curve => curve.policy)))]
  const panels = traces.map(trace => toPanel(trace, policies))
  const longest = Math.max(...panels.flatMap(({ lines }) => lines.map(({ name }) => name.length)))
  const right = Math.ceil(24 + LEADER + CHARACTER * longest)
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, DejaVu Sans, sans-serif', color: INK },
    title: panels.map(title),
    grid: panels.flatMap((_, index) => [
      { left: LEFT, right, top: panelTop(index), height: PANEL },
      { right: right - LEADER, width: LEADER, top: panelTop(index), height: PANEL, tooltip: { show: false } },
    ]),
    xAxis: panels.flatMap((panel, index) => [sizeAxis(panel, 2 * index), hiddenAxis(2 * index + 1, 1)]),
    yAxis: panels.flatMap((panel, index) => [ratioAxis(panel, 2 * index), hiddenAxis(2 * index + 1, PANEL)]),
    series: panels.flatMap((panel, index) => [...panel.lines.map(line => curve(line, 2 * index)), ...leaders(panel, 2 * index + 1)]),
  }
}

function panelTop(index: number): number {
  return TOP + index * (PANEL + GAP)
}

function toPanel(trace: TraceCurves, policies: readonly string[]): Panel {
  const all = [...trace.choices, ...trace.bounds]
  return {
    trace,
    lines: all.map(curve => toLine(curve, trace.frames, policies.indexOf(curve.policy))),
    scale: missScale(all.flatMap(curve => curve.missRatios).map(ratio => 100 * ratio)),
  }
}

/** `rank` is the policy's place among all that can be chosen, and decides its colour, symbol and dashes. */
function toLine({ policy, bound, missRatios }: Curve, frames: readonly number[], rank: number): Line {
  const points = frames.map((count, i): [number, number] => [count, Number((100 * (missRatios[i] as number)).toPrecision(6))])
  if (bound) return { name: `${policy} (bound)`, bound, color: '#000000', symbol: 'none', dash: [4, 4], points }
  return {
    name: policy,
    bound,
    color: COLOURS[rank % COLOURS.length] as string,
    symbol: frames.length > MARKED ? 'none' : (SYMBOLS[rank % SYMBOLS.length] as string),
    dash: DASHES[Math.floor(rank / COLOURS.length) % DASHES.length] as Line['dash'],
    points,
  }
}

function title({ trace: { trace, pageSize } }: Panel, index: number): object {
  return {
    text: `${index === 0 ? 'Miss ratio by cache size: ' : ''}${basename(trace.path)}`,
    subtext: `${grouped(trace.references)} references to ${grouped(trace.uniquePages)} distinct pages of ${bytes(pageSize)}`,
    left: 24,
    top: panelTop(index) - 72,
    textStyle: { fontSize: 18, lineHeight: 24, fontWeight: 600, color: INK, width: WIDTH - 48, overflow: 'truncate' },
    subtextStyle: { fontSize: 13, color: FAINT },
    itemGap: 6,
  }
}

function sizeAxis({ trace: { frames, trace } }: Panel, gridIndex: number): object {
  const [first = 1, last = 1] = [frames[0], frames.at(-1)]
  const logarithmic = last / first >= LOG_FROM
  const customValues = frames.length <= TICKED ? { customValues: frames } : {}
  return {
    gridIndex,
    type: logarithmic ? 'log' : 'value',
    ...(frames.length > 1 ? { min: first, max: last } : {}),
    name: `cache size in page frames${logarithmic ? ', logarithmic' : ''} (${grouped(trace.uniquePages)} would hold every page)`,
    nameLocation: 'middle',
    nameGap: 34,
    nameTextStyle: { fontSize: 13, color: FAINT },
    axisLine: { onZero: false, lineStyle: { color: FAINT } },
    axisTick: { show: true, ...customValues },
    axisLabel: { fontSize: 12, color: INK, hideOverlap: true, ...customValues },
    splitLine: { show: false },
  }
}

function ratioAxis({ scale }: Panel, gridIndex: number): object {
  const { logarithmic, min, max } = scale
  const customValues = logarithmic ? { customValues: logTicks(scale) } : {}
  return {
    gridIndex,
    type: logarithmic ? 'log' : 'value',
    min,
    max,
    name: `misses in % of references${logarithmic ? ', logarithmic' : ''}`,
    nameLocation: 'middle',
    nameGap: 46,
    nameTextStyle: { fontSize: 13, color: FAINT },
    axisTick: { ...customValues },
    axisLabel: { fontSize: 12, color: INK, hideOverlap: true, ...customValues },
    splitLine: { lineStyle: { color: GRID } },
  }
}

/** An axis of the labels' grid; upright, it counts pixels from the top. */
function hiddenAxis(gridIndex: number, max: number): object {
  return { gridIndex, type: 'value', min: 0, max, inverse: max === PANEL, show: false, axisPointer: { show: false } }
}

function curve({ name, bound, color, symbol, dash, points }: Line, axis: number): object {
  return {
    type: 'line',
    name,
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: points,
    color,
    symbol,
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { width: bound ? 2.5 : 2, type: dash },
    emphasis: { focus: 'series' },
    z: bound ? 3 : 2,
  }
}

/** The lines from the curves' ends to their labels. */
function leaders({ lines, scale }: Panel, axis: number): object[] {
  const ends = lines.map(({ points }) => PANEL * fromTop(scale, points.at(-1)?.[1] ?? scale.min))
  const places = placeLabels(ends, LABEL, PANEL)
  return lines.map(({ name, bound, color }, i) => {
    const label = { show: true, position: 'right', distance: 4, formatter: '{a}', color, fontSize: 13, fontWeight: bound ? 600 : 400 }
    return {
      type: 'line',
      name,
      xAxisIndex: axis,
      yAxisIndex: axis,
      data: [[0, ends[i]], [0.25, ends[i]], { value: [1, places[i]], label }],
      color,
      symbol: 'circle',
      symbolSize: 0.01,
      showAllSymbol: true,
      clip: false,
      silent: true,
      lineStyle: { width: 1, opacity: 0.6 },
    }
  })
}
