// When each reference's page is referenced next: what a policy that sees the future is told.
import { setImmediate } from 'node:timers/promises'
import { InputError } from '../core/errors.js'
import { WRITE } from '../core/replayer.js'
import type { Trace } from '../trace/trace.js'

/** The time of a next reference that never comes. */
export const NEVER = 0xffffffff

/**
 * For every reference the index of the next one to the same page, or NEVER; in chunks parallel
 * to the trace's. Found in one pass backward, which lets other work run between chunks.
 *
 * Throws an InputError if the trace has too many references to be numbered in 32 bits.
 */
export async function nextReferences(trace: Trace, signal?: AbortSignal): Promise<Uint32Array<SharedArrayBuffer>[]> {
  if (trace.references > NEVER) {
    throw new InputError(
      `${trace.path}: ${trace.references} references are more than a policy that sees the future can number (${NEVER}); leave it out or cut the trace`,
    )
  }
  const upcoming = new Uint32Array(trace.uniquePages).fill(NEVER)
  const future: Uint32Array<SharedArrayBuffer>[] = []
  let end = trace.references
  for (const references of trace.chunks.toReversed()) {
    signal?.throwIfAborted()
    end -= references.length
    future.unshift(nextInChunk(references, end, upcoming))
    await setImmediate()
  }
  return future
}

function nextInChunk(references: Uint32Array, start: number, upcoming: Uint32Array): Uint32Array<SharedArrayBuffer> {
  const next = new Uint32Array(new SharedArrayBuffer(references.byteLength))
  for (let i = references.length - 1; i >= 0; i--) {
    const page = (references[i] as number) & ~WRITE
    next[i] = upcoming[page] as number
    upcoming[page] = start + i
  }
  return next
}
