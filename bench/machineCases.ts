// What the machine's benches do, in the machine and in plain TypeScript. A case is run once, and returns
// nanoseconds an operation; what goes before and after is not timed.
import { constants as C, type Machine, type Process } from 'faultline'
import type { LinuxCase } from './linuxPeer.js'
import { dropObject, type PlainFrames, type PlainObject, PlainSpace } from './plainMemory.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS
/** Where plain memory is mapped. */
const BASE = 2 ** 30
/** In a reference of process.run: it writes. */
const WRITE = 0x80000000

/** Runs something and returns how many nanoseconds it took. */
export type Clock = (run: () => unknown) => number

/** An operation that both engines and Linux do. */
export interface MachineCase {
  name: LinuxCase
  title: string
  /** Times Linux's rate that the machine must reach. */
  target?: number
  machine: (machine: Machine, operations: number, clock: Clock) => number
  plain: (frames: PlainFrames, operations: number, clock: Clock) => number
}

/** A clock of the time that passes, or of the CPU time of the process. */
export function clockOf(cpu: boolean): Clock {
  return run => {
    const before = cpu ? process.cpuUsage() : undefined
    const start = performance.now()
    run()
    if (!before) return (performance.now() - start) * 1e6
    const { user, system } = process.cpuUsage(before)
    return (user + system) * 1e3
  }
}

/** A write to each of `pages` pages, for process.run. */
export function writes(pages: number): Uint32Array {
  return Uint32Array.from({ length: pages }, (_, page) => (page | WRITE) >>> 0)
}

/** Writes to each page from an address on; returns how long it took an operation. */
function touch(process: Process, at: number, pages: number, clock: Clock): number {
  const references = writes(pages)
  return clock(() => process.run(references, at)) / pages
}

function firstTouch({ init }: Machine, pages: number, clock: Clock, flags: number): number {
  const at = init.mmap(0, pages * PAGE, RW, flags)
  const ns = touch(init, at, pages, clock)
  init.munmap(at, pages * PAGE)
  return ns
}

/** Maps the pages of a segment a second time. */
function mapCached({ init }: Machine, pages: number, clock: Clock): number {
  const id = init.shmget(C.IPC_PRIVATE, pages * PAGE, C.IPC_CREAT | 0o600)
  const [first, second] = [init.shmat(id, 0, 0), init.shmat(id, 0, 0)]
  init.shmctl(id, C.IPC_RMID)
  init.run(writes(pages), first)
  const ns = touch(init, second, pages, clock)
  init.shmdt(first)
  init.shmdt(second)
  return ns
}

function plainTouch(space: PlainSpace, pages: number, clock: Clock): number {
  return (
    clock(() => {
      for (let i = 0; i < pages; i++) space.store32(BASE + i * PAGE, 1)
    }) / pages
  )
}

/** A space whose pages are those of an object. */
function showing(frames: PlainFrames, object: PlainObject, pages: number): PlainSpace {
  const space = new PlainSpace(frames)
  for (let i = 0; i < pages; i++) space.share(BASE / PAGE + i, object)
  return space
}

/** A space with private pages that were written. */
function written(frames: PlainFrames, pages: number): PlainSpace {
  const space = new PlainSpace(frames)
  for (let i = 0; i < pages; i++) space.store32(BASE + i * PAGE, 1)
  return space
}

/** Anonymous pages that were written; `run` returns what it measured. */
function withPages({ init }: Machine, pages: number, run: (at: number) => number): number {
  const at = init.mmap(0, pages * PAGE, RW, PRIVATE)
  init.run(writes(pages), at)
  const ns = run(at)
  init.munmap(at, pages * PAGE)
  return ns
}

function end(init: Process, child: Process): void {
  child.exit(0)
  init.wait()
}

/** One segment's whole life, so many times. */
function segments(init: Process, times: number): void {
  for (let i = 0; i < times; i++) {
    const id = init.shmget(C.IPC_PRIVATE, PAGE, C.IPC_CREAT | 0o600)
    const at = init.shmat(id, 0, 0)
    init.store32(at, 1)
    init.shmdt(at)
    init.shmctl(id, C.IPC_RMID)
  }
}

function plainSegments(frames: PlainFrames, times: number): void {
  const space = new PlainSpace(frames)
  const ids = new Map<number, PlainObject>()
  for (let id = 0; id < times; id++) {
    const object: PlainObject = new Map()
    ids.set(id, object)
    space.share(BASE / PAGE, object)
    space.store32(BASE, 1)
    space.unmap(BASE / PAGE, 1)
    ids.delete(id)
    dropObject(object, frames)
  }
}

/** What process.run does without contents, against Linux's rate of mapping a cached page. */
export interface RunCase {
  title: string
  target: number
  run: (machine: Machine, operations: number, clock: Clock) => number
}

/** As many pages as a TLB has entries. */
const TLB_PAGES = 512
/** How often each of them is referenced for an operation of the other cases. */
const TURNS = 64

export const RUN_CASES: readonly RunCase[] = [
  {
    title: 'references that hit the TLB',
    target: 200,
    run: ({ init }, operations, clock) => {
      const at = init.mmap(0, TLB_PAGES * PAGE, RW, PRIVATE)
      const references = Uint32Array.from({ length: operations * TURNS }, (_, i) => ((i % TLB_PAGES) | WRITE) >>> 0)
      init.run(references.subarray(0, TLB_PAGES), at)
      const ns = clock(() => init.run(references, at)) / references.length
      init.munmap(at, TLB_PAGES * PAGE)
      return ns
    },
  },
  {
    title: 'minor faults: first touch of anonymous pages',
    target: 30,
    run: (machine, pages, clock) => firstTouch(machine, pages, clock, PRIVATE),
  },
  { title: 'minor faults: mapping of cached pages', target: 30, run: mapCached },
]

export const CASES: readonly MachineCase[] = [
  {
    name: 'anonymous',
    title: 'first touch of an anonymous page',
    target: 5,
    machine: (machine, pages, clock) => firstTouch(machine, pages, clock, PRIVATE),
    plain: (frames, pages, clock) => {
      const space = new PlainSpace(frames)
      const ns = plainTouch(space, pages, clock)
      space.unmap(BASE / PAGE, pages)
      return ns
    },
  },
  {
    name: 'shared',
    title: 'first touch of a shared page',
    target: 8,
    machine: (machine, pages, clock) => firstTouch(machine, pages, clock, SHARED),
    plain: (frames, pages, clock) => {
      const object: PlainObject = new Map()
      const space = showing(frames, object, pages)
      const ns = plainTouch(space, pages, clock)
      space.unmap(BASE / PAGE, pages)
      dropObject(object, frames)
      return ns
    },
  },
  {
    name: 'cached',
    title: 'mapping of a cached page, by a write',
    target: 10,
    machine: mapCached,
    plain: (frames, pages, clock) => {
      const object: PlainObject = new Map()
      const [first, second] = [showing(frames, object, pages), showing(frames, object, pages)]
      plainTouch(first, pages, clock)
      const ns = plainTouch(second, pages, clock)
      for (const space of [first, second]) space.unmap(BASE / PAGE, pages)
      dropObject(object, frames)
      return ns
    },
  },
  {
    name: 'copyOnWrite',
    title: 'copy on write',
    target: 5,
    machine: (machine, pages, clock) =>
      withPages(machine, pages, at => {
        const child = machine.init.fork()
        const ns = touch(child, at, pages, clock)
        end(machine.init, child)
        return ns
      }),
    plain: (frames, pages, clock) => {
      const parent = written(frames, pages)
      const child = parent.fork()
      const ns = plainTouch(child, pages, clock)
      for (const space of [parent, child]) space.unmap(BASE / PAGE, pages)
      return ns
    },
  },
  {
    name: 'fork',
    title: 'fork, a mapped page',
    target: 5,
    machine: (machine, pages, clock) =>
      withPages(machine, pages, () => {
        let child: Process | undefined
        const ns = clock(() => {
          child = machine.init.fork()
        })
        if (child) end(machine.init, child)
        return ns / pages
      }),
    plain: (frames, pages, clock) => {
      const parent = written(frames, pages)
      let child: PlainSpace | undefined
      const ns = clock(() => {
        child = parent.fork()
      })
      for (const space of [parent, child]) space?.unmap(BASE / PAGE, pages)
      return ns / pages
    },
  },
  {
    name: 'unmap',
    title: 'munmap, a mapped page',
    machine: ({ init }, pages, clock) => {
      const at = init.mmap(0, pages * PAGE, RW, PRIVATE)
      init.run(writes(pages), at)
      return clock(() => init.munmap(at, pages * PAGE)) / pages
    },
    plain: (frames, pages, clock) => {
      const space = written(frames, pages)
      return clock(() => space.unmap(BASE / PAGE, pages)) / pages
    },
  },
  {
    name: 'segment',
    title: 'shmget, shmat, touch, shmdt, RMID',
    target: 10,
    machine: ({ init }, times, clock) => clock(() => segments(init, times)) / times,
    plain: (frames, times, clock) => clock(() => plainSegments(frames, times)) / times,
  },
]
