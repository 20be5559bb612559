// MSR Cambridge block traces: `Timestamp,Hostname,Disk,Type,Offset,Size,ResponseTime`, offset and
// size in bytes. A file is the trace of one disk, so the offset alone is the id.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [COMMA, UPPER_R, UPPER_W, LOWER] = [44, 82, 87, 32]
const HEADER = 'Timestamp,'

/** MSR Cambridge. */
export const msr: TraceFormat = {
  name: 'msr',
  description: 'MSR Cambridge block traces (CSV)',
  unit: 'object',
  splits: true,
  detect: head => (linesMatch(head, parser(false)) ? 1 : 0),
  decoder: ({ split }) => new LineDecoder(parser(split), 'Timestamp,Hostname,Disk,Read or Write,Offset,Size,ResponseTime'),
}

function parser(split: boolean): (line: Line, sink: Sink) => boolean {
  return (line, sink) => {
    if (line.word(HEADER)) return true
    if (!line.decimal() || !line.skip(COMMA) || !field(line) || !line.decimal() || !line.skip(COMMA)) return false
    const kind = line.peek() & ~LOWER
    if ((kind !== UPPER_R && kind !== UPPER_W) || !field(line) || !line.decimal()) return false
    const { lo, hi } = line
    if (!line.skip(COMMA) || !line.size()) return false
    const write = kind === UPPER_W ? 1 : 0
    if (split) sink.access(lo, hi, line.lo, write)
    else sink.push(lo, hi, write)
    return line.done || line.peek() === COMMA
  }
}

/** Skips a field and the comma behind it. */
function field(line: Line): boolean {
  while (!line.done && line.peek() !== COMMA) line.at++
  return line.skip(COMMA)
}
