import { beforeAll, describe, expect, it } from 'vitest'
import { buildSched, type SchedBuild } from './build.ts'
import { CASES } from './cases/index.ts'
import { judge, randomProgram, SUBJECTS } from './histories.ts'
import { MUTATIONS } from './mutations.ts'
import { columns } from './print.ts'
import type { Program } from './program.ts'
import { Scheduler } from './scheduler.ts'
import { describe as describeFailure, search } from './search.ts'
import { decode, encode, explore, replay, seeded } from './strategies.ts'

/** What every program is tried with here; `npm run explore` tries more. */
const FEW = { seeds: 60, schedules: 150, preemptions: 1 }
/** In so many schedules a mistake must show. */
const MANY = { seeds: 1000, schedules: 4000, preemptions: 3 }

let build: SchedBuild

beforeAll(async () => {
  build = await buildSched({ mutations: MUTATIONS, quick: true })
}, 300_000)

function caseNamed(name: string): Program {
  const program = CASES.find(one => one.name === name)
  if (!program) throw new Error(`there is no case ${name}`)
  return program
}

it.each(CASES.map(program => [program.name, program] as const))('%s goes well under every schedule', (_, program) => {
  const scheduler = new Scheduler(build, program)
  expect(describeFailure(scheduler, search(scheduler, FEW).failure)).toBeUndefined()
})

describe('a mistake is found:', () => {
  it.each(MUTATIONS.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
    try {
      for (const name of MUTATIONS[index]?.cases ?? []) {
        build.mutation = 0
        const scheduler = new Scheduler(build, caseNamed(name))
        build.mutation = index + 1
        expect(search(scheduler, MANY).failure, name).toBeDefined()
      }
    } finally {
      build.mutation = 0
    }
  })

  it('is replayed by its schedule, and printed with a column a thread', () => {
    const scheduler = new Scheduler(build, caseNamed('fault-truncate'))
    build.mutation = 1
    try {
      const { failure } = search(scheduler, MANY)
      const text = encode(failure?.choices ?? [], scheduler.names)
      scheduler.tracing = true
      const again = scheduler.run(replay(decode(text, scheduler.names)))
      expect(again).toEqual(failure)
      const lines = columns(build, scheduler).split('\n')
      expect(lines[0]).toMatch(/^a +\| b$/)
      expect(lines).toContainEqual(expect.stringMatching(/^store \d+ 7 +\|$/))
      expect(lines).toContainEqual(expect.stringMatching(/^ +\| ftruncate 0 0$/))
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}cmpxchg Mm \w+\.tablesWord {2}\(mapNew\) +\|$/))
      expect(lines).toContainEqual(expect.stringMatching(/^ +\| {3}add Inode \w+\.generation {2}\(addTo<u32>\)$/))
    } finally {
      build.mutation = 0
    }
  })

  it('cannot be made any more where the source has changed', async () => {
    const gone = { name: 'gone', cases: [], patches: [{ file: 'assembly/mm/fault.ts', from: 'no such text', to: '' }] }
    await expect(buildSched({ mutations: [gone] })).rejects.toThrow(
      'assembly/mm/fault.ts has not exactly once what a patch replaces:\nno such text',
    )
  })
})

describe('an object that three threads call at random answers as if they did so one after the other:', () => {
  it.each(SUBJECTS.map(subject => [subject.name, subject] as const))('%s', (_, subject) => {
    for (let program = 1; program <= 12; program++) {
      const scheduler = new Scheduler(build, randomProgram(subject, program))
      for (let seed = 1; seed <= 30; seed++) {
        const { failure } = scheduler.run(seeded(seed, 3, 100))
        expect(failure ?? judge(subject, scheduler), `program ${program}, seed ${seed}`).toBeUndefined()
      }
    }
  })
})

describe('schedules', () => {
  it('with n preemptions are all of them, each once', () => {
    const scheduler = new Scheduler(build, caseNamed('create-create'))
    const seen = new Set<string>()
    const run = scheduler.run.bind(scheduler)
    scheduler.run = strategy => {
      const outcome = run(strategy)
      seen.add(encode(outcome.choices, scheduler.names))
      return outcome
    }
    const { schedules, complete } = explore(scheduler, 1, 10_000)
    expect(complete).toBe(1)
    expect(seen.size).toBe(schedules)
    expect(schedules).toBeGreaterThan(20)
  })

  it('are the same again, whatever ran in between', () => {
    const scheduler = new Scheduler(build, caseNamed('rmid-attach'))
    const first = scheduler.run(replay([]))
    search(scheduler, { seeds: 20, schedules: 20, preemptions: 1 })
    expect(scheduler.run(replay([]))).toEqual(first)
  })

  it('are written as texts, and bad texts refused', () => {
    const names = ['init', 'a', 'b']
    expect(encode([1, 1, 2, 0], names)).toBe('a2b1i1')
    expect(decode('a2b1i1', names)).toEqual([1, 1, 2, 0])
    expect(() => decode('a2c1', names)).toThrow('no thread of init, a, b begins with c')
    expect(() => decode('2a', names)).toThrow("'2a' is no schedule")
  })

  it('that leave nobody to go on are deadlocks', () => {
    const deadlock: Program = { ...caseNamed('wait-on-notify'), name: 'nobody-notifies', threads: { a: [['waitOn', 0x10000000, 0]] } }
    const scheduler = new Scheduler(build, deadlock)
    expect(scheduler.run(replay([])).failure).toBe('a deadlock, all that are left sleep: a')
  })
})
