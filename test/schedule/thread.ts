// One thread of the machine as a coroutine: an instance of the sched build that can be left at a point, in the
// middle of a call, and taken up there later. Many of them run in one thread of ours, one at a time.
import type { SchedBuild } from './build.js'

/** What a thread asks at its points. */
export interface Conductor {
  /** The thread is about to do what stands at a site; whether it must be left here. */
  point(thread: Thread, address: number, site: number): boolean
  /** The thread is about to wake so many that wait at the address of its last point. */
  waking(thread: Thread, count: number): void
  /** The thread wants to sleep until the word is another, or it is woken; whether it must be left here. */
  wait(thread: Thread, address: number, expected: number, milliseconds: number): boolean
}

/** What a call returns that has been left in its middle. */
export const LEFT = Symbol('left')

/** Bytes for the frames of a call that is left. */
export const STACK_SIZE = 65536

/** The kernel's exports, by name. */
export type Exports = Record<string, (...numbers: number[]) => number>

/** A machine of ours has no disks. */
const noDisk = { diskRead: () => -5, diskWrite: () => -5 }

/** What a machine has of its host that all its threads share: the time, and the pages of its swap areas. */
export interface Surroundings {
  now(): number
  swapRead(area: number, slot: number, address: number): number
  swapWrite(area: number, slot: number, address: number): number
}

/** A thread. */
export class Thread {
  readonly exports: Exports
  readonly #words: Int32Array
  readonly #stack: number
  /** The call that was left. */
  #left: { name: string; args: readonly number[] } | undefined
  #leaving = false
  #returning = false

  /** Instantiates the build over a memory in which STACK_SIZE bytes at `stack` are the thread's own. */
  constructor(build: SchedBuild, memory: WebAssembly.Memory, stack: number, conductor: Conductor, surroundings: Surroundings) {
    this.#words = new Int32Array(memory.buffer)
    this.#stack = stack
    const host = {
      ...surroundings,
      ...noDisk,
      mutation: () => build.mutation,
      reserve: () => 0,
      point: (address: number, site: number) => {
        if (!this.#isBack() && conductor.point(this, address >>> 0, site)) this.#leave()
        return address
      },
      waking: (count: number) => {
        conductor.waking(this, count >>> 0)
        return count
      },
      wait: (address: number, expected: number, milliseconds: number) => {
        if (!this.#isBack() && conductor.wait(this, address >>> 0, expected | 0, milliseconds)) this.#leave()
      },
    }
    this.exports = new WebAssembly.Instance(build.module, { env: { memory }, host }).exports as unknown as Exports
  }

  /** Whether the thread has just come back to where it was left. */
  #isBack(): boolean {
    if (!this.#returning) return false
    this.#returning = false
    this.exports.asyncify_stop_rewind?.()
    return true
  }

  #leave(): void {
    this.#leaving = true
    this.#words[this.#stack >> 2] = this.#stack + 8
    this.#words[(this.#stack >> 2) + 1] = this.#stack + STACK_SIZE
    this.exports.asyncify_start_unwind?.(this.#stack)
  }

  /** Begins a call; its result, or LEFT. */
  call(name: string, args: readonly number[]): number | typeof LEFT {
    const call = this.exports[name]
    if (!call) throw new Error(`the kernel has no export ${name}`)
    // what returns nothing succeeds
    const result = call(...args) ?? 0
    if (!this.#leaving) return result
    this.#leaving = false
    this.exports.asyncify_stop_unwind?.()
    this.#left = { name, args }
    return LEFT
  }

  /** Whether a call has been left in its middle. */
  get isLeft(): boolean {
    return this.#left !== undefined
  }

  /** Goes on with the call that was left; its result, or LEFT again. */
  goOn(): number | typeof LEFT {
    if (!this.#left) throw new Error('no call was left')
    const { name, args } = this.#left
    this.#left = undefined
    this.#returning = true
    this.exports.asyncify_start_rewind?.(this.#stack)
    return this.call(name, args)
  }

  /** Forgets the call that was left: the thread is as new. */
  abandon(): void {
    this.#left = undefined
  }
}

/** Instantiates the build over a memory for a thread that has no points: it runs while no other does. */
export function bareExports(build: SchedBuild, memory: WebAssembly.Memory, surroundings: Surroundings): Exports {
  const wait = (): never => {
    throw new Error('a thread sleeps though no other can wake it')
  }
  const host = {
    ...surroundings,
    ...noDisk,
    wait,
    reserve: () => 0,
    mutation: () => build.mutation,
    point: (address: number) => address,
    waking: (count: number) => count,
  }
  return new WebAssembly.Instance(build.module, { env: { memory }, host }).exports as unknown as Exports
}
