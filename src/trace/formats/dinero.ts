// DineroIV's din: `label address`, the address hexadecimal; 0 or r reads, 1 or w writes, 2 or i
// fetches an instruction, 3 and 4 (a message to the simulator, a flush) reference nothing. The
// extended form has the size, hexadecimal too, in a third column.
import type { TraceFormat } from '../format.js'
import type { Sink } from '../sink.js'
import { type Line, LineDecoder, linesMatch } from '../text.js'

/** What each label does: 0 reads or fetches, 1 writes, -1 references nothing. */
const LABELS: ReadonlyMap<number, number> = new Map(
  Object.entries({ 0: 0, r: 0, 1: 1, w: 1, 2: 0, i: 0, 3: -1, 4: -1 }).map(([label, kind]) => [label.charCodeAt(0), kind]),
)

/** DineroIV's din. */
export const dinero: TraceFormat = {
  name: 'dinero',
  description: "DineroIV's din: `label address`",
  unit: 'address',
  detect: head => (linesMatch(head, parse) ? 0.95 : 0),
  decoder: () => new LineDecoder(parse, 'a label from 0 to 4 and a hexadecimal address'),
}

function parse(line: Line, sink: Sink): boolean {
  line.blanks()
  if (line.done) return true
  const write = LABELS.get(line.peek())
  line.at++
  if (write === undefined || !line.blanks()) return false
  line.prefix()
  if (!line.hex()) return false
  const { lo, hi } = line
  let size = 1
  if (line.blanks() && !line.done) {
    line.prefix()
    if (!line.hex() || line.hi > 0) return false
    size = line.lo
    line.blanks()
  }
  if (write >= 0) sink.access(lo, hi, size, write)
  return line.done
}
