// npm run fuzz:linux -- [--seed N] [--steps N] [--length N] [--pressure]: random programs on the Linux underneath
// and on the machine, compared step by step. A program that differs is shrunk and printed, and the
// exit code is 1; it is 2 where programs cannot run.
import { Command } from 'commander'
import { type Agent, withAgent } from './agent.js'
import { compare, firstDifference } from './compare.js'
import { type Generated, generate } from './generate.js'
import { natural } from './options.js'
import { callOf, print, type Shown, type Step } from './program.js'
import { shrink } from './shrink.js'

/** Where nobody looks, so many steps are worth a line. */
const PROGRESS = 100_000

interface Options {
  seed: number
  steps: number
  length: number
  only?: string[]
  pressure?: true
}

/** Prints a program that differs at a step, as short as it gets while a call of that name differs. */
async function report(agent: Agent, steps: readonly Step[], at: number): Promise<void> {
  const callAt = (program: readonly Step[], index: number): string => callOf(program[index] ?? ['']).name
  // a shorter program may unmap the agent itself, which stands above what it mapped
  const least = await shrink(steps, async candidate => {
    const { differ, linux } = await compare(agent, candidate, true)
    return differ >= 0 && callAt(candidate, differ) === callAt(steps, at) && !linux.includes('killed')
  })
  const { linux, machine } = await compare(agent, least, true)
  console.log(print(least, { linux, machine }))
  if (machine.length > least.length) console.log(`the machine: ${machine.at(-1)}`)
}

/**
 * The first step at which a program differs, -1 if none does: nor if it did, and does no more when Linux runs it again,
 * which is told, with both answers of Linux.
 */
async function confirm(agent: Agent, program: number, { steps, machine }: Generated, linux: readonly Shown[]): Promise<number> {
  const first = firstDifference(linux, machine)
  if (first < 0) return first
  const again = await agent.run(steps)
  const differ = firstDifference(again, machine)
  if (differ < 0) {
    const [once, twice] = [linux, again].map(answers => JSON.stringify(answers[first]))
    console.log(
      `program ${program}, step ${first} ${JSON.stringify(steps[first])}: Linux answers ${once}, and ${twice} when it runs it again`,
    )
  }
  return differ
}

/** Runs programs until there were so many steps. Returns whether all were alike. */
async function fuzz(agent: Agent, { seed, steps, length, only, pressure }: Options): Promise<boolean> {
  let done = 0
  let next = generate(seed, Math.min(length, steps), only, pressure)
  for (let program = seed; done < steps; program++) {
    const made = await next
    const linux = agent.run(made.steps)
    done += made.steps.length
    // the machine is ahead by a program, while Linux runs this one
    next = generate(program + 1, Math.max(1, Math.min(length, steps - done)), only, pressure)
    const differ = await confirm(agent, program, made, await linux)
    if (differ >= 0) {
      console.log(
        `program ${program} differs at step ${differ}; npm run fuzz:linux -- --seed ${program} --steps ${length}${pressure ? ' --pressure' : ''} repeats it`,
      )
      await report(agent, made.steps, differ)
      return false
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${done} steps`)
    else if (Math.floor(done / PROGRESS) > Math.floor((done - made.steps.length) / PROGRESS))
      console.log(`program ${program}: ${done} steps`)
  }
  console.log(`${done} steps from seed ${seed} on: Linux and the machine agree`)
  return true
}

await new Command('fuzz:linux')
  .option('--seed <n>', 'seed of the first program; the next has the next', natural, Date.now() % 2 ** 31)
  .option('--steps <n>', 'how many steps in all', natural, 20_000)
  .option('--length <n>', 'steps of a program', natural, 200)
  .option('--only <calls...>', 'calls to draw from')
  .option('--pressure', 'everything goes to swap every few steps, on both sides')
  .action((options: Options) => withAgent('fuzz:linux', agent => fuzz(agent, options), options.pressure))
  .parseAsync()
