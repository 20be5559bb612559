import type { Trace } from '#dist/trace/trace.js'
import { densify } from '../policy/traces.ts'

interface Options {
  /** References in a chunk. */
  chunk?: number
  /** Whether the reference with this index is a write. */
  writes?: (index: number) => boolean
}

/** A decoded trace of these pages, in small chunks. */
export function makeTrace(pages: readonly number[], { chunk = 1000, writes = () => false }: Options = {}): Trace {
  const dense = densify(pages)
  const references = dense.references.map((page, i) => (writes(i) ? page | 0x80000000 : page))
  const written = pages.filter((_, i) => writes(i)).length
  const ids = new BigUint64Array(new SharedArrayBuffer(dense.ids.byteLength))
  ids.set(dense.ids)
  const chunks = Array.from({ length: Math.ceil(references.length / chunk) }, (_, i) => {
    const part = references.subarray(i * chunk, (i + 1) * chunk)
    const copy = new Uint32Array(new SharedArrayBuffer(part.byteLength))
    copy.set(part)
    return copy
  })
  return {
    path: '(array)',
    format: 'array',
    pageSize: 4096,
    references: pages.length,
    uniquePages: ids.length,
    reads: pages.length - written,
    writes: written,
    chunks,
    ids,
  }
}
