import { constants } from 'node:os'
import { Command } from 'commander'
import { record } from '../trace/record.js'
import { grouped, percent } from './format.js'
import { parsePageSize, whole } from './options.js'
import { requireWritable } from './output.js'

interface Flags {
  output: string
  pageSize?: number
  data?: boolean
  limit?: number
  children?: boolean
}

const EXAMPLES = `
Examples:
  faultline record -o sort.flt.gz -- sort -n numbers.txt
  faultline record --data --limit 20000000 -o gcc.flt.gz -- /usr/lib/gcc/x86_64-linux-gnu/12/cc1 -O2 -quiet big.i -o /dev/null
A program runs some hundred times slower while it is recorded. The exit code is the program's own.`

/** `faultline record`: the memory trace of a real program. */
export function recordCommand(): Command {
  return new Command('record')
    .description("record a program's memory trace with Valgrind's lackey, as a packed trace")
    .usage('[options] -o FILE -- COMMAND...')
    .argument('<command...>', 'the program and its arguments, behind --')
    .requiredOption('-o, --output <file>', 'the packed trace to write, compressed if it ends in .gz')
    .option('--page-size <bytes>', 'bytes in a page, a power of two (default: 4096)', parsePageSize)
    .option('--data', 'leave instruction fetches out')
    .option('--limit <count>', 'end the program after so many references', whole('the limit', 1, Number.MAX_SAFE_INTEGER))
    .option('--children', "record the program's children too, as if they shared its memory")
    .addHelpText('after', EXAMPLES)
    .action(run)
}

async function run(command: string[], { output, pageSize, data = false, limit, children = false }: Flags): Promise<void> {
  await requireWritable(output)
  const { references, writes, ended } = await record({
    command: command as [string, ...string[]],
    output,
    dataOnly: data,
    children,
    ...(pageSize !== undefined && { pageSize }),
    ...(limit !== undefined && { limit }),
  })
  const [how, code] =
    ended === 'limit'
      ? ['was ended at the limit', 0]
      : 'code' in ended
        ? [`exited with code ${ended.code}`, ended.code]
        : [`was ended by ${ended.signal}`, 128 + constants.signals[ended.signal]]
  process.stderr.write(
    `${grouped(references)} references (${percent(writes / references)} writes) are in ${output}; ${command[0]} ${how}\n`,
  )
  process.exitCode = code
}
