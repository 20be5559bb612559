// npm run fidelity -- [--record] [--repeats N] [--late] [WORDS...]: replays of reference traces on the kernel underneath, in a
// memory cgroup, and in the machine, beside each other. --record writes what the kernel counted into the records instead. Words
// choose the cases whose names have all of them. Exit code 2 where the kernel cannot be asked; then the records speak for it. Also 2 for words that no case has,
// and for options that there are not.
import { Command, InvalidArgumentError } from 'commander'
import { allCases, type Case, type Counts, caseName, type Recorded, readRecords, writeRecords } from './cases.js'
import { Kernel, Obstacle } from './kernel.js'
import { replayInMachine } from './machine.js'
import { replayInModel } from './model.js'
import { Report } from './report.js'
import { EVERY } from './traces.js'

function natural(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('it is no whole number from 1 on')
  return Number(text)
}

/** Asks the kernel so many times. */
function ask(kernel: Kernel, one: Case, repeats: number): Recorded {
  return { ...one, runs: Array.from({ length: repeats }, () => kernel.replay(one)) }
}

/** Replaces the records of the cases. */
function record(kernel: Kernel, cases: readonly Case[], repeats: number): void {
  const recorded = new Map(readRecords().cases.map(one => [caseName(one), one]))
  for (const one of cases) {
    recorded.set(caseName(one), ask(kernel, one, repeats))
    console.log(caseName(one))
    const known = allCases().flatMap(each => recorded.get(caseName(each)) ?? [])
    writeRecords({ ...kernel.facts, cases: known })
  }
}

/** Opens the kernel and undoes what that changed, also where the process is interrupted. */
async function withKernel(use: (kernel: Kernel) => Promise<void> | void): Promise<void> {
  const kernel = new Kernel()
  const stop = (): void => {
    kernel.close()
    process.exit(1)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await use(kernel)
  } finally {
    kernel.close()
  }
}

/** A case as it is without the kernel, and who counted: the machine, or the model whose statistics are late. */
async function replay(one: Case, late: boolean): Promise<[Counts, string]> {
  if (late) return [replayInModel(one, EVERY), 'model, late statistics']
  return [await replayInMachine(one), 'machine']
}

/** Prints the cases as a kernel counted them, `counted`, and as the machine does. */
async function compare(cases: readonly Case[], late: boolean, counted: (one: Case) => Recorded | undefined): Promise<void> {
  const report = new Report()
  for (const one of cases) {
    const recorded = counted(one)
    if (recorded) report.add(recorded, ...(await replay(one, late)))
  }
  report.close()
}

interface Options {
  record?: true
  late?: boolean
  repeats: number
}

async function main(words: string[], { record: recording, late = false, repeats }: Options): Promise<void> {
  const cases = allCases().filter(one => words.every(word => caseName(one).includes(word)))
  if (cases.length === 0) {
    console.error(`no case has all of: ${words.join(' ')}`)
    process.exitCode = 2
    return
  }
  try {
    await withKernel(kernel => (recording ? record(kernel, cases, repeats) : compare(cases, late, one => ask(kernel, one, repeats))))
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    console.log(`fidelity did not ask this kernel: ${error.message}`)
    process.exitCode = 2
    if (recording) return
    const records = readRecords()
    console.log(`What ${records.kernel} recorded:`)
    await compare(cases, late, one => records.cases.find(each => caseName(each) === caseName(one)))
  }
}

await new Command('fidelity')
  .argument('[word...]', 'only cases whose names have all of these')
  .option('--record', "write the kernel's counts into the records")
  .option('--late', "compare with the model whose statistics are as late as the kernel's, not with the machine")
  .option('--repeats <n>', 'replays of each case on the kernel', natural, 3)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(main)
  .parseAsync()
