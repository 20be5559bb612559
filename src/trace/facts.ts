// What can be said of a trace without replaying it.
import type { Trace } from './trace.js'

const PAGE = 0x7fffffff

/** Facts about a trace. Shares are from 0 to 1. */
export interface TraceFacts {
  path: string
  format: string
  /** Bytes in a page. */
  pageSize: number
  references: number
  /** Number of distinct pages. */
  uniquePages: number
  reads: number
  writes: number
  /** Pages that are written at least once. */
  writtenPages: number
  /** Pages that are referenced only once. */
  oneHitPages: number
  /** Share of the references that are the first to their page. */
  coldShare: number
  /** Share of the references that are to the same page as the one before. */
  repeatShare: number
  /** Share of the references that go to the most referenced pages: a hundredth and a tenth of all pages. */
  topShare: { '1%': number; '10%': number }
  /** References to the most referenced page. */
  mostReferences: number
}

/** Counts in one pass; takes 5 bytes a page. */
export function traceFacts({ path, format, pageSize, references, uniquePages, reads, writes, chunks }: Trace): TraceFacts {
  const counts = new Uint32Array(uniquePages)
  const written = new Uint8Array(uniquePages)
  let repeats = 0
  let last = -1
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const reference = chunk[i] as number
      const page = reference & PAGE
      ;(counts[page] as number)++
      if (reference > PAGE) written[page] = 1
      if (page === last) repeats++
      last = page
    }
  }
  let oneHitPages = 0
  let writtenPages = 0
  for (let page = 0; page < uniquePages; page++) {
    if (counts[page] === 1) oneHitPages++
    writtenPages += written[page] as number
  }
  counts.sort()
  const topShare = (share: number): number => {
    const top = counts.subarray(uniquePages - Math.max(1, Math.round(uniquePages * share)))
    return top.reduce((sum, count) => sum + count, 0) / references
  }
  return {
    path,
    format,
    pageSize,
    references,
    uniquePages,
    reads,
    writes,
    writtenPages,
    oneHitPages,
    coldShare: uniquePages / references,
    repeatShare: repeats / references,
    topShare: { '1%': topShare(0.01), '10%': topShare(0.1) },
    mostReferences: counts.at(-1) as number,
  }
}
