// The text that DynamoRIO's drmemtrace prints with its view tool:
//
//   record# instr#: tid ifetch 3 byte(s) @ 0xaddr bytes and disassembly
//   record# instr#: tid read   8 byte(s) @ 0xaddr by PC 0xaddr
//   record# instr#: tid <marker: ...>
//
// Instruction fetches are reads. Markers, other records (prefetches, flushes) and what the tool
// prints above and below the records are passed over.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [COLON, ZERO, NINE, SPACE] = [58, 48, 57, 32]
const NOISE = ['Output format', '<--', '---', 'View tool']

/** DynamoRIO's drmemtrace, as its view tool prints it. */
export const drmemtrace: TraceFormat = {
  name: 'drmemtrace',
  description: "DynamoRIO's drmemtrace, the view tool's text",
  unit: 'address',
  detect: head => (linesMatch(head, parse) ? 1 : 0),
  decoder: () => new LineDecoder(parse, 'a record of the view tool'),
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  if (line.done || NOISE.some(mark => line.word(mark))) return true
  if (!line.decimal() || !line.blanks()) return false
  // The counts that the tool prints at the end: `20 : total instructions`.
  if (line.peek() === COLON) return true
  if (!line.decimal() || !line.skip(COLON) || !line.blanks()) return false
  while (!line.done && line.peek() !== SPACE) line.at++
  if (!line.blanks()) return false
  const write = line.word('write')
  if (!write && !line.word('read') && !line.word('ifetch')) return true
  while (!line.done && !isDigit(line.peek())) line.at++
  if (!line.size()) return false
  const size = line.lo
  if (!line.word(' byte(s) @ 0x') || !line.hex()) return false
  sink.access(line.lo, line.hi, size, write ? 1 : 0)
  return true
}

function isDigit(character: number): boolean {
  return character >= ZERO && character <= NINE
}
