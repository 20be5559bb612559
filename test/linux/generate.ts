// Random programs, made step by step while the machine runs them, so that most steps meet what there is.
import { CALLS } from './calls/index.js'
import { MachineRun } from './machine.js'
import type { Argument, Shown, Step } from './program.js'
import { ARENA, ARENA_PAGES, HEAP_PAGES, World } from './world.js'

const NAMES = Object.entries(CALLS).flatMap(([name, { generate, machine, weight = 1 }]) =>
  generate && machine ? Array<string>(weight).fill(name) : [],
)

/** A program, and what the machine answers to it; at the end, what else it throws, if anything. */
export interface Generated {
  steps: readonly Step[]
  machine: readonly Shown[]
}

/** A program that at its end looks at all memory and segments. */
export async function generate(seed: number, length: number, names: readonly string[] = NAMES): Promise<Generated> {
  const world = new World(seed)
  const run = await MachineRun.start()
  const take = (name: string, args: Argument[]): void => {
    const step: Step = [world.process === 0 ? name : `${world.process}:${name}`, ...args]
    try {
      run.run(step)
    } finally {
      world.note(step, name, run.results.at(-1) ?? -1)
    }
    if (name === 'exit' || name === 'kill') world.survive(process => run.isAlive(process))
  }
  try {
    while (world.steps.length < length && world.processes.length > 0) {
      world.turn()
      const name = world.pick(names)
      const args = CALLS[name]?.generate?.(world)
      if (args) take(name, args)
    }
    for (const process of world.processes) {
      world.process = process
      take('dump', [ARENA, ARENA_PAGES + 8])
      if (world.heap !== undefined) take('dump', [world.heap, HEAP_PAGES])
    }
    for (let index = 0; index < 12 && world.processes.length > 0; index++) take('shmctl', [index, 'SHM_STAT_ANY'])
    run.finish()
  } catch (error) {
    run.answers.push(String(error))
  }
  return { steps: world.steps, machine: run.answers }
}
