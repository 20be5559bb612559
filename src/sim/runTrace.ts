// `runTrace`: a trace executed in a machine of so much memory, reference by reference: TLB, page tables,
// faults and all that follows from them.
import { setImmediate } from 'node:timers/promises'
import { EINVAL } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { PAGE_SIZE } from '../abi/layout.gen.js'
import { UsageError } from '../core/errors.js'
import { options as known } from '../sys/arguments.js'
import { type BootOptions, boot, type Machine, type Vmstat } from '../sys/machine.js'
import { bytes, parseSize } from '../sys/size.js'
import { MAX_SWAP, MIN_SWAP } from '../sys/swap.js'
import type { TraceOptions } from '../trace/decode.js'
import { openTrace, type TraceSource } from '../trace/open.js'
import type { Trace } from '../trace/trace.js'
import { type FaultCosts, faultCosts, faultTimes } from './cost.js'
import { EventWorkload } from './eventWorkload.js'
import { type PageOptions, PageWorkload } from './pageWorkload.js'
import { isTrace, type ReplaySource, requireWhole } from './replay.js'
import { summarize } from './report.js'
import type { RunReport } from './runReport.js'
import { Tally } from './tally.js'
import { DISK, isShared, type OptionNames, shortage, type Workload } from './workload.js'

/** References between two looks at other work. */
const STEP = 2 ** 17
/** The most processes that share a trace, or execute it each. */
const MAX_PROCESSES = 4096
/** References of a turn unless given. */
const TURN = 1024

const OPTIONS = [
  ...(['trace', 'memory', 'swap', 'memoryMax', 'policy', 'without', 'sysctl', 'target', 'cost', 'signal', 'onProgress'] as const),
  ...(['backing', 'processes', 'turn', 'contents', 'fill'] as const),
  ...(['format', 'pageSize', 'split', 'columns', 'header', 'delimiter'] as const),
] satisfies (keyof RunOptions)[]

/** How far a run is: bytes decoded of a trace, or references executed. */
export interface RunProgress {
  phase: 'decoding' | 'running'
  done: number
  /** Undefined if it cannot be known, as with standard input. */
  total: number | undefined
}

/** What to execute, and in what machine. */
export interface RunOptions
  extends Omit<TraceOptions, 'onProgress'>,
    Partial<Omit<PageOptions, 'group' | 'short'>>,
    Pick<BootOptions, 'policy' | 'without' | 'sysctl' | 'target'> {
  /** A trace that is open, or what `openTrace` takes. Its pages have 4096 bytes. */
  trace: ReplaySource
  /** The machine's memory: bytes, or a number with KiB, MiB or GiB. Its own structs and page tables are in it, as in Linux. */
  memory: number | string
  /** Its swap: bytes, or a number with KiB, MiB or GiB; none unless given. In the host's memory if pages have contents, and else nowhere. */
  swap?: number | string
  /** The most that the pages of all processes may be, by a memory control group: as memory.max. */
  memoryMax?: number | string
  /** Seconds that events cost, where they are not the defaults. */
  cost?: Partial<FaultCosts>
  /** Stops the run, which then rejects with the signal's reason. */
  signal?: AbortSignal
  onProgress?: (progress: RunProgress) => void
}

/**
 * Executes a trace in a machine: maps its pages in a process, or several, and references them in the core as loads and
 * stores would; of a trace of events, does what it says. One thread does it all, so the same input gives the same counts.
 *
 * The pages have no bytes (`contents`) unless asked for; then the first write of a page leaves the page's number in it, and
 * in the end all of them are read and compared.
 *
 * Throws a UsageError for options that make no sense, and an InputError for a trace that cannot be read, references
 * what it has not mapped, or needs more memory than there is.
 */
export function runTrace(options: RunOptions): Promise<RunReport> {
  return runTraceAs(options, { memory: 'memory', swap: 'swap', memoryMax: 'memoryMax' })
}

/** As runTrace; messages call the options by these names. */
export async function runTraceAs(options: RunOptions, names: OptionNames): Promise<RunReport> {
  await sensible(() => known(options, OPTIONS, "runTrace's options"))
  const { memory, swap, memoryMax, policy = 'linux-6.12', without = [], contents = false, signal, onProgress } = options
  const choice = pageOptions(options)
  const cost = faultCosts(options.cost)
  const machine = await bootFor(options, names)
  const trace = isTrace(options.trace) ? options.trace : await open(options.trace, options)
  requireFit(trace, choice)
  const frames = machine.freeFrames
  const group = memoryMax === undefined ? undefined : machine.cgroup('run', { memoryMax })
  if (swap !== undefined) await sensible(() => machine.swapon({ size: swap, backing: contents ? 'memory' : 'none' }))
  if (choice.backing === 'file') await sensible(() => mountDisk(machine, trace, contents))
  const pages = { ...choice, group, short: () => shortage(names, swap !== undefined, group) }
  const tally = new Tally()
  const workload = trace.events
    ? new EventWorkload(machine, { ...trace, events: trace.events }, pages, tally)
    : new PageWorkload(machine, trace, pages, tally)
  if (workload instanceof PageWorkload && pages.fill) workload.fill()
  const before = machine.vmstat
  const total = trace.references * (trace.events || isShared(pages.backing) ? 1 : pages.processes)
  await execute(workload, done => onProgress?.({ phase: 'running', done, total }), signal)
  const vmstat = { ...difference(machine.vmstat, before), ...gauges(machine) }
  workload.check()
  const policyFrames = machine.policyFrames ?? null
  await machine.shutdown()
  const { references, seconds, ...counts } = tally
  return {
    trace: summarize(trace),
    machine: {
      memory: parseSize(memory),
      frames,
      swap: swap === undefined ? 0 : parseSize(swap),
      memoryMax: group?.memoryMax ?? null,
      policy,
      policyFrames,
      without,
      backing: pages.backing,
      processes: workload.processes,
      contents,
      fill: pages.fill,
    },
    references,
    ...counts,
    vmstat,
    cost,
    time: faultTimes(cost, { ...counts, pswpout: vmstat.pswpout }),
    seconds,
    // the clock may be too coarse for the shortest traces; the rate stays a number
    referencesPerSecond: references / Math.max(seconds, 1e-7),
  }
}

/** How a trace is executed, as asked for. */
type RunChoice = Omit<PageOptions, 'group' | 'short'>

function pageOptions({ backing = 'anon', processes = 1, turn = TURN, contents = false, fill = false }: RunOptions): RunChoice {
  if (!['anon', 'shm', 'file'].includes(backing)) throw new UsageError(`pages are backed by anon, shm or file, not '${String(backing)}'`)
  requireWhole('processes', processes, MAX_PROCESSES)
  requireWhole('turn', turn, 2 ** 32 - 1)
  return { backing, processes, turn, contents, fill }
}

/** Boots the machine. Throws a UsageError for a size that is none, too little or too much, and for a policy that does not go with the rest. */
async function bootFor(options: RunOptions, names: OptionNames): Promise<Machine> {
  const { memory, swap, memoryMax, contents = false, policy, without, sysctl, target } = options
  const how = { ...(policy && { policy }), ...(without && { without }), ...(sysctl && { sysctl }), ...(target && { target }) }
  const machine = await sensible(() => {
    for (const size of [memory, swap ?? 0, memoryMax ?? 0]) parseSize(size)
    if (swap !== undefined) requireSwap(swap, names)
    return boot({ memory, contents, cpus: 1, shm: { size: 0, inodes: 0 }, ...how })
  })
  if (machine.policyFrames === undefined) return machine
  if (memoryMax !== undefined) throw new UsageError(`${names.memoryMax} works with linux-6.12 only, not with ${policy}`)
  if (swap === undefined && options.backing !== 'file')
    throw new UsageError(`a policy other than linux-6.12 counts only where there is swap: give ${names.swap}`)
  return machine
}

/** Mounts a disk that has room for the pages of a trace. */
function mountDisk(machine: Machine, { uniquePages }: Trace, contents: boolean): void {
  machine.mount(DISK, { type: 'disk', size: Math.max(1, uniquePages) * PAGE_SIZE, backing: contents ? 'memory' : 'none' })
}

/** Refuses a swap area that is too small or too large. */
function requireSwap(given: number | string, names: OptionNames): void {
  const size = parseSize(given)
  if (size < MIN_SWAP || size > MAX_SWAP) throw new UsageError(`${names.swap} is ${bytes(MIN_SWAP)} to ${bytes(MAX_SWAP)}, not ${given}`)
}

/** Does something that throws a TypeError or a RangeError, or EINVAL, for options that make no sense, and throws a UsageError then. */
async function sensible<Result>(what: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await what()
  } catch (error) {
    const meant = error instanceof RangeError || error instanceof TypeError || (error instanceof SysError && error.errno === EINVAL)
    throw meant ? new UsageError(error.message) : error
  }
}

function open(source: TraceSource, { onProgress, ...options }: RunOptions): Promise<Trace> {
  return openTrace(source, { ...options, onProgress: (done, total) => onProgress?.({ phase: 'decoding', done, total }) })
}

/** Refuses a trace that the machine's pages are not right for, and options that are not for it. */
function requireFit({ path, pageSize, events }: Trace, { backing, processes, contents, fill }: RunChoice): void {
  if (pageSize !== PAGE_SIZE)
    throw new UsageError(
      `${path}: the machine's pages have ${PAGE_SIZE} bytes, those of the trace ${pageSize}: ask for a page size of ${PAGE_SIZE}`,
    )
  if (events && processes > 1) throw new UsageError(`${path}: a trace of events says itself which processes there are`)
  if (events && backing === 'file') throw new UsageError(`${path}: a trace of events has no file: its pages are anon or shm`)
  if (events && fill) throw new UsageError(`${path}: a trace of events writes its pages itself`)
  if (events && contents) throw new UsageError(`${path}: the pages of a trace of events have no contents`)
}

/** Does all the work, with other work between; `onReferences` is told how many references are done. */
async function execute(workload: Workload, onReferences: (done: number) => void, signal: AbortSignal | undefined): Promise<void> {
  let [done, told] = [0, 0]
  for (const references of workload.steps()) {
    done += references
    if (done - told < STEP) continue
    told = done
    onReferences(done)
    await setImmediate()
    signal?.throwIfAborted()
  }
  onReferences(done)
}

/** How many pages the machine has of what. */
function gauges(machine: Machine): Record<`nr_${string}`, number> {
  const lines = machine.proc('/proc/vmstat').matchAll(/^(nr_\w+) (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]))
}

function difference(after: Vmstat, before: Vmstat): Vmstat {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name as keyof Vmstat]])) as Vmstat
}
