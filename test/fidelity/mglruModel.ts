// A short model of Linux 6.12's multi-generational LRU (mm/vmscan.c, mm/workingset.c, mm/swap.c, include/linux/mm_inline.h) in a memory
// cgroup that holds one kind of anonymous or shmem pages of one process, and nothing else of a machine. No kernel records stand
// behind it, as ours is built without CONFIG_LRU_GEN: it was written from the rules alone, with lists that are arrays, so that where
// it and the machine differ one of the two has misread them.
import { COUNTERS, type Counts } from './cases.js'
import { WRITE } from './traces.js'

const ADD_BATCH = 31 // PAGEVEC_SIZE
const CLUSTER = 32 // SWAP_CLUSTER_MAX
const LRU_BATCH = 64 // MIN_LRU_BATCH
const SCAN_LIMIT = 4096 // MAX_LRU_BATCH
const GENERATIONS = 4 // MAX_NR_GENS
const MIN_GENERATIONS = 2 // MIN_NR_GENS
const TIERS = 4 // MAX_NR_TIERS
const TABLE = 512 // PTRS_PER_PTE
const PER_LINE = 8 // entries of a cache line
const AROUND = 16 // pages of fault_around_bytes
const RETRIES = 17

/** What a page's uses count up to: LRU_REFS full, and PG_workingset. */
const SATURATED = 4

/** A page, whether in memory or not. */
interface Page {
  present: boolean
  mapped: boolean
  zero: boolean
  young: boolean
  dirty: boolean
  swapped: boolean
  /** Its generation's number while it is in a list. */
  seq: number | undefined
  referenced: boolean
  refs: number
  /** What workingset_eviction left: generation and uses. */
  token: { seq: number; refs: number } | undefined
}

/** Counts by tier: of the generation that is evicted, and averages of those before. */
interface Control {
  refaulted: number[]
  evicted: number[]
  protected: number[]
  avgRefaulted: number[]
  avgTotal: number[]
}

const zeros = (): number[] => Array<number>(TIERS).fill(0)
const tierOf = (refs: number): number => Math.ceil(Math.log2(refs + 1))

/** What is replayed: a kind of pages, how many there are, and how many fit. */
export interface MglruCase {
  kind: 'anon' | 'shm'
  pages: number
  frames: number
}

class Model {
  readonly counts = Object.fromEntries(COUNTERS.map(name => [name, 0])) as Counts
  readonly #pages: Page[]
  /** Pages by where they stand, the one to go first at 0; a page may be of a younger generation than its list. */
  readonly #lists: number[][] = Array.from({ length: GENERATIONS }, () => [])
  readonly #control: Control = { refaulted: zeros(), evicted: zeros(), protected: zeros(), avgRefaulted: zeros(), avgTotal: zeros() }
  /** Tables that the Bloom filters name, without the tables too many that a real one names now and then. */
  readonly #filters: (Set<number> | undefined)[] = [undefined, undefined]
  #max = MIN_GENERATIONS + 1
  #min = 0
  #walked = false
  /** Whether this round has aged: what it finds used then stays where it stands. */
  #ages = false
  #added: number[] = []
  #used = 0

  constructor(readonly one: MglruCase) {
    this.#pages = Array.from({ length: one.pages }, () => ({
      present: false,
      mapped: false,
      zero: false,
      young: false,
      dirty: false,
      swapped: false,
      seq: undefined,
      referenced: false,
      refs: 0,
      token: undefined,
    }))
  }

  #page(number: number): Page {
    return this.#pages[number] as Page
  }

  #list(seq: number): number[] {
    return this.#lists[seq % GENERATIONS] as number[]
  }

  /** A load or store. */
  reference(number: number, write: boolean): void {
    const page = this.#page(number)
    if (!page.mapped || (write && page.zero)) this.#fault(number, page, write)
    page.young = true
    if (write) page.dirty = true
  }

  #fault(number: number, page: Page, write: boolean): void {
    this.counts.pgfault++
    page.zero = this.one.kind === 'anon' && !page.present && !page.swapped && !write
    if (!write && this.one.kind === 'shm') this.#faultAround(number)
    if (!page.present && !page.zero) this.#bring(number, page)
    page.mapped = true
  }

  #faultAround(number: number): void {
    const first = number - (number % AROUND)
    for (const near of this.#pages.slice(first, first + AROUND)) {
      if (!near.present || near.mapped) continue
      near.mapped = near.young = true
    }
  }

  #bring(number: number, page: Page): void {
    if (page.swapped) this.counts.pgmajfault++
    for (let tries = 0; this.#used === this.one.frames; tries++) {
      if (tries === RETRIES) throw new Error('nothing could be reclaimed')
      this.#reclaim()
    }
    this.#used++
    if (page.swapped) this.counts.pswpin++
    page.dirty = page.swapped
    page.present = true
    page.swapped = page.referenced = false
    page.refs = 0
    this.#refault(page)
    this.#added.push(number)
    if (this.#added.length === ADD_BATCH) this.#drain()
  }

  /** lru_gen_refault, in a fault. */
  #refault(page: Page): void {
    const { token } = page
    page.token = undefined
    if (!token) return
    this.counts.workingset_refault++
    if (token.seq !== this.#min) return
    ;(this.#control.refaulted[tierOf(token.refs)] as number)++
    this.counts.workingset_activate++
    this.counts.workingset_restore++
    page.refs = SATURATED
  }

  /** What faults brought is active. */
  #drain(): void {
    for (const number of this.#added) this.#enter(number)
    this.#added = []
  }

  #enter(number: number): void {
    this.#page(number).seq = this.#max
    this.#list(this.#max).push(number)
  }

  #leave(number: number): void {
    for (const list of this.#lists) {
      const at = list.indexOf(number)
      if (at >= 0) list.splice(at, 1)
    }
    this.#page(number).seq = undefined
  }

  /** try_to_free_mem_cgroup_pages. */
  #reclaim(): void {
    const until = this.#used - CLUSTER
    for (let priority = 12; priority >= 0 && this.#used > until; priority--) {
      this.#drain()
      this.#ages = false
      this.#shrink(priority)
    }
  }

  /** try_to_shrink_lruvec. */
  #shrink(priority: number): void {
    let scanned = 0
    while (true) {
      const wanted = this.#toScan(priority)
      if (wanted === 0) return
      const found = this.#evictSome()
      scanned += found
      if (found === 0 || scanned >= wanted) return
    }
  }

  /** get_nr_to_scan and should_run_aging. */
  #toScan(priority: number): number {
    let total = 0
    let young = true
    if (this.#min + MIN_GENERATIONS <= this.#max) {
      const sizes = new Map<number, number>()
      for (const { seq } of this.#pages) if (seq !== undefined) sizes.set(seq, (sizes.get(seq) ?? 0) + 1)
      total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
      const youngest = sizes.get(this.#max) ?? 0
      const old = sizes.get(this.#max - MIN_GENERATIONS) ?? 0
      const few = youngest * MIN_GENERATIONS > total || old * (MIN_GENERATIONS + 2) < total
      young = this.#min + MIN_GENERATIONS === this.#max && few
    }
    if (!young || priority === 12) return Math.floor(total / 2 ** priority)
    this.#age()
    return 0
  }

  /** try_to_inc_max_seq: walk_mm and inc_max_seq. */
  #age(): void {
    this.#ages = true
    this.#filters[(this.#max + 1) % 2] = new Set()
    for (let table = 0; table * TABLE < this.one.pages; table++) {
      const numbers = this.#numbers(table * TABLE, (table + 1) * TABLE)
      const isThere = numbers.some(number => this.#page(number).mapped || (this.one.kind === 'anon' && this.#page(number).swapped))
      const filter = this.#filters[this.#max % 2]
      if (!isThere || (this.#walked && filter && !filter.has(table))) continue
      const used = numbers.filter(number => this.#harvest(number))
      for (const number of used) this.#promote(number)
      if (used.length * PER_LINE >= numbers.length) this.#filters[(this.#max + 1) % 2]?.add(table)
    }
    this.#walked = true
    this.#max++
  }

  #numbers(first: number, end: number): number[] {
    return Array.from({ length: Math.min(end, this.one.pages) - first }, (_, i) => first + i)
  }

  /** Whether a page's entry was used; it is not any more. */
  #harvest(number: number): boolean {
    const page = this.#page(number)
    if (!page.mapped || page.zero || !page.young) return false
    page.young = false
    return true
  }

  /** folio_update_gen. */
  #promote(number: number): void {
    const page = this.#page(number)
    if (page.seq === undefined) {
      page.referenced = true
      return
    }
    page.seq = this.#max
    page.referenced = false
    page.refs = 0
  }

  /** lru_gen_look_around, at the entry of a page that was used. */
  #lookAround(number: number): void {
    const first = number - (number % TABLE)
    const last = Math.min(first + TABLE, this.one.pages)
    let [start, end] = [first, last]
    if (last - first > LRU_BATCH) {
      if (number - first < LRU_BATCH / 2) end = first + LRU_BATCH
      else if (last - number < LRU_BATCH / 2) start = last - LRU_BATCH
      else [start, end] = [number - LRU_BATCH / 2, number + LRU_BATCH / 2]
    }
    const used = this.#numbers(start, end).filter(near => this.#harvest(near))
    for (const near of used) {
      const { seq } = this.#page(near)
      if (this.#ages || seq === undefined) this.#promote(near)
      else if (seq !== this.#max) {
        this.#leave(near)
        this.#enter(near)
        this.counts.pgactivate++
      }
    }
    if (used.length * PER_LINE >= end - start) this.#filters[this.#max % 2]?.add(Math.floor(number / TABLE))
  }

  /** get_tier_idx. */
  #lastTier(): number {
    const { refaulted, evicted, protected: kept, avgRefaulted, avgTotal } = this.#control
    const back = (tier: number): number => (avgRefaulted[tier] as number) + (refaulted[tier] as number)
    const gone = (tier: number): number => (avgTotal[tier] as number) + (evicted[tier] as number) + (kept[tier] as number)
    let tier = 1
    while (tier < TIERS && (back(tier) < LRU_BATCH || back(tier) * (gone(0) + LRU_BATCH) <= (back(0) + 1) * gone(tier) * 2)) tier++
    return tier - 1
  }

  /** reset_ctrl_pos. */
  #resetControl(): void {
    const { refaulted, evicted, protected: kept, avgRefaulted, avgTotal } = this.#control
    for (let tier = 0; tier < TIERS; tier++) {
      avgRefaulted[tier] = Math.floor(((avgRefaulted[tier] as number) + (refaulted[tier] as number)) / 2)
      avgTotal[tier] = Math.floor(((avgTotal[tier] as number) + (evicted[tier] as number) + (kept[tier] as number)) / 2)
      refaulted[tier] = evicted[tier] = kept[tier] = 0
    }
  }

  /** sort_folio: whether a page at the end of the oldest list is moved elsewhere. */
  #sort(number: number, lastTier: number): boolean {
    const page = this.#page(number)
    if (page.seq !== this.#min) {
      this.#list(page.seq as number).push(number)
      return true
    }
    const tier = tierOf(page.refs)
    if (tier <= lastTier && page.refs !== SATURATED) return false
    ;(this.#control.protected[tier] as number)++
    page.seq = this.#min + 1
    page.referenced = false
    page.refs = 0
    this.#list(page.seq).unshift(number)
    return true
  }

  /** scan_folios: how many pages were looked at, and those that are to be evicted. */
  #scan(): [scanned: number, taken: number[]] {
    const taken: number[] = []
    if (this.#max - this.#min + 1 === MIN_GENERATIONS) return [0, taken]
    const lastTier = this.#lastTier()
    const list = this.#list(this.#min)
    let scanned = 0
    while (list.length > 0 && scanned < SCAN_LIMIT && taken.length < LRU_BATCH) {
      const number = list.shift() as number
      scanned++
      if (this.#sort(number, lastTier)) continue
      const page = this.#page(number)
      if (!page.referenced) page.refs = 0
      page.referenced = false
      page.seq = undefined
      taken.push(number)
    }
    return [taken.length > 0 || scanned === SCAN_LIMIT ? scanned : 0, taken]
  }

  /** evict_folios. */
  #evictSome(): number {
    let [scanned, taken] = this.#scan()
    this.counts.pgscan += taken.length
    let oldest = this.#min
    while (oldest + MIN_GENERATIONS <= this.#max && this.#list(oldest).length === 0) oldest++
    if (oldest !== this.#min) {
      this.#resetControl()
      this.#min = oldest
      scanned++
    }
    if (this.#max - this.#min + 1 === MIN_GENERATIONS) scanned = 0
    for (const number of taken.filter(each => !this.#evict(each))) {
      this.#page(number).referenced = false
      this.#page(number).refs = 0
      this.#enter(number)
    }
    return scanned
  }

  /** shrink_folio_list, of a page; whether it went. */
  #evict(number: number): boolean {
    const page = this.#page(number)
    // found by looking around at another's entry
    if (page.referenced && page.mapped) return false
    if (page.mapped && page.young) {
      this.#lookAround(number)
      this.counts.pgactivate++
      return false
    }
    this.#used--
    this.counts.pgsteal++
    page.present = page.mapped = false
    if (this.one.kind === 'shm' && !page.dirty) return true
    page.token = { seq: this.#min, refs: page.refs }
    ;(this.#control.evicted[tierOf(page.refs)] as number)++
    page.swapped = true
    this.counts.pswpout++
    return true
  }
}

/** What the model counts over references to pages, those with WRITE set writing. */
export function replayInMglruModel(one: MglruCase, references: Iterable<number>): Counts {
  const model = new Model(one)
  for (const reference of references) model.reference(reference & ~WRITE, reference >= WRITE)
  return model.counts
}
