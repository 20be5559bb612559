// Random programs on one shared object, and whether what they answer under a schedule is linearizable.
import { constants as C } from 'faultline'
import { explain, type Model } from '../linearizability/checker.js'
import { type FrameCall, frameAllocator, type IdCall, idTable, type SemaphoreCall, semaphoreSet } from '../linearizability/models.js'
import { Random } from '../linux/random.js'
import type { Call, Program } from './program.js'
import type { Scheduler, Timed } from './scheduler.js'

/** An object: what a thread does to it at random, and what the checker calls that. */
interface Subject {
  name: string
  setup: readonly Call[]
  choose(random: Random): Call
  understand(call: Call): IdCall | FrameCall | SemaphoreCall
  model: Model<never, never, number>
  /** Takes back what the threads did. */
  undo(threads: Readonly<Record<string, readonly Call[]>>): readonly Call[]
}

const { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID, IPC_STAT, GETVAL } = C

/** Keys 1 and 2, and the ids that segments get first. */
const ids: Subject = {
  name: 'ids',
  setup: [],
  model: idTable as Model<never, never, number>,
  choose(random) {
    const flags = random.pick([0, IPC_CREAT | 0o600, IPC_CREAT | IPC_EXCL | 0o600])
    const get: Call = ['shmget', 1 + random.below(2), 4096, flags]
    return random.oneIn(2) ? get : ['shmctl', random.below(3), random.pick([IPC_RMID, IPC_STAT])]
  },
  understand([name, first, second, flags]) {
    if (name === 'shmctl') return [second === IPC_RMID ? 'remove' : 'stat', Number(first)]
    return [flags === 0 ? 'get' : (Number(flags) & IPC_EXCL) === 0 ? 'create' : 'createNew', Number(first)]
  },
  undo: threads =>
    Object.values(threads)
      .flat()
      .map((_, index) => ['shmctl', index, IPC_RMID]),
}

/** Frames and blocks that are taken and kept. */
const frames: Subject = {
  name: 'frames',
  setup: [],
  model: frameAllocator as Model<never, never, number>,
  choose: random => ['takeFrames', random.pick([0, 0, 0, 1, 3])],
  understand: ([, order]) => ['take', Number(order)],
  undo: threads =>
    Object.entries(threads).flatMap(([who, calls]) =>
      calls.map(([, order], index): Call => [`${who}.giveFrames`, `$${who}${index}`, order ?? 0]),
    ),
}

/** A set of two, which hold 1 each. */
const semaphores: Subject = {
  name: 'semaphores',
  setup: [
    ['semget', 1, 2, IPC_CREAT | 0o600],
    ['setval', 0, 0, 1],
    ['setval', 0, 1, 1],
  ],
  model: { ...semaphoreSet(2), initial: [1, 1] } as Model<never, never, number>,
  choose(random) {
    const num = random.below(2)
    if (random.oneIn(4)) return ['semctl', 0, num, GETVAL]
    if (random.oneIn(4)) return ['setval', 0, num, random.below(3)]
    const operation = [num, random.pick([1, -1, -1]), IPC_NOWAIT]
    return random.oneIn(2) ? ['semop', 0, ...operation] : ['semop', 0, ...operation, 1 - num, random.pick([1, -1]), IPC_NOWAIT]
  },
  understand([name, , num, ...rest]) {
    if (name === 'semctl') return ['get', Number(num)]
    if (name === 'setval') return ['set', Number(num), Number(rest[0])]
    const changes = [[Number(num), Number(rest[0])] as const]
    if (rest.length > 2) changes.push([Number(rest[2]), Number(rest[3])])
    return ['try', changes]
  },
  undo: () => [['semctl', 0, 0, IPC_RMID]],
}

export const SUBJECTS: readonly Subject[] = [ids, frames, semaphores]

/** A program of three threads that each call the object a few times, at random. Its answers are the checker's to judge. */
export function randomProgram({ name, setup, choose, undo }: Subject, seed: number): Program {
  const random = new Random(seed)
  const calls = (): Call[] => Array.from({ length: 4 }, () => choose(random))
  const threads = { init: calls(), a: calls(), b: calls() }
  return { name: `${name}-${seed}`, setup, threads, after: undo(threads), anyAnswer: true }
}

/** What is wrong with the history of a scheduler's last run. */
export function judge({ model, understand }: Subject, { history }: Scheduler): string | undefined {
  return explain(
    model as Model<unknown, unknown, number>,
    history.map(own =>
      own.map(({ call, answer, began, ended }: Timed) => ({ call: understand(call), answer: Number(answer), began, ended })),
    ),
  )
}
