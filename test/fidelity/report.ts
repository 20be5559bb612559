// What a kernel counted and what the machine or the model counts, beside each other.
import { COUNTERS, type Counter, caseName, type Recorded, typical } from './cases.js'
import { replayInModel } from './model.js'

/** What is printed of a case. */
const SHOWN: readonly Counter[] = COUNTERS.filter(name => name !== 'present' && name !== 'pswpin')
const NAME = 44
const WIDTH = 20

/** The line above the rows. */
export function printHead(): void {
  console.log(`${''.padEnd(NAME)}${SHOWN.map(name => name.padStart(WIDTH)).join('')}`)
}

/** By how much a count differs, as a share of the other. */
export function difference(got: number, wanted: number): number {
  return (got - wanted) / Math.max(1, wanted)
}

/** A line of the kernel's counts, each with the difference of the other's. */
export function printRow(one: Recorded): void {
  const model = replayInModel(one)
  const cells = SHOWN.map(name => {
    const wanted = typical(one.runs, name)
    const differs = difference(model[name], wanted)
    return `${wanted} ${differs < 0 ? '' : '+'}${(100 * differs).toFixed(2)} %`.padStart(WIDTH)
  })
  console.log(`${caseName(one).padEnd(NAME)}${cells.join('')}`)
}
