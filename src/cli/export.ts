// Traces in other programs' formats, as chunks of bytes to be written.
import { nextReferences } from '../sim/future.js'
import type { Trace } from '../trace/trace.js'

const PAGE = 0x7fffffff
/** References in a chunk of output. */
const STEP = 64 * 1024
/** Bytes in an oracleGeneral record. */
const RECORD = 24

/** Bytes of a trace in some format. */
export type Exporter = (trace: Trace) => AsyncGenerator<Uint8Array>

/** The exporters, by the format's name. */
export const EXPORTERS = { txt, csv, oracleGeneral } satisfies Record<string, Exporter>

/** One page number a line; what is a write is lost. */
async function* txt(trace: Trace): AsyncGenerator<Uint8Array> {
  yield* lines(trace, (page, _write) => `${page}\n`)
}

/** Rows of page number and 1 for a write, behind a header. */
async function* csv(trace: Trace): AsyncGenerator<Uint8Array> {
  yield Buffer.from('page,write\n')
  yield* lines(trace, (page, write) => `${page},${write ? 1 : 0}\n`)
}

function* lines({ chunks, ids }: Trace, line: (page: bigint, write: boolean) => string): Generator<Uint8Array> {
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += STEP) {
      let text = ''
      for (const reference of chunk.subarray(from, from + STEP)) text += line(ids[reference & PAGE] as bigint, reference > PAGE)
      yield Buffer.from(text)
    }
  }
}

/** libCacheSim's oracleGeneral: the time counts references, every object has size 1; what is a write is lost. */
async function* oracleGeneral(trace: Trace): AsyncGenerator<Uint8Array> {
  const future = await nextReferences(trace)
  const halves = new Uint32Array(trace.ids.buffer, trace.ids.byteOffset, 2 * trace.uniquePages)
  let time = 0
  for (const [index, chunk] of trace.chunks.entries()) {
    const next = future[index] as Uint32Array
    for (let from = 0; from < chunk.length; from += STEP) {
      const part = chunk.subarray(from, from + STEP)
      const bytes = new Uint8Array(part.length * RECORD)
      const words = new Uint32Array(bytes.buffer)
      for (let i = 0; i < part.length; i++) {
        const page = (part[i] as number) & PAGE
        const at = (next[from + i] as number) + 1
        words.set([time++, halves[2 * page] as number, halves[2 * page + 1] as number, 1], 6 * i)
        // Counted from 1; -1 if there is none, which NEVER + 1 says.
        words.set(at > 0xffffffff ? [0xffffffff, 0xffffffff] : [at, 0], 6 * i + 4)
      }
      yield bytes
    }
  }
}
