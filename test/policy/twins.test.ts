import { describe, expect, it } from 'vitest'
import { choosePolicy, policies } from '#dist/core/policies.js'
import { Replayer, replayModule } from '#dist/core/replayer.js'
import { densify, xorshift } from './traces.ts'
import type { Outcome, TwinFactory } from './twin.ts'

const module = replayModule('debug')

/** From here up, what stands for a page in a slot that was freed. */
const FREED = 0x80000000

/** A short trace that mixes skew, scans, loops and bursts, so that every branch of a policy is met. */
function mixedTrace(seed: number, length: number, pages: number): number[] {
  const next = xorshift(seed)
  const trace: number[] = []
  while (trace.length < length) {
    const kind = next() % 5
    const run = 1 + (next() % (2 * pages))
    const start = next() % pages
    for (let i = 0; i < run; i++) {
      const a = next() % pages
      if (kind === 0) trace.push((start + i) % (2 * pages))
      else if (kind === 1) trace.push(start + (i % (1 + (pages >> 1))))
      else if (kind === 2) trace.push(start)
      else trace.push(Math.floor((a * (next() % pages)) / pages))
    }
  }
  return trace.slice(0, length)
}

/**
 * Replays one reference at a time; tells hits and victims by comparing the resident pages before
 * and after. Pages given up on a hit show when they are referenced again. If `removed` is given,
 * a page is removed now and then, and passed to it.
 */
function* outcomes(label: string, frames: number, trace: number[], seed: number, removed?: (page: number) => void): Generator<Outcome> {
  const { references, ids, future } = densify(trace)
  const policy = choosePolicy(label)
  const replayer = new Replayer({ policy, frames, pages: ids.length, seed, ids, module })
  const name = (page: number | undefined): number | undefined => (page === undefined ? undefined : Number(ids[page]))
  const next = xorshift(seed)
  let before: number[] = []
  for (let i = 0; i < references.length; i++) {
    const leaving = removed && next() % 8 === 0 ? before[next() % before.length] : undefined
    if (removed && leaving !== undefined && leaving < FREED) {
      replayer.remove(leaving)
      replayer.check()
      removed(Number(ids[leaving]))
      before = [...replayer.resident]
    }
    const { misses, evictions } = replayer.counts
    replayer.run(references.subarray(i, i + 1), future.subarray(i, i + 1))
    replayer.check()
    const after = replayer.counts
    const resident = [...replayer.resident]
    const victims = before.filter((page, slot) => page < FREED && page !== resident[slot])
    if (after.evictions - evictions !== victims.length) expect.fail(`reference ${i}: not every eviction has a victim`)
    // A page whose slot was freed, not taken over, is one that the policy gave up.
    const also = victims.filter(page => (resident[before.indexOf(page)] as number) >= FREED)
    const victim = victims.find(page => !also.includes(page))
    before = resident
    if (after.misses === misses) yield 'hit'
    else yield { victim: name(victim), also: also.map(page => Number(ids[page])) }
  }
}

/** Seed, frames and pages of each comparison. */
const CASES = [
  [1, 1, 4],
  [2, 2, 6],
  [3, 3, 9],
  [4, 7, 20],
  [5, 20, 50],
  [6, 64, 150],
  [7, 150, 300],
] as const

interface Case {
  seed: number
  frames: number
  pages: number
  removals: boolean
}

/** Compares a policy with its twin at every reference of a trace. */
function compare(label: string, twin: TwinFactory, { seed, frames, pages, removals }: Case): void {
  const { info, values } = choosePolicy(label)
  const settings = Object.fromEntries(
    info.parameters.map((p, i) => [p.name, p.kind === 'choice' ? p.choices[values[i] as number] : values[i]]),
  ) as Record<string, number | string>
  const trace = mixedTrace(seed, 4000, pages)
  const { future } = densify(trace)
  const model = twin(frames, settings, seed)
  let i = 0
  for (const outcome of outcomes(label, frames, trace, seed, removals ? page => model.remove?.(page) : undefined)) {
    const expected = model.reference(trace[i] as number, future[i] as number)
    // Asked first, because an expectation costs more than the reference it is about.
    if (!agree(outcome, expected)) {
      expect(outcome, `seed ${seed}, ${frames} frames, reference ${i} to page ${trace[i]}`).toEqual(expected)
    }
    i++
  }
  expect(i).toBe(trace.length)
}

function agree(a: Outcome, b: Outcome): boolean {
  if (a === 'hit' || b === 'hit') return a === b
  const given = ({ also = [] }: { also?: number[] }): string => also.toSorted((x, y) => x - y).join()
  return a.victim === b.victim && given(a) === given(b)
}

interface TwinModule {
  twin: TwinFactory
  variants?: readonly string[]
}

const twins = await Promise.all(policies.map(async info => ({ ...info, ...((await import(`./twins/${info.file}.ts`)) as TwinModule) })))

describe.each(twins)('$name against its naive twin', ({ name, parameters, twin, variants = [] }) => {
  const labels = [
    name,
    ...variants.map(settings => `${name}:${settings}`),
    ...parameters.flatMap(p => (p.kind === 'choice' ? p.choices.slice(1).map(word => `${name}:${p.name}=${word}`) : [])),
  ]
  it.each(labels)('%s evicts the same pages', label => {
    for (const [seed, frames, pages] of CASES) compare(label, twin, { seed, frames, pages, removals: false })
  })

  if (twin(1, {}, 1).remove) {
    it.each(labels)('%s evicts the same pages when others are removed in between', label => {
      for (const [seed, frames, pages] of CASES) compare(label, twin, { seed, frames, pages, removals: true })
    })
  }
})
