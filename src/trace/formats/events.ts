// Events: references of several processes, and how their memory comes and goes. A line is a process's
// number, which may be left out if it is that of the line before, and what it does:
//
//     1 mmap 0x10000 8192            also: ro; private, shared, or shared NAME with an offset
//     1 w 0x10000 64
//       fork 2
//     2 r 0x11000
//       munmap 0x10000 4096
//       exit
//
// `r` and `w` reference each page that so many bytes touch, 1 unless given. Numbers are decimal, or
// hexadecimal behind 0x; # starts a comment line. README.md says what each does when it is executed.
import type { EventCall, MapCall } from '../events.js'
import type { Head, TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [HASH, R, W] = [35, 114, 119]
const [ZERO, NINE] = [48, 57]

/** The most that a process's number may be, as Linux's. */
const MAX_PROCESS = 2 ** 22

/** References and events of several processes. */
export const events: TraceFormat = {
  name: 'events',
  description: 'references, mmap, munmap, fork and exit of several processes',
  unit: 'address',
  detect: head => (linesMatch(head, parse) && OWN.test(textOf(head)) ? 1 : 0),
  decoder: () => new LineDecoder(parse, "'r' or 'w', an address and a size, or 'mmap', 'munmap', 'fork' or 'exit' with what belongs to it"),
}

/** A line that other formats do not have: dinero, too, has `r` and `w`. */
const OWN = /^[ \t]*(\d+[ \t]+([rw][ \t]|(mmap|munmap|fork|exit)\b)|(mmap|munmap|fork|exit)\b)/m

function textOf({ bytes }: Head): string {
  return new TextDecoder('latin1').decode(bytes)
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  if (line.done || line.peek() === HASH) return true
  if (line.peek() >= ZERO && line.peek() <= NINE) {
    if (!line.decimal() || line.hi !== 0 || !isProcess(line.lo) || !line.blanks()) return false
    sink.turn(line.lo)
  }
  const kind = line.peek()
  if (kind === R || kind === W) return reference(line, sink, Number(kind === W))
  const [name, ...words] = line.words()
  const call = callOf(name, words)
  if (call) sink.event(call, line.lineNumber)
  return call !== undefined
}

/** Parses `r` or `w` and what stands behind it. */
function reference(line: Line, sink: Sink, write: number): boolean {
  line.at++
  if (!line.blanks() || !line.number()) return false
  const { lo, hi } = line
  const size = line.blanks() && !line.done ? (line.size() ? line.lo : -1) : 1
  line.blanks()
  if (size < 0 || !line.done) return false
  sink.access(lo, hi, size, write)
  return true
}

/** What a call's name and the words behind it ask for; undefined if that is nothing. */
function callOf(name: string | undefined, words: readonly string[]): EventCall | undefined {
  if (name === 'mmap') return mmap(words)
  if (name === 'exit') return words.length === 0 ? { name } : undefined
  if (name === 'munmap') {
    const range = rangeOf(words)
    return range && words.length === 2 ? { name, ...range } : undefined
  }
  const child = name === 'fork' && words.length === 1 ? amount(words[0]) : undefined
  return child !== undefined && isProcess(child) ? { name: 'fork', child } : undefined
}

function mmap(words: readonly string[]): MapCall | undefined {
  const range = rangeOf(words)
  const write = words[2] !== 'ro'
  const kind = kindOf(words.slice(write ? 2 : 3))
  return range && kind && { name: 'mmap', ...range, write, ...kind }
}

/** Which memory an mmap asks for; undefined if the words say nothing that makes sense. */
function kindOf([kind, object, offset, ...rest]: readonly string[]): Pick<MapCall, 'kind' | 'object' | 'offset'> | undefined {
  if (kind === undefined) return {}
  if (rest.length > 0 || (kind !== 'shared' && (kind !== 'private' || object !== undefined))) return undefined
  if (object === undefined) return { kind }
  const start = offset === undefined ? 0 : amount(offset)
  return start === undefined ? undefined : { kind, object, offset: start }
}

/** The address and the length that words begin with. */
function rangeOf(words: readonly string[]): { address: number; length: number } | undefined {
  const [address, length] = [amount(words[0]), amount(words[1])]
  return address === undefined || length === undefined ? undefined : { address, length }
}

/** A number, decimal or hexadecimal behind 0x, that a double holds exactly. */
function amount(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+|0x[\da-f]+)$/i.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

function isProcess(number: number): boolean {
  return number >= 1 && number <= MAX_PROCESS
}
