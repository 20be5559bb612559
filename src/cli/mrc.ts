import { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { type MissRatioOptions, missRatioCurve } from '../sim/mrc.js'
import type { MissRatioReport } from '../sim/mrcReport.js'
import { addTraceOptions, type TraceFlags, traceOptions, whole } from './options.js'
import { requireWritable, writeWhole } from './output.js'
import { Progress } from './progress.js'

interface Flags extends TraceFlags {
  policy?: string
  frames?: string
  points?: number
  sample?: number
  sampleSize?: number
  check?: boolean
  json?: boolean
  csv?: boolean
  plot?: string
  jobs?: number
  seed?: number
}

/** Rows of the table when nobody said how many sizes to take. */
const ROWS = 20

const EXAMPLES = `
Examples:
  faultline mrc gcc.trace.gz
  faultline mrc gcc.trace.gz --sample 0.01 --check
  faultline mrc gcc.trace.gz --sample-size 8192 --csv > curve.csv
  faultline mrc gcc.trace.gz --policy lru,s3fifo,arc --sample 10% --plot curves.svg`

/** `faultline mrc`: miss-ratio curves, exact or from a sample. */
export function mrcCommand(): Command {
  const command = new Command('mrc')
    .description("find a trace's miss-ratio curve: LRU's in one pass, other policies' by simulation, exact or from a sample")
    .argument('<trace>', 'a trace file, plain, gzip or zstd; - is standard input, FORMAT:PATH names the format')
    .option('-p, --policy <list>', 'policies with parameters, as lru,s3fifo:small=0.2, or all (default: lru)')
    .option('-s, --sample <rate>', 'sample the pages at this rate, as 0.01 or 1%', rate)
    .option('--sample-size <pages>', 'sample so many pages', whole('a sample size', 1, 2 ** 32 - 1))
    .option('--check', 'find the exact curve too, and print how far the sampled one is off')
    .option('-f, --frames <list>', 'cache sizes: frames, shares of the distinct pages, memory, as 1000,10%,64MiB, or auto')
    .option('--points <count>', 'how many sizes auto takes (default: 100, or 16 with simulations)', whole('the number of points', 1, 1e6))
    .option('--json', 'print one JSON object')
    .option('--csv', 'print one CSV row a size and policy')
    .option('--plot <file>', 'draw the curves to a file that ends in .svg or .html')
    .option('-j, --jobs <count>', 'worker threads (default: the number of CPUs)', whole('the number of jobs', 1, 1024))
    .option('--seed <number>', 'seed of the sample and of the policies (default: 1)', whole('the seed', 1, 2 ** 32 - 1))
  return addTraceOptions(command).addHelpText('after', EXAMPLES).action(run)
}

function rate(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (value > 0 && value <= 1) return value
  throw new UsageError(`a sampling rate is above 0 and at most 1, not '${text}'`)
}

async function run(trace: string, flags: Flags): Promise<void> {
  if (flags.json && flags.csv) throw new UsageError('--json and --csv exclude each other')
  const plot = flags.plot === undefined ? undefined : await preparePlot(flags.plot)
  const progress = new Progress()
  let report: MissRatioReport
  try {
    report = await missRatioCurve(missRatioOptions(trace, flags, progress))
  } finally {
    progress.stop()
  }
  await plot?.(report)
  process.stdout.write(await render(report, flags))
  if (flags.plot !== undefined && !flags.json && !flags.csv) process.stdout.write(`\nThe curves are drawn in ${flags.plot}\n`)
}

function missRatioOptions(trace: string, flags: Flags, progress: Progress): MissRatioOptions {
  const { policy, frames, points, sample, sampleSize, check, jobs, seed } = flags
  return {
    ...traceOptions(flags),
    trace,
    ...(policy !== undefined && { policies: policy }),
    ...(frames !== undefined && frames !== 'auto' && { frames }),
    ...(points !== undefined && { points }),
    ...(sample !== undefined && { sample }),
    ...(sampleSize !== undefined && { sampleSize }),
    ...(check !== undefined && { check }),
    ...(jobs !== undefined && { jobs }),
    ...(seed !== undefined && { seed }),
    onProgress: ({ phase, done, total }) => progress.update(phase, done, total),
  }
}

/** Refuses a plot that could not be written, before the long work; returns what draws it. */
async function preparePlot(path: string): Promise<(report: MissRatioReport) => Promise<void>> {
  const [{ plotKind, renderCurves }, { arrange, isBound }] = await Promise.all([import('./plot.js'), import('./curves.js')])
  const kind = plotKind(path)
  await requireWritable(path)
  return async ({ trace, pageSize, curves }) => {
    const frames = curves[0]?.curve.map(point => point.frames) ?? []
    const drawn = curves.map(({ policy, curve, seconds }) => ({
      policy,
      bound: isBound(policy),
      missRatios: curve.map(point => point.missRatio),
      speed: trace.references / seconds,
    }))
    await writeWhole(path, await renderCurves([arrange(trace, pageSize, frames, drawn)], kind))
  }
}

/** The report as it is printed: the misses at every size stay in the library. */
async function render(report: MissRatioReport, { json, csv, points, frames }: Flags): Promise<string> {
  if (json) return `${JSON.stringify(report, (_, value: unknown) => (value instanceof Float64Array ? undefined : value), 2)}\n`
  if (csv) {
    const rows = report.curves.flatMap(({ policy, method, curve }) => curve.map(point => ({ policy, method, ...point })))
    return (await import('./csv.js')).renderCsv(rows)
  }
  const { renderMissRatios } = await import('./mrcTable.js')
  const all = points !== undefined || (frames !== undefined && frames !== 'auto')
  return renderMissRatios(report, all ? Number.POSITIVE_INFINITY : ROWS, process.stdout.isTTY && process.stdout.hasColors())
}
