// Trace files as output, in the packed format or one of the exporters'.

import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { type PackedTotals, PackedWriter } from '../trace/packedWriter.js'
import type { Trace } from '../trace/trace.js'
import { EXPORTERS } from './export.js'
import { bytes, grouped } from './format.js'
import { requireWritable, writeWhole } from './output.js'

const PACKED = 'packed'
/** What a file's name ends in, without `.gz`, and the format it means. */
const EXTENSIONS: Readonly<Record<string, OutputFormat>> = {
  flt: PACKED,
  txt: 'txt',
  csv: 'csv',
  oracleGeneral: 'oracleGeneral',
}

/** The formats that traces can be written in. */
export type OutputFormat = typeof PACKED | keyof typeof EXPORTERS
export const OUTPUT_FORMATS: readonly OutputFormat[] = [PACKED, ...(Object.keys(EXPORTERS) as (keyof typeof EXPORTERS)[])]

/** Standard output, as a path. */
const STDOUT = '-'

/**
 * The format to write a file in: as asked for, or as its name says.
 *
 * Throws a UsageError if neither is known and an InputError if the file cannot be written.
 */
export async function prepareOutput(path: string, asked: string | undefined): Promise<OutputFormat> {
  const format = outputFormat(path, asked)
  if (path !== STDOUT) await requireWritable(path)
  return format
}

function outputFormat(path: string, asked: string | undefined): OutputFormat {
  if (asked !== undefined) {
    const known = OUTPUT_FORMATS.find(format => format.toLowerCase() === asked.toLowerCase())
    if (!known) throw new UsageError(`cannot write traces as '${asked}'${nearest(asked, OUTPUT_FORMATS)}`)
    return known
  }
  const extension = /\.(\w+?)(?:\.gz)?$/.exec(path)?.[1] ?? ''
  const format = EXTENSIONS[extension]
  if (!format) {
    throw new UsageError(`what format to write does not show in '${path}'; name it with --to: ${OUTPUT_FORMATS.join(', ')}`)
  }
  return format
}

/** Writes a packed trace, all or nothing. */
export async function writePacked(path: string, fill: (writer: PackedWriter) => Promise<unknown>): Promise<PackedTotals> {
  const writer = new PackedWriter(path)
  try {
    await fill(writer)
    return await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** Writes a trace in memory in any of the formats, with gzip if the path ends in `.gz`. */
export async function writeTrace(trace: Trace, path: string, format: OutputFormat): Promise<void> {
  if (format === PACKED) {
    await writePacked(path, writer => {
      writer.paged = true
      writer.pageSize = trace.pageSize
      return writer.append(trace)
    })
  } else {
    const text = EXPORTERS[format](trace)
    const contents = path.endsWith('.gz') ? Readable.from(text).pipe(createGzip()) : text
    if (path === STDOUT) await pipeline(contents, process.stdout, { end: false })
    else await writeWhole(path, contents)
  }
}

/** Says on stderr what was written, unless that went to standard output. */
export async function reportWritten(path: string, references: number): Promise<void> {
  if (path === STDOUT) return
  const { size } = await stat(path)
  const bits = (size * 8) / references
  process.stderr.write(
    `${grouped(references)} references are in ${path}: ${bytes(size)}, ${bits < 100 ? Number(bits.toPrecision(2)) : bits.toFixed(0)} bits each\n`,
  )
}
