import type { Trace } from 'faultline'

const WRITE = 0x80000000

/** The page of every reference of a trace. */
export function pagesOf({ chunks, ids }: Trace): bigint[] {
  return chunks.flatMap(chunk => Array.from(chunk, reference => ids[(reference & ~WRITE) >>> 0] as bigint))
}
