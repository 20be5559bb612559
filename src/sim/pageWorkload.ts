// A trace of pages as work for a machine: one mapping that holds all of them, and one process or several that
// reference it. Pages stand in it in the order of their numbers, without the gaps between.
import { constants as C } from '../abi/constants.js'
import { PAGE_SIZE } from '../abi/layout.gen.js'
import type { Cgroup } from '../sys/cgroup.js'
import type { Machine } from '../sys/machine.js'
import type { Process } from '../sys/process.js'
import type { Trace } from '../trace/trace.js'
import { Tally } from './tally.js'
import { type Backing, DISK, failure, isShared, type Workload } from './workload.js'

const RW = C.PROT_READ | C.PROT_WRITE
const PAGE = 0x7fffffff
const WRITE = 0x80000000
/** References that one process executes at a time. */
const STEP = 2 ** 16
/** Pages of a file that are written before they are taken out of memory. */
const PIECE = 64
/** Numbers from here on are no addresses, and are not told apart as doubles. */
const HUGE = 2n ** 53n

/** How a trace of pages is executed. */
export interface PageOptions {
  backing: Backing
  /** How many processes there are. Each executes the whole trace in memory of its own; at shared memory, they take turns at it. */
  processes: number
  /** References that one of several processes executes before it is the next one's turn. */
  turn: number
  /** Whether written pages are given contents. */
  contents: boolean
  /** Whether each page is written once before, as by a program that has read its data: pages that are only read are zeros else, which take no frame or no swap. */
  fill: boolean
  /** The control group of the processes. */
  group?: Cgroup | undefined
  /** What is too little, where memory is. */
  short: () => string
}

/** A process, and where it has mapped the pages. */
interface Runner {
  process: Process
  base: number
  /** Of the pages that it writes, which have been; shared with who shares the pages. Empty without contents. */
  written: Uint8Array
}

/** The references of a trace, by processes that all begin with nothing but the mapping. */
export class PageWorkload implements Workload {
  readonly #trace: Trace
  readonly #options: PageOptions
  readonly #tally: Tally
  readonly #runners: Runner[]
  readonly #places: Uint32Array | undefined
  readonly #ordered = new Uint32Array(STEP)

  constructor(machine: Machine, trace: Trace, options: PageOptions, tally: Tally) {
    this.#trace = trace
    this.#options = options
    this.#tally = tally
    this.#places = placesOf(trace)
    this.#runners = mapPages(machine, trace, options)
  }

  get processes(): number {
    return this.#runners.length
  }

  /** Writes every page, in every memory that holds them, without counting. */
  fill(): void {
    const pages = Uint32Array.from({ length: this.#trace.uniquePages }, (_, page) => (page | WRITE) >>> 0)
    const alone = isShared(this.#options.backing) ? this.#runners.slice(0, 1) : this.#runners
    for (const runner of alone) this.#execute(runner, pages, 0, new Tally())
  }

  *steps(): Generator<number, void> {
    const { backing, processes, turn } = this.#options
    const shared = isShared(backing)
    const step = processes === 1 ? STEP : turn
    let turns = 0
    let at = 0
    for (const chunk of this.#trace.chunks) {
      for (let from = 0; from < chunk.length; from += step) {
        const part = this.#inOrder(chunk.subarray(from, from + step))
        const next = this.#runners[turns++ % processes] as Runner
        for (const runner of shared ? [next] : this.#runners) {
          this.#execute(runner, part, at, this.#tally)
          yield part.length
        }
        at += part.length
      }
    }
  }

  /** Reads every page that was written; throws an Error if one does not hold its number, which only a bug can cause. */
  check(): void {
    for (const { process, base, written } of this.#runners) {
      for (let page = 0; page < written.length; page++) {
        if (written[page] === 0) continue
        const found = process.load32(base + page * PAGE_SIZE)
        if (found !== page + 1) throw new Error(`page ${page} of process ${process.pid} holds ${found} and not what was written to it`)
      }
    }
  }

  #execute(runner: Runner, part: Uint32Array, at: number, tally: Tally): void {
    try {
      if (this.#options.contents) this.#write(runner, part, tally)
      else tally.run(runner.process, part, runner.base)
    } catch (error) {
      const process = this.#runners.length === 1 ? undefined : runner.process.pid
      throw failure(error, { path: this.#trace.path, at, process, short: this.#options.short })
    }
  }

  /** Executes references; where one is the first that writes its page, writes the page's number there. */
  #write({ process, base, written }: Runner, part: Uint32Array, tally: Tally): void {
    let from = 0
    for (let i = 0; i < part.length; i++) {
      const reference = part[i] as number
      const page = reference & PAGE
      if (reference < WRITE || written[page] === 1) continue
      tally.run(process, part.subarray(from, i + 1), base)
      process.store32(base + page * PAGE_SIZE, page + 1)
      written[page] = 1
      from = i + 1
    }
    if (from < part.length) tally.run(process, part.subarray(from), base)
  }

  /** References to places in the mapping instead of dense ids. */
  #inOrder(part: Uint32Array): Uint32Array {
    const places = this.#places
    if (!places) return part
    const ordered = this.#ordered.subarray(0, part.length)
    for (let i = 0; i < part.length; i++) {
      const reference = part[i] as number
      ordered[i] = (places[reference & PAGE] as number) | (reference & WRITE)
    }
    return ordered
  }
}

/** The place of each dense id if pages stand in the order of their numbers; undefined if they do already, or have huge ones, as hashes. */
function placesOf({ ids }: Trace): Uint32Array | undefined {
  if (ids.every((id, i) => i === 0 || id > (ids[i - 1] as bigint)) || ids.some(id => id >= HUGE)) return undefined
  const numbers = Float64Array.from(ids, Number)
  const sorted = numbers.slice().sort()
  return Uint32Array.from(numbers, number => placeIn(sorted, number))
}

/** Where a number stands among sorted ones, of which it is one. */
function placeIn(sorted: Float64Array, number: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}

/** Makes a file of so many pages, all of them on the disk and none in memory; returns its descriptor. */
function writeFile(init: Process, pages: number): number {
  const fd = init.open(`${DISK}/trace`, C.O_RDWR | C.O_CREAT, 0o600)
  const zeros = new Uint8Array(PIECE * PAGE_SIZE)
  for (let page = 0; page < pages; page += PIECE) {
    const [at, length] = [page * PAGE_SIZE, Math.min(PIECE, pages - page) * PAGE_SIZE]
    init.pwrite(fd, zeros.subarray(0, length), at)
    init.posix_fadvise(fd, at, length, C.POSIX_FADV_DONTNEED)
  }
  return fd
}

/** Makes the processes and lets each map the pages. */
function mapPages({ init }: Machine, { uniquePages }: Trace, { backing, processes, contents, group }: PageOptions): Runner[] {
  const length = uniquePages * PAGE_SIZE
  const segment = backing === 'shm' ? init.shmget(C.IPC_PRIVATE, length, C.SHM_NORESERVE | 0o600) : -1
  const file = backing === 'file' ? writeFile(init, uniquePages) : -1
  const map = (process: Process): number => {
    if (backing === 'shm') return process.shmat(segment, 0, 0)
    if (backing === 'file') return process.mmap(0, length, RW, C.MAP_SHARED, file)
    return process.mmap(0, length, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE)
  }
  const marks = (): Uint8Array => new Uint8Array(contents ? uniquePages : 0)
  const common = marks()
  return Array.from({ length: processes }, () => {
    const process = init.fork()
    group?.assign(process)
    return { process, base: map(process), written: isShared(backing) ? common : marks() }
  })
}
