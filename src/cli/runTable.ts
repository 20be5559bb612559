// What `faultline run` prints for people: how pages were found, what the machine counted, what it would cost.
import Table from 'cli-table3'
import type { RunReport } from '../sim/runReport.js'
import { bytes, grouped, percent } from './format.js'
import { BORDERS, header, type Paint, painter } from './table.js'

/** The ways to find a page, by their names in reports. */
const WAYS = { tlbHits: 'TLB', walks: 'page tables', minorFaults: 'minor faults', majorFaults: 'major faults' } as const

/** What is swapped to, by the names of times. */
const DEVICES = { zram: 'zram', nvme: 'NVMe', disk: 'disk' } as const

/** The report as text; `colour` for a terminal. */
export function renderRun(report: RunReport, colour: boolean): string {
  const paint = painter(colour)
  const { trace, vmstat, references } = report
  const counted = Object.entries(vmstat).filter(([, count]) => count !== 0)
  return [
    header({ trace, pageSize: 4096 }, paint),
    `${machine(report)}\n`,
    columns(
      ['references', '', 'found by'],
      Object.entries(WAYS).map(([key, name]) => {
        const count = report[key as keyof typeof WAYS]
        return [grouped(count), paint('dim', percent(count / references)), name]
      }),
      paint,
    ),
    '',
    columns(
      ['count', 'vmstat'],
      counted.map(([name, count]) => [grouped(count), name]),
      paint,
    ),
    '',
    columns(['in faults', 'a reference', 'swapping to'], times(report), paint),
    '',
    paint('dim', `${speed(report)}; costs: ${costs(report)}`),
  ].join('\n')
}

/** What pages are called. */
const PAGES = { anon: 'anonymous memory', shm: 'shared memory', file: 'a file' } as const

function machine({
  machine: { memory, frames, swap, memoryMax, policy, policyFrames, without, backing, processes, contents },
}: RunReport): string {
  const pages = PAGES[backing]
  const who = processes === 1 ? 'one process' : `${grouped(processes)} processes`
  const limit = memoryMax === null ? '' : `, ${bytes(memoryMax)} for the processes' pages`
  const area = swap === 0 ? 'no swap' : `${bytes(swap)} of swap`
  const cache = policyFrames === null ? policy : `${policy} in ${grouped(policyFrames)} frames`
  const how = without.length === 0 ? cache : `${cache} without ${without.join(', ')}`
  return `${bytes(memory)} of memory, ${grouped(frames)} frames free${limit}, ${area}, ${how}; ${who}, ${pages}${contents ? ' with contents' : ''}`
}

/** Rows below a head; numbers, but for the last column, to the right. */
function columns(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const table = new Table({
    head: head.map(text => paint('bold', text)),
    colAligns: head.map((_, i) => (i < head.length - 1 ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
    chars: BORDERS,
  })
  for (const row of rows) table.push([...row])
  return table.toString()
}

function times({ time, references }: RunReport): string[][] {
  return Object.entries(DEVICES).map(([key, name]) => {
    const seconds = time[key as keyof typeof DEVICES]
    return [duration(seconds), duration(seconds / references), name]
  })
}

function costs({ cost }: RunReport): string {
  return Object.entries(cost)
    .map(([name, seconds]) => `${name} ${duration(seconds)}`)
    .join(', ')
}

function speed({ seconds, referencesPerSecond }: RunReport): string {
  return `executed in ${seconds.toFixed(2)} s, ${(referencesPerSecond / 1e6).toFixed(1)} M references/s`
}

/** A time in the unit that suits it, three digits. */
function duration(seconds: number): string {
  const [unit, size] = (
    [
      ['s', 1],
      ['ms', 1e-3],
      ['µs', 1e-6],
    ] as const
  ).find(([, scale]) => seconds >= scale) ?? ['ns', 1e-9]
  const value = seconds / size
  return `${value >= 1000 ? grouped(Math.round(value)) : Number(value.toPrecision(3))} ${unit}`
}
