import { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { DEFAULT_FRAMES } from '../sim/frames.js'
import { type ReplayOptions, replay } from '../sim/replay.js'
import type { ReplayReport } from '../sim/report.js'
import { addTraceOptions, type TraceFlags, traceOptions, whole } from './options.js'
import { requireWritable, writeWhole } from './output.js'
import { Progress } from './progress.js'

interface Flags extends TraceFlags {
  policy?: string
  frames?: string
  json?: boolean
  csv?: boolean
  plot?: string
  jobs?: number
  seed?: number
}

const EXAMPLES = `
Examples:
  faultline replay gcc.trace.gz
  faultline replay gcc.trace.gz --policy lru,arc,s3fifo:small=0.2,opt --frames 1000,10%,64MiB
  faultline replay lackey:gcc.txt mcf.trace.gz --policy all --csv > results.csv
  faultline replay cloud.csv --columns id=lbn,size=len,write=op --split --plot curves.svg`

/** `faultline replay`: traces through policies at several sizes. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('replay traces through replacement policies and compare their misses')
    .argument('<trace...>', 'trace files, plain, gzip or zstd; - is standard input, FORMAT:PATH names the format')
    .option(
      '-p, --policy <list>',
      "policies with parameters, as lru,s3fifo:small=0.2, files of your own, as ./mine.ts, or all; see 'faultline policies' (default: the ten main ones and opt)",
    )
    .option(
      '-f, --frames <list>',
      `cache sizes: frames, shares of the distinct pages, memory, as 1000,10%,64MiB (default: ${DEFAULT_FRAMES})`,
    )
    .option('--json', 'print one JSON object; of several traces, each result names its own')
    .option('--csv', 'print one CSV row a result, with a line of names above')
    .option('--plot <file>', 'draw the miss-ratio curves to a file that ends in .svg or .html')
    .option('-j, --jobs <count>', 'worker threads (default: the number of CPUs)', whole('the number of jobs', 1, 1024))
    .option('--seed <number>', "seed of the policies' random numbers (default: 1)", whole('the seed', 1, 2 ** 32 - 1))
  return addTraceOptions(command).addHelpText('after', EXAMPLES).action(run)
}

async function run(traces: string[], flags: Flags): Promise<void> {
  if (flags.json && flags.csv) throw new UsageError('--json and --csv exclude each other')
  const plot = flags.plot === undefined ? undefined : await preparePlot(flags.plot)
  const progress = new Progress()
  const options: ReplayOptions = {
    ...traceOptions(flags),
    trace: traces,
    ...(flags.policy !== undefined && { policies: flags.policy }),
    ...(flags.frames !== undefined && { frames: flags.frames }),
    ...(flags.jobs !== undefined && { jobs: flags.jobs }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
    onProgress: ({ phase, done, total }) => progress.update(phase, done, total),
  }
  let report: ReplayReport
  try {
    report = await replay(options)
  } finally {
    progress.stop()
  }
  process.stdout.write(await render(report, flags))
  await plot?.(report)
  if (flags.plot !== undefined && !flags.json && !flags.csv) process.stdout.write(`\nThe curves are drawn in ${flags.plot}\n`)
}

/** Refuses a plot that could not be written, before the long work; returns what draws it. */
async function preparePlot(path: string): Promise<(report: ReplayReport) => Promise<void>> {
  const { plotKind, renderPlot } = await import('./plot.js')
  const kind = plotKind(path)
  await requireWritable(path)
  return async report => writeWhole(path, await renderPlot(report, kind))
}

/** The report as it is printed. */
async function render(report: ReplayReport, { json, csv }: Flags): Promise<string> {
  if (json) return `${JSON.stringify(report, null, 2)}\n`
  if (csv) return (await import('./csv.js')).renderCsv(report.results)
  const { renderTable } = await import('./table.js')
  return `${renderTable(report, process.stdout.isTTY && process.stdout.hasColors())}\n`
}
