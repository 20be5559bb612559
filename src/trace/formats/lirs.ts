// The traces that come with LIRS: one id per line; `*` lines mark breaks and are passed over.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const STAR = 42

/** One id per line, `*` lines between. */
export const lirs: TraceFormat = {
  name: 'lirs',
  description: 'one id per line, with `*` lines',
  unit: 'object',
  detect: head => (head.bytes.includes(STAR) && linesMatch(head, parse) ? 0.95 : 0),
  decoder: () => new LineDecoder(parse, "one id or '*'"),
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  if (line.done || line.peek() === STAR) return true
  if (!line.decimal()) return false
  sink.push(line.lo, line.hi, 0)
  line.blanks()
  return line.done
}
