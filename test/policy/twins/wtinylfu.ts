import type { TwinFactory } from '../twin.ts'

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x)
const rotate = (x: bigint, by: bigint): bigint => u64(x << by) | (x >> (64n - by))
const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n

/** XXH64 of an 8-byte number, after its specification. */
function xxh64(value: bigint, seed: bigint): bigint {
  let hash = u64(seed + P5) + 8n
  hash ^= u64(rotate(u64(value * P2), 31n) * P1)
  hash = u64(rotate(u64(hash), 27n) * P1 + P4)
  hash = u64((hash ^ (hash >> 33n)) * P2)
  hash = u64((hash ^ (hash >> 29n)) * P3)
  return hash ^ (hash >> 32n)
}

/** What estimates how often a page was counted. */
interface Filter {
  add(page: number): void
  estimate(page: number): number
  /** A hit in the main cache, which holds so many pages at most. */
  hit(mainLimit: number): void
}

/** A count-min sketch: four rows of counters to 15, halved after ten additions an entry. */
function countMin(entries: number): Filter {
  const blocks = Math.max(1, Math.ceil(entries / 8))
  const counts = new Map<string, number>()
  const keys = new Map<number, number>() // in order of first appearance, as the engine numbers pages
  let added = 0
  const counters = (page: number): string[] => {
    const key = keys.get(page) ?? keys.size
    keys.set(page, key)
    let hash = Math.imul(key ^ (key >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash = ((hash ^ (hash >>> 16)) & ~3) >>> 0
    const block = Math.floor((hash * blocks) / 2 ** 32)
    let choice = Math.imul(hash, 0x9e3779b1)
    choice ^= choice >>> 15
    return [0, 1, 2, 3].map(row => `${block} ${row} ${(choice >>> (8 * row)) & 15}`)
  }
  return {
    add: page => {
      for (const counter of counters(page)) counts.set(counter, Math.min(15, (counts.get(counter) ?? 0) + 1))
      if (++added < Math.max(10, 10 * entries)) return
      added = Math.floor(added / 2)
      for (const [counter, count] of counts) counts.set(counter, count >> 1)
    },
    estimate: page => Math.min(...counters(page).map(counter => counts.get(counter) ?? 0)),
    hit: () => {},
  }
}

/** libCacheSim's counting filter. */
function countingBloom(entries: number): Filter {
  const perEntry = -Math.log(0.001) / 0.480453013918201
  const counters = Math.ceil(perEntry * entries)
  const counts = new Array<number>(counters < 10 ? 20 : counters).fill(0)
  const known = new Map<number, number[]>()
  const indices = (page: number): number[] => {
    const a = xxh64(BigInt(page), 0x12345678n)
    const b = xxh64(BigInt(page), 0x12344321n)
    const all =
      known.get(page) ?? Array.from({ length: 10 }, (_, i) => Number(BigInt.asUintN(32, a + BigInt(i) * b) % BigInt(counts.length)))
    known.set(page, all)
    return all
  }
  let hits = 0
  return {
    add: page => {
      for (const i of indices(page)) counts[i] = (counts[i] as number) + 1
    },
    estimate: page => Math.min(...indices(page).map(i => counts[i] as number)),
    hit: mainLimit => {
      if (++hits < 32 * mainLimit) return
      hits = 0
      for (const [i, count] of counts.entries()) counts[i] = count >> 1
    },
  }
}

/** W-TinyLFU as libCacheSim has it, with its main cache: a segmented LRU of 1:4. */
export const twin: TwinFactory = (frames, { window: share = 0.01, compat }) => {
  const wanted = Math.floor(frames * Number(share))
  const mainLimit = frames - Math.min(frames, Math.max(1, wanted))
  const fifth = Math.floor(0.2 * mainLimit)
  const limits = fifth > 0 ? [fifth, Math.floor(0.8 * mainLimit)] : [1, Math.max(0, mainLimit - 1)]
  const window: number[] = [] // most recent last, as the others
  const main: [number[], number[]] = [[], []] // probation, protected
  const counts = compat === 'libcachesim' ? countingBloom(mainLimit) : countMin(mainLimit)

  const mainSize = (): number => main[0].length + main[1].length
  const lowest = (): number[] => main[main[0].length > 0 ? 0 : 1]
  const drop = (list: number[], page: number): void => void list.splice(list.indexOf(page), 1)

  function enterMain(page: number): void {
    const segment = limits.findIndex((limit, i) => (main[i] as number[]).length < limit)
    main[segment === 1 ? 1 : 0].push(page)
    counts.add(page)
  }

  function hitMain(page: number): void {
    counts.add(page)
    counts.hit(mainLimit)
    const [probation, safe] = main
    drop(probation.includes(page) ? probation : safe, page)
    safe.push(page)
    while (safe.length > (limits[1] as number)) {
      probation.push(safe.shift() as number)
      while (probation.length > (limits[0] as number)) probation.shift()
    }
  }

  /** The pages that make room: one for each that the window sends to the full main cache, and one that loses. */
  function evict(): number[] {
    const victims: number[] = []
    for (let page = window.shift(); page !== undefined; page = window.shift()) {
      if (mainSize() === mainLimit) {
        const rival = lowest()[0]
        if (rival === undefined || counts.estimate(page) <= counts.estimate(rival)) {
          counts.add(page)
          return [...victims, page]
        }
        victims.push(lowest().shift() as number)
      }
      enterMain(page)
    }
    return [...victims, lowest().shift() as number]
  }

  return {
    reference(page) {
      if (window.includes(page)) {
        drop(window, page)
        window.push(page)
        return 'hit'
      }
      if (main[0].includes(page) || main[1].includes(page)) {
        hitMain(page)
        return 'hit'
      }
      if (compat === 'libcachesim' && (wanted < 1 || fifth < 1)) return { victim: undefined }
      const [victim, ...also] = window.length + mainSize() === frames ? evict() : []
      window.push(page)
      counts.add(page)
      return { victim, also }
    },
  }
}
