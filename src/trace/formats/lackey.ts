// Valgrind lackey with --trace-mem=yes: `I  addr,size`, ` L addr,size`, ` S addr,size`, ` M addr,size`,
// the address hexadecimal. M loads and then stores: two references. Valgrind's own messages
// (`==pid==`, `--pid--`, `**pid**`) are passed over.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

const [I, L, S, M, COMMA] = [73, 76, 83, 77, 44]
const NOISE = ['==', '--', '**']

/** Valgrind's lackey. */
export const lackey: TraceFormat = {
  name: 'lackey',
  description: 'Valgrind lackey text (--tool=lackey --trace-mem=yes)',
  unit: 'address',
  detect: head => (linesMatch(head, parse) ? 1 : 0),
  decoder: () => new LineDecoder(parse, "'L', 'S', 'M' or 'I', an address and a size"),
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  const kind = line.peek()
  if (kind !== I && kind !== L && kind !== S && kind !== M) return line.done || NOISE.some(mark => line.word(mark))
  line.at++
  if (!line.blanks() || !line.hex()) return false
  const { lo, hi } = line
  if (!line.skip(COMMA) || !line.size() || !line.done) return false
  if (kind !== S) sink.access(lo, hi, line.lo, 0)
  if (kind === S || kind === M) sink.access(lo, hi, line.lo, 1)
  return true
}
