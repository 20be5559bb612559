// Miss-ratio curves: exact and sampled ones against one LRU replay, at four lengths.
import { missRatioCurve } from 'faultline'
import { policies } from '#dist/core/policies.js'
import type { PolicyInfo } from '#dist/core/policyInfo.js'
import { stackDistancesFootprint } from '#dist/core/stackDistances.js'
import { median, medianRatio, timeInRounds } from './measure.js'
import { makeWorkload, replayTask } from './replay.js'
import type { Scale } from './scale.js'
import { against, printTable, short } from './table.js'

/** The share of LRU replay's speed that the exact curve must reach. */
const TARGET = 0.2
/** Bytes a distinct page may cost, the 8 of the curve included. */
const BYTE_TARGET = 32

/** Each trace has a tenth as many pages as references; n log m is what the exact curve is to cost. */
export async function benchMrc({ curves, rounds, cpu }: Scale): Promise<void> {
  const rows: string[][] = []
  const lru = policies.find(({ name }) => name === 'lru') as PolicyInfo
  for (const references of curves) {
    const workload = await makeWorkload(references / 10, references)
    const { trace } = workload
    const tasks = [
      replayTask(workload, lru, Math.round(references / 100)),
      { name: 'exact', prepare: () => () => missRatioCurve({ trace }) },
      { name: 'shards', prepare: () => () => missRatioCurve({ trace, sample: 0.001 }) },
    ]
    const seconds = await timeInRounds(tasks, { rounds: Math.min(3, rounds), cpu })
    const [replay = [], exact = [], shards = []] = [...seconds.values()]
    const rate = (times: readonly number[]): string => short(references / 1e6 / median(times))
    const perStep = (median(exact) * 1e9) / (references * Math.log2(trace.uniquePages))
    rows.push([
      String(references),
      String(trace.uniquePages),
      ...[rate(replay), rate(exact)],
      against(medianRatio(replay, exact), TARGET),
      `≥ ${TARGET}`,
      perStep.toFixed(2),
      rate(shards),
      bytesAPage(trace.uniquePages),
    ])
  }
  const head = [
    'references',
    'pages',
    'LRU replay, M/s',
    'exact curve, M/s',
    '× LRU',
    'target',
    'ns / (n log2 m)',
    'SHARDS 0.1 %, M/s',
    `bytes a page ≤ ${BYTE_TARGET}`,
  ]
  printTable(`mrc: Zipf(1.0), LRU with a tenth of the pages as frames, median of ${Math.min(3, rounds)}`, head, rows)
}

function bytesAPage(pages: number): string {
  const bytes = (stackDistancesFootprint(pages) - stackDistancesFootprint(1)) / pages + 8
  return `${bytes.toFixed(1)}${bytes <= BYTE_TARGET ? ' ✓' : ' ✗'}`
}
