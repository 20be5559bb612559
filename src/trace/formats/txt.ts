// Plain text: one id per line, decimal or hexadecimal behind 0x; lines that start with # are comments.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const HASH = 35

/** One id per line. */
export const txt: TraceFormat = {
  name: 'txt',
  description: 'one id per line, decimal or 0x',
  unit: 'object',
  detect: head => (linesMatch(head, parse) ? 0.9 : 0),
  decoder: () => new LineDecoder(parse, 'one id, decimal or 0x'),
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  if (line.done || line.peek() === HASH) return true
  if (!line.number()) return false
  sink.push(line.lo, line.hi, 0)
  line.blanks()
  return line.done
}
