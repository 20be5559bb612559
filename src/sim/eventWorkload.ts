// A trace of events as work for a machine: its processes come, map, reference, fork and go as it says.
import { constants as C } from '../abi/constants.js'
import type { FaultError } from '../abi/errors.js'
import { InputError } from '../core/errors.js'
import type { Cgroup } from '../sys/cgroup.js'
import type { Machine } from '../sys/machine.js'
import type { Process } from '../sys/process.js'
import type { MapCall, TraceCall, TraceEvents } from '../trace/events.js'
import type { Trace } from '../trace/trace.js'
import type { PageOptions } from './pageWorkload.js'
import type { Tally } from './tally.js'
import { type Backing, failure, type Workload } from './workload.js'

const PAGE = 0x7fffffff
const WRITE = 0x80000000
/** References that are executed at a time. */
const STEP = 2 ** 16
/** Whose references come before any process is named. */
const FIRST = 1
/** What is mapped around a reference, where a trace maps nothing itself. */
const REGION = 2 ** 21
const RW = C.PROT_READ | C.PROT_WRITE

/** A process of the trace that lives. */
interface Living {
  process: Process
  /** Who will be told of its end. */
  parent: Process
}

/** The events of a trace, in their order. */
export class EventWorkload implements Workload {
  processes = 0
  readonly #init: Process
  readonly #trace: Trace
  readonly #events: TraceEvents
  readonly #backing: Backing
  readonly #tally: Tally
  readonly #group: Cgroup | undefined
  readonly #short: () => string
  readonly #living = new Map<number, Living>()
  /** Whether memory is mapped where it is referenced. */
  readonly #mapsItself: boolean
  readonly #far = new BigUint64Array(STEP)
  /** Who executes references. */
  #running: Process

  constructor({ init }: Machine, trace: Trace & { events: TraceEvents }, { backing, group, short }: PageOptions, tally: Tally) {
    this.#init = this.#running = init
    this.#trace = trace
    this.#events = trace.events
    this.#backing = backing
    this.#tally = tally
    this.#group = group
    this.#short = short
    this.#mapsItself = trace.events.calls.some(({ call }) => call.name === 'mmap')
  }

  *steps(): Generator<number, void> {
    const { turns, calls } = this.#events
    const { references } = this.#trace
    let process = FIRST
    let [turn, call] = [0, 0]
    for (let at = 0; at <= references; ) {
      // what stands at one place: calls name their process, so the last turn counts
      while (turn < turns.at.length && (turns.at[turn] as number) <= at) process = turns.process[turn++] as number
      while (call < calls.length && (calls[call] as TraceCall).at <= at) this.#call(calls[call++] as TraceCall)
      if (at === references) return
      const next = Math.min(turns.at[turn] ?? references, calls[call]?.at ?? references)
      yield* this.#execute(process, at, next)
      at = next
    }
  }

  /** Nothing is written that could be looked for. */
  check(): void {}

  /** Lets a process execute references of the trace, from one to before another. */
  *#execute(number: number, from: number, to: number): Generator<number, void> {
    const { process } = this.#process(number)
    this.#running = process
    for (let at = from; at < to; ) {
      const part = this.#references(at, Math.min(to, at + STEP))
      try {
        this.#tally.run(process, part)
      } catch (error) {
        throw failure(error, { path: this.#trace.path, at, process: number, short: this.#short })
      }
      at += part.length
      yield part.length
    }
  }

  /** References of the trace that stand in one chunk, by their page numbers. */
  #references(from: number, to: number): BigUint64Array {
    const { chunks, ids } = this.#trace
    let [index, start] = [0, 0]
    while (start + (chunks[index] as Uint32Array).length <= from) start += (chunks[index++] as Uint32Array).length
    const part = (chunks[index] as Uint32Array).subarray(from - start, to - start)
    const numbers = new Uint32Array(ids.buffer, ids.byteOffset, 2 * ids.length)
    const halves = new Uint32Array(this.#far.buffer)
    for (let i = 0; i < part.length; i++) {
      const reference = part[i] as number
      const page = reference & PAGE
      halves[2 * i] = numbers[2 * page] as number
      halves[2 * i + 1] = (numbers[2 * page + 1] as number) | (reference & WRITE)
    }
    return this.#far.subarray(0, part.length)
  }

  /** The process of that number, which begins if there is none. */
  #process(number: number): Living {
    const found = this.#living.get(number)
    if (found) return found
    const begun = { process: this.#init.fork(), parent: this.#init }
    this.#group?.assign(begun.process)
    if (!this.#mapsItself) begun.process.sigaction('SIGSEGV', fault => this.#mapAround(fault))
    this.#begin(number, begun)
    return begun
  }

  #begin(number: number, living: Living): void {
    this.#living.set(number, living)
    this.processes++
  }

  /** Maps memory where there is none, for traces that do not say where it is. */
  #mapAround(fault: FaultError): void {
    const flags = C.MAP_FIXED_NOREPLACE | C.MAP_ANONYMOUS | C.MAP_NORESERVE | (this.#backing === 'shm' ? C.MAP_SHARED : C.MAP_PRIVATE)
    this.#running.mmap(fault.address - (fault.address % REGION), REGION, RW, flags)
  }

  #call({ at, process: number, line, call }: TraceCall): void {
    const place = { path: this.#trace.path, at, process: number, line, short: this.#short }
    try {
      const living = this.#process(number)
      if (call.name === 'mmap') this.#map(living.process, call)
      else if (call.name === 'munmap') living.process.munmap(call.address, call.length)
      else if (call.name === 'exit') this.#exit(number, living)
      else if (this.#living.has(call.child)) throw new InputError(`${place.path}: line ${line}: there is a process ${call.child} already`)
      else this.#begin(call.child, { process: living.process.fork(), parent: living.process })
    } catch (error) {
      throw failure(error, place)
    }
  }

  #map(process: Process, { address, length, write, kind, object, offset = 0 }: MapCall): void {
    const shared = kind === undefined ? this.#backing === 'shm' : kind === 'shared'
    const prot = write ? RW : C.PROT_READ
    const flags = C.MAP_FIXED | C.MAP_NORESERVE | (shared ? C.MAP_SHARED : C.MAP_PRIVATE)
    if (object === undefined) {
      process.mmap(address, length, prot, flags | C.MAP_ANONYMOUS)
      return
    }
    const fd = process.shm_open(`/${object}`, C.O_CREAT | C.O_RDWR, 0o600)
    if (process.fstat(fd).size < offset + length) process.ftruncate(fd, offset + length)
    process.mmap(address, length, prot, flags, fd, offset)
    process.close(fd)
  }

  /** Ends a process, of which its parent takes note; its children become init's. */
  #exit(number: number, { process, parent }: Living): void {
    this.#living.delete(number)
    for (const other of this.#living.values()) if (other.parent === process) other.parent = this.#init
    process.exit(0)
    parent.wait({ pid: process.pid })
  }
}
