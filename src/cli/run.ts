import { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { FAULT_COSTS, type FaultCosts } from '../sim/cost.js'
import type { RunReport } from '../sim/runReport.js'
import { type RunOptions, runTraceAs } from '../sim/runTrace.js'
import type { Backing } from '../sim/workload.js'
import { MECHANISMS, type Mechanism, type ReclaimPolicy } from '../sys/policy.js'
import { addTraceOptions, type TraceFlags, traceOptions, whole } from './options.js'
import { Progress } from './progress.js'

interface Flags extends TraceFlags {
  memory: string
  swap?: string
  memoryMax?: string
  policy?: ReclaimPolicy
  without?: Mechanism[]
  backing: Backing
  processes?: number
  turn?: number
  contents?: boolean
  fill?: boolean
  cost?: Partial<FaultCosts>
  json?: boolean
}

const EXAMPLES = `
Examples:
  faultline run gcc.trace.gz --memory 64MiB
  faultline run zipf.flt.gz --memory 64MiB --swap 1GiB --without refault-distance
  faultline run zipf.flt.gz --memory 1GiB --backing shm --processes 4
  faultline run events.txt --memory 64MiB --json`

/** `faultline run`: a trace executed in a machine. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('execute a trace in a machine of so much memory: page tables, faults and what follows, as in Linux')
    .argument('<trace>', 'a trace file, plain, gzip or zstd; - is standard input, FORMAT:PATH names the format')
    .requiredOption('-m, --memory <size>', "the machine's memory: bytes, or a number with KiB, MiB or GiB")
    .option('-s, --swap <size>', 'its swap, in such a size too (default: none)')
    .option('--memory-max <size>', "the most that the processes' pages may be, by a memory control group")
    .option('-p, --policy <name>', 'which pages are evicted (default: linux-6.12)')
    .option('--without <list>', `what is left out of it, of ${[...MECHANISMS.keys()].join(', ')}`, list => list.split(','))
    .option(
      '-b, --backing <kind>',
      'what pages are: anon, private memory; shm, a segment; or file, those of a file on a disk',
      parseBacking,
      'anon',
    )
    .option(
      '-n, --processes <count>',
      'processes: each executes the trace in memory of its own, or, with shm and file, they share it out (default: 1)',
      whole('the number of processes', 1, 4096),
    )
    .option('--turn <references>', 'references until the next process has its turn (default: 1024)', whole('a turn', 1, 2 ** 32 - 1))
    .option('--fill', 'write every page once before, so that none is known to be zeros')
    .option('--contents', 'give pages bytes, write to them, and check in the end that nothing was lost')
    .option('--cost <list>', `what faults cost, where it is not ${costList()}`, parseCost)
    .option('--json', 'print one JSON object')
  return addTraceOptions(command).addHelpText('after', EXAMPLES).action(run)
}

function parseBacking(text: string): Backing {
  if (text !== 'anon' && text !== 'shm' && text !== 'file') throw new UsageError(`pages are backed by anon, shm or file, not '${text}'`)
  return text
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1 }

function parseCost(text: string): Partial<FaultCosts> {
  const cost: Record<string, number> = {}
  for (const part of text.split(',')) {
    const [, name = '', digits, unit = ''] = /^ *(\w+)=(\d+(?:\.\d+)?)(ns|us|µs|ms|s) *$/.exec(part) ?? []
    if (digits === undefined) throw new UsageError(`costs are given as ${costList()}, in ns, us, ms or s, not '${part}'`)
    cost[name] = Number(digits) * (UNITS[unit] as number)
  }
  return cost
}

function costList(): string {
  return Object.entries(FAULT_COSTS)
    .map(([name, seconds]) => `${name}=${Number((seconds * 1e6).toPrecision(6))}us`)
    .join(',')
}

async function run(trace: string, flags: Flags): Promise<void> {
  const progress = new Progress()
  const { memory, swap, memoryMax, policy, without, backing, processes, turn, contents, fill, cost } = flags
  const options: RunOptions = {
    ...traceOptions(flags),
    trace,
    memory,
    backing,
    ...(swap !== undefined && { swap }),
    ...(memoryMax !== undefined && { memoryMax }),
    ...(policy !== undefined && { policy }),
    ...(without !== undefined && { without }),
    ...(processes !== undefined && { processes }),
    ...(turn !== undefined && { turn }),
    ...(contents !== undefined && { contents }),
    ...(fill !== undefined && { fill }),
    ...(cost !== undefined && { cost }),
    onProgress: ({ phase, done, total }) => progress.update(phase, done, total),
  }
  let report: RunReport
  try {
    report = await runTraceAs(options, { memory: '--memory', swap: '--swap', memoryMax: '--memory-max' })
  } finally {
    progress.stop()
  }
  const text = flags.json
    ? JSON.stringify(report, null, 2)
    : (await import('./runTable.js')).renderRun(report, process.stdout.isTTY && process.stdout.hasColors())
  process.stdout.write(`${text}\n`)
}
