// End to end: an oracleGeneral file decoded, its ids mapped and replayed, on one thread.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTrace } from 'faultline'
import { EXPORTERS } from '#dist/cli/export.js'
import { writeWhole } from '#dist/cli/output.js'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { median, medianRatio, type Timed, timeInRounds } from './measure.js'
import { makeWorkload, PeerTasks } from './replay.js'
import type { Scale } from './scale.js'
import { against, printTable, short } from './table.js'

/** Times mnemonist's LRUCache, which is given page numbers in memory, that LRU must be faster. */
const TARGET = 1.5
const DECODE = 'decode and map'
const ALL = 'decode, map and replay LRU'

/** The file of the replay bench's references. */
export async function benchDecode({ pages, references, rounds, cpu }: Scale): Promise<void> {
  const frames = Math.round(pages / 10)
  const workload = await makeWorkload(pages, references)
  const directory = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
  const path = join(directory, 'zipf.oracleGeneral')
  try {
    await writeWhole(path, EXPORTERS.oracleGeneral(workload.trace))
    const peers = new PeerTasks(workload, [PeerTasks.reference])
    const tasks: Timed[] = [
      { name: DECODE, prepare: () => () => openTrace(path) },
      { name: ALL, prepare: () => () => replayFile(path, frames) },
    ]
    const seconds = await timeInRounds([...peers.at(frames), ...tasks], { rounds, cpu })
    await peers.stop()
    const reference = seconds.get(PeerTasks.reference) as number[]
    const rows = [...seconds].map(([name, times]) => {
      const ratio = medianRatio(reference, times)
      return [
        name,
        short(references / 1e6 / median(times)),
        name === ALL ? against(ratio, TARGET) : ratio.toFixed(2),
        name === ALL ? `≥ ${TARGET}` : '',
      ]
    })
    const title = `end to end: oracleGeneral, ${references} references, LRU with ${frames} frames, one thread, median of ${rounds}`
    printTable(title, ['', 'M references/s', `× ${PeerTasks.reference}`, 'target'], rows)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function replayFile(path: string, frames: number): Promise<number> {
  const { chunks, uniquePages } = await openTrace(path)
  const replayer = new Replayer({ policy: choosePolicy('lru'), frames, pages: uniquePages })
  for (const chunk of chunks) replayer.run(chunk)
  return replayer.counts.misses
}
