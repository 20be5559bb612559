// A small machine whose threads are coroutines, and whose memory can be put back to what it was: only what a run can
// have changed is copied, so that a schedule costs microseconds.
import * as invariants from '#dist/abi/invariant.gen.js'
import { CPU_BUFFER, CPU_SIZE, CPUS, FRAME_SIZE, GROUP_SIZE, GROUPS, PAGE_SIZE, PIDS, SUPERBLOCK } from '#dist/abi/layout.gen.js'
import * as panics from '#dist/abi/panic.gen.js'
import { CpuLayout, FindingLayout, State } from '#dist/core/layout.gen.js'
import { LAYOUT_HASH } from '#dist/core/layoutHash.gen.js'
import { FRAME_TABLE, type SchedBuild } from './build.js'
import { bareExports, type Conductor, type Exports, STACK_SIZE, type Surroundings, Thread } from './thread.js'

/** Offsets in a frame's struct, of which the host has no other use. */
const [FRAME_STATE, FRAME_OWNER] = [8, 12]
const WASM_PAGE = 65536
/** The time, for the core: it stands still. */
const NOW = 1_700_000_000

/** Name of a number among constants. */
function nameOf(constants: Record<string, number>, value: number): string {
  return Object.entries(constants).find(([, code]) => code === value)?.[0] ?? `code ${value}`
}

/** The machine. Its init runs on thread 0, and each other thread has a process of its own, child of init, or is one of another's. */
export class SchedMachine {
  readonly threads: readonly Thread[]
  /** Init's thread once more, for what is done while no other runs: it has no points. */
  readonly alone: Exports
  /** The pid of each thread's process. */
  readonly pids: readonly number[]
  /** Frames that were free before there were any processes but init. */
  readonly freeAtFirst: number
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly view: DataView
  readonly frames: number
  #saved: { at: number; bytes: Uint8Array }[] = []
  /** The pages in swap areas, by area and slot, now and as they were saved. */
  #swapped = new Map<number, Uint8Array>()
  #swappedThen = this.#swapped

  /** Builds a machine of so many frames; for each thread, which thread's process it is of: its own if that is itself. */
  constructor(build: SchedBuild, frames: number, processes: readonly number[], conductor: Conductor) {
    const cpus = processes.length
    this.frames = frames
    const end = frames * PAGE_SIZE + frames * 4
    const stacks = Math.ceil(end / WASM_PAGE) * WASM_PAGE
    const pages = (stacks + cpus * STACK_SIZE) / WASM_PAGE
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true })
    this.bytes = new Uint8Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.view = new DataView(memory.buffer)
    const surroundings = this.#surroundings()
    this.threads = Array.from({ length: cpus }, (_, cpu) => new Thread(build, memory, stacks + cpu * STACK_SIZE, conductor, surroundings))
    const [first] = this.threads as [Thread]
    const init = (name: string, ...args: number[]): number => first.exports[name]?.(...args) ?? Number.NaN
    this.alone = bareExports(build, memory, surroundings)
    if (init('machine_build', frames, frames, cpus, LAYOUT_HASH, 0) !== 0) throw new RangeError(`${frames} frames are too few`)
    this.alone.cpu_enter?.(0)
    this.freeAtFirst = this.freeFrames
    const pids = [1]
    for (let cpu = 1; cpu < cpus; cpu++) {
      if (init('cpu_take') !== cpu) throw new Error('no CPU is left')
      const of = processes[cpu] as number
      const pid = of === cpu ? init('task_spawn', 1, cpu, -1, -1) : (pids[of] as number)
      const tid = of === cpu ? pid : (this.threads[of]?.exports.task_clone?.(pid, cpu) ?? Number.NaN)
      if (!(tid > 0)) throw new Error(`no process for thread ${cpu}: ${tid}`)
      this.threads[cpu]?.exports.cpu_enter?.(cpu)
      pids.push(pid)
    }
    this.pids = pids
  }

  #surroundings(): Surroundings {
    const key = (area: number, slot: number): number => area * 2 ** 25 + slot
    return {
      now: () => NOW,
      swapRead: (area, slot, address) => {
        const page = this.#swapped.get(key(area, slot))
        if (!page) throw new Error(`slot ${slot} of area ${area} is read, where nothing was written`)
        this.bytes.set(page, address)
        return 0
      },
      swapWrite: (area, slot, address) => {
        this.#swapped.set(key(area, slot), this.bytes.slice(address, address + PAGE_SIZE))
        return 0
      },
    }
  }

  /** Frames that hold nothing. */
  get freeFrames(): number {
    return this.alone.machine_free_frames?.() ?? 0
  }

  /** Address of a field of a thread's CPU block. */
  field(cpu: number, name: Exclude<keyof typeof CpuLayout, 'SIZE'>): number {
    return CPUS + cpu * CPU_SIZE + CpuLayout[name]
  }

  /** Address of a thread's transfer buffer. */
  buffer(cpu: number): number {
    return CPUS + cpu * CPU_SIZE + CPU_BUFFER
  }

  /** The word at an address. */
  word(address: number): number {
    return this.words[address >> 2] ?? 0
  }

  /** Puts a text into a thread's buffer; returns its length. */
  putText(cpu: number, text: string): number {
    const bytes = new TextEncoder().encode(text)
    this.bytes.set(bytes, this.buffer(cpu))
    return bytes.length
  }

  /** Why the machine panicked; undefined while it has not. */
  get panic(): string | undefined {
    const [code = 0, first, second] = this.words.subarray(SUPERBLOCK >> 2, (SUPERBLOCK >> 2) + 3)
    return code === 0 ? undefined : `${nameOf(panics, code)} (${first}, ${second})`
  }

  /** The first broken invariant. */
  validate(): string | undefined {
    const code = this.alone.machine_validate?.() ?? 0
    if (code === 0) return undefined
    const word = (offset: number): number => this.view.getUint32(this.buffer(0) + offset, true)
    return `${nameOf(invariants, code)} (${word(FindingLayout.first)}, ${word(FindingLayout.second)})`
  }

  /** What a frame is. */
  stateOf(pfn: number): number {
    return this.view.getUint8(FRAME_TABLE + pfn * FRAME_SIZE + FRAME_STATE)
  }

  /** What a frame belongs to. */
  ownerOf(pfn: number): number {
    return this.view.getUint32(FRAME_TABLE + pfn * FRAME_SIZE + FRAME_OWNER, true)
  }

  /** Remembers the memory as it is: all but what free frames hold, and the blocks of CPUs that there are not. */
  save(): void {
    const parts: [number, number][] = [
      [SUPERBLOCK, CPUS + this.threads.length * CPU_SIZE],
      [GROUPS, GROUPS + GROUP_SIZE],
      [PIDS, FRAME_TABLE + this.frames * FRAME_SIZE],
    ]
    const free: readonly number[] = [State.Tail, State.Free, State.Cached, State.Reserved]
    for (let pfn = 0; pfn < this.frames; pfn++) {
      if (!free.includes(this.stateOf(pfn))) parts.push([pfn * PAGE_SIZE, (pfn + 1) * PAGE_SIZE])
    }
    this.#swappedThen = new Map(this.#swapped)
    this.#saved = parts.map(([at, end]) => ({ at, bytes: this.bytes.slice(at, end) }))
  }

  /** Makes the memory what it was when it was saved. */
  restore(): void {
    for (const { at, bytes } of this.#saved) this.bytes.set(bytes, at)
    this.#swapped = new Map(this.#swappedThen)
    for (const thread of this.threads) thread.abandon()
  }
}
