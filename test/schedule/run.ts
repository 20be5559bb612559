// npm run explore -- [options]: schedules of small programs, all with few preemptions and some at random; or of the core with a
// mistake in it, which must be found. Exit code 1, and the command that repeats it, if a schedule shows a mistake.
import { Command } from 'commander'
import { natural } from '../linux/options.js'
import { buildSched, type SchedBuild } from './build.js'
import { CASES } from './cases/index.js'
import { MUTATIONS } from './mutations.js'
import { columns } from './print.js'
import type { Program } from './program.js'
import { type Outcome, Scheduler } from './scheduler.js'
import { decode, encode, explore, exploreSeeds, replay } from './strategies.js'

interface Options {
  case?: string
  seed: number
  schedules: number
  preemptions: number
  replay?: string
  mutation?: number
  fine?: true
}

/** Prints a failing schedule, and how to repeat it. */
function report(build: SchedBuild, scheduler: Scheduler, { failure, choices }: Outcome, options: Options): void {
  scheduler.tracing = true
  scheduler.run(replay(choices))
  const also = `${options.mutation ? ` --mutation ${options.mutation}` : ''}${options.fine ? ' --fine' : ''}`
  console.log(`${columns(build, scheduler)}\n\n${scheduler.program.name}: ${failure}`)
  console.log(`npm run explore -- --case ${scheduler.program.name} --replay ${encode(choices, scheduler.names)}${also} repeats it`)
}

/** Explores a program; whether all was well. */
function exploreCase(build: SchedBuild, program: Program, options: Options): boolean {
  const began = performance.now()
  const scheduler = new Scheduler(build, program)
  const all = explore(scheduler, options.preemptions, options.schedules)
  const random = all.failure ? undefined : exploreSeeds(scheduler, options.seed, options.schedules)
  const failed = all.failure ?? random?.failure
  const schedules = all.schedules + (random?.schedules ?? 0)
  const how = all.complete < 0 ? 'not even all without preemption' : `all with up to ${all.complete} preemptions`
  const rate = Math.round((schedules * 1000) / (performance.now() - began))
  console.log(`${program.name.padEnd(26)} ${String(schedules).padStart(7)} schedules, ${how}, ${rate} a second`)
  if (failed) report(build, scheduler, failed, options)
  return failed === undefined
}

async function main(options: Options): Promise<void> {
  const mutation = options.mutation === undefined ? undefined : MUTATIONS[options.mutation - 1]
  const programs = CASES.filter(({ name }) =>
    options.case === undefined ? (mutation?.cases.includes(name) ?? true) : name === options.case || name.startsWith(`${options.case}-`),
  )
  if (programs.length === 0) throw new Error(`there is no case ${options.case}: ${CASES.map(({ name }) => name).join(', ')}`)
  const build = await buildSched({ fine: options.fine === true, mutations: mutation ? MUTATIONS : [] })
  build.mutation = options.mutation ?? 0
  if (mutation) console.log(`mutation ${options.mutation}: ${mutation.name}`)
  if (options.replay !== undefined) {
    const scheduler = new Scheduler(build, programs[0] as Program)
    const outcome = scheduler.run(replay(decode(options.replay, scheduler.names)))
    report(build, scheduler, outcome, options)
    process.exitCode = outcome.failure === undefined ? 0 : 1
    return
  }
  const failed = programs.filter(program => !exploreCase(build, program, options))
  process.exitCode = failed.length > 0 ? 1 : 0
}

await new Command('explore')
  .option('--case <name>', 'one program alone, or those whose names begin so')
  .option('--seed <n>', 'the first seed', natural, 1)
  .option('--schedules <n>', 'how many schedules of each kind a program is tried with at most', natural, 10_000)
  .option('--preemptions <n>', 'how many preemptions the systematic schedules have at most', natural, 2)
  .option('--replay <schedule>', 'the schedule that a failure printed')
  .option('--mutation <n>', 'the core with a mistake: its number in mutations.ts', natural)
  .option('--fine', 'a point before every access to memory')
  .action(main)
  .parseAsync()
