// What a random program did so far, from which the generators of calls draw arguments that meet it.
import { type Argument, type Step, TOP } from './program.js'
import { Random } from './random.js'

export const PAGE = 4096
/** Fixed addresses begin here, where neither side has anything. */
export const ARENA = 0x1000000000
export const ARENA_PAGES = 16
const MOST_PROCESSES = 5
/** Pages of the heap that programs use, from the second on. */
export const HEAP_PAGES = 12

/** A stretch that a process mapped at a place of the kernel's choice. */
interface Stretch {
  process: number
  step: number
  length: number
}

/** A program in the making: its steps, and what the process whose turn it is may call upon. */
export class World extends Random {
  readonly steps: Step[] = []
  readonly processes = [0]
  /** The calls in which processes wait, by their names. */
  readonly waiting = new Map<number, string>()
  /** The process whose turn it is. */
  process = 0
  /**
   * Whether the program has memory that may only be executed, or else futexes. A futex call tells whether a page of such
   * memory is present, and Linux makes pages present that lie around one that is read.
   */
  readonly executes = this.oneIn(2)
  #made = 1
  #ids: number[] = []
  #sets: number[] = []
  #queues: number[] = []
  /** Steps that opened a POSIX queue. */
  #openQueues: number[] = []
  /** Steps that opened a named semaphore. */
  #semaphores: { process: number; step: number }[] = []
  #stretches: Stretch[] = []
  #attachments: Stretch[] = []
  /** The step that asked where the heap begins. */
  #heap = -1
  /** Steps that forked. */
  #forks: number[] = []
  /** Processes that are not root any more, maybe, and those all of whose memory is locked, Linux's own too. */
  readonly #others = new Set<number>()
  readonly #locked = new Set<number>()

  /** Notes a step and its result. */
  note(step: Step, name: string, result: number): void {
    const at = this.steps.length
    this.steps.push(step)
    if (result < 0) return
    const note = (list: Stretch[], length: number): void => {
      // above TOP Linux has the agent's own mappings
      list.push({ process: this.process, step: at, length: result < TOP ? Math.min(length, TOP - result) : length })
      if (list.length > 12) list.shift()
    }
    if (name === 'shmget') this.#ids = [...this.#ids.slice(-5), at]
    if (name === 'semget') this.#sets = [...this.#sets.slice(-3), at]
    if (name === 'msgget') this.#queues = [...this.#queues.slice(-2), at]
    if (name === 'mmap' && result >= 2 ** 46) note(this.#stretches, step[2] as number)
    if (name === 'mq_open') this.#openQueues = [...this.#openQueues.slice(-3), at]
    if (name === 'sem_open') this.#semaphores = [...this.#semaphores.slice(-3), { process: this.process, step: at }]
    if (name === 'shmat') note(this.#attachments, 4 * PAGE)
    if (name === 'brk' && this.#heap < 0) this.#heap = at
    if (/^set(uid|gid|re|res|groups)/.test(name)) this.#others.add(this.process)
    if (name === 'mlockall' && String(step[1]).includes('MCL_CURRENT')) this.#locked.add(this.process)
    if (name === 'munlockall') this.#locked.delete(this.process)
    if (name === 'fork') {
      const child = step[1] as number
      this.#forks.push(at)
      if (this.#others.has(this.process)) this.#others.add(child)
      for (const list of [this.#stretches, this.#attachments]) {
        list.push(...list.filter(({ process }) => process === this.process).map(stretch => ({ ...stretch, process: child })))
      }
    }
  }

  /** Gives one of the processes the turn, mostly the one that has it. */
  turn(): void {
    if (this.oneIn(4) || this.waiting.has(this.process)) this.process = this.pick(this.awake)
  }

  /** The processes that wait in no call. */
  get awake(): number[] {
    return this.processes.filter(process => !this.waiting.has(process))
  }

  /** Whether the process may begin a call that waits: another must be there to wake it, and of several senders or receivers it is luck who is first. */
  mayWait(name: string): boolean {
    return this.process !== 0 && this.awake.length > 1 && (name === 'semop' || ![...this.waiting.values()].includes(name))
  }

  /** A fork's argument: the child's number. */
  newProcess(): Argument[] | undefined {
    if (this.processes.length >= MOST_PROCESSES || this.#made > 14) return undefined
    this.processes.push(this.#made)
    return [this.#made++]
  }

  /** Notes which processes have not ended, and gives the turn to one of them if its process has. */
  survive(isAlive: (process: number) => boolean): void {
    const alive = this.processes.filter(isAlive)
    this.processes.splice(0, this.processes.length, ...alive)
    for (const process of this.waiting.keys()) if (!alive.includes(process)) this.waiting.delete(process)
    if (!alive.includes(this.process) && alive.length > 0) this.process = this.pick(alive)
  }

  /** A pid to send a signal to. */
  pid(): Argument {
    if (this.oneIn(10)) return this.pick([0, -1, -1, 1, -2, 77, 2 ** 31 - 1])
    return this.#forks.length === 0 || this.oneIn(5) ? 2 : `$${this.pick(this.#forks)}`
  }

  /** Whether the process may take another identity: not while memory is locked that is Linux's alone and counts only for others than root. */
  get mayChange(): boolean {
    return !this.#locked.has(this.process)
  }

  /** Whether the process may lock all its memory: only while it surely is root. */
  get mayLockAll(): boolean {
    return !this.#others.has(this.process)
  }

  /** A new end of the heap; first of all, where the heap begins is asked. Linux's heap is the agent's, so it never shrinks to nothing. */
  heapEnd(): Argument {
    if (this.#heap < 0) return 0
    return `$${this.#heap}+${PAGE + this.below(HEAP_PAGES * PAGE - PAGE)}`
  }

  /** Where the heap begins; undefined if no program asked. */
  get heap(): Argument | undefined {
    return this.#heap < 0 ? undefined : `$${this.#heap}`
  }

  /** The exit code of the process, which is gone now; undefined if it is to stay. */
  endProcess(): Argument[] | undefined {
    if (this.process === 0) return undefined
    this.processes.splice(this.processes.indexOf(this.process), 1)
    return [this.below(256)]
  }

  /** A page's address in the arena. */
  address(): number {
    return ARENA + this.below(ARENA_PAGES) * PAGE
  }

  /** Address and length of a part of the arena; sometimes odd ones. */
  range(): [Argument, number] {
    const start = this.below(ARENA_PAGES)
    const pages = 1 + this.below(Math.min(ARENA_PAGES - start, 6))
    const odd = this.oneIn(12) ? this.below(PAGE) : 0
    const length = this.oneIn(40) ? 0 : pages * PAGE - (this.oneIn(3) ? this.below(PAGE) : 0)
    return [this.oneIn(8) ? 0 : ARENA + start * PAGE + odd, length]
  }

  /** Address and length of what may be mapped: a part of the arena, or of a stretch. */
  stretch(): [Argument, number] {
    if (this.heap !== undefined && this.oneIn(15)) {
      const first = this.below(HEAP_PAGES)
      return [`${this.heap}+${first * PAGE}`, (1 + this.below(HEAP_PAGES - first)) * PAGE]
    }
    const stretch = this.oneIn(3) ? this.#own([...this.#stretches, ...this.#attachments]) : undefined
    if (!stretch) return this.range()
    const pages = Math.ceil(stretch.length / PAGE)
    const first = this.below(pages)
    return [`$${stretch.step}+${first * PAGE}`, (1 + this.below(pages - first)) * PAGE]
  }

  #own(list: readonly Stretch[]): Stretch | undefined {
    const own = list.filter(({ process }) => process === this.process)
    return own.length === 0 ? undefined : this.pick(own)
  }

  /** The address of a word of 4 bytes. */
  word(): Argument {
    const [start, length] = this.stretch()
    const offset = this.below(Math.max(1, Math.ceil(length / PAGE))) * PAGE + this.below(3) * 4
    if (typeof start === 'number') return (start - (start % PAGE) || this.address()) + offset
    const [step, plus] = start.split('+')
    return `${step}+${Number(plus) + offset}`
  }

  /** Where something is attached, mostly. */
  attached(): Argument {
    const stretch = this.#own(this.#attachments)
    if (!stretch || this.oneIn(5)) return this.address() + (this.oneIn(8) ? this.below(PAGE) : 0)
    return `$${stretch.step}+${this.oneIn(6) ? PAGE : 0}`
  }

  /** The id of a segment, mostly one that was there. */
  id(): Argument {
    if (this.#ids.length === 0 || this.oneIn(20)) return this.pick([-1, 0, 1, 32768, 2147483647])
    return `$${this.pick(this.#ids)}`
  }

  /** The id of a set of semaphores, mostly one that was there. */
  set(): Argument {
    if (this.#sets.length === 0 || this.oneIn(20)) return this.pick([-1, 0, 1, 32768, 2147483647])
    return `$${this.pick(this.#sets)}`
  }

  /** The id of a message queue, mostly one that was there. */
  queue(): Argument {
    if (this.#queues.length === 0 || this.oneIn(20)) return this.pick([-1, 0, 1, 32768, 2147483647])
    return `$${this.pick(this.#queues)}`
  }

  /** Where a named semaphore is open, mostly; one that is open nowhere cannot be closed, nor used. */
  semaphore(): Argument {
    const own = this.#semaphores.filter(({ process }) => process === this.process)
    return own.length === 0 || this.oneIn(8) ? this.address() : `$${this.pick(own).step}`
  }

  /** A queue's descriptor, mostly one that was opened. */
  posixQueue(): Argument {
    return this.#openQueues.length === 0 || this.oneIn(15) ? this.fd() : `$${this.pick(this.#openQueues)}`
  }

  /** A file descriptor, mostly one that is open. */
  fd(): Argument {
    return this.oneIn(15) ? this.pick([-1, 9, 400]) : this.below(4)
  }

  /** A segment's size. */
  size(): number {
    return this.oneIn(15) ? 0 : (1 + this.below(4)) * PAGE - (this.oneIn(3) ? this.below(PAGE) : 0)
  }

  /** A uid or gid. */
  uid(): number {
    return this.pick([0, 0, 0, 1000, 1000, 1001, 1002, -1])
  }
}
