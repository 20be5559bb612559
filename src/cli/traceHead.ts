import { Command } from 'commander'
import { headOfTrace, type RawReference } from '../trace/head.js'
import { addTraceOptions, type TraceFlags, traceOptions, whole } from './options.js'

/** `faultline trace head`: the first references of a trace. */
export function headCommand(): Command {
  const command = new Command('head')
    .description('the first references of a trace, one a line')
    .argument('<trace>', 'a trace file, as for replay')
    .option('-n, --lines <count>', 'how many', whole('the number of references', 1, 10_000_000), 10)
  return addTraceOptions(command).action(run)
}

async function run(path: string, { lines, ...flags }: TraceFlags & { lines: number }): Promise<void> {
  process.stdout.write(render(await headOfTrace(path, lines, traceOptions(flags))))
}

/** Number, read or write, address if there is one, page, and how long ago the page was referenced last. */
function render(references: readonly RawReference[]): string {
  const last = new Map<bigint, number>()
  const widths = {
    number: String(references.length).length,
    address: Math.max(0, ...references.map(({ address }) => hex(address).length)),
    page: Math.max(0, ...references.map(({ page }) => String(page).length)),
  }
  return references
    .map(({ page, address, write }, index) => {
      const before = last.get(page)
      last.set(page, index)
      const cells = [
        String(index + 1).padStart(widths.number),
        write ? 'write' : 'read ',
        ...(widths.address > 0 ? [hex(address).padEnd(widths.address)] : []),
        `page ${String(page).padEnd(widths.page)}`,
        before === undefined ? 'first' : index - before === 1 ? 'again' : `again after ${index - before}`,
      ]
      return `${cells.join('  ')}\n`
    })
    .join('')
}

function hex(address: bigint | undefined): string {
  return address === undefined ? '' : `0x${address.toString(16)}`
}
