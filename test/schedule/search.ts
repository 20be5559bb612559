// Looking for a failing schedule with a bound, and what a failure says.
import type { Outcome, Scheduler } from './scheduler.js'
import { encode, explore, exploreSeeds } from './strategies.js'

/** How much is tried at most. */
export interface Bound {
  /** Schedules with few preemptions, and how many those have at most. */
  schedules: number
  preemptions: number
  /** Seeds of others. */
  seeds: number
}

/** How a search ended. */
export interface Found {
  schedules: number
  failure: Outcome | undefined
}

/** Tries seeds, then schedules with few preemptions, until one fails. */
export function search(scheduler: Scheduler, { schedules, preemptions, seeds }: Bound, seed = 1): Found {
  const random = exploreSeeds(scheduler, seed, seeds)
  if (random.failure) return random
  const all = explore(scheduler, preemptions, schedules)
  return { schedules: random.schedules + all.schedules, failure: all.failure }
}

/** What failed, and the command that repeats it; undefined if nothing did. */
export function describe({ names, program }: Scheduler, failure: Outcome | undefined): string | undefined {
  if (!failure) return undefined
  return `${failure.failure}\nnpm run explore -- --case ${program.name} --replay ${encode(failure.choices, names)}`
}
