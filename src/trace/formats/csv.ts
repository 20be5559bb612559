// CSV: a row per reference; columns by name or number, the delimiter and the header found out
// unless given. Ids that are numbers (decimal, or hexadecimal behind 0x) are kept; others are
// hashed to 64 bits with FNV-1a. To split a request its id is taken for the number of a 512-byte
// block, or the column `offset` for bytes, and its size for bytes. Fields may stand in double quotes.
import { UsageError } from '../../core/errors.js'
import { nearest } from '../../core/nearest.js'
import type { CsvOptions, Head, TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const DELIMITERS = [',', '\t', ';', '|']
const QUOTE = 34

/** Names that columns are known by, lower case. */
const NAMES = {
  id: ['id', 'obj_id', 'obj-id', 'objid', 'object_id', 'lbn', 'lba', 'block', 'page', 'key'],
  offset: ['offset', 'address', 'addr'],
  size: ['size', 'obj_size', 'length', 'len', 'bytes'],
  write: ['op', 'operation', 'opcode', 'rw', 'type', 'write', 'is_write', 'cmd'],
} as const
type Column = keyof typeof NAMES

/** Words for a write in the column `write`; the last ones are SCSI commands. */
const WRITES: ReadonlySet<number> = new Set(
  ['w', 'wr', 'write', 's', 'st', 'store', 'set', 'put', 'update', '1', 'true', '2a', '3f', '8a', '8e', '9a', '9c', 'aa', 'ae'].flatMap(
    word => [word, `0x${word}`].filter(w => w.length <= 6).map(w => [...w].reduce((key, letter) => key * 256 + letter.charCodeAt(0), 0)),
  ),
)

/** CSV. */
export const csv: TraceFormat = {
  name: 'csv',
  description: 'CSV with an id column, and columns for size and kind if there are any',
  unit: 'object',
  splits: true,
  detect,
  decoder: ({ split, csv: options }) => {
    const parser = new CsvParser(split, options)
    return new LineDecoder((line, sink) => parser.parse(line, sink), 'a row with all the columns asked for')
  },
}

/** Every line has as many fields as the first, two at least. */
function detect(head: Head): number {
  let fields = 0
  let delimiter = ''
  const sameFields = (line: Line, sink: Sink): boolean => {
    const text = textOf(line.bytes, line.at, line.end)
    if ([...text].some(letter => letter < ' ' && letter !== '\t')) return false
    delimiter ||= delimiterOf(text)
    const count = fieldsOf(text, delimiter).length
    fields ||= count
    sink.push(0, 0, 0)
    return count === fields && count > 1
  }
  return linesMatch(head, sameFields) ? 0.6 : 0
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}

/** The fields of a line, quotes left on. */
function fieldsOf(text: string, delimiter: string): string[] {
  return text.replace(/"[^"]*"/g, quoted => quoted.replaceAll(delimiter, ' ')).split(delimiter)
}

/** The delimiter that stands in the line most often. */
function delimiterOf(text: string): string {
  const counts = DELIMITERS.map(delimiter => fieldsOf(text, delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string
}

class CsvParser {
  readonly #split: boolean
  readonly #options: CsvOptions
  #delimiter = 0
  /** Index of each column, -1 if there is none. */
  #id = -1
  /** Whether that column is an offset in bytes. */
  #inBytes = false
  #size = -1
  #write = -1
  #started = false

  constructor(split: boolean, options: CsvOptions) {
    this.#split = split
    this.#options = options
    if (options.delimiter !== undefined && !/^[\0-\x7f]$/.test(options.delimiter)) {
      throw new UsageError(`the CSV delimiter is one ASCII character, not '${options.delimiter}'`)
    }
  }

  parse(line: Line, sink: Sink): boolean {
    if (!this.#started && this.#start(textOf(line.bytes, line.at, line.end))) return true
    const { end } = line
    let write = 0
    let size = 1
    let found = false
    let lo = 0
    let hi = 0
    for (let column = 0; line.at <= end; column++) {
      const next = this.#field(line, end)
      if (column === this.#id) {
        found = readId(line)
        lo = line.lo
        hi = line.hi
      } else if (column === this.#write) write = readKind(line)
      else if (column === this.#size && this.#split) {
        if (!line.size()) return false
        size = line.lo
      }
      line.at = next
      line.end = end
    }
    if (!found) return false
    if (this.#split && this.#inBytes) sink.access(lo, hi, size, write)
    else if (this.#split) sink.blocks(lo, hi, size, write)
    else sink.push(lo, hi, write)
    return true
  }

  /** Sets the line to the field at its cursor, blanks and quotes cut off; returns where the next field starts. */
  #field(line: Line, end: number): number {
    const { bytes } = line
    line.blanks()
    let stop = line.at
    if (bytes[line.at] === QUOTE && line.at < end) {
      line.at++
      stop = line.at
      while (stop < end && bytes[stop] !== QUOTE) stop++
    }
    let next = stop
    while (next < end && bytes[next] !== this.#delimiter) next++
    if (bytes[stop] !== QUOTE) {
      stop = next
      while (stop > line.at && (bytes[stop - 1] as number) <= 32) stop--
    }
    line.end = stop
    return next + 1
  }

  /** Looks at the first line; returns whether it is a header. */
  #start(text: string): boolean {
    const delimiter = this.#options.delimiter ?? delimiterOf(text)
    const fields = fieldsOf(text, delimiter).map(field => field.trim().replace(/^"(.*)"$/, '$1'))
    const header = this.#options.header ?? !fields.some(field => /^[-+.]?\d/.test(field))
    this.#delimiter = delimiter.charCodeAt(0)
    const offset = this.#options.columns?.id === undefined ? this.#find('offset', fields, header) : -1
    this.#id = this.#find('id', fields, header)
    this.#inBytes = offset >= 0 && (this.#id < 0 || this.#options.columns?.offset !== undefined)
    if (this.#inBytes) this.#id = offset
    this.#size = this.#find('size', fields, header)
    this.#write = this.#find('write', fields, header)
    if (this.#id < 0) throw new UsageError('which CSV column is the id cannot be told; name it by its header or its number, such as id=2')
    if (this.#split && this.#size < 0 && !this.#inBytes)
      throw new UsageError('to split requests the CSV column of the size must be named, such as size=4')
    this.#started = true
    return header
  }

  #find(column: Column, fields: readonly string[], header: boolean): number {
    const wanted = this.#options.columns?.[column]
    if (typeof wanted === 'number' || (wanted !== undefined && /^\d+$/.test(wanted) && !(header && fields.includes(wanted)))) {
      const index = Number(wanted) - 1
      if (!(index >= 0 && index < fields.length))
        throw new UsageError(`there is no CSV column ${wanted}: rows have ${fields.length}, counted from 1`)
      return index
    }
    const names = header ? fields.map(field => field.toLowerCase()) : []
    if (wanted !== undefined) {
      const index = names.indexOf(wanted.toLowerCase())
      if (index >= 0) return index
      throw new UsageError(
        header ? `there is no CSV column '${wanted}'${nearest(wanted, fields)}` : `the CSV trace has no header to name column '${wanted}'`,
      )
    }
    if (!header) return fields.length === 1 && column === 'id' ? 0 : -1
    return names.indexOf(NAMES[column].find(name => names.includes(name)) ?? '?')
  }
}

/** Reads the field as an id: a number, or else the FNV-1a hash of its bytes; false if it is empty. */
function readId(line: Line): boolean {
  const from = line.at
  if (from >= line.end) return false
  if (line.number() && line.done) return true
  let lo = 0x84222325
  let hi = 0xcbf29ce4
  for (let at = from; at < line.end; at++) {
    lo = (lo ^ (line.bytes[at] as number)) >>> 0
    // Times the prime 2^40 + 0x1b3.
    const low = lo * 0x1b3
    hi = (Math.imul(hi, 0x1b3) + Math.floor(low / 2 ** 32) + (lo << 8)) >>> 0
    lo = low >>> 0
  }
  line.lo = lo
  line.hi = hi
  return true
}

/** Reads the field as a kind: 1 if it is one of the words for a write. */
function readKind(line: Line): number {
  if (line.end - line.at > 6) return 0
  let key = 0
  for (let at = line.at; at < line.end; at++) {
    const letter = line.bytes[at] as number
    key = key * 256 + (letter >= 65 && letter <= 90 ? letter + 32 : letter)
  }
  return WRITES.has(key) ? 1 : 0
}
