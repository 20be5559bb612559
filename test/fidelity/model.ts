// A short model of reclaim in a memory cgroup that holds one kind of pages: linux-6.12's two lists (mm/vmscan.c, mm/swap.c,
// mm/workingset.c), and nothing else of a machine. Records that it meets are right, and so are its rules; where the machine
// differs from both, the machine is wrong. Linux looks at statistics that are up to date only when someone has read them:
// the model can do so, too, which tells how much of a difference comes from that.
import { type Case, COUNTERS, type Counts, isFile, TURN } from './cases.js'
import { PAGES, trace, WRITE } from './traces.js'

const BATCH = 31 // PAGEVEC_SIZE
const CLUSTER = 32 // SWAP_CLUSTER_MAX
const AROUND = 16 // pages of fault_around_bytes
const SWAPPINESS = 60

/** The kernel brings statistics up to date, when they are read, only if they have changed so much: about so many new pages. */
const WORTH_FLUSHING = 20

/** The lists' heads stand behind the pages. */
const INACTIVE = PAGES
const ACTIVE = PAGES + 1

class Model {
  readonly counts = Object.fromEntries(COUNTERS.map(name => [name, 0])) as Counts
  readonly #file: boolean
  readonly #prev = Uint32Array.from({ length: PAGES + 2 }, (_, i) => i)
  readonly #next = Uint32Array.from({ length: PAGES + 2 }, (_, i) => i)
  readonly #size = [0, 0]
  readonly #present = new Uint8Array(PAGES)
  readonly #active = new Uint8Array(PAGES)
  readonly #referenced = new Uint8Array(PAGES)
  readonly #workingset = new Uint8Array(PAGES)
  readonly #listed = new Uint8Array(PAGES)
  /** A bit a process: whether it maps the page, or the page of zeros there, and whether it used it. */
  readonly #mapped = new Uint8Array(PAGES)
  readonly #zero = new Uint8Array(PAGES)
  readonly #young = new Uint8Array(PAGES)
  readonly #dirty = new Uint8Array(PAGES)
  readonly #swapped = new Uint8Array(PAGES)
  /** Twice the age at which a page was evicted, plus whether it had been active; -1 if it was not. */
  readonly #shadow = new Int32Array(PAGES).fill(-1)
  readonly #added: number[] = []
  readonly #activated: number[] = []
  #used = 0
  #age = 0
  #cost = 0
  #snapshot = 0
  #read = -1

  /** What reclaim believes: pages on the inactive and on the active list, refaulted pages that were activated. */
  #known: readonly [number, number, number] = [0, 0, 0]
  #news = 0

  /** `exact` tells whether statistics are up to date at all times, or only by `readStatistics`. */
  constructor(
    readonly one: Case,
    readonly exact: boolean,
  ) {
    this.#file = isFile(one.kind)
  }

  /** What reading memory.stat does. */
  readStatistics(): void {
    if (this.#news < WORTH_FLUSHING) return
    this.#news = 0
    this.#known = [this.#size[0] as number, this.#size[1] as number, this.counts.workingset_activate]
  }

  #believed(): readonly [inactive: number, active: number, activated: number] {
    return this.exact ? [this.#size[0] as number, this.#size[1] as number, this.counts.workingset_activate] : this.#known
  }

  /** A load or store of process `who`. */
  reference(page: number, write: boolean, who: number): void {
    const bit = 1 << who
    const mapped = ((this.#mapped[page] as number) & bit) !== 0
    if (!mapped || (write && this.#zero[page])) this.#fault(page, write, bit)
    this.#young[page] = (this.#young[page] as number) | bit
    if (write) this.#dirty[page] = 1
  }

  #fault(page: number, write: boolean, bit: number): void {
    this.counts.pgfault++
    const fresh = this.one.kind === 'anon' && !this.#present[page] && !this.#swapped[page]
    this.#zero[page] = fresh && !write ? 1 : 0
    if (!write && this.one.kind !== 'anon') this.#faultAround(page, bit)
    if (!this.#present[page] && !this.#zero[page]) this.#bring(page)
    this.#mapped[page] = (this.#mapped[page] as number) | bit
  }

  /** pread of a page. */
  read(page: number): void {
    if (!this.#present[page]) this.#bring(page)
    if (page !== this.#read) this.#markAccessed(page)
    this.#read = page
  }

  /** do_fault_around: what is in memory around the page is mapped, too, as used. */
  #faultAround(page: number, bit: number): void {
    for (let near = page - (page % AROUND); near < Math.min(PAGES, page - (page % AROUND) + AROUND); near++) {
      if (!this.#present[near] || (this.#mapped[near] as number) & bit) continue
      this.#mapped[near] = (this.#mapped[near] as number) | bit
      this.#young[near] = (this.#young[near] as number) | bit
    }
  }

  #bring(page: number): void {
    if (this.#file || this.#swapped[page]) this.counts.pgmajfault++
    if (this.#used === this.one.frames) this.#reclaim()
    this.#used++
    this.#news++
    if (this.#swapped[page]) this.counts.pswpin++
    this.#dirty[page] = this.#swapped[page] as number
    this.#present[page] = 1
    this.#swapped[page] = this.#active[page] = this.#referenced[page] = this.#workingset[page] = 0
    if ((this.#shadow[page] as number) >= 0) this.#refault(page)
    this.#added.push(page)
    if (this.#added.length === BATCH) this.#drainAdded()
  }

  #refault(page: number): void {
    const shadow = this.#shadow[page] as number
    this.#shadow[page] = -1
    this.counts.workingset_refault++
    if (this.#age - (shadow >>> 1) > this.#believed()[1]) return
    this.#active[page] = 1
    this.#age++
    this.counts.workingset_activate++
    if (!(shadow & 1)) return
    this.#workingset[page] = 1
    this.counts.workingset_restore++
    this.#noteCost(CLUSTER)
  }

  /** folio_mark_accessed. */
  #markAccessed(page: number): void {
    if (!this.#referenced[page]) this.#referenced[page] = 1
    else if (!this.#active[page]) {
      if (!this.#listed[page]) this.#active[page] = this.#added.includes(page) ? 1 : 0
      else if (!this.#activated.includes(page)) this.#activated.push(page)
      this.#referenced[page] = 0
      this.#age++
      if (this.#activated.length === BATCH) this.#drainActivated()
    }
  }

  #drain(): void {
    this.#drainAdded()
    this.#drainActivated()
  }

  #drainAdded(): void {
    for (const page of this.#added.splice(0)) this.#link(page)
  }

  #drainActivated(): void {
    for (const page of this.#activated.splice(0)) {
      this.#unlink(page)
      this.#active[page] = 1
      this.#link(page)
      this.counts.pgactivate++
    }
  }

  #link(page: number): void {
    const head = INACTIVE + (this.#active[page] as number)
    const first = this.#next[head] as number
    this.#next[head] = this.#prev[first] = page
    this.#next[page] = first
    this.#prev[page] = head
    this.#listed[page] = 1
    ;(this.#size[head - INACTIVE] as number)++
  }

  #unlink(page: number): void {
    const before = this.#prev[page] as number
    const after = this.#next[page] as number
    this.#next[before] = after
    this.#prev[after] = before
    this.#listed[page] = 0
    ;(this.#size[this.#active[page] as number] as number)--
  }

  #noteCost(cost: number): void {
    this.#cost += cost
    const [inactive, active] = this.#believed()
    if (this.#cost > Math.floor((inactive + active) / 4)) this.#cost = Math.floor(this.#cost / 2)
  }

  #isLow(): boolean {
    const [inactive, active] = this.#believed()
    return inactive < active
  }

  /** try_to_free_mem_cgroup_pages. */
  #reclaim(): void {
    const until = this.#used - CLUSTER
    for (let priority = 12; priority >= 0 && this.#used > until; priority--) this.#shrinkLists(priority)
    this.#snapshot = this.#believed()[2]
    if (this.#used === this.one.frames) throw new Error('nothing could be reclaimed')
  }

  /** shrink_lruvec. */
  #shrinkLists(priority: number): void {
    const until = this.#used - CLUSTER
    const mayDeactivate = this.#believed()[2] !== this.#snapshot || this.#isLow()
    let [inactive, active] = this.#scanCount(priority, mayDeactivate)
    while (inactive > 0 || (this.#file && active > 0)) {
      const some = Math.min(inactive, CLUSTER)
      if (some > 0) this.#shrinkInactive(some)
      const others = Math.min(active, CLUSTER)
      if (others > 0 && mayDeactivate) this.#shrinkActive(others)
      inactive -= some
      active -= others
      if (this.#used <= until) break
    }
    if (!this.#file && this.#isLow()) this.#shrinkActive(CLUSTER)
  }

  /** get_scan_count, for the inactive and the active list. */
  #scanCount(priority: number, mayDeactivate: boolean): [number, number] {
    const [inactive, active] = this.#size.map(size => Math.floor(size / 2 ** priority)) as [number, number]
    const trim = this.#file && inactive > 0 && !mayDeactivate
    if (priority === 0 || trim) return [inactive, active]
    const cost = { other: this.#cost + 1, own: 2 * this.#cost + 1, total: 3 * this.#cost + 1 }
    const weight = this.#file ? 200 - SWAPPINESS : SWAPPINESS
    const own = Math.floor((weight * cost.total) / cost.own)
    const other = Math.floor(((200 - weight) * cost.total) / cost.other)
    const share = (scan: number): number => Math.floor((scan * own) / (own + other))
    return [share(inactive), share(active)]
  }

  /** Up to `count` pages from a list's end, oldest first. */
  #isolate(head: number, count: number): number[] {
    const pages: number[] = []
    while (pages.length < count && this.#prev[head] !== head) {
      const page = this.#prev[head] as number
      this.#unlink(page)
      pages.push(page)
    }
    return pages
  }

  #shrinkInactive(count: number): void {
    this.#drain()
    const pages = this.#isolate(INACTIVE, count)
    this.counts.pgscan += pages.length
    let written = 0
    const kept = pages.filter(page => {
      if (this.#keeps(page)) return true
      written += this.#evict(page)
      return false
    })
    for (const page of kept) {
      this.#link(page)
      this.#age += this.#active[page] as number
    }
    this.#noteCost(written * CLUSTER + kept.length)
  }

  /** folio_check_references. */
  #keeps(page: number): boolean {
    const young = this.one.kind === 'random' ? 0 : (this.#young[page] as number)
    this.#young[page] = 0
    const referenced = this.#referenced[page]
    this.#referenced[page] = young ? 1 : 0
    if (!young) return false
    if (!referenced && young !== 3) return true
    this.#active[page] = 1
    this.counts.pgactivate++
    return true
  }

  /** Evicts a page. Returns 1 if it was written to swap. */
  #evict(page: number): number {
    this.#used--
    this.counts.pgsteal++
    this.#present[page] = this.#mapped[page] = this.#young[page] = 0
    const clean = this.one.kind !== 'anon' && !this.#dirty[page]
    if (this.#file || !clean) this.#shadow[page] = 2 * this.#age++ + (this.#workingset[page] as number)
    if (this.#file || clean) return 0
    this.#swapped[page] = 1
    this.counts.pswpout++
    return 1
  }

  #shrinkActive(count: number): void {
    this.#drain()
    for (const page of this.#isolate(ACTIVE, count)) {
      this.#active[page] = this.#young[page] = 0
      this.#workingset[page] = 1
      this.#link(page)
      this.counts.pgdeactivate++
    }
  }
}

/**
 * What the model counts. `every` says after how many references statistics are read, as in the kernel's replay; without it they
 * are always exact.
 */
export function replayInModel(one: Case, every?: number): Counts {
  const model = new Model(one, every === undefined)
  trace(one.trace, one.writes).forEach((reference, i) => {
    const page = reference & ~WRITE
    if (one.kind === 'pread') model.read(page)
    else model.reference(page, reference >= WRITE, one.kind === 'shared' ? Math.floor(i / TURN) % 2 : 0)
    if (every !== undefined && i % every === every - 1) model.readStatistics()
  })
  return model.counts
}
