// The calls that programs name: each is made of exports of the kernel, as the host makes them.
import { EAGAIN, EDEADLK, ETIMEDOUT } from '#dist/abi/errno.gen.js'
import { FUTEX_BITSET_MATCH_ANY } from '#dist/abi/futex.gen.js'
import { SUPERBLOCK, ZONES } from '#dist/abi/layout.gen.js'
import { SIGBUS } from '#dist/abi/signal.gen.js'
import { SWAP_MEMORY } from '#dist/abi/swap.gen.js'
import { Kswapd, SemOperationLayout, SuperblockLayout, WaiterLayout, ZoneLayout } from '#dist/core/layout.gen.js'
import type { SchedMachine } from './machine.js'
import type { Result } from './program.js'

/**
 * What a call does next: call an export, whose result it is told; sleep until a word is notified, or, if it `polls`, is another than
 * expected, or until another is; end a thread for good.
 */
export type Step =
  | { call: string; args: readonly number[] }
  | { sleep: number; expected: number; unless?: { word: number; expected: number }; polls?: boolean }
  | { end: number }

/** Who makes a call. */
export interface Caller {
  machine: SchedMachine
  cpu: number
  pid: number
}

/** The core's numbers of operations: enum Operation of assembly/entry/atomic.ts. */
const [EXCHANGE, COMPARE_EXCHANGE] = [5, 6]

type Body = Generator<Step, Result, number>
type Maker = (caller: Caller, ...args: never[]) => Body

/** One export, with the pid first. */
function exported(name: string): Maker {
  return function* ({ pid }: Caller, ...args: number[]): Body {
    return yield { call: name, args: [pid, ...args] }
  } as Maker
}

/** One export of the host's own, without a pid. */
function own(name: string): Maker {
  return function* (_: Caller, ...args: number[]): Body {
    return yield { call: name, args }
  } as Maker
}

/** An access to the process's memory: what went wrong is in the CPU's block. */
function access(name: string): Maker {
  return function* ({ machine, cpu, pid }: Caller, ...args: number[]): Body {
    const result = yield { call: name, args: [pid, ...args] }
    if (result >= 0) return result
    const code = machine.view.getInt32(machine.field(cpu, 'faultCode'), true)
    if (code < 0) return code
    return code >> 8 === SIGBUS ? 'SIGBUS' : 'SIGSEGV'
  } as Maker
}

/** A call with a text in the buffer, whose length is its first argument. */
function withText(name: string): Maker {
  return function* ({ machine, cpu, pid }: Caller, text: string, ...args: number[]): Body {
    return yield { call: name, args: [pid, machine.putText(cpu, text), ...args] }
  } as Maker
}

/** The host's sleepWhileZero; false if the process was killed meanwhile. */
function* sleepWhileZero({ machine, cpu, pid }: Caller, address: number): Generator<Step, boolean, number> {
  const attention = machine.field(cpu, 'attention')
  while (machine.word(address) === 0) {
    const wants = machine.word(attention)
    if (wants !== 0 && (yield { call: 'cpu_attend', args: [pid] }) === 0) return false
    yield { sleep: address, expected: 0, unless: { word: attention, expected: wants } }
  }
  return true
}

/** process.waitOn without a time-out: 1 if it was woken, 2 if the word was another. */
function* waitOn(caller: Caller, address: number, expected: number): Body {
  const { pid } = caller
  const waiter = yield { call: 'futex_queue', args: [pid, address, expected, FUTEX_BITSET_MATCH_ANY, 1] }
  if (waiter <= 0) return waiter === 0 ? 2 : waiter
  yield* sleepWhileZero(caller, waiter + WaiterLayout.status)
  const result = yield { call: 'ipc_finish', args: [pid, waiter, ETIMEDOUT] }
  return result === 0 ? 1 : result
}

/** process.notify. */
function* notify({ pid }: Caller, address: number, count: number): Body {
  return yield { call: 'futex_wake', args: [pid, address, count, FUTEX_BITSET_MATCH_ANY] }
}

/** process.semop: each operation is three numbers, the semaphore's, what is added and its flags. */
function* semop(caller: Caller, id: number, ...operations: number[]): Body {
  const { machine, cpu, pid } = caller
  const { num, op, flags, SIZE } = SemOperationLayout
  const count = operations.length / 3
  for (let i = 0; i < count; i++) {
    const at = machine.buffer(cpu) + i * SIZE
    machine.view.setUint16(at + num, operations[i * 3] ?? 0, true)
    machine.view.setInt16(at + op, operations[i * 3 + 1] ?? 0, true)
    machine.view.setUint32(at + flags, operations[i * 3 + 2] ?? 0, true)
  }
  const waiter = yield { call: 'sem_operate', args: [pid, id, count, Number.POSITIVE_INFINITY] }
  if (waiter <= 0) return waiter
  while (true) {
    const status = waiter + WaiterLayout.status
    if (machine.word(status) !== 0) return yield { call: 'ipc_finish', args: [pid, waiter, EAGAIN] }
    const alone = yield { call: 'ipc_sleep', args: [pid, 1] }
    if (alone < 0) return alone
    if (alone === 1) return yield { call: 'ipc_finish', args: [pid, waiter, EDEADLK] }
    yield* sleepWhileZero(caller, status)
  }
}

/** A lock made of a futex, as of Drepper's "Futexes are tricky": takes it. */
function* lock(caller: Caller, address: number): Body {
  const { pid } = caller
  const change = (expected: number, value: number): Step => ({ call: 'atomic32', args: [pid, COMPARE_EXCHANGE, address, value, expected] })
  let old = yield change(0, 1)
  while (old !== 0) {
    if (old === 2 || (yield change(1, 2)) !== 0) yield* waitOn(caller, address, 2)
    old = yield change(0, 2)
  }
  return 0
}

/** Gives the lock back. */
function* unlock({ pid }: Caller, address: number): Body {
  const old = yield { call: 'atomic32', args: [pid, EXCHANGE, address, 0, 0] }
  return old === 2 ? yield { call: 'futex_wake', args: [pid, address, 1, FUTEX_BITSET_MATCH_ANY] } : 0
}

/** Adds 1 to a word by a load and a store. */
function* increment({ pid }: Caller, address: number): Body {
  const old = yield { call: 'load32', args: [pid, address] }
  return yield { call: 'store32', args: [pid, address, old + 1] }
}

/** Ends a thread as the host does: once it is in no call. Returns what cpu_leave does. */
function* terminate({ machine }: Caller, cpu: number, exitCode = 0): Body {
  while ((yield { call: 'cpu_doom', args: [cpu] }) !== 0) yield { sleep: machine.field(cpu, 'entered'), expected: 1, polls: true }
  yield { end: cpu }
  return yield { call: 'cpu_leave', args: [cpu, machine.pids[cpu] ?? 0, exitCode] }
}

/** A thread vanishes wherever it is, and the host hears of it. Returns what cpu_leave does; 'went on' if it was in a call, which the machine must notice. */
function* vanish({ machine }: Caller, cpu: number): Body {
  const inCall = machine.word(machine.field(cpu, 'entered')) !== 0
  yield { end: cpu }
  yield { call: 'cpu_lost', args: [cpu] }
  const status = yield { call: 'cpu_leave', args: [cpu, machine.pids[cpu] ?? 0, 1] }
  return inCall ? 'went on' : status
}

/** Looks at the whole machine as machine.validate does: the others stand still meanwhile, so that it needs no points. */
function* validate({ machine }: Caller): Body {
  const stopped = yield { call: 'machine_stop', args: [] }
  if (stopped < 0) return stopped
  const broken = machine.validate()
  yield { call: 'machine_start', args: [] }
  return broken ?? 0
}

/** Makes a swap area of so many pages; returns its number. */
function* swapon({ machine, cpu }: Caller, pages: number): Body {
  return yield { call: 'swap_on', args: [SWAP_MEMORY, 0, pages, -1, machine.putText(cpu, `/dev/zram${pages}`), 0] }
}

/** Brings back what is in a swap area, as machine.swapoff does: the others stand still meanwhile. */
function* swapoff(_: Caller, area: number): Body {
  const stopped = yield { call: 'machine_stop', args: [] }
  if (stopped < 0) return stopped
  const result = yield { call: 'swap_off', args: [area] }
  yield { call: 'machine_start', args: [] }
  return result
}

/** Makes a thread's CPU kswapd's, which is to keep so many frames more free than there are. */
function* makeKswapd({ machine }: Caller, cpu: number, frames: number): Body {
  machine.words[(SUPERBLOCK + SuperblockLayout.kswapdCpu) >> 2] = cpu
  const free = yield { call: 'machine_free_frames', args: [] }
  machine.words[(ZONES + ZoneLayout.high) >> 2] = free + frames
  return 0
}

/** Waits until kswapd has nothing to do. */
function* kswapdRests({ machine }: Caller): Body {
  const word = ZONES + ZoneLayout.kswapd
  while (machine.word(word) !== Kswapd.Asleep) yield { sleep: word, expected: machine.word(word), polls: true }
  return 0
}

/** The calls, by name. */
export const CALLS: Readonly<Record<string, Maker>> = {
  mmap: exported('mm_map'),
  munmap: exported('mm_unmap'),
  mprotect: exported('mm_protect'),
  mremap: exported('mm_remap'),
  madvise: exported('mm_advise'),
  mlock: exported('mm_lock'),
  load: access('load32'),
  store: access('store32'),
  fill: exported('mm_fill'),
  open: withText('file_open'),
  unlink: withText('file_unlink'),
  close: exported('file_close'),
  ftruncate: exported('file_truncate'),
  fallocate: exported('file_allocate'),
  pread: exported('file_read'),
  pwrite: exported('file_write'),
  shmget: exported('shm_get'),
  shmat: exported('shm_attach'),
  shmdt: exported('shm_detach'),
  shmctl: exported('shm_control'),
  semget: exported('sem_get'),
  semctl: exported('sem_control'),
  setval: exported('sem_set_value'),
  semop: semop as Maker,
  fork: exported('task_fork'),
  exit: exported('task_exit'),
  exitThread: exported('task_exit_thread'),
  wait: exported('task_wait'),
  kill: exported('task_kill'),
  notify: notify as Maker,
  waitOn: waitOn as Maker,
  lock: lock as Maker,
  unlock: unlock as Maker,
  increment: increment as Maker,
  sysctl: own('sysctl_set'),
  spawn: exported('task_spawn'),
  takeCpu: own('cpu_take'),
  cycleFrames: own('frames_cycle'),
  takeFrames: own('frames_take'),
  giveFrames: own('frames_give'),
  swapon: swapon as Maker,
  swapoff: swapoff as Maker,
  makeKswapd: makeKswapd as Maker,
  kswapd: own('kswapd_run'),
  kswapdRests: kswapdRests as Maker,
  terminate: terminate as Maker,
  vanish: vanish as Maker,
  validate,
}
