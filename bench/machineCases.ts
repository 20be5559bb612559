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

/** Runs something and returns how many nanoseconds it took. */
export type Clock = (run: () => void) => number

/** An operation that both engines and Linux do. */
export interface MachineCase {
  name: LinuxCase
  title: string
  /** Times Linux's rate that the machine must reach. */
  target?: number
  machine: (machine: Machine, operations: number, clock: Clock) => number
  plain: (frames: PlainFrames, operations: number, clock: Clock) => number
}

function touch({ store32 }: { store32: (address: number, value: number) => void }, at: number, pages: number): void {
  for (let i = 0; i < pages; i++) store32(at + i * PAGE, 1)
}

/** The stores of a process, ready to be called without it. */
function storesOf(process: Process): { store32: (address: number, value: number) => void } {
  return { store32: (address, value) => process.store32(address, value) }
}

function firstTouch({ init }: Machine, pages: number, clock: Clock, flags: number): number {
  const at = init.mmap(0, pages * PAGE, RW, flags)
  const ns = clock(() => touch(storesOf(init), at, pages))
  init.munmap(at, pages * PAGE)
  return ns / pages
}

function plainTouch(space: PlainSpace, pages: number, clock: Clock): number {
  return clock(() => touch({ store32: (address, value) => space.store32(address, value) }, BASE, pages)) / pages
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
  touch(storesOf(init), at, pages)
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
    machine: ({ init }, pages, clock) => {
      const id = init.shmget(C.IPC_PRIVATE, pages * PAGE, C.IPC_CREAT | 0o600)
      const [first, second] = [init.shmat(id, 0, 0), init.shmat(id, 0, 0)]
      init.shmctl(id, C.IPC_RMID)
      const stores = storesOf(init)
      touch(stores, first, pages)
      const ns = clock(() => touch(stores, second, pages))
      init.shmdt(first)
      init.shmdt(second)
      return ns / pages
    },
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
        const ns = clock(() => touch(storesOf(child), at, pages)) / pages
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
      touch(storesOf(init), at, pages)
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
