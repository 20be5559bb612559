// Timing: tinybench, a round at a time, so that what is compared runs close together in time.
import { Bench } from 'tinybench'

/** A thing to time. */
export interface Timed {
  name: string
  /** Makes everything ready and returns what is to be timed. */
  prepare: () => () => unknown
}

/** How to time. */
export interface Timing {
  /** Times each thing is measured. */
  rounds: number
  /** Takes the process's CPU time instead of the time that passed: for machines that do other things too. */
  cpu: boolean
}

/** Milliseconds of CPU time that the process has used, in all its threads. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Runs every task once a round, all in turn; returns the seconds of each, by round. */
export async function timeInRounds(tasks: readonly Timed[], { rounds, cpu }: Timing): Promise<Map<string, number[]>> {
  const seconds = new Map(tasks.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, retainSamples: true, throws: true, ...(cpu && { now: cpuNow }) })
    for (const { name, prepare } of tasks) {
      let run: (() => unknown) | undefined
      bench.add(name, () => run?.(), {
        async: true,
        beforeEach: () => {
          run = prepare()
        },
        afterEach: () => {
          run = undefined
        },
      })
    }
    await bench.run()
    for (const { name, result } of bench.tasks) {
      if (!('latency' in result) || !result.latency.samples?.[0]) throw new Error(`${name} was not timed`)
      seconds.get(name)?.push(result.latency.samples[0] / 1000)
    }
  }
  return seconds
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle) - 1] as number)) / 2
}

/** The median over the rounds of how many times longer the peer took than ours. */
export function medianRatio(peer: readonly number[], ours: readonly number[]): number {
  return median(peer.map((seconds, round) => seconds / (ours[round] as number)))
}
