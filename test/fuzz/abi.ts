// Raw arguments over the whole ABI: every system call among the kernel's exports, and every method of
// a process, is called with numbers that make no sense, with ones that do, and with what is no number.
// The machine may fail a call in its own ways alone, and its books must balance after every call.

import { FaultError, SysError } from 'faultline'
import { Kernel } from '#dist/core/kernel.js'
import { Calls } from '#dist/sys/calls.js'
import { Process } from '#dist/sys/process.js'
import { Random } from '../linux/random.js'

const FRAMES = 1024
const ARENA = 0x1000000000
/** Exports that are calls of a process; the others are the host's own, which trusts itself. */
const EXPORTS = /^(task|mm|run|file|shm|sem|mq|msg|ipc|stage|futex|robust)_|^(load|store|atomic)\d/
/** What calls nothing, may rightly sleep for ever, or is the host's own. */
const LEFT_OUT = new Set([
  'constructor',
  'waitOn',
  'task_spawn',
  'task_clone',
  'clone',
  'inheritHandlers',
  'fault',
  'repeat',
  'proceed',
  'semtimedop',
  'semopAsync',
  'msgsndAsync',
  'msgrcvAsync',
  'mq_sendAsync',
  'mq_receiveAsync',
  'sem_wait',
  'sem_timedwait',
  'sem_waitAsync',
  'sem_timedwaitAsync',
  'waitOnAsync',
  'waitAsync',
  'finish',
  'sleep',
  'settle',
  'seconds',
])
/** Calls that take longer than this are as bad as ones that never return, in milliseconds. */
const PATIENCE = 5000

const NUMBERS: readonly number[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.5, -0.5, 1e-300, 1e300, Number.MAX_VALUE],
  ...[-1, -2, -4095, -4096, 1, 2, 3, 4, 7, 8, 255, 256, 4095, 4096, 4097, 8192, 65536],
  ...[31, 32, 46, 47, 48, 51, 52, 53, 63, 64].flatMap(power => [2 ** power, 2 ** power - 1, 2 ** power - 4096, -(2 ** power)]),
]

/** What is no number. */
const OTHERS: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    '',
    '1',
    'x',
    '/dev/shm/a',
    '/dev/shm/d',
    '/dev/shm/d/b',
    '/a',
    1n,
    Symbol('s'),
    {},
    [],
    [1],
    [Number.NaN],
    () => 1,
  ],
  ...[new Uint8Array(3), new Uint8Array(5000), new Uint32Array(4), new BigUint64Array(2), new ArrayBuffer(8)],
  ...[
    { valueOf: () => 1 },
    { uid: 1, gid: 1, mode: 0o600 },
    { uid: '1' },
    { pid: 2 },
    { pid: Number.NaN, block: false },
    { soft: 0, hard: 1 },
  ],
]

/** Calls that succeed, to begin with: what comes later is changed from those that did. */
const SEEDS: readonly (readonly [name: string, ...unknown[]])[] = [
  ['mmap', ARENA, 8192, 3, 0x32, -1, 0],
  ['mmap', ARENA + 16384, 8192, 3, 0x31, -1, 0],
  ['mmap', 0, 8192, 3, 0x8022, -1, 0],
  ['shmget', 1, 8192, 0o1666],
  ['shmat', 0, ARENA + 32768, 0],
  ['shmctl', 0, 2],
  ['semget', 1, 3, 0o1666],
  ['semop', 0, [{ num: 0, op: 1, flg: 0o14000 }]],
  ['semctl', 0, 0, 13],
  ['semctl', 0, 0, 17, [1, 2, 3]],
  ['exports.sem_operate', 0, 2, 1],
  ['mq_open', '/q', 0o4102, 0o600],
  ['mq_open', '/r', 0o4102, 0o600, { maxmsg: 3, msgsize: 100 }],
  ['mq_send', 0, new Uint8Array(100), 1],
  ['mq_receive', 0, 8192],
  ['mq_setattr', 0, 0o4000],
  ['mq_unlink', '/q'],
  ['exports.mq_open', 1, 0o4102, 0o600, 2, 50],
  ['exports.mq_send', 0, 100, 5],
  ['exports.mq_receive', 0, 8192],
  ['sem_open', '/s', 0o100, 0o600, 1],
  ['sem_init', ARENA + 64, 1, 2],
  ['sem_post', ARENA + 64],
  ['sem_trywait', ARENA + 64],
  ['sem_unlink', '/s'],
  ['exports.sem_named_open', 0, ARENA],
  ['exports.sem_named_close', ARENA],
  ['msgget', 1, 0o1666],
  ['msgsnd', 0, { type: 1, text: new Uint8Array(5000) }, 0o4000],
  ['msgrcv', 0, 8192, 0, 0o4000],
  ['msgctl', 0, 2],
  ['exports.msg_send', 0, 3, 100, 0o4000],
  ['exports.msg_receive', 0, 8192, 0, 0o4000],
  ['exports.msg_read', 4096],
  ['exports.msg_set', 0, 0, 0, 0o666, 16384],
  ['open', '/dev/shm/a', 0o102, 0o666],
  ['ftruncate', 0, 8192],
  ['mmap', ARENA + 65536, 8192, 3, 0x11, 0, 0],
  ['pwrite', 0, new Uint8Array(100), 4090],
  ['pread', 0, 100, 4090],
  ['writeFd', 0, new Uint8Array(100)],
  ['lseek', 0, 5, 0],
  ['readFd', 0, 50],
  ['fallocate', 0, 3, 0, 4096],
  ['fstat', 0],
  ['stat', '/dev/shm/a'],
  ['mkdir', '/dev/shm/d', 0o777],
  ['open', '/dev/shm/d/a', 0o102, 0o666],
  ['link', '/dev/shm/a', '/dev/shm/d/b'],
  ['rename', '/dev/shm/d/b', '/dev/shm/b', 0],
  ['rmdir', '/dev/shm/d'],
  ['write', ARENA + 4000, new Uint8Array(200)],
  ['read', ARENA + 4000, 200],
  ['fill', ARENA, 1, 5000],
  ['copy', ARENA + 16384, ARENA, 5000],
  ...['load8', 'load16', 'load32', 'load64', 'frameOf'].map((name): [string, number] => [name, ARENA + 8]),
  ...['store8', 'store16', 'store32'].map((name): [string, number, number] => [name, ARENA + 8, 77]),
  ['store64', ARENA + 8, 77n],
  ['add32', ARENA + 8, 77],
  ['compareExchange64', ARENA + 8, 77n, 78n],
  ['mprotect', ARENA, 4096, 1],
  ['munmap', ARENA + 4096, 4096],
  ['fork'],
  ['exports.mm_map', ARENA, 8192, 3, 0x32, -1, 0],
  ['exports.mm_map', ARENA + 16384, 8192, 3, 0x31, -1, 0],
  ['exports.mm_read', ARENA, 4096],
  ['exports.mm_write', ARENA, 4096],
  ['exports.mm_unmap', ARENA, 4096],
  ['exports.mm_protect', ARENA, 4096, 1],
  ['exports.shm_get', 2, 8192, 0o1666],
  ['exports.shm_attach', 0, ARENA + 32768, 0],
  ['exports.shm_detach', ARENA + 32768],
  ['exports.file_open', 10, 0o102, 0o666],
  ['exports.file_truncate', 0, 8192],
  ['exports.file_read', 0, 0, 100],
  ['exports.file_write', 0, 4090, 100],
  ...['load8', 'load16', 'load32', 'load64'].map((name): [string, number] => [`exports.${name}`, ARENA + 8]),
  ...['store8', 'store16', 'store32'].map((name): [string, number, number] => [`exports.${name}`, ARENA + 8, 77]),
  ['exports.store64', ARENA + 8, 1, 2],
  ['exports.atomic32', 0, ARENA + 8, 1, 0],
  ['exports.atomic64', 0, ARENA + 8],
  ['exports.shm_control', 0, 2],
  ['exports.file_seek', 0, 0, 0],
  ['exports.file_allocate', 0, 0, 0, 4096],
]

type Function = (...args: unknown[]) => unknown

/** Whether a result says that the call succeeded. */
function succeeded(result: unknown): boolean {
  return !(typeof result === 'number' && result < 0)
}

/** A kernel that is called at random. */
class Target extends Random {
  readonly #kernel: Kernel
  readonly #exports: Readonly<Record<string, Function>>
  readonly #names: { exports: string[]; methods: string[] }
  readonly #processes: Process[]
  /** Arguments, without the pid, with which a call succeeded, by its name; exports have theirs behind "exports.". */
  readonly #good = new Map<string, unknown[][]>()
  /** Results of calls, which may be addresses, ids or descriptors. */
  readonly #results = [ARENA, 0, 1]

  constructor(seed: number) {
    super(seed)
    const memory = new WebAssembly.Memory({ initial: FRAMES / 16 + 1, maximum: 65536, shared: true })
    this.#kernel = new Kernel({ memory, target: 'debug' })
    this.#kernel.build({ frames: FRAMES, lowFrames: FRAMES }, 2)
    this.#exports = this.#kernel.exports as unknown as Record<string, Function>
    const methods = new Set<string>()
    for (let at: object = Process.prototype; at !== Calls.prototype; at = Object.getPrototypeOf(at) as object) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
        if (typeof value === 'function' && !LEFT_OUT.has(name)) methods.add(name)
      }
    }
    const exports = Object.keys(this.#exports).filter(name => EXPORTS.test(name) && !LEFT_OUT.has(name))
    this.#names = { exports, methods: [...methods] }
    this.#processes = [new Process(this.#kernel, 1)]
    for (const [name, ...args] of SEEDS) this.#good.set(name, [...(this.#good.get(name) ?? []), args])
  }

  /** A number: one that makes no sense, a result, or a small one. */
  #number(): number {
    const kind = this.below(8)
    if (kind < 3) return this.pick(NUMBERS)
    if (kind < 6) return this.pick(this.#results) + this.pick([0, 0, 0, 4096, 1])
    return this.pick([this.below(8), this.below(64), this.below(2 ** 20), 4096 * this.below(16), 3, 0x32, 0o1600])
  }

  /** Arguments: those of a call that succeeded with some of them changed, or any. */
  #args(name: string, count: number, numbers: boolean): unknown[] {
    const some = (): unknown => (numbers || !this.oneIn(3) ? this.#number() : this.pick(OTHERS))
    const good = this.#good.get(name)
    if (!good || this.oneIn(4)) return Array.from({ length: count }, some)
    const args = [...this.pick(good)]
    for (let changes = this.below(3); changes > 0; changes--) args[this.below(args.length)] = some()
    return args
  }

  #note(name: string, args: unknown[], result: unknown): void {
    if (result instanceof Process) this.#processes.push(result)
    if (!succeeded(result)) return
    const good = this.#good.get(name) ?? []
    if (good.length < 8) good.push(args)
    else good[this.below(8)] = args
    this.#good.set(name, good)
    if (typeof result !== 'number' || result === 0) return
    this.#results.push(result)
    if (this.#results.length > 24) this.#results.splice(this.below(24), 1)
  }

  /** Fills the buffer that exports read with what may be a path, groups or references. */
  #fillBuffer(): void {
    const text = this.pick(['/dev/shm/a', '/dev/shm/a', '/dev/shm', '/', 'a', '\0', '/dev/shm/../../x', `/${'y'.repeat(300)}`])
    new Uint8Array(this.#kernel.memory.buffer).set(Buffer.from(text), this.#kernel.buffer)
  }

  /** A call at random: what it is, as text, and how it is made. */
  #call(): { text: string; call: () => unknown } {
    const process = this.pick(this.#processes)
    if (this.oneIn(2)) {
      const name = this.pick(this.#names.exports)
      const key = `exports.${name}`
      const args = this.#args(key, 7, true)
      // a wait that blocks may rightly sleep for ever
      if (name === 'task_wait') args[1] = 0
      const pid = this.oneIn(16) ? this.#number() : process.pid
      this.#fillBuffer()
      return { text: `${key}(${[pid, ...args].join(', ')})`, call: () => this.#note(key, args, this.#exports[name]?.(pid, ...args)) }
    }
    const name = this.pick(this.#names.methods)
    const args = this.#args(name, this.below(7), false)
    // a file may have 2^63 bytes, which rightly takes for ever to read
    if ((name === 'pread' || name === 'readFd') && typeof args[1] === 'number') args[1] = Math.min(args[1], 2 ** 20)
    const method = (process as unknown as Record<string, Function>)[name]
    return {
      text: `process${process.pid}.${name}(${args.map(show).join(', ')})`,
      call: () => this.#note(name, args, method?.apply(process, args)),
    }
  }

  /** One call. Returns what is wrong, undefined if nothing is. */
  step(): string | undefined {
    const { text, call } = this.#call()
    const start = performance.now()
    try {
      call()
    } catch (error) {
      const allowed = error instanceof SysError || error instanceof FaultError || error instanceof TypeError || error instanceof RangeError
      if (!allowed) return `${text} throws ${error instanceof Error && error.cause instanceof Error ? error.cause.stack : error}`
    }
    if (performance.now() - start > PATIENCE) return `${text} takes ${Math.round(performance.now() - start)} ms`
    if (this.#processes.length > 12) this.#processes.splice(1, 4)
    return this.check(text)
  }

  /** What is wrong with the books after a call. */
  check(text: string): string | undefined {
    try {
      const code = this.#kernel.exports.machine_validate()
      return code === 0 ? undefined : `after ${text} the books do not balance: ${code}`
    } catch (error) {
      return `after ${text} the books cannot be checked: ${error}`
    }
  }
}

function show(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `new ${value.constructor.name}(${(value as Uint8Array).length})`
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** So many calls on one machine. Returns what went wrong, undefined if nothing did. */
export function fuzzAbi(seed: number, steps: number): string | undefined {
  const target = new Target(seed)
  for (let step = 0; step < steps; step++) {
    const wrong = target.step()
    if (wrong !== undefined) return `seed ${seed}, step ${step}: ${wrong}`
  }
  return undefined
}
