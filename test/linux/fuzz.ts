// npm run fuzz:linux -- [--seed N] [--steps N] [--length N]: random programs on the Linux underneath
// and on the machine, compared step by step. A program that differs is shrunk and printed, and the
// exit code is 1; it is 2 where programs cannot run.
import { Command } from 'commander'
import { type Agent, withAgent } from './agent.js'
import { compare } from './compare.js'
import { generate } from './generate.js'
import { natural } from './options.js'
import { print, type Step } from './program.js'
import { shrink } from './shrink.js'

interface Options {
  seed: number
  steps: number
  length: number
  only?: string[]
}

/** Prints a program that differs, as short as it gets. */
async function report(agent: Agent, steps: readonly Step[]): Promise<void> {
  // a shorter program may unmap the agent itself, which stands above what it mapped
  const least = await shrink(steps, async candidate => {
    const { differ, linux } = await compare(agent, candidate, true)
    return differ >= 0 && !linux.includes('killed')
  })
  const { linux, machine } = await compare(agent, least, true)
  console.log(print(least, { linux, machine }))
  if (machine.length > least.length) console.log(`the machine: ${machine.at(-1)}`)
}

/** Runs programs until there were so many steps. Returns whether all were alike. */
async function fuzz(agent: Agent, { seed, steps, length, only }: Options): Promise<boolean> {
  let done = 0
  for (let program = seed; done < steps; program++) {
    const made = await generate(program, Math.min(length, steps - done), only)
    const { differ } = await compare(agent, made)
    if (differ >= 0) {
      console.log(`program ${program} differs at step ${differ}; npm run fuzz:linux -- --seed ${program} --steps ${length} repeats it`)
      await report(agent, made)
      return false
    }
    done += made.length
    if (process.stderr.isTTY) process.stderr.write(`\r${done} steps`)
  }
  console.log(`${done} steps from seed ${seed} on: Linux and the machine agree`)
  return true
}

await new Command('fuzz:linux')
  .option('--seed <n>', 'seed of the first program; the next has the next', natural, Date.now() % 2 ** 31)
  .option('--steps <n>', 'how many steps in all', natural, 20_000)
  .option('--length <n>', 'steps of a program', natural, 200)
  .option('--only <calls...>', 'calls to draw from')
  .action((options: Options) => withAgent('fuzz:linux', agent => fuzz(agent, options)))
  .parseAsync()
