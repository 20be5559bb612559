// Strategies: a schedule again, schedules at random, and all schedules with few preemptions.
import { Random } from '../linux/random.js'
import { lowest, type Outcome, type Scheduler, type Strategy, stay } from './scheduler.js'

/** A schedule as a text: who went on, and how many decisions long, as `a12b3a7`; threads by their names' first letter. */
export function encode(choices: readonly number[], names: readonly string[]): string {
  let text = ''
  for (let from = 0, to = 0; from < choices.length; from = to) {
    while (to < choices.length && choices[to] === choices[from]) to++
    text += `${names[choices[from] ?? 0]?.[0]}${to - from}`
  }
  return text
}

/** The choices of a schedule's text; throws if it is none. */
export function decode(text: string, names: readonly string[]): number[] {
  if (!/^([a-z]\d+)*$/.test(text))
    throw new Error(`'${text}' is no schedule: that is letters of threads and how often each goes on, as a12b3`)
  return [...text.matchAll(/([a-z])(\d+)/g)].flatMap(([, letter, times]) => {
    const thread = names.findIndex(name => name[0] === letter)
    if (thread < 0) throw new Error(`no thread of ${names.join(', ')} begins with ${letter}`)
    return Array<number>(Number(times)).fill(thread)
  })
}

/** Does what was chosen, and from then on lets each thread run as long as it can. */
export function replay(choices: readonly number[]): Strategy {
  return (able, current, step) => {
    const choice = choices[step] ?? -1
    return choice >= 0 && (able & (1 << choice)) !== 0 ? choice : stay(able, current, step)
  }
}

/** One of a set of threads. */
function pick(random: Random, able: number): number {
  let left = able
  let count = 0
  for (let rest = able; rest !== 0; rest &= rest - 1) count++
  for (let skip = random.below(count); skip > 0; skip--) left &= left - 1
  return lowest(left)
}

/** Another thread may go on at any point, one time in 2 to 64, by the seed. */
function uniform(random: Random): Strategy {
  const often = 2 ** (1 + random.below(6))
  return (able, current, step) => (random.oneIn(often) ? pick(random, able) : stay(able, current, step))
}

/** Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the able thread of the highest priority goes on; at a few steps, it falls. */
function priorities(random: Random, threads: number, steps: number): Strategy {
  const order = Array.from({ length: threads }, (_, thread) => thread)
  for (let i = threads - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  const falls = new Set(Array.from({ length: 1 + random.below(4) }, () => random.below(steps)))
  const first = (able: number): number => order.find(thread => (able & (1 << thread)) !== 0) ?? lowest(able)
  return (able, _, step) => {
    if (falls.has(step)) {
      const [fallen] = order.splice(order.indexOf(first(able)), 1)
      order.push(fallen as number)
    }
    return first(able)
  }
}

/** The strategy of a seed; `steps` is about how many decisions a run has. */
export function seeded(seed: number, threads: number, steps: number): Strategy {
  const random = new Random(seed)
  return random.oneIn(2) ? uniform(random) : priorities(random, threads, Math.max(steps, 1))
}

/** A schedule that is to be tried: that of a run up to a step, and another thread there. */
interface Branch {
  choices: readonly number[]
  step: number
  other: number
}

/** How an exploration ended. */
export interface Exploration {
  schedules: number
  /** How many preemptions all schedules were tried with; -1 if the limit came first. */
  complete: number
  failure: Outcome | undefined
}

/**
 * Tries all schedules with at most so many preemptions, those with fewer first, until one fails or there were `limit`. A preemption
 * is a thread that could go on and may not (Musuvathi, Qadeer: Iterative context bounding, PLDI 2007).
 */
export function explore(scheduler: Scheduler, preemptions: number, limit: number): Exploration {
  const levels: Branch[][] = Array.from({ length: preemptions + 1 }, () => [])
  levels[0]?.push({ choices: [], step: 0, other: -1 })
  let schedules = 0
  for (let level = 0; level <= preemptions; level++) {
    const branches = levels[level] as Branch[]
    for (let branch = branches.pop(); branch; branch = branches.pop()) {
      if (schedules === limit) return { schedules, complete: level - 1, failure: undefined }
      const { choices, step, other } = branch
      const prefix = other < 0 ? [] : [...choices.slice(0, step), other]
      const outcome = scheduler.run(replay(prefix))
      schedules++
      if (outcome.failure !== undefined) return { schedules, complete: level - 1, failure: outcome }
      branchOut(levels, level, outcome, prefix.length)
    }
  }
  return { schedules, complete: preemptions, failure: undefined }
}

/** Notes the schedules that differ from a run at one step from `from` on, each by the preemptions that it takes. */
function branchOut(levels: Branch[][], level: number, { choices, able }: Outcome, from: number): void {
  for (let step = from; step < choices.length; step++) {
    const current = step === 0 ? -1 : (choices[step - 1] as number)
    const set = able[step] as number
    const target = levels[current >= 0 && (set & (1 << current)) !== 0 ? level + 1 : level]
    if (!target) continue
    for (let rest = set & ~(1 << (choices[step] as number)); rest !== 0; rest &= rest - 1)
      target.push({ choices, step, other: lowest(rest) })
  }
}

/** Tries the schedules of so many seeds, until one fails. */
export function exploreSeeds(
  scheduler: Scheduler,
  first: number,
  count: number,
): { schedules: number; seed: number; failure: Outcome | undefined } {
  let steps = 100
  for (let seed = first; seed < first + count; seed++) {
    const outcome = scheduler.run(seeded(seed, scheduler.names.length, steps))
    if (outcome.failure !== undefined) return { schedules: seed - first + 1, seed, failure: outcome }
    steps = outcome.choices.length
  }
  return { schedules: count, seed: -1, failure: undefined }
}
