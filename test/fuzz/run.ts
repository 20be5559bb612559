// npm run fuzz:abi -- [--seed N] [--steps N]: raw arguments over the whole ABI, on machine after machine.
// Exit code 1, and the command that repeats it, if the machine does what it may not.
import { Command } from 'commander'
import { natural } from '../linux/options.js'
import { fuzzAbi } from './abi.js'

const STEPS_A_MACHINE = 1000

function main({ seed, steps }: { seed: number; steps: number }): void {
  for (let done = 0, machine = seed; done < steps; machine++) {
    const count = Math.min(STEPS_A_MACHINE, steps - done)
    const wrong = fuzzAbi(machine, count)
    if (wrong !== undefined) {
      console.log(`${wrong}\nnpm run fuzz:abi -- --seed ${machine} --steps ${count} repeats it`)
      process.exitCode = 1
      return
    }
    done += count
  }
  console.log(`${steps} calls from seed ${seed} on: the machine's books balance after each`)
}

new Command('fuzz:abi')
  .option('--seed <n>', 'seed of the first machine; the next has the next', natural, Date.now() % 2 ** 31)
  .option('--steps <n>', 'how many calls in all', natural, 100_000)
  .action(main)
  .parse()
