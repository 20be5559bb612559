// The reader contract: what a trace format is. One file each in formats/, one line each in
// formats.ts.
import type { Sink } from './sink.js'

/** The start of a trace, from which its format is told. */
export interface Head {
  /** The first bytes, decompressed; 64 KiB unless the trace is shorter. */
  bytes: Uint8Array
  /** Whether `bytes` is the whole trace. */
  complete: boolean
  /** The trace's size if it is known: that of an uncompressed file. */
  size: number | undefined
}

/** What can be said about a CSV trace; what is not said is found out. */
export interface CsvOptions {
  /** Columns by their names in the header or by their numbers, counted from 1; `offset`, in bytes, stands in for `id`. */
  columns?: { id?: string | number; offset?: string | number; size?: string | number; write?: string | number }
  /** Whether the first line is a header. */
  header?: boolean
  /** The character between fields. */
  delimiter?: string
}

/** What a decoder is told. */
export interface DecoderOptions {
  /** Whether block requests are to be expanded into pages. */
  split: boolean
  /** The page size that was asked for, if one was. */
  pageSize: number | undefined
  csv: CsvOptions
}

/** Turns bytes into references. */
export interface Decoder {
  /**
   * Decodes as many whole records of `bytes` as there are into the sink and returns how many
   * bytes they took; the rest is given again with more bytes behind it. `bytes` starts at a
   * multiple of 8 in its buffer. With `final` no more bytes follow; what is not taken then is a
   * truncated record. Throws an InputError that says where (a line, an offset) and what is wrong.
   */
  decode(bytes: Uint8Array, final: boolean, sink: Sink): number
}

/** A trace format. */
export interface TraceFormat {
  /** Its name on the command line and in results. */
  readonly name: string
  /** One line for lists of formats. */
  readonly description: string
  /**
   * What its records name: `address` (page = address / page size, accesses that straddle pages
   * count on each), `object` (each id is one page) or `page` (page numbers, at a page size the
   * trace itself states).
   */
  readonly unit: 'address' | 'object' | 'page'
  /** Of an object format: whether its records are block requests with a size, which can be split into pages. */
  readonly splits?: boolean
  /** How sure it is, from 0 to 1, that a trace that starts so is of this format; it is chosen from 0.5 up. */
  detect(head: Head): number
  /** Starts decoding one trace. */
  decoder(options: DecoderOptions): Decoder
}
