// Stack distances (Mattson et al., 1970): for every reference the number of distinct pages since
// the last one to its page, that included; LRU hits with so many frames or more. Each reference
// takes a time slot; the slots of the pages' last references are the members of `lib/ranks`, so
// a distance is the number of pages less a rank. Slots used up are renumbered, in order. The host
// writes references to REFERENCES and calls `run`, or `runSampled` if they are a sample.
//
//   CONTROL     struct Mrc, then the fields of the set
//   REFERENCES  one batch: u32 dense page id, bit 31 ignored; DISTANCES  u32, one group
//   LAST_OF     u32 slot of each page's last reference, then the histogram, events, the set's memory
import { Ranks } from './lib/ranks'

/** Address of struct Mrc. */
export const CONTROL: usize = 1024
/** Address of the set of time slots. */
const RANKS: usize = CONTROL + 256
/** Address of the batch of references. */
export const REFERENCES: usize = 64 * 1024
/** How many references fit in a batch. */
export const BATCH: u32 = 64 * 1024
/** Bytes of a group of references: they are looked ahead at and counted together, and slots suffice for them. */
const AHEAD: usize = 256
/** Address of the distances of a group of references. */
const DISTANCES: usize = REFERENCES + <usize>BATCH * 4
/** Address of the slots of the pages' last references. */
const LAST_OF: usize = DISTANCES + AHEAD

/** A reference's write bit. */
const WRITE: u32 = 1 << 31
/** In place of the slot of a page that left the sample. */
const GONE: u32 = u32.MAX_VALUE

/** State of the pass. */
@unmanaged
@final
export class Mrc {
  /** Distinct pages so far; dense ids count up, so a higher one is a first reference. */
  pages: u32
  /** Pages among them that have not left the sample: the members of the set. */
  live: u32
  /** Slots taken so far, since the last compaction. */
  now: u32
  slots: u32
  /** Address of the histogram. `run` counts the references of each distance; for `runSampled` see there. */
  histogram: usize
  /** The last entry of the histogram; longer distances count there. */
  limit: u32
  /** How many times the slots were renumbered. */
  compactions: u32
  /** Address of the next struct Event; behind the last stands one with a page that never comes. */
  event: usize
  /** Keeps the look-ahead's loads from being dropped. */
  sink: u32
  /** How many references each sampled reference stands for: the inverse of the rate. */
  gap: f64
  /** Sampled references so far. */
  sampled: f64
  /** Sum of their gaps. */
  weight: f64
}

/** A page whose first reference lowers the sampling rate. */
@unmanaged
@final
export class Event {
  page: u32
  /** The page that leaves the sample after that reference. */
  victim: u32
  /** The gap from then on. */
  gap: f64
}

/** Bytes of memory for `pages` distinct pages, `limit` and so many events. */
export function footprint(pages: u32, slots: u32, limit: u32, events: u32): f64 {
  return <f64>(LAST_OF + 64) + <f64>pages * 4 + (<f64>limit + 1) * 8 + (<f64>events + 1) * <f64>offsetof<Event>() + Ranks.footprint(slots)
}

/** Lays out zeroed memory. There are at least 64 slots more than pages that are in the sample at once, or one a reference. */
export function init(pages: u32, slots: u32, limit: u32, events: u32): void {
  const mrc = changetype<Mrc>(CONTROL)
  mrc.slots = slots
  mrc.limit = limit
  mrc.gap = 1
  mrc.histogram = align(LAST_OF + ((<usize>pages) << 2))
  mrc.event = align(mrc.histogram + ((<usize>limit + 1) << 3))
  const end = mrc.event + (<usize>events + 1) * offsetof<Event>()
  changetype<Event>(end - offsetof<Event>()).page = u32.MAX_VALUE
  changetype<Ranks>(RANKS).init(slots, align(end))
}

/** Adds the first `count` references of the batch to the histogram of distances. */
export function run(count: u32): void {
  const mrc = changetype<Mrc>(CONTROL)
  const ranks = changetype<Ranks>(RANKS)
  const histogram = mrc.histogram
  const end = REFERENCES + ((<usize>count) << 2)
  for (let group = REFERENCES; group < end; group += AHEAD) {
    const until = min(group + AHEAD, end)
    prepare(group, until)
    let now = mrc.now
    let pages = mrc.pages
    let distance = DISTANCES
    for (let at = group; at < until; at += 4) {
      const page = load<u32>(at) & ~WRITE
      const place = LAST_OF + ((<usize>page) << 2)
      const last = load<u32>(place)
      store<u32>(place, now++)
      if (page === pages) {
        pages++
        continue
      }
      store<u32>(distance, pages - ranks.take(last))
      distance += 4
    }
    for (let at = DISTANCES; at < distance; at += 4) {
      const entry = histogram + ((<usize>load<u32>(at)) << 3)
      store<f64>(entry, load<f64>(entry) + 1)
    }
    mrc.now = now
    mrc.pages = pages
    mrc.live = pages
  }
}

/**
 * Adds sampled references. At distance d they stand for the distances from (d - 1) * gap to
 * d * gap, evenly, and count gap times. The histogram holds the changes of that density: its
 * sum up to an entry is the number of references at the distance one higher.
 */
export function runSampled(count: u32): void {
  const mrc = changetype<Mrc>(CONTROL)
  const ranks = changetype<Ranks>(RANKS)
  const end = REFERENCES + ((<usize>count) << 2)
  for (let group = REFERENCES; group < end; group += AHEAD) {
    const until = min(group + AHEAD, end)
    prepare(group, until)
    for (let at = group; at < until; at += 4) {
      const page = load<u32>(at) & ~WRITE
      const place = LAST_OF + ((<usize>page) << 2)
      const last = load<u32>(place)
      if (page === mrc.pages) {
        mrc.pages++
        mrc.live++
        take(mrc, place)
        if (page === changetype<Event>(mrc.event).page) lowerRate(mrc)
      } else if (last !== GONE) {
        take(mrc, place)
        spread(mrc, mrc.live - ranks.take(last))
      }
    }
  }
}

/** Traps if the books do not balance. */
export function check(): void {
  const mrc = changetype<Mrc>(CONTROL)
  const ranks = changetype<Ranks>(RANKS)
  let live: u32 = 0
  for (let page: u32 = 0; page < mrc.pages; page++) {
    const last = load<u32>(LAST_OF + ((<usize>page) << 2))
    if (last === GONE) continue
    assert(last < mrc.now && ranks.has(last), 'mrc: the last reference to a page has no slot')
    live++
  }
  assert(live === mrc.live, 'mrc: pages are lost')
  let members: u32 = 0
  for (let slot: u32 = 0; slot < mrc.now; slot++) members += <u32>ranks.has(slot)
  assert(members === live, 'mrc: slots are in use that belong to no page')
  ranks.check()
}

/** Makes the slots suffice for the references in [at, end), and loads what they need for the CPU's caches. */
function prepare(at: usize, end: usize): void {
  const mrc = changetype<Mrc>(CONTROL)
  if (mrc.slots - mrc.now < <u32>((end - at) >> 2)) compact()
  const words = changetype<Ranks>(RANKS).words
  let sum: u32 = 0
  for (; at < end; at += 4) {
    const last = load<u32>(LAST_OF + ((<usize>(load<u32>(at) & ~WRITE)) << 2))
    if (last !== GONE) sum += <u32>load<u8>(words + (last >> 3))
  }
  mrc.sink = sum
}

/** Numbers the slots of the pages' last references from 0, in the same order. */
function compact(): void {
  const mrc = changetype<Mrc>(CONTROL)
  const ranks = changetype<Ranks>(RANKS)
  const end = LAST_OF + ((<usize>mrc.pages) << 2)
  for (let place = LAST_OF; place < end; place += 4) {
    const last = load<u32>(place)
    if (last !== GONE) store<u32>(place, ranks.rank(last))
  }
  ranks.fill()
  mrc.now = mrc.live
  mrc.compactions++
}

/** Gives the page's sampled reference the next time slot. */
function take(mrc: Mrc, place: usize): void {
  mrc.sampled++
  mrc.weight += mrc.gap
  store<u32>(place, mrc.now++)
}

/** Adds a sampled reference at this distance to the histogram. */
function spread(mrc: Mrc, distance: u32): void {
  const from = nearest((<f64>distance - 1) * mrc.gap)
  const to = nearest(<f64>distance * mrc.gap)
  const density = mrc.gap / (to - from)
  const first = mrc.histogram + ((<usize>min(from, <f64>mrc.limit)) << 3)
  const last = mrc.histogram + ((<usize>min(to, <f64>mrc.limit)) << 3)
  store<f64>(first, load<f64>(first) + density)
  store<f64>(last, load<f64>(last) - density)
}

/** Takes the victim of the next event out of the sample and lowers the rate. */
function lowerRate(mrc: Mrc): void {
  const event = changetype<Event>(mrc.event)
  const place = LAST_OF + ((<usize>event.victim) << 2)
  changetype<Ranks>(RANKS).take(load<u32>(place))
  store<u32>(place, GONE)
  mrc.live--
  mrc.gap = event.gap
  mrc.event += offsetof<Event>()
}

/** Rounds up to the alignment of every region. */
function align(bytes: usize): usize {
  return (bytes + 15) & ~15
}
