// The trace rings, read while their threads write them: see assembly/phys/trace.ts.
import * as numbers from '../abi/event.gen.js'
import { CPU_SIZE, CPUS } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { CpuLayout, TraceEventLayout } from '../core/layout.gen.js'

/** What the two words of each event's record are: a number each, or two of 32 bits, the low one first; or nothing. */
const FIELDS = {
  page_fault_user: [['address'], ['errorCode']],
  mm_page_alloc: [['frame'], ['order']],
  mm_page_free: [['frame'], ['order']],
  vma_store: [['start'], ['end']],
  vma_remove: [['start'], ['end']],
  shm_attach: [['id'], ['key']],
  shm_detach: [['id'], ['key']],
  sched_process_fork: [['child'], ['childCpu']],
  sched_process_exit: [['ended'], ['status']],
  tlb_flush: [['address'], ['flushedCpu']],
  mark_victim: [['victim'], ['pages']],
  mm_vmscan_direct_reclaim_begin: [['order'], ['group']],
  mm_vmscan_direct_reclaim_end: [['nr_reclaimed'], ['group']],
  mm_vmscan_memcg_reclaim_begin: [['order'], ['group']],
  mm_vmscan_memcg_reclaim_end: [['nr_reclaimed'], ['group']],
  mm_vmscan_kswapd_wake: [['nid'], ['order']],
  mm_vmscan_kswapd_sleep: [['nid'], []],
  mm_vmscan_lru_isolate: [
    ['nr_requested', 'nr_scanned'],
    ['nr_taken', 'lru'],
  ],
  mm_vmscan_lru_shrink_inactive: [
    ['nr_scanned', 'nr_reclaimed'],
    ['nr_activate', 'priority'],
  ],
  mm_vmscan_lru_shrink_active: [
    ['nr_taken', 'nr_deactivated'],
    ['nr_referenced', 'priority'],
  ],
  mm_vmscan_write_folio: [['pfn'], ['reclaim_flags']],
} as const satisfies Partial<Record<Lowercase<keyof typeof numbers>, readonly [readonly string[], readonly string[]]>>

/** The events there are. */
export type EventName = keyof typeof FIELDS

/**
 * Something that happened, by `event`; names are those of Linux's tracepoints where it has one.
 * `errorCode` is x86's: 1 the page was present, 2 a write, 4 the user's.
 */
export type MachineEvent = {
  [Name in EventName]: {
    event: Name
    /** On which CPU. */
    cpu: number
    /** How many events that CPU had had before. Events of one CPU are in order; of several, nothing says which came first. */
    sequence: number
    /** The process that was in a call, or faulted. */
    pid: number
  } & { [Field in (typeof FIELDS)[Name][number][number]]: number }
}[EventName]

/** What happened since the last look. */
export interface EventBatch {
  /** CPU by CPU, in order. */
  events: MachineEvent[]
  /** How many events were overwritten before they were read. */
  lost: number
  /** Where the next look goes on: machine.events({ since: next }). */
  next: EventPosition
}

/** How far the events of each CPU were read. */
export type EventPosition = readonly number[]

const NAMES: ReadonlyMap<number, EventName> = new Map(
  Object.entries(numbers).flatMap(([constant, number]) => {
    const name = constant.toLowerCase()
    return name in FIELDS ? [[number, name as EventName]] : []
  }),
)

/** The largest ring, in events, and how many events are in a page. */
export const MAX_EVENTS = 2 ** 10 * 128
export const EVENTS_PER_PAGE = 4096 / TraceEventLayout.SIZE

/** Whether the machine has rings: booted with the option `trace`. */
export function keepsEvents({ view }: Kernel): boolean {
  return view.getUint32(CPUS + CpuLayout.ring, true) !== 0
}

/** Reads what every CPU's ring holds from a position on. */
export function readEvents(kernel: Kernel, cpus: number, since: EventPosition): EventBatch {
  const batches = Array.from({ length: cpus }, (_, cpu) => readRing(kernel, cpu, since[cpu] ?? 0))
  return {
    events: batches.flatMap(({ events }) => events),
    lost: batches.reduce((sum, { lost }) => sum + lost, 0),
    next: batches.map(({ next }) => next),
  }
}

function readRing(kernel: Kernel, cpu: number, since: number): { events: MachineEvent[]; lost: number; next: number } {
  const { view } = kernel
  const block = CPUS + cpu * CPU_SIZE
  const ring = view.getUint32(block + CpuLayout.ring, true)
  const mask = view.getUint32(block + CpuLayout.ringMask, true)
  const published = new BigInt64Array(view.buffer, block + CpuLayout.events, 1)
  const next = Number(Atomics.load(published, 0))
  const found: MachineEvent[] = []
  for (let sequence = Math.max(since, next - mask - 1); sequence < next; sequence++) {
    const event = readEvent(view, ring + (sequence & mask) * TraceEventLayout.SIZE, cpu)
    // a later event may stand in its place already
    if (event?.sequence === sequence) found.push(event)
  }
  // the slots of older events may have been written while they were read, and one is being written now
  const safe = Number(Atomics.load(published, 0)) - mask + 1
  const events = found.filter(({ sequence }) => sequence >= safe)
  return { events, lost: Math.max(0, next - since - events.length), next }
}

function readEvent(view: DataView, at: number, cpu: number): MachineEvent | undefined {
  const long = (offset: number): number => Number(view.getBigUint64(at + offset, true))
  const word = (offset: number): number => view.getUint32(at + offset, true)
  const name = NAMES.get(word(TraceEventLayout.event))
  // a number that is being written
  if (!name) return undefined
  const [first, second] = FIELDS[name] as readonly [readonly string[], readonly string[]]
  const fields = (names: readonly string[], offset: number): [string, number][] =>
    names.length === 1 ? [[names[0] as string, long(offset)]] : names.map((field, half) => [field, word(offset + 4 * half)])
  return {
    event: name,
    cpu,
    sequence: long(TraceEventLayout.sequence),
    pid: word(TraceEventLayout.pid),
    ...Object.fromEntries([...fields(first, TraceEventLayout.first), ...fields(second, TraceEventLayout.second)]),
  } as unknown as MachineEvent
}
