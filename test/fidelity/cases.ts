// What is replayed, and what a kernel counted: the committed records.
import { readFileSync, writeFileSync } from 'node:fs'
import { TRACES, type TraceName } from './traces.js'

/**
 * What the trace's pages are: private memory; memory shared with nobody; the same with two processes that take turns of
 * TURN references; a file's pages, mapped, mapped with MADV_RANDOM, or read by pread.
 */
export type Kind = 'anon' | 'shm' | 'shared' | 'mmap' | 'random' | 'pread'

/** References that one of two processes does before the other goes on. */
export const TURN = 10

/** One replay. */
export interface Case {
  kind: Kind
  trace: TraceName
  /** Share of the references that write. */
  writes: number
  /** Pages that fit into memory. */
  frames: number
}

/** What is counted, named as in /proc/vmstat; `present` is how many of the pages are in memory in the end. */
export const COUNTERS = [
  'pgfault',
  'pgmajfault',
  'pgscan',
  'pgsteal',
  'pgactivate',
  'pgdeactivate',
  'pswpin',
  'pswpout',
  'workingset_refault',
  'workingset_activate',
  'workingset_restore',
  'present',
] as const
export type Counter = (typeof COUNTERS)[number]
export type Counts = Record<Counter, number>

/** A case, and what each of several replays counted. */
export interface Recorded extends Case {
  runs: Counts[]
}

/** What was recorded, and where. */
export interface Records {
  kernel: string
  settings: Record<string, string | number>
  cases: Recorded[]
}

const FILE_KINDS: readonly Kind[] = ['mmap', 'random', 'pread']

/** Whether the pages are those of a file on a disk. */
export function isFile(kind: Kind): boolean {
  return FILE_KINDS.includes(kind)
}

/** All cases. */
export function allCases(): Case[] {
  const kinds: readonly Kind[] = ['anon', 'shm', 'shared', ...FILE_KINDS]
  return kinds.flatMap(kind =>
    [4117, 2069].flatMap(frames =>
      (isFile(kind) ? [0] : [1, 0.3]).flatMap(writes => TRACES.map(trace => ({ kind, trace, writes, frames }))),
    ),
  )
}

/** A case in a few words. */
export function caseName({ kind, trace, writes, frames }: Case): string {
  return `${kind} ${trace}, ${writes * 100} % writes, ${frames} frames`
}

/**
 * What is typical of the replays: the middle one of the counts, but the least of `pgactivate`, because that is counted for the
 * whole system, and others may read files meanwhile.
 */
export function typical(runs: readonly Counts[], counter: Counter): number {
  const sorted = runs.map(run => run[counter]).sort((a, b) => a - b)
  return sorted[counter === 'pgactivate' ? 0 : sorted.length >>> 1] as number
}

/** Half of the distance between the least and the most counted, as a share of what is typical. */
export function spread(runs: readonly Counts[], counter: Counter): number {
  const values = runs.map(run => run[counter])
  return (Math.max(...values) - Math.min(...values)) / 2 / Math.max(1, typical(runs, counter))
}

const RECORDS = new URL('../../test/fixtures/reclaim.json', import.meta.url)

/** In the file, a run is the list of its counts in the order of COUNTERS. */
interface Stored extends Case {
  runs: number[][]
}

/** The committed records. */
export function readRecords(): Records {
  const stored = JSON.parse(readFileSync(RECORDS, 'utf8')) as Omit<Records, 'cases'> & { cases: Stored[] }
  const counts = (run: number[]): Counts => Object.fromEntries(COUNTERS.map((name, i) => [name, run[i]])) as Counts
  return { ...stored, cases: stored.cases.map(one => ({ ...one, runs: one.runs.map(counts) })) }
}

/** Writes the records, a line a case. */
export function writeRecords({ kernel, settings, cases }: Records): void {
  const lines = cases.map(one => `    ${JSON.stringify({ ...one, runs: one.runs.map(run => COUNTERS.map(name => run[name])) })}`)
  const head = JSON.stringify({ kernel, settings, counters: COUNTERS }, null, 2).slice(0, -2)
  writeFileSync(RECORDS, `${head},\n  "cases": [\n${lines.join(',\n')}\n  ]\n}\n`)
}
