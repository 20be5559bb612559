// Holds the model, and with it the rules that the machine follows, to what a kernel counted. All cases: npm run fidelity.
import { describe, expect, it } from 'vitest'
import { type Case, type Counter, caseName, readRecords, typical } from './cases.ts'
import { replayInModel } from './model.ts'
import { EVERY } from './traces.ts'

/** How far the model may be off, as a share of what the kernel counted, and of a few pages. */
const BOUNDS: Partial<Record<Counter, number>> = { pgmajfault: 0.01, pgscan: 0.02, pgsteal: 0.01, pgactivate: 0.04, pgdeactivate: 0.03 }
const PAGES_OFF = 100

const { kernel, cases } = readRecords()

/** One of each kind, the costly traces left out. */
const CHOSEN: Partial<Case>[] = [
  { kind: 'anon', trace: 'zipf-1.0', writes: 0.3, frames: 2069 },
  { kind: 'anon', trace: 'phases', writes: 1, frames: 4117 },
  { kind: 'anon', trace: 'loop', writes: 1, frames: 4117 },
  { kind: 'shm', trace: 'hotscan', writes: 0.3, frames: 4117 },
  { kind: 'shared', trace: 'zipf-1.0', writes: 0.3, frames: 4117 },
  { kind: 'mmap', trace: 'zipf-1.0', frames: 2069 },
  { kind: 'random', trace: 'zipf-0.8', frames: 4117 },
  { kind: 'pread', trace: 'zipf-1.0', frames: 2069 },
]

const isChosen = (one: Case): boolean =>
  CHOSEN.some(chosen => Object.entries(chosen).every(([name, value]) => one[name as keyof Case] === value))

describe(`the model of reclaim counts as ${kernel}`, () => {
  const chosen = cases.filter(isChosen)

  it('knows all the cases', () => expect(chosen).toHaveLength(CHOSEN.length))

  it.each(chosen.map(one => [caseName(one), one] as const))('%s', (_, one) => {
    const counts = replayInModel(one, EVERY)
    for (const [name, bound] of Object.entries(BOUNDS) as [Counter, number][]) {
      const wanted = typical(one.runs, name)
      expect(Math.abs(counts[name] - wanted), `${name}: ${counts[name]}, the kernel's ${wanted}`).toBeLessThanOrEqual(
        bound * wanted + PAGES_OFF,
      )
    }
    if (one.trace === 'loop') expect(counts.pgmajfault).toBe(typical(one.runs, 'pgmajfault'))
  })
})
