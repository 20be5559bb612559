// Pin's pinatrace: `ip: R addr` or `ip: W addr`; some versions add the size and the value. Lines
// that start with # (`#eof`) are passed over.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [HASH, COLON, READ, WRITE] = [35, 58, 82, 87]

/** Pin's pinatrace. */
export const pinatrace: TraceFormat = {
  name: 'pinatrace',
  description: "Pin's pinatrace text: `ip: R addr`, `ip: W addr`",
  unit: 'address',
  detect: head => (linesMatch(head, parse) ? 1 : 0),
  decoder: () => new LineDecoder(parse, "an instruction's address, ': R' or ': W', and an address"),
}

function parse(line: Line, sink: Sink): boolean {
  if (line.peek() === HASH) return true
  if (!pointer(line) || !line.skip(COLON) || !line.blanks()) return false
  const kind = line.peek()
  line.at++
  if ((kind !== READ && kind !== WRITE) || !line.blanks() || !pointer(line)) return false
  const { lo, hi } = line
  const size = line.blanks() && line.size() ? line.lo : 1
  if (!line.done && !line.blanks()) return false
  sink.access(lo, hi, size, kind === WRITE ? 1 : 0)
  return true
}

/** An address as C prints it; 0 is `(nil)`. */
function pointer(line: Line): boolean {
  if (!line.word('(nil)')) return line.prefix() && line.hex()
  line.lo = 0
  line.hi = 0
  return true
}
