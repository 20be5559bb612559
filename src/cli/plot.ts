// Miss-ratio curves as a picture (SVG) or an interactive page of its own (HTML), both drawn by ECharts.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import type { EChartsCoreOption } from 'echarts/core'
import { UsageError } from '../core/errors.js'
import type { ReplayReport } from '../sim/report.js'
import { type TraceCurves, toCurves } from './curves.js'
import { plotHeight, plotOption, WIDTH } from './plotOption.js'

/** What kind of picture is drawn. */
export type PlotKind = 'svg' | 'html'

/** The kind that a file's ending asks for. Throws a UsageError for other endings. */
export function plotKind(path: string): PlotKind {
  const ending = extname(path).toLowerCase()
  if (ending === '.svg') return 'svg'
  if (ending === '.html' || ending === '.htm') return 'html'
  throw new UsageError(`a plot is an .svg or an .html file, not '${path}'`)
}

/** The curves of a report as a file's contents. */
export async function renderPlot(report: ReplayReport, kind: PlotKind): Promise<string> {
  return renderCurves(toCurves(report), kind)
}

/** Curves, one panel a trace, as a file's contents. */
export async function renderCurves(curves: readonly TraceCurves[], kind: PlotKind): Promise<string> {
  const option = plotOption(curves)
  const height = plotHeight(curves)
  return kind === 'svg' ? renderSvg(option, height) : renderPage(option, height)
}

async function renderSvg(option: EChartsCoreOption, height: number): Promise<string> {
  const [{ init, use }, { LineChart }, components, { LabelLayout }, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/features'),
    import('echarts/renderers'),
  ])
  use([LineChart, components.GridComponent, components.TitleComponent, components.LegendComponent, LabelLayout, SVGRenderer])
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption(option)
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}

/** A page that needs nothing but itself: the library stands in it. */
async function renderPage(option: EChartsCoreOption, height: number): Promise<string> {
  const library = await readFile(createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js'), 'utf8')
  // Nothing inside a script element may look like its end.
  const inline = (source: string): string => source.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Miss ratio by cache size</title>
<style>
  body { margin: 0; background: #fff }
  #plot { max-width: 1280px; height: ${height}px; margin: 0 auto }
</style>
<div id="plot"></div>
<script>${inline(library)}</script>
<script>
  const chart = echarts.init(document.getElementById('plot'), null, { renderer: 'svg' })
  const option = ${inline(JSON.stringify(option))}
  option.tooltip = { trigger: 'axis', order: 'valueAsc', valueFormatter: value => Number(value.toPrecision(4)) + ' %' }
  chart.setOption(option)
  addEventListener('resize', () => chart.resize())
</script>
</html>
`
}
