// The address traces of SPEC programs that courses at UCSD use: `l 0xaddr n` or `s 0xaddr n`, a
// load or a store and the number of instructions since the last. Sizes are not known.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [LOAD, STORE] = [108, 115]

/** `l 0xaddr n` and `s 0xaddr n`. */
export const ucsd: TraceFormat = {
  name: 'ucsd',
  description: 'lines `l 0xaddr n` and `s 0xaddr n`',
  unit: 'address',
  detect: head => (linesMatch(head, parse) ? 1 : 0),
  decoder: () => new LineDecoder(parse, "'l' or 's', an address and a count"),
}

function parse(line: Line, sink: Sink): boolean {
  const kind = line.peek()
  line.at++
  if ((kind !== LOAD && kind !== STORE) || !line.blanks() || !line.prefix() || !line.hex()) return false
  sink.push(line.lo, line.hi, kind === STORE ? 1 : 0)
  line.blanks()
  return line.done || (line.decimal() && line.done)
}
