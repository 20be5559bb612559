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

/** Whether a call tells what is in memory, as st_blocks of pages that were read and never written, and SEEK_DATA of reserved ones, which are data once they were in swap, or decides, as MADV_FREE, what is lost when it is short. */
function showsPressure(name: string, args: readonly Argument[]): boolean {
  return (
    ['mincore', 'fstat', 'stat'].includes(name) ||
    args.some(argument => ['SHM_INFO', 'MADV_FREE', 'SEEK_DATA', 'SEEK_HOLE'].includes(String(argument)))
  )
}

/** An argument without IPC_NOWAIT. */
function patient(argument: Argument): Argument {
  return typeof argument === 'string' ? argument.replace(/^IPC_NOWAIT(\||$)/, '') || '0' : argument
}

/** A program that at its end looks at all memory and segments. */
export async function generate(seed: number, length: number, names: readonly string[] = NAMES, pressed = false): Promise<Generated> {
  const world = new World(seed)
  const run = await MachineRun.start(false, pressed)
  const take = (name: string, args: Argument[]): void => {
    const step: Step = [world.process === 0 ? name : `${world.process}:${name}`, ...args]
    try {
      run.run(step)
    } finally {
      world.note(step, name, run.results.at(-1) ?? -1)
    }
    if (name === 'exit' || name === 'kill') world.survive(process => run.isAlive(process))
  }
  /** Begins a call that may wait, or asks what it came to. */
  const wait = async (process: number, name: string, args: Argument[]): Promise<void> => {
    const step: Step = [`${process}:${name}${name === 'join' ? '' : '&'}`, ...args]
    const answer = await run.runWaiting(step)
    world.note(step, name, -1)
    if (answer !== 'waits') world.waiting.delete(process)
    else if (name !== 'join') world.waiting.set(process, name)
  }
  /** Asks one of the processes that wait, mostly one that waits no more. */
  const join = async (): Promise<void> => {
    await new Promise(resolve => setImmediate(resolve))
    const process = world.pick([...world.waiting.keys()])
    if (run.hasEnded(process) || world.oneIn(20)) await wait(process, 'join', [])
  }
  try {
    while (world.steps.length < length && world.awake.length > 0) {
      if (world.waiting.size > 0 && world.oneIn(4)) await join()
      world.turn()
      const name = world.pick(names)
      const call = CALLS[name]
      const drawn = call?.generate?.(world)
      const args = pressed && drawn && showsPressure(name, drawn) ? undefined : drawn
      if (args && call?.later && world.mayWait(name) && world.oneIn(3)) await wait(world.process, name, args.map(patient))
      else if (args) take(name, args)
    }
    for (const process of world.awake) {
      world.process = process
      take('dump', [ARENA, ARENA_PAGES + 8])
      if (world.heap !== undefined) take('dump', [world.heap, HEAP_PAGES])
    }
    for (let index = 0; index < 12 && world.awake.length > 0; index++) take('shmctl', [index, 'SHM_STAT_ANY'])
    run.finish()
  } catch (error) {
    run.answers.push(String(error))
  }
  return { steps: world.steps, machine: run.answers }
}
