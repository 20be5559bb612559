// Tables on standard output.
import Table from 'cli-table3'

/** Prints a table: headings, then rows; all columns but the first are numbers and stand to the right. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  })
  table.push(...rows.map(row => [...row]))
  console.log(`\n${title}\n${table.toString()}`)
}

/** A count in millions, or the like: `165`, `16.5`, `1.65`. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** A ratio, marked if it misses its target. */
export function against(ratio: number, target: number): string {
  return `${ratio.toFixed(2)}${ratio >= target ? ' ✓' : ' ✗'}`
}
