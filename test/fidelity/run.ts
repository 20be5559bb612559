// npm run fidelity -- [--record] [--repeats N] [WORDS...]: replays of reference traces on the kernel underneath, in a memory
// cgroup, and in the machine, beside each other. --record writes what the kernel counted into the records instead. Words
// choose the cases whose names have all of them. Exit code 2 where the kernel cannot be asked; then the records speak for it.
import { Command, InvalidArgumentError } from 'commander'
import { allCases, type Case, caseName, type Recorded, readRecords, writeRecords } from './cases.js'
import { Kernel, Obstacle } from './kernel.js'
import { printHead, printRow } from './report.js'

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
function withKernel(use: (kernel: Kernel) => void): void {
  const kernel = new Kernel()
  const stop = (): void => {
    kernel.close()
    process.exit(1)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    use(kernel)
  } finally {
    kernel.close()
  }
}

/** Prints the cases as a kernel counted them, `counted`, and as the machine does. */
function compare(cases: readonly Case[], counted: (one: Case) => Recorded | undefined): void {
  printHead()
  for (const one of cases) {
    const recorded = counted(one)
    if (recorded) printRow(recorded)
  }
}

function main(words: string[], { record: recording, repeats }: { record?: true; repeats: number }): void {
  const cases = allCases().filter(one => words.every(word => caseName(one).includes(word)))
  try {
    withKernel(kernel => (recording ? record(kernel, cases, repeats) : compare(cases, one => ask(kernel, one, repeats))))
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    console.log(`fidelity did not ask this kernel: ${error.message}`)
    process.exitCode = 2
    if (recording) return
    const records = readRecords()
    console.log(`What ${records.kernel} recorded:`)
    compare(cases, one => records.cases.find(each => caseName(each) === caseName(one)))
  }
}

new Command('fidelity')
  .argument('[word...]', 'only cases whose names have all of these')
  .option('--record', "write the kernel's counts into the records")
  .option('--repeats <n>', 'replays of each case on the kernel', natural, 3)
  .action(main)
  .parse()
