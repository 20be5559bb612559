// Text formats: bytes are cut into lines and parsed in place, without a string per line.
import { InputError } from '../core/errors.js'
import type { Decoder, Head } from './format.js'
import { CountingSink, type Sink } from './sink.js'

/** The longest line, in bytes, that is still taken for text. */
const LONGEST = 65536
/** How many lines are looked at to tell a format. */
const SAMPLE = 200

/** UTF-8's byte order mark, which some programs put in front of text. */
const MARK = [0xef, 0xbb, 0xbf] as const

const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const TAB = 9
const ZERO = 48
const LOWER_X = 120

/** Value of a hexadecimal digit by its character; 255 for any other. */
const DIGIT = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16)
  DIGIT[digit.charCodeAt(0)] = value
  DIGIT[digit.toUpperCase().charCodeAt(0)] = value
}

/** A line being parsed: a cursor over its bytes, and the last number read. */
export class Line {
  bytes: Uint8Array = new Uint8Array(0)
  /** The cursor. */
  at = 0
  /** Where the line ends: the index of its newline or carriage return. */
  end = 0
  /** Low half of the number last read. */
  lo = 0
  /** High half of the number last read. */
  hi = 0
  /** Which line of the text it is, from 1 on. */
  lineNumber = 0

  /** Whether the cursor is at the end. */
  get done(): boolean {
    return this.at >= this.end
  }

  /** The character at the cursor, or -1 at the end. */
  peek(): number {
    return this.at < this.end ? (this.bytes[this.at] as number) : -1
  }

  /** Skips blanks; returns whether there was any. */
  blanks(): boolean {
    const from = this.at
    while (this.at < this.end && (this.bytes[this.at] === SPACE || this.bytes[this.at] === TAB)) this.at++
    return this.at > from
  }

  /** Skips the character if it is at the cursor; returns whether it was. */
  skip(character: number): boolean {
    if (this.peek() !== character) return false
    this.at++
    return true
  }

  /** Skips the word (ASCII) if it is at the cursor; returns whether it was. */
  word(text: string): boolean {
    if (this.at + text.length > this.end) return false
    for (let i = 0; i < text.length; i++) if (this.bytes[this.at + i] !== text.charCodeAt(i)) return false
    this.at += text.length
    return true
  }

  /** Takes the rest of the line, as words with blanks between them; for lines that are rare, as they become strings. */
  words(): string[] {
    const text = String.fromCharCode(...this.bytes.subarray(this.at, this.end))
    this.at = this.end
    return text.split(/[ \t]+/).filter(word => word !== '')
  }

  /** Skips `0x` if it is at the cursor; returns whether it was. */
  prefix(): boolean {
    if (this.at + 1 >= this.end || this.bytes[this.at] !== ZERO || ((this.bytes[this.at + 1] as number) | 32) !== LOWER_X) return false
    this.at += 2
    return true
  }

  /** Reads hexadecimal digits; false if there is none or the number has more than 64 bits. */
  hex(): boolean {
    const { bytes, end } = this
    let at = this.at
    let lo = 0
    let hi = 0
    for (; at < end; at++) {
      const digit = DIGIT[bytes[at] as number] as number
      if (digit === 255) break
      if (hi >>> 28 !== 0) return false
      hi = (hi << 4) | (lo >>> 28)
      lo = (lo << 4) | digit
    }
    const any = at > this.at
    this.at = at
    this.lo = lo >>> 0
    this.hi = hi >>> 0
    return any
  }

  /** Reads decimal digits; false if there is none or the number has more than 64 bits. */
  decimal(): boolean {
    const { bytes, end } = this
    let at = this.at
    let value = 0
    // The first 15 digits fit in a double.
    const fast = Math.min(end, at + 15)
    for (; at < fast; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    let lo = value >>> 0
    let hi = Math.floor(value / 2 ** 32)
    if (at === fast) {
      for (; at < end; at++) {
        const digit = (bytes[at] as number) - ZERO
        if (digit < 0 || digit > 9) break
        const low = lo * 10 + digit
        hi = hi * 10 + Math.floor(low / 2 ** 32)
        lo = low >>> 0
        if (hi > 0xffffffff) return false
      }
    }
    const any = at > this.at
    this.at = at
    this.lo = lo
    this.hi = hi
    return any
  }

  /** Reads the decimal size of an access or request, below 4 GiB. */
  size(): boolean {
    return this.decimal() && this.hi === 0
  }

  /** Reads a decimal number, or a hexadecimal one behind `0x`. */
  number(): boolean {
    return this.prefix() ? this.hex() : this.decimal()
  }
}

/** Parses one line, not empty, and adds its references to the sink; false if it is no line of the format. Noise is true, with no reference. */
export type LineParser = (line: Line, sink: Sink) => boolean

/** A decoder that cuts lines and hands them to a parser. */
export class LineDecoder implements Decoder {
  readonly #parse: LineParser
  readonly #expected: string
  readonly #line = new Line()
  /** Lines so far. */
  #number = 0

  /** `expected` says in the error of a bad line what a line should be. */
  constructor(parse: LineParser, expected: string) {
    this.#parse = parse
    this.#expected = expected
  }

  decode(bytes: Uint8Array, final: boolean, sink: Sink): number {
    const line = this.#line
    const parse = this.#parse
    const { length } = bytes
    line.bytes = bytes
    let from = this.#number === 0 && MARK.every((byte, i) => bytes[i] === byte) ? MARK.length : 0
    while (from < length) {
      let end = from
      while (end < length && bytes[end] !== NEWLINE) end++
      if (end - from > LONGEST) throw new InputError(`line ${this.#number + 1} is longer than ${LONGEST} bytes; this is no text trace`)
      if (end === length && !final) break
      line.lineNumber = ++this.#number
      line.at = from
      line.end = end > from && bytes[end - 1] === RETURN ? end - 1 : end
      if (line.end > from && !parse(line, sink)) {
        throw new InputError(`line ${this.#number}: expected ${this.#expected}, found ${quote(bytes.subarray(from, line.end))}`)
      }
      from = end + 1
    }
    return Math.min(from, length)
  }
}

/** A piece of a line for an error message: its first bytes, those that cannot be shown as `\xNN`. */
export function quote(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 40), byte =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return `'${shown.join('')}'${bytes.length > 40 ? '…' : ''}`
}

/** Whether the first lines of a trace are all lines of the format, one reference among them at least. */
export function linesMatch({ bytes, complete }: Head, parse: LineParser): boolean {
  let end = 0
  for (let lines = 0; lines < SAMPLE && end < bytes.length; lines++) {
    const next = bytes.indexOf(NEWLINE, end)
    if (next < 0) {
      if (complete) end = bytes.length
      break
    }
    end = next + 1
  }
  const sink = new CountingSink()
  try {
    new LineDecoder(parse, '').decode(bytes.subarray(0, end), true, sink)
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
  return sink.total > 0
}
