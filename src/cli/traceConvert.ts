import { Command } from 'commander'
import { decodeTrace } from '../trace/decode.js'
import { openTrace } from '../trace/open.js'
import { addTraceOptions, type TraceFlags, traceOptions } from './options.js'
import { Progress } from './progress.js'
import { OUTPUT_FORMATS, prepareOutput, reportWritten, writePacked, writeTrace } from './traceOutput.js'

interface Flags extends TraceFlags {
  output: string
  to?: string
}

const EXAMPLES = `
Examples:
  faultline trace convert lackey.txt -o program.flt.gz
  faultline trace convert msr:prxy.csv --split -o prxy.flt.gz
  faultline trace convert program.flt.gz -o program.oracleGeneral`

/** `faultline trace convert`: a trace in any format into the packed one, or one of a few others. */
export function convertCommand(): Command {
  const command = new Command('convert')
    .description('write a trace in the packed format, or another')
    .argument('<trace>', 'a trace file, as for replay')
    .requiredOption('-o, --output <file>', 'the file to write, compressed if it ends in .gz; - is standard output')
    .option('--to <format>', `${OUTPUT_FORMATS.join(', ')} (default: what the file's name says)`)
  return addTraceOptions(command).addHelpText('after', EXAMPLES).action(run)
}

async function run(path: string, { output, to, ...flags }: Flags): Promise<void> {
  const format = await prepareOutput(output, to)
  const progress = new Progress()
  const options = { ...traceOptions(flags), onProgress: (done: number, total?: number) => progress.update('converting', done, total) }
  try {
    if (format === 'packed') {
      const { references } = await writePacked(output, writer => decodeTrace(path, options, writer))
      return await reportWritten(output, references)
    }
    const trace = await openTrace(path, options)
    await writeTrace(trace, output, format)
    await reportWritten(output, trace.references)
  } finally {
    progress.stop()
  }
}
