// npm run test:linux -- [--record] [SUBJECT...]: the conformance cases on the Linux underneath and on
// the machine, compared; a line for each that differs, and exit code 1. --record writes what Linux
// answered into the cases instead. Exit code 2 where programs cannot run.
import { release } from 'node:os'
import { Command } from 'commander'
import { type Agent, withAgent } from './agent.js'
import { type Case, type CaseFile, missingCalls, readCases, writeCases } from './cases.js'
import { firstDifference } from './compare.js'
import { runOnMachine } from './machine.js'

interface Totals {
  cases: number
  steps: number
  differ: number
  left: Set<string>
}

/** One line that says where answers to a case differ from those of Linux. */
function line(subject: string, { name, steps }: Case, at: number, linux: unknown, who: string, answer: unknown): string {
  const step = JSON.stringify(steps[at] ?? 'at the end')
  return `${subject}, ${name}: $${at} ${step}: Linux ${JSON.stringify(linux)}, ${who} ${JSON.stringify(answer)}`
}

/** Compares a case on all sides. */
async function check(agent: Agent, { subject, kernel }: CaseFile, one: Case, totals: Totals): Promise<void> {
  const linux = await agent.run(one.steps)
  totals.cases++
  totals.steps += one.steps.length
  const sides: [string, typeof linux][] = [[`recorded on ${kernel}:`, one.results]]
  const missing = missingCalls(one.steps)
  for (const name of missing) totals.left.add(name)
  if (missing.length === 0) sides.push(['the machine', await runOnMachine(one.steps, true)])
  for (const [who, answers] of sides) {
    const at = firstDifference(linux, answers)
    if (at < 0) continue
    if (one.todo === undefined) totals.differ++
    const todo = one.todo === undefined ? '' : ` (todo: ${one.todo})`
    console.log(`${line(subject, one, at, linux[at], who, answers[at])}${todo}`)
  }
}

async function record(agent: Agent, file: CaseFile): Promise<void> {
  for (const one of file.cases) one.results = await agent.run(one.steps)
  writeCases({ ...file, kernel: `Linux ${release().split('-')[0]} ${process.arch === 'x64' ? 'x86_64' : process.arch}` })
}

/** Runs the cases of some subjects, of all if none is named. Returns whether all were alike. */
async function main(agent: Agent, subjects: readonly string[], recording: boolean): Promise<boolean> {
  const totals: Totals = { cases: 0, steps: 0, differ: 0, left: new Set() }
  for (const file of readCases()) {
    if (subjects.length > 0 && !subjects.includes(file.subject)) continue
    if (recording) await record(agent, file)
    else for (const one of file.cases) await check(agent, file, one, totals)
  }
  if (recording) return true
  const left = totals.left.size === 0 ? '' : `; the machine has no ${[...totals.left].join(', ')} yet`
  console.log(`${totals.cases} cases of ${totals.steps} steps on Linux ${release()}: ${totals.differ} differences${left}`)
  return totals.differ === 0
}

await new Command('test:linux')
  .argument('[subject...]', 'the files of cases to run; all unless given')
  .option('--record', 'write what Linux answers into the cases')
  .action((subjects: string[], { record }: { record?: true }) => withAgent('test:linux', agent => main(agent, subjects, record === true)))
  .parseAsync()
