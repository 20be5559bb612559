import { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { type GenerateOptions, generateTrace, WORKLOADS, type Workload } from '../trace/generate.js'
import { OUTPUT_FORMATS, prepareOutput, reportWritten, writeTrace } from './traceOutput.js'

interface Flags extends Omit<GenerateOptions, 'workload'> {
  output: string
  to?: string
}

const HELP = `
Workloads:
${Object.entries(WORKLOADS)
  .map(([name, what]) => `  ${name.padEnd(9)}${what}`)
  .join('\n')}

The same options and seed make the same file on every machine.`

/** An option parser for numbers; their ranges are checked by the generator. */
function numeric(name: string): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`${name} is a number, not '${text}'`)
    return value
  }
}

/** `faultline trace generate`: a synthetic trace. */
export function generateCommand(): Command {
  return new Command('generate')
    .description('write a synthetic trace')
    .argument('<workload>', Object.keys(WORKLOADS).join(', '))
    .requiredOption('-o, --output <file>', 'the file to write, compressed if it ends in .gz; - is standard output')
    .option('--to <format>', `${OUTPUT_FORMATS.join(', ')} (default: what the file's name says)`)
    .option('--pages <count>', 'pages there are (default: 100000)', numeric('pages'))
    .option('--references <count>', 'length of the trace (default: 1000000)', numeric('references'))
    .option('--seed <number>', 'seed of the random numbers (default: 1)', numeric('seed'))
    .option('--writes <share>', 'share of the references that write, from 0 to 1 (default: 0)', numeric('writes'))
    .option('--alpha <number>', 'zipf, hotscan, phases: skew, 0 is uniform (default: 1)', numeric('alpha'))
    .option('--hot <pages>', 'hotscan: pages in the hot set (default: a tenth)', numeric('hot'))
    .option('--hot-share <share>', 'hotscan: share of the references to the hot set (default: 0.75)', numeric('hot-share'))
    .option('--phases <count>', 'phases: working sets (default: 4)', numeric('phases'))
    .option('--length <count>', 'scan: pages in a run; phases: references in a turn', numeric('length'))
    .addHelpText('after', HELP)
    .action(run)
}

async function run(workload: string, { output, to, ...options }: Flags): Promise<void> {
  const format = await prepareOutput(output, to)
  const trace = generateTrace({ ...options, workload: workload as Workload })
  await writeTrace(trace, output, format)
  await reportWritten(output, trace.references)
}
