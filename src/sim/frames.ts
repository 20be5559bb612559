// Cache sizes as people write them: counts of frames, percentages of a trace's distinct pages,
// and sizes of memory. Parsed before a trace is opened, resolved against each trace.
import { UsageError } from '../core/errors.js'

/** Cache sizes: `1000`, `'10%'`, `'64MiB'`, a list of such, or one string with commas between them. */
export type FramesSpec = number | string | readonly (number | string)[]

/** Turns cache sizes into numbers of frames for a trace, ascending and each once. */
export type FramesResolver = (trace: { uniquePages: number; pageSize: number }) => number[]

/** The sizes when none are asked for. */
export const DEFAULT_FRAMES = '0.1%,1%,5%,10%,25%,50%'

/** The most frames an engine can address. */
const MAX_FRAMES = 2 ** 30

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Frames for one trace out of one size. */
type Size = (trace: { uniquePages: number; pageSize: number }) => number

/**
 * Parses cache sizes.
 *
 * Throws a UsageError for what is no size, and for none, a negative or an absurd number of
 * frames; sizes relative to a trace are checked when they are resolved.
 */
export function parseFrames(spec: FramesSpec = DEFAULT_FRAMES): FramesResolver {
  const parts: readonly (number | string)[] = Array.isArray(spec) ? spec : [spec]
  const sizes = parts.flatMap(part => String(part).split(',')).map(parseSize)
  if (sizes.length === 0) throw new UsageError('no cache size given: frames is an empty list')
  return trace => [...new Set(sizes.map(size => size(trace)))].sort((a, b) => a - b)
}

function parseSize(size: string): Size {
  const text = size.trim()
  const [, digits, unit = ''] = /^(-?[\d.]+(?:e\d+)?) *([a-z]*|%)$/i.exec(text) ?? []
  const value = Number(digits)
  const bytes = BYTES[unit.toLowerCase()]
  if (!Number.isFinite(value) || (unit !== '' && unit !== '%' && bytes === undefined)) {
    throw new UsageError(`'${text}' is no cache size; write counts of frames, percentages of the distinct pages, or sizes: 1000,10%,64MiB`)
  }
  if (value <= 0) throw new UsageError(`a cache needs at least 1 frame, not '${text}'`)
  if (unit === '%') return ({ uniquePages }) => checked(Math.max(1, Math.round((uniquePages * value) / 100)), text)
  if (bytes !== undefined) return ({ pageSize }) => fromBytes(value * bytes, pageSize, text)
  if (!Number.isInteger(value)) throw new UsageError(`a number of frames is whole, not '${text}'`)
  const frames = checked(value, text)
  return () => frames
}

function fromBytes(bytes: number, pageSize: number, text: string): number {
  if (bytes < pageSize) throw new UsageError(`'${text}' is less than one page of ${pageSize} bytes`)
  return checked(Math.floor(bytes / pageSize), text)
}

function checked(frames: number, text: string): number {
  if (frames <= MAX_FRAMES) return frames
  throw new UsageError(`'${text}' is more than an engine can hold: ${MAX_FRAMES} frames (2^30)`)
}
