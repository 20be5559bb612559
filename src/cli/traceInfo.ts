import { Command } from 'commander'
import { type TraceFacts, traceFacts } from '../trace/facts.js'
import { openTrace } from '../trace/open.js'
import { bytes, grouped, percent } from './format.js'
import { addTraceOptions, type TraceFlags, traceOptions } from './options.js'
import { Progress } from './progress.js'

/** `faultline trace info`: what is in traces. */
export function infoCommand(): Command {
  const command = new Command('info')
    .description('what is in a trace: references, pages, writes, reuse')
    .argument('<trace...>', 'trace files, as for replay')
    .option('--json', 'print one JSON object, or an array for several traces')
  return addTraceOptions(command).action(run)
}

async function run(paths: string[], { json = false, ...flags }: TraceFlags & { json?: boolean }): Promise<void> {
  const facts: TraceFacts[] = []
  const progress = new Progress()
  try {
    for (const path of paths) {
      const options = { ...traceOptions(flags), onProgress: (done: number, total?: number) => progress.update('decoding', done, total) }
      facts.push(traceFacts(await openTrace(path, options)))
    }
  } finally {
    progress.stop()
  }
  const text = json ? JSON.stringify(facts.length === 1 ? facts[0] : facts, null, 2) : facts.map(render).join('\n\n')
  process.stdout.write(`${text}\n`)
}

function render(facts: TraceFacts): string {
  const { path, format, pageSize, references, uniquePages, reads, writes, writtenPages, oneHitPages } = facts
  const { coldShare, repeatShare, topShare, mostReferences } = facts
  const lines = [
    ['format', format],
    ['references', `${grouped(references)}: ${grouped(reads)} reads, ${grouped(writes)} writes (${percent(writes / references)})`],
    [
      'distinct pages',
      `${grouped(uniquePages)} of ${bytes(pageSize)} (${bytes(uniquePages * pageSize)}), ${grouped(writtenPages)} written`,
    ],
    ['first references', percent(coldShare)],
    ['repeats', `${percent(repeatShare)} go to the same page as the reference before`],
    ['one-hit pages', `${grouped(oneHitPages)} (${percent(oneHitPages / uniquePages)}) are referenced once`],
    [
      'top pages',
      `1% get ${percent(topShare['1%'])} of the references, 10% get ${percent(topShare['10%'])}; one gets ${grouped(mostReferences)}`,
    ],
  ] as const
  return [path, ...lines.map(([name, value]) => `  ${name.padEnd(18)}${value}`)].join('\n')
}
