// Options that several commands share.
import type { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import type { TraceOptions } from '../trace/decode.js'

/** An option parser for whole numbers in a range. */
export function whole(name: string, min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
    throw new UsageError(`${name} is a whole number from ${min} to ${max}, not '${text}'`)
  }
}

/** What the options of `addTraceOptions` parse to. */
export interface TraceFlags {
  format?: string
  pageSize?: number
  split?: boolean
  columns?: NonNullable<TraceOptions['columns']>
  delimiter?: string
  header?: boolean
}

/** Adds the options that say how traces are read. */
export function addTraceOptions(command: Command): Command {
  return command
    .option('--format <name>', "the traces' format; found out unless given")
    .option('--page-size <bytes>', 'bytes in a page, a power of two (default: 4096, or what the trace says)', parsePageSize)
    .option('--split', 'expand each block request into the pages it touches')
    .option(
      '--columns <list>',
      'CSV: which columns are the id (or the offset in bytes), the size and the write flag, as id=2,write=op',
      parseColumns,
    )
    .option('--delimiter <char>', 'CSV: the character between fields, or tab')
    .option('--header', 'CSV: the first line is a header')
    .option('--no-header', 'CSV: the first line is data')
}

/** The trace options out of a command's flags. */
export function traceOptions({ format, pageSize, split, columns, delimiter, header }: TraceFlags): TraceOptions {
  return {
    ...(format !== undefined && { format }),
    ...(pageSize !== undefined && { pageSize }),
    ...(split !== undefined && { split }),
    ...(columns !== undefined && { columns }),
    ...(delimiter !== undefined && { delimiter: delimiter === 'tab' ? '\t' : delimiter }),
    ...(header !== undefined && { header }),
  }
}

/** An option parser for page sizes. */
export function parsePageSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+) *(|KiB|MiB|GiB)$/i.exec(text.trim()) ?? []
  const scale = { '': 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }[unit.toLowerCase()]
  const bytes = Number(digits) * (scale ?? Number.NaN)
  if (bytes > 0 && Number.isInteger(Math.log2(bytes))) return bytes
  throw new UsageError(`a page size is a power of two, such as 4096 or 4KiB, not '${text}'`)
}

function parseColumns(text: string): NonNullable<TraceOptions['columns']> {
  const columns: NonNullable<TraceOptions['columns']> = {}
  for (const part of text.split(',')) {
    const [, key, column = ''] = /^(id|offset|size|write)=(.+)$/.exec(part.trim()) ?? []
    if (key === undefined)
      throw new UsageError(
        `columns are given as id=COLUMN (or offset=COLUMN),size=COLUMN,write=COLUMN, by name or number from 1, not '${part}'`,
      )
    columns[key as keyof typeof columns] = /^\d+$/.test(column) ? Number(column) : column
  }
  return columns
}
