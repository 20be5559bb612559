// The large case: so many pages that the CPU's caches hold little of the state, and memory decides.
import { policies } from '#dist/core/policies.js'
import { median, medianRatio, timeInRounds } from './measure.js'
import { makeWorkload, PeerTasks, replayTask } from './replay.js'
import type { Scale } from './scale.js'
import { printTable, short } from './table.js'

/** Policies worth the time here. */
const NAMES = ['lru', 'fifo', 'clock', 'sieve', 's3fifo', 'arc', 'lirs', 'wtinylfu']

/** Zipf(1.0), which touches half of the pages, and evenly over all pages: no locality at all. At 10 %, one round. */
export async function benchLarge(scale: Scale): Promise<void> {
  await benchWorkload('zipf', scale)
  await benchWorkload('uniform', scale)
}

async function benchWorkload(kind: 'zipf' | 'uniform', { largePages, largeReferences, cpu }: Scale): Promise<void> {
  const workload = await makeWorkload(largePages, largeReferences, kind)
  const frames = Math.round(largePages / 10)
  const peers = new PeerTasks(workload, [PeerTasks.reference])
  const tasks = policies.filter(({ name }) => NAMES.includes(name)).map(info => replayTask(workload, info, frames))
  const seconds = await timeInRounds([...peers.at(frames), ...tasks], { rounds: 1, cpu })
  await peers.stop()
  const reference = seconds.get(PeerTasks.reference) as number[]
  const rows = [...seconds].map(([name, times]) => [
    name,
    short(largeReferences / 1e6 / median(times)),
    medianRatio(reference, times).toFixed(2),
  ])
  const title = `large: ${kind}, ${largeReferences} references, ${workload.trace.uniquePages} of ${largePages} pages, ${frames} frames, once`
  printTable(title, ['', 'M references/s', `× ${PeerTasks.reference}`], rows)
}
