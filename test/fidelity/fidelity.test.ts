// Holds the machine, and the model, to what a kernel counted. All cases: npm run fidelity.
import { describe, expect, it } from 'vitest'
import { type Case, type Counter, type Counts, caseName, isFile, type Recorded, readRecords, typical } from './cases.ts'
import { replayInMachine } from './machine.ts'
import { replayInModel } from './model.ts'
import { difference } from './report.ts'
import { EVERY } from './traces.ts'

type Bounds = Partial<Record<Counter, number>>

/** How far the machine may be off, as a share of what the kernel counts. */
const TARGETS: Bounds = { pgmajfault: 0.02, pgscan: 0.02, pgactivate: 0.04, pgdeactivate: 0.04 }
/** In major faults, if the pages are a file's. */
const FILE_TARGET = 0.01
/** And the model, whose statistics are as late as the kernel's. */
const CLOSE: Bounds = { pgmajfault: 0.01, pgscan: 0.02, pgsteal: 0.01, pgactivate: 0.04, pgdeactivate: 0.03 }
/** How far the machine may be off in major faults on average. */
const AVERAGE = 0.005

/** pgactivate is the system's: what others read meanwhile. */
const NOISE = 128

/** Where reclaim that knows its statistics goes other ways than the kernel, which knows them late: see README. */
const LATE: Partial<Case>[] = [
  { trace: 'uniform', frames: 2069 },
  { kind: 'anon', trace: 'zipf-1.2', frames: 2069, writes: 1 },
  { kind: 'anon', trace: 'phases', frames: 2069, writes: 0.3 },
]

/** What is replayed in the machine: all traces, each in a few of the ways. */
const CHOSEN: Partial<Case>[] = [
  { kind: 'anon', writes: 1, frames: 4117 },
  { kind: 'anon', writes: 0.3, frames: 2069 },
  { kind: 'shm', writes: 0.3, frames: 4117 },
  { kind: 'shared', writes: 1, frames: 2069 },
  { kind: 'shared', writes: 0.3, frames: 4117 },
  { kind: 'mmap', frames: 4117 },
  { kind: 'random', frames: 2069 },
  { kind: 'pread', frames: 2069 },
]

/** What is replayed in the model. */
const MODELLED: Partial<Case>[] = [
  { kind: 'anon', trace: 'zipf-1.2', writes: 1, frames: 2069 },
  { kind: 'anon', trace: 'loop', writes: 0.3, frames: 4117 },
  { kind: 'mmap', trace: 'zipf-1.0', frames: 2069 },
  { kind: 'random', trace: 'zipf-0.8', frames: 4117 },
  { kind: 'pread', trace: 'zipf-1.0', frames: 2069 },
]

const { kernel, cases } = readRecords()

function matches(one: Case, some: readonly Partial<Case>[]): boolean {
  return some.some(each => Object.entries(each).every(([name, value]) => one[name as keyof Case] === value))
}

function named(some: readonly Partial<Case>[]): [string, Recorded][] {
  return cases.filter(one => matches(one, some)).map(one => [caseName(one), one])
}

function expectWithin(counts: Counts, one: Recorded, bounds: Bounds): void {
  for (const [name, bound] of Object.entries(bounds) as [Counter, number][]) {
    const wanted = typical(one.runs, name)
    const noise = name === 'pgactivate' ? NOISE : 0
    expect(Math.abs(counts[name] - wanted), `${name} ${counts[name]}, not ${wanted}`).toBeLessThanOrEqual(bound * wanted + noise)
  }
  if (one.trace === 'loop' && one.writes === 1) expect(difference(counts, one, 'pgmajfault')).toBe(0)
}

describe(`the machine counts as ${kernel}`, () => {
  const chosen = named(CHOSEN)
  const off: number[] = []

  it.each(chosen)('%s', async (_, one) => {
    const counts = await replayInMachine(one)
    const bounds = matches(one, LATE) ? { pgmajfault: 0.02 } : TARGETS
    expectWithin(counts, one, isFile(one.kind) ? { ...bounds, pgmajfault: FILE_TARGET } : bounds)
    off.push(Math.abs(difference(counts, one, 'pgmajfault')))
  })

  it('and, on average, faults as often', () => {
    expect(chosen).toHaveLength(7 * CHOSEN.length)
    expect(off.reduce((sum, each) => sum + each, 0) / off.length).toBeLessThanOrEqual(AVERAGE)
  })
})

describe('the machine counts what the model counts', () => {
  const few = cases.filter(one => one.trace === 'zipf-1.2' && one.frames === 2069)

  it.each(few.map(one => [caseName(one), one] as const))('%s', async (_, one) => {
    expect({ ...(await replayInMachine(one)), present: 0 }).toEqual({ ...replayInModel(one), present: 0 })
  })
})

describe(`the model, with late statistics, counts as ${kernel}`, () => {
  it.each(named(MODELLED))('%s', (_, one) => {
    expectWithin(replayInModel(one, EVERY), one, CLOSE)
  })
})
