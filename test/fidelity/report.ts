// What a kernel counted and what another counts, beside each other.
import { COUNTERS, type Counter, type Counts, caseName, type Kind, type Recorded, typical } from './cases.js'

/** What is printed of a case. */
const SHOWN: readonly Counter[] = COUNTERS.filter(name => name !== 'present' && name !== 'pswpin' && name !== 'workingset_restore')
/** What is printed in the end. */
const SUMMED: readonly Counter[] = ['pgmajfault', 'pgscan', 'pgactivate', 'pgdeactivate']
/** Counts below are so few that a share of them means nothing: 0.1 % of the references. */
const FEW = 300
const NAME = 44
const WIDTH = 20

/** By how much a count differs from what the kernel counts, as a share of that. */
export function difference(counts: Counts, { runs }: Recorded, name: Counter): number {
  const wanted = typical(runs, name)
  return (counts[name] - wanted) / Math.max(FEW, wanted)
}

function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`
}

/** Prints cases, a line each, and what comes of them. */
export class Report {
  readonly #differences = new Map<Kind, Record<string, number[]>>()

  constructor() {
    console.log(`${'(what the kernel counts, and by how much the other differs)'.padEnd(NAME)}`)
    console.log(`${''.padEnd(NAME)}${SHOWN.map(name => name.slice(-WIDTH + 1).padStart(WIDTH)).join('')}`)
  }

  /** A case as the kernel counted it, and as `who` counts it. */
  add(one: Recorded, counts: Counts, who: string): void {
    const cells = SHOWN.map(name => `${typical(one.runs, name)} ${percent(difference(counts, one, name))}`.padStart(WIDTH))
    console.log(`${caseName(one).padEnd(NAME)}${cells.join('')}  ${who}`)
    const sums = this.#differences.get(one.kind) ?? Object.fromEntries(SUMMED.map(name => [name, []]))
    for (const name of SUMMED) sums[name]?.push(Math.abs(difference(counts, one, name)))
    this.#differences.set(one.kind, sums)
  }

  /** A line a kind: the differences on average and at worst. */
  close(): void {
    for (const [kind, sums] of this.#differences) {
      const texts = Object.entries(sums).map(([name, all]) => {
        const mean = all.reduce((a, b) => a + b, 0) / all.length
        return `${name} ${(100 * mean).toFixed(2)} / ${(100 * Math.max(...all)).toFixed(2)} %`
      })
      console.log(`${kind}, on average / at worst: ${texts.join(', ')}`)
    }
  }
}
