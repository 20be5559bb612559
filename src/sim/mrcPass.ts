// The LRU curve of a trace in one pass, exact or sampled.
import { setImmediate } from 'node:timers/promises'
import { StackDistances } from '../core/stackDistances.js'
import type { Trace } from '../trace/trace.js'
import { estimatedMisses, missesByFrames } from './mrcCurve.js'
import type { SampleFacts } from './mrcReport.js'
import { type SampleChoice, sampleFor } from './mrcSample.js'

/** References between two looks at other work: some tens of milliseconds. */
const STEP = 2 ** 20

/** What a pass runs on. */
export interface PassOptions {
  signal?: AbortSignal | undefined
  /** Called with the number of references done since the last call. */
  onReferences: (references: number) => void
}

/** The whole curve. */
export interface Pass {
  /** Misses by frames, from 0 to the number of distinct pages. */
  misses: Float64Array
  seconds: number
}

/** The exact curve. Throws a UsageError if the trace has more distinct pages than fit in 4 GiB. */
export async function exactPass(trace: Trace, options: PassOptions): Promise<Pass> {
  const distances = new StackDistances({ pages: trace.uniquePages })
  const seconds = await feed(trace, references => distances.run(references), options)
  return { misses: missesByFrames(distances.histogram, trace.references), seconds }
}

/** The curve by SHARDS. Throws a UsageError if the sample is empty. */
export async function shardsPass(
  trace: Trace,
  choice: SampleChoice,
  seed: number,
  options: PassOptions,
): Promise<Pass & { sample: SampleFacts }> {
  const start = performance.now()
  const { pages, gap, events } = sampleFor(trace, choice, seed)
  const distances = new StackDistances({ pages: pages.size, limit: trace.uniquePages, gap, events })
  const choosing = (performance.now() - start) / 1000
  const filtering = await feed(
    trace,
    all => {
      for (const references of pages.filter(all)) distances.runSampled(references)
    },
    options,
  )
  return {
    misses: estimatedMisses(distances, trace),
    seconds: choosing + filtering,
    sample: { pages: distances.live, rate: distances.live / trace.uniquePages, references: distances.sampled },
  }
}

/** Feeds all references, a step at a time, and lets other work run in between; returns the seconds within steps. */
async function feed({ chunks }: Trace, step: (references: Uint32Array) => void, { signal, onReferences }: PassOptions): Promise<number> {
  let milliseconds = 0
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STEP) {
      const references = chunk.subarray(at, at + STEP)
      const start = performance.now()
      step(references)
      milliseconds += performance.now() - start
      onReferences(references.length)
      await setImmediate()
      signal?.throwIfAborted()
    }
  }
  return milliseconds / 1000
}
