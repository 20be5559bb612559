// The trace formats: one line each. Where two are equally sure of a trace, the first wins.
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import type { Head, TraceFormat } from './format.js'
import { champsim } from './formats/champsim.js'
import { csv } from './formats/csv.js'
import { dinero } from './formats/dinero.js'
import { drmemtrace } from './formats/drmemtrace.js'
import { events } from './formats/events.js'
import { lackey } from './formats/lackey.js'
import { lirs } from './formats/lirs.js'
import { msr } from './formats/msr.js'
import { oracleGeneral } from './formats/oracleGeneral.js'
import { packed } from './formats/packed.js'
import { pinatrace } from './formats/pinatrace.js'
import { txt } from './formats/txt.js'
import { ucsd } from './formats/ucsd.js'
import { vscsi } from './formats/vscsi.js'

/** Every trace format. */
export const formats: readonly TraceFormat[] = [
  packed,
  vscsi,
  oracleGeneral,
  champsim,
  events,
  lackey,
  ucsd,
  pinatrace,
  drmemtrace,
  msr,
  dinero,
  lirs,
  txt,
  csv,
]

const NAMES = formats.map(format => format.name)

/** The format with this name; throws a UsageError that suggests the nearest if there is none. */
export function formatNamed(name: string): TraceFormat {
  const format = formats.find(f => f.name.toLowerCase() === name.toLowerCase())
  if (!format) throw new UsageError(`unknown trace format '${name}'${nearest(name, NAMES)}`)
  return format
}

/** The format a trace is most likely in, by its start. */
export function detectFormat(head: Head): TraceFormat | undefined {
  let best: TraceFormat | undefined
  let confidence = 0.5
  for (const format of formats) {
    const sure = format.detect(head)
    if (sure < confidence || (best && sure === confidence)) continue
    best = format
    confidence = sure
  }
  return best
}
