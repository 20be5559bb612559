import { openTrace, type Trace, type TraceOptions } from 'faultline'

const WRITE = 0x80000000

/** A reference: the page (or id), and whether it was written. */
export type Reference = { page: bigint; write: boolean }

/** Every reference of a trace, in order. */
export function referencesOf({ chunks, ids }: Trace): Reference[] {
  return chunks.flatMap(chunk =>
    Array.from(chunk, reference => ({ page: ids[(reference & ~WRITE) >>> 0] as bigint, write: reference >>> 31 === 1 })),
  )
}

/** The page of every reference of a trace. */
export function pagesOf(trace: Trace): bigint[] {
  return referencesOf(trace).map(({ page }) => page)
}

/** The references of a trace as text, such as `12r 7w`. */
export function textOf(trace: Trace): string {
  return referencesOf(trace)
    .map(({ page, write }) => `${page}${write ? 'w' : 'r'}`)
    .join(' ')
}

/** A stream of a trace file's bytes in pieces of at most `size` bytes. */
export async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Opens a trace from its bytes. */
export function openBytes(bytes: Uint8Array | string, options: TraceOptions = {}): Promise<Trace> {
  return openTrace(pieces(Buffer.from(bytes)), options)
}
