// Opens a trace: decodes it into memory that threads share.
import { InputError, UsageError } from '../core/errors.js'
import { TraceBuilder } from './builder.js'
import { checkPageSize, decodeTrace, type TraceOptions } from './decode.js'
import type { Trace } from './trace.js'

/** Page numbers in memory. */
export type Pages = readonly number[] | Uint32Array | BigUint64Array

/** What a trace can be read from: a path, page numbers, or a stream of chunks of page numbers or of a trace file's bytes. */
export type TraceSource = string | Pages | AsyncIterable<Pages> | AsyncIterable<Uint8Array>

/**
 * Reads a trace into memory: 4 bytes a reference and 8 a distinct page.
 *
 * A path may be `-` for standard input, and `format:path` names the format. Page numbers are
 * whole numbers from 0 and count as reads; `pageSize` is then only passed on.
 *
 * Throws a UsageError for what makes no sense (an unknown format, a page size that is no power of
 * two) and an InputError for a trace that is missing, empty, broken, or has more distinct pages
 * than fit in 4 GiB.
 */
export async function openTrace(source: TraceSource, options: TraceOptions = {}): Promise<Trace> {
  const builder = new TraceBuilder()
  if (typeof source === 'string') return decodeInto(builder, source, options)
  builder.pageSize = checkPageSize(options.pageSize ?? builder.pageSize)
  if (isPages(source)) {
    addPages(builder, source)
    return finish(builder, '(array)', 'array')
  }
  if (typeof (source as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] !== 'function') {
    throw new UsageError(
      'a trace is a path, an array of page numbers, a Uint32Array, a BigUint64Array, or an async iterable of these or of bytes',
    )
  }
  const chunks = (source as AsyncIterable<Pages | Uint8Array>)[Symbol.asyncIterator]()
  const first = await chunks.next()
  const stream = resume(first, chunks)
  if (!first.done && isTyped('Uint8Array', first.value)) return decodeInto(builder, stream as AsyncIterable<Uint8Array>, options)
  for await (const pages of stream) {
    if (!isPages(pages)) throw new UsageError('a stream of page numbers must go on as one: arrays, Uint32Arrays or BigUint64Arrays')
    addPages(builder, pages)
  }
  return finish(builder, '(stream)', 'array')
}

async function decodeInto(builder: TraceBuilder, source: string | AsyncIterable<Uint8Array>, options: TraceOptions): Promise<Trace> {
  const { path, format } = await decodeTrace(source, options, builder)
  return finish(builder, path, format.name)
}

function finish(builder: TraceBuilder, path: string, format: string): Trace {
  const trace = builder.finish(path, format)
  if (trace.references === 0) throw new InputError(`${path}: there is no reference in the trace`)
  return trace
}

function isPages(source: unknown): source is Pages {
  return Array.isArray(source) || isTyped('Uint32Array', source) || isTyped('BigUint64Array', source)
}

/** Whether a value is such a typed array, be it of another realm, as a test runner's sandbox has it. */
function isTyped(type: string, value: unknown): boolean {
  return ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === type
}

async function* resume<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let result = first; !result.done; result = await rest.next()) yield result.value
  } finally {
    await rest.return?.()
  }
}

function addPages(builder: TraceBuilder, pages: Pages): void {
  if (isTyped('BigUint64Array', pages)) {
    const { buffer, byteOffset, length } = pages as BigUint64Array
    const halves = new Uint32Array(buffer, byteOffset, 2 * length)
    for (let i = 0; i < halves.length; i += 2) builder.push(halves[i] as number, halves[i + 1] as number, 0)
  } else if (isTyped('Uint32Array', pages)) {
    for (let i = 0; i < pages.length; i++) builder.push(pages[i] as number, 0, 0)
  } else {
    for (let i = 0; i < pages.length; i++) {
      const page = pages[i] as number
      if (!Number.isSafeInteger(page) || page < 0)
        throw new UsageError(`page numbers are whole numbers from 0, not ${page} (number ${i} of the array)`)
      builder.push(page >>> 0, Math.floor(page / 2 ** 32), 0)
    }
  }
}
