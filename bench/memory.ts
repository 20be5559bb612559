// npm run bench:memory [-- --smoke]: the peak memory of a long replay, in a process of its own.
import { parseArgs } from 'node:util'
import { openTrace, type Pages, replay } from 'faultline'
import { Random } from '#dist/trace/random.js'
import { FULL, SMOKE } from './scale.js'
import { printTable, short } from './table.js'

/** What the whole process may take. */
const TARGET = 3 * 2 ** 30
const CHUNK = 2 ** 20

/** Pages drawn evenly, in chunks: nothing of the trace is kept here. */
async function* uniform(references: number, pages: number): AsyncGenerator<Pages> {
  const random = new Random(1)
  for (let left = references; left > 0; left -= CHUNK) {
    const chunk = new Uint32Array(Math.min(CHUNK, left))
    for (let i = 0; i < chunk.length; i++) chunk[i] = random.below(pages)
    yield chunk
  }
}

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } })
const { memoryReferences, memoryPages } = values.smoke ? SMOKE : FULL
const mebibytes = (): string => short(process.resourceUsage().maxRSS / 1024)
const start = performance.now()
const trace = await openTrace(uniform(memoryReferences, memoryPages))
const rows = [['decode and map', short((performance.now() - start) / 1000), mebibytes()]]
for (const policy of ['lru', 'clock', 'arc']) {
  const { results } = await replay({ trace, policies: policy, frames: '10%,50%' })
  rows.push([`${policy} at 10 % and 50 %`, results.map(({ seconds }) => short(seconds)).join(' + '), mebibytes()])
}
const peak = process.resourceUsage().maxRSS * 1024
const title = `memory: ${memoryReferences} references, evenly over ${trace.uniquePages} pages, generated on the fly`
printTable(title, ['', 'seconds', 'peak of the process so far, MiB'], rows)
console.log(`peak ${(peak / 2 ** 30).toFixed(2)} GiB ${peak < TARGET ? '✓' : '✗'} (< 3 GiB)`)
if (peak >= TARGET) process.exitCode = 1
