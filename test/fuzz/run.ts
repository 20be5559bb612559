// npm run fuzz:abi -- [--seed N] [--steps N] [--exhausted]: raw arguments over the whole ABI, or programs under
// exhausted memory, on machine after machine. Exit code 1, and the command that repeats it, if the machine does what
// it may not.
import { Command } from 'commander'
import { natural } from '../linux/options.js'
import { fuzzAbi } from './abi.js'
import { fuzzExhausted } from './exhausted.js'

/** Calls on one machine. */
const [ABI_STEPS, EXHAUSTED_STEPS] = [1000, 160]

async function main({ seed, steps, exhausted }: { seed: number; steps: number; exhausted?: true }): Promise<void> {
  const most = exhausted ? EXHAUSTED_STEPS : ABI_STEPS
  for (let done = 0, machine = seed; done < steps; machine++) {
    const count = Math.min(most, steps - done)
    const wrong = exhausted ? await fuzzExhausted(machine, count) : fuzzAbi(machine, count)
    if (wrong !== undefined) {
      console.log(`${wrong}\nnpm run fuzz:abi -- --seed ${machine} --steps ${count}${exhausted ? ' --exhausted' : ''} repeats it`)
      process.exitCode = 1
      return
    }
    done += count
  }
  console.log(`${steps} calls from seed ${seed} on: the machine's books balance after each`)
}

await new Command('fuzz:abi')
  .option('--seed <n>', 'seed of the first machine; the next has the next', natural, Date.now() % 2 ** 31)
  .option('--steps <n>', 'how many calls in all', natural, 100_000)
  .option('--exhausted', 'programs of sensible calls on machines without memory')
  .action(main)
  .parseAsync()
