// Synthetic traces: the same options and seed give the same references on every machine.
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { WRITE } from '../core/replayer.js'
import { permutation, Random } from './random.js'
import { CHUNK, type Trace } from './trace.js'
import { Zipf } from './zipf.js'

/** The kinds of synthetic trace and what each does. */
export const WORKLOADS = {
  zipf: 'page of rank k with probability proportional to 1 / k^alpha, ranks scattered over the pages',
  uniform: 'every page equally likely',
  loop: 'all pages in order, over and over',
  scan: 'runs of consecutive pages, each from a random start',
  hotscan: 'a hot set of pages (zipf) gets its share of the references; the rest loop over the other pages',
  phases: 'working sets of equal size (zipf within each), one after another in turns',
} as const
export type Workload = keyof typeof WORKLOADS

/** What a synthetic trace is made from. */
export interface GenerateOptions {
  workload: Workload
  /** Pages there are; a short or skewed trace does not touch all of them. 100,000 unless given. */
  pages?: number
  /** 1,000,000 unless given. */
  references?: number
  /** A whole number from 0, 1 unless given. */
  seed?: number
  /** Share of the references that write, 0 unless given; it does not change which pages are referenced. */
  writes?: number
  /** Skew of zipf, hotscan and phases: 0 (uniform) to 10, 1 unless given. */
  alpha?: number
  /** Pages in the hot set of hotscan, a tenth of the pages unless given. */
  hot?: number
  /** Share of the references that go to the hot set of hotscan, 0.75 unless given. */
  hotShare?: number
  /** Working sets of phases, 4 unless given. */
  phases?: number
  /** Pages in a run of scan (a tenth unless given); references in a turn of phases (so that each set comes twice unless given). */
  length?: number
}

/** Draws the next reference as a number below `pages`; `pageOf` says which page that number stands for. */
interface Source {
  next: () => number
  pageOf: (drawn: number) => number
}

const MAX_PAGES = 2 ** 30
const MAX_REFERENCES = 2 ** 32 - 1

/** Throws a UsageError unless `value` is a number (a whole one, if `whole`) from `min` to `max`. */
function inRange(name: string, value: number, min: number, max: number, whole = true): number {
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw new UsageError(`${name} is a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${value}`)
  }
  return value
}

/** Fills in what was not given. Throws a UsageError for what makes no sense. */
function complete(options: GenerateOptions): Required<GenerateOptions> {
  const { workload } = options
  if (!Object.hasOwn(WORKLOADS, workload))
    throw new UsageError(`unknown workload '${workload}'${nearest(workload, Object.keys(WORKLOADS))}`)
  const pages = inRange('pages', options.pages ?? 100_000, 1, MAX_PAGES)
  const references = inRange('references', options.references ?? 1_000_000, 1, MAX_REFERENCES)
  const phases = inRange('phases', options.phases ?? Math.min(4, pages), 1, pages)
  const turn = Math.max(1, Math.ceil(references / (2 * phases)))
  const length = workload === 'phases' ? turn : Math.ceil(pages / 10)
  return {
    workload,
    pages,
    references,
    phases,
    seed: inRange('seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    writes: inRange('writes', options.writes ?? 0, 0, 1, false),
    alpha: inRange('alpha', options.alpha ?? 1, 0, 10, false),
    hot: inRange('hot', options.hot ?? Math.ceil(pages / 10), 1, pages),
    hotShare: inRange('hot-share', options.hotShare ?? 0.75, 0, 1, false),
    length: inRange('length', options.length ?? length, 1, workload === 'scan' ? pages : MAX_REFERENCES),
  }
}

const SOURCES: Record<Workload, (options: Required<GenerateOptions>, random: Random) => Source> = {
  zipf({ pages, alpha }, random) {
    const pageOf = permutation(pages, random)
    const zipf = new Zipf(pages, alpha, random)
    return { next: () => zipf.next(), pageOf }
  },
  uniform({ pages }, random) {
    return { next: () => random.below(pages), pageOf: page => page }
  },
  loop({ pages }) {
    let at = -1
    return { next: () => (at = at + 1 === pages ? 0 : at + 1), pageOf: page => page }
  },
  scan({ pages, length }, random) {
    let left = 0
    let at = 0
    const next = (): number => {
      if (left-- > 0) return ++at
      left = length - 1
      at = random.below(pages - length + 1)
      return at
    }
    return { next, pageOf: page => page }
  },
  hotscan({ pages, hot, hotShare, alpha }, random) {
    const shuffled = permutation(hot, random)
    const zipf = new Zipf(hot, alpha, random)
    let at = hot - 1
    // With nothing outside the hot set, all goes to the hot set.
    const share = hot === pages ? 1 : hotShare
    const next = (): number => {
      if (random.fraction() < share) return zipf.next()
      at = at + 1 === pages ? hot : at + 1
      return at
    }
    return { next, pageOf: page => (page < hot ? shuffled(page) : page) }
  },
  phases({ pages, phases, length, alpha }, random) {
    const size = Math.floor(pages / phases)
    const shuffled = permutation(size, random)
    const zipf = new Zipf(size, alpha, random)
    let left = length
    let base = 0
    const next = (): number => {
      if (left-- === 0) {
        left = length - 1
        base = base + size === size * phases ? 0 : base + size
      }
      return base + zipf.next()
    }
    return { next, pageOf: page => page - (page % size) + shuffled(page % size) }
  },
}

/**
 * Generates a synthetic trace in memory: 4 bytes a reference, and 12 a page while it runs.
 *
 * Throws a UsageError for options that make no sense.
 */
export function generateTrace(options: GenerateOptions): Trace {
  const all = complete(options)
  const { next, pageOf } = SOURCES[all.workload](all, new Random(all.seed))
  const coin = new Random(all.seed, 1)
  const writeBelow = Math.round(all.writes * 2 ** 32)
  // Dense id + 1 of each number drawn, and the numbers in order of first appearance.
  const dense = new Uint32Array(all.pages)
  const drawnBy = new Uint32Array(Math.min(all.pages, all.references))
  const chunks: Uint32Array<SharedArrayBuffer>[] = []
  let uniquePages = 0
  let writes = 0
  for (let done = 0; done < all.references; done += CHUNK) {
    const chunk = new Uint32Array(new SharedArrayBuffer(4 * Math.min(CHUNK, all.references - done)))
    for (let i = 0; i < chunk.length; i++) {
      const drawn = next()
      let id = dense[drawn] as number
      if (id === 0) {
        drawnBy[uniquePages] = drawn
        dense[drawn] = id = ++uniquePages
      }
      const written = writeBelow > 0 && coin.next() < writeBelow
      chunk[i] = written ? (id - 1) | WRITE : id - 1
      if (written) writes++
    }
    chunks.push(chunk)
  }
  const ids = new BigUint64Array(new SharedArrayBuffer(8 * uniquePages))
  for (let id = 0; id < uniquePages; id++) ids[id] = BigInt(pageOf(drawnBy[id] as number))
  const { workload, references, seed } = all
  return {
    path: `(${workload}, seed ${seed})`,
    format: 'generated',
    pageSize: 4096,
    references,
    uniquePages,
    reads: references - writes,
    writes,
    chunks,
    ids,
  }
}
