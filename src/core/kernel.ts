// One thread's way into a machine: the kernel module over the machine's memory. A trap in it, on
// any thread, panics the machine: the panic words in the superblock say so to every later call.
import { DOOMED } from '../abi/attention.gen.js'
import { ESRCH } from '../abi/errno.gen.js'
import { KernelPanic, SysError } from '../abi/errors.js'
import { CPU_BUFFER, CPU_SIZE, CPUS, MAX_CPUS, POLICY_PARAMS, SUPERBLOCK } from '../abi/layout.gen.js'
import { UNENDED } from '../abi/limits.gen.js'
import { PANIC_TRAP } from '../abi/panic.gen.js'
import { Disks } from '../host/disks.js'
import { SwapBackings } from '../host/swapBackings.js'
import type { AccessExports } from './accessExports.js'
import { checkMachine, checkModule, sharedBytes } from './foreign.js'
import { CpuLayout, ParamsLayout, SuperblockLayout } from './layout.gen.js'
import { LAYOUT_HASH } from './layoutHash.gen.js'
import { coreModule } from './module.js'
import type { PolicyChoice } from './policyChoice.js'
import { stackReserve } from './stack.js'
import { waitForChange } from './wait.js'

/** Which build of the kernel: `debug` checks assertions and the order of locks. */
export type KernelTarget = 'release' | 'debug'

/** The exports of the kernel module; see assembly/kernel.ts. */
export interface KernelExports extends AccessExports {
  machine_build(frames: number, lowFrames: number, cpus: number, layoutHash: number, policy: number, kswapd: number): number
  machine_resume(): void
  machine_look(): void
  machine_stop(): number
  machine_start(): void
  trace_start(order: number): number
  policy_set(without: number, generations: number): number
  kswapd_take(): number
  kswapd_run(): void
  group_make(nameBytes: number): number
  group_find(nameBytes: number): number
  group_limit(group: number, pages: number): number
  group_limit_swap(group: number, pages: number): number
  group_swappiness(group: number, swappiness: number): number
  group_assign(group: number, pid: number): number
  group_remove(group: number): number
  group_pages(group: number): number
  machine_validate(): number
  machine_free_frames(): number
  swap_on(backing: number, flags: number, pages: number, priority: number, length: number, base: number): number
  swap_off(area: number): number
  disk_mount(): number
  disk_sync(pid: number): number
  sysctl_get(setting: number): number
  sysctl_set(setting: number, value: number): number
  cpu_take(): number
  cpu_enter(id: number): void
  cpu_attend(pid: number): number
  cpu_doom(id: number): number
  cpu_lost(id: number): void
  cpu_leave(id: number, pid: number, exitCode: number): number
  frames_take(order: number): number
  frames_give(pfn: number, order: number): void
  frames_cycle(order: number, depth: number, times: number): number
  frames_referenced(pfn: number): number
  frames_unmap(pfn: number): number
  inspect_as(pid: number): number
  inspect_process(pid: number): number
  inspect_threads(pid: number): number
  inspect_vmas(pid: number, address: number): number
  inspect_pages(pid: number, address: number, end: number): number
  inspect_descriptors(pid: number, fd: number): number
  inspect_file(file: number): void
  inspect_frames(frame: number): number
  inspect_path(file: number): number
  inspect_mount(index: number): number
  inspect_inode(mount: number, after: number): number
  inspect_inode_at(inode: number): void
  inspect_usage(): void
  inspect_free_blocks(zone: number): void
  inspect_object_pages(inode: number, index: number): number
  inspect_object_vmas(inode: number, after: number): number
  inspect_family_vmas(family: number, after: number): number
  inspect_segment(index: number): number
  inspect_semaphores(index: number): number
  inspect_semaphore_values(index: number, first: number): number
  inspect_queue(index: number): number
  image_mark_pages(first: number): void
  task_fork(pid: number): number
  task_spawn(pid: number, cpu: number, uid: number, gid: number): number
  task_clone(pid: number, cpu: number): number
  task_exit(pid: number, exitCode: number): number
  task_exit_thread(pid: number, exitCode: number): number
  task_wait(pid: number, wanted: number, block: number): number
  task_events(pid: number): number
  task_unshare(pid: number, flags: number): number
  task_kill(pid: number, target: number, signal: number): number
  task_oom_adjust(pid: number, target: number, value: number): number
  task_identity(pid: number): number
  task_set_id(pid: number, group: number, id: number): number
  task_set_effective_id(pid: number, group: number, id: number): number
  task_set_two_ids(pid: number, group: number, real: number, effective: number): number
  task_set_all_ids(pid: number, group: number, real: number, effective: number, saved: number): number
  task_set_groups(pid: number, count: number): number
  mm_map(pid: number, address: number, length: number, prot: number, flags: number, fd: number, offset: number): number
  mm_unmap(pid: number, address: number, length: number): number
  mm_protect(pid: number, address: number, length: number, prot: number): number
  mm_remap(pid: number, address: number, oldLength: number, length: number, flags: number, newAddress: number): number
  mm_advise(pid: number, address: number, length: number, advice: number): number
  mm_sync(pid: number, address: number, length: number, flags: number): number
  mm_residency(pid: number, address: number, length: number): number
  mm_lock(pid: number, address: number, length: number, flags: number): number
  mm_unlock(pid: number, address: number, length: number): number
  mm_lock_all(pid: number, flags: number): number
  mm_unlock_all(pid: number): number
  mm_break(pid: number, address: number): number
  limit_get(pid: number, resource: number): number
  limit_set(pid: number, resource: number, soft: number, hard: number): number
  mm_clear_refs(pid: number, value: number): number
  mm_frame(pid: number, address: number): number
  file_open(pid: number, length: number, flags: number, mode: number): number
  file_close(pid: number, fd: number): number
  file_read(pid: number, fd: number, offset: number, bytes: number): number
  file_write(pid: number, fd: number, offset: number, bytes: number): number
  file_read_on(pid: number, fd: number, bytes: number): number
  file_write_on(pid: number, fd: number, bytes: number): number
  file_seek(pid: number, fd: number, offset: number, whence: number): number
  file_truncate(pid: number, fd: number, bytes: number): number
  file_allocate(pid: number, fd: number, mode: number, offset: number, length: number): number
  file_stat(pid: number, fd: number): number
  file_stat_path(pid: number, length: number): number
  file_unlink(pid: number, length: number): number
  file_mkdir(pid: number, length: number, mode: number): number
  file_rmdir(pid: number, length: number): number
  file_link(pid: number, length: number, newLength: number): number
  file_rename(pid: number, length: number, newLength: number, flags: number): number
  file_dup(pid: number, fd: number): number
  file_dup2(pid: number, fd: number, to: number): number
  file_dup3(pid: number, fd: number, to: number, flags: number): number
  file_control(pid: number, fd: number, command: number, argument: number): number
  file_memfd(pid: number, length: number, flags: number): number
  file_chmod(pid: number, fd: number, mode: number): number
  file_chown(pid: number, fd: number, uid: number, gid: number): number
  file_umask(pid: number, mask: number): number
  file_sync(pid: number, fd: number): number
  file_advise(pid: number, fd: number, offset: number, length: number, advice: number): number
  mount_limit(mount: number, blocks: number, inodes: number): number
  shm_get(pid: number, key: number, size: number, flags: number): number
  shm_attach(pid: number, id: number, address: number, flags: number): number
  shm_detach(pid: number, address: number): number
  shm_control(pid: number, id: number, command: number): number
  shm_set(pid: number, id: number, uid: number, gid: number, mode: number): number
  sem_named_open(pid: number, fd: number, address: number): number
  sem_named_close(pid: number, address: number): number
  sem_get(pid: number, key: number, count: number, flags: number): number
  sem_operate(pid: number, id: number, count: number, timeout: number): number
  sem_control(pid: number, id: number, num: number, command: number): number
  sem_set_value(pid: number, id: number, num: number, value: number): number
  sem_set_all(pid: number, id: number, count: number): number
  sem_set(pid: number, id: number, uid: number, gid: number, mode: number): number
  mq_open(pid: number, length: number, flags: number, mode: number, messages: number, bytes: number): number
  mq_unlink(pid: number, length: number): number
  mq_send(pid: number, fd: number, size: number, priority: number): number
  mq_receive(pid: number, fd: number, room: number): number
  mq_attributes(pid: number, fd: number, flags: number): number
  msg_get(pid: number, key: number, flags: number): number
  msg_send(pid: number, id: number, type: number, size: number, flags: number): number
  msg_receive(pid: number, id: number, room: number, type: number, flags: number): number
  msg_read(pid: number, offset: number): number
  msg_drop(pid: number): number
  msg_control(pid: number, id: number, command: number): number
  msg_set(pid: number, id: number, uid: number, gid: number, mode: number, most: number): number
  ipc_sleep(pid: number, inNamespace: number): number
  ipc_finish(pid: number, waiter: number, error: number): number
  stage_take(pid: number, bytes: number): number
  stage_drop(pid: number): number
}

/** The longest sleep before looking for a panic, in milliseconds. */
const PATIENCE = 100
/** The least time between two looks whether threads are gone, in milliseconds. */
const LOOK = 500

/** A machine's memory and the module that knows it: what a thread needs to enter. */
export interface MachineHandle {
  memory: WebAssembly.Memory
  target: KernelTarget
  /** The kernel, compiled; compiled here unless given. */
  module?: WebAssembly.Module
  /** The memory of its swap areas, if there is one. */
  swapStore?: SharedArrayBuffer | undefined
}

/** A thread of a process, seen from the thread that started it by clone. */
export interface ClonedThread {
  /** The process, and the thread's own number. */
  readonly pid: number
  readonly tid: number
  /**
   * What the thread gave to exitThread or to Node's process.exit; if the process ended with it, that one's exit code. Rejects
   * with what its module threw, or a KernelPanic.
   */
  readonly exited: Promise<number>
}

/** The CPU that was taken for a thread, its process, and its number in it. */
export interface ThreadSeat {
  cpu: number
  pid: number
  tid: number
}

/** Starts the host's thread that has a seat; resolves when it runs. */
export type ThreadStarter = (seat: ThreadSeat, module: URL, workerData: unknown) => Promise<ClonedThread>

/** The exit code of a status as waitpid has it: 128 + the signal if one ended the process, as in a shell. */
export function exitCodeOf(status: number): number {
  return (status & 127) === 0 ? status >>> 8 : 128 + (status & 127)
}

/** The kernel, instantiated for this thread. */
export class Kernel {
  readonly memory: WebAssembly.Memory
  readonly target: KernelTarget
  /** The kernel, compiled, which other threads may use as well. */
  readonly module: WebAssembly.Module
  readonly view: DataView<SharedArrayBuffer>
  readonly exports: KernelExports
  /** Where the pages of swap areas are. */
  readonly swap: SwapBackings
  /** Where the blocks of disks are. */
  readonly disks: Disks
  /** Starts the threads that processes clone: set where the machine is booted, and in its worker threads. */
  startThread: ThreadStarter | undefined
  /** Called where a call finds that its process has ended. */
  onLost: () => void = () => {}
  readonly #panic: Int32Array
  readonly #words: Int32Array<SharedArrayBuffer>
  /** Whether the thread of a CPU still runs, for those that this thread started. */
  readonly #threads = new Map<number, () => boolean>()
  #lastLook = 0
  #cpu = 0

  /** Instantiates the module over the machine's memory, which this does not change. Throws an InputError if it cannot be one's. */
  constructor({ memory, target, module = coreModule('kernel', target), swapStore }: MachineHandle) {
    const buffer = sharedBytes(memory)
    checkModule(module)
    this.memory = memory
    this.target = target
    this.module = module
    this.view = new DataView(buffer)
    this.#panic = new Int32Array(buffer, SUPERBLOCK, 3)
    const words = new Int32Array(buffer)
    this.#words = words
    const swap = new SwapBackings(buffer, swapStore)
    this.swap = swap
    const disks = new Disks(buffer, swap)
    this.disks = disks
    const host = {
      wait: (address: number, expected: number, milliseconds: number): number => {
        const undisturbed = waitForChange(words, address >>> 2, expected | 0, milliseconds)
        if (undisturbed) this.#lookForGone()
        return Number(undisturbed)
      },
      reserve: stackReserve(),
      now: () => Math.floor(Date.now() / 1000),
      swapRead: (area: number, slot: number, address: number) => swap.read(area, slot, address),
      swapWrite: (area: number, slot: number, address: number) => swap.write(area, slot, address),
      diskRead: (disk: number, block: number, address: number) => disks.read(disk, block, address),
      diskWrite: (disk: number, block: number, address: number) => disks.write(disk, block, address),
    }
    const instance = new WebAssembly.Instance(module, { env: { memory }, host })
    this.exports = this.#guarded(instance.exports as unknown as KernelExports)
  }

  /**
   * Builds a machine, of whose frames the first `lowFrames` have bytes, in this memory, which is all zeros; the thread is its CPU 0.
   * A policy that is given evicts its pages, instead of Linux's; else there is a CPU for kswapd's thread as well, if one is left, unless all is to be `deterministic`.
   */
  build({ frames, lowFrames }: { frames: number; lowFrames: number }, cpus: number, policy?: PolicyChoice, deterministic = false): void {
    const values = policy?.values ?? []
    new Float64Array(this.memory.buffer, POLICY_PARAMS + ParamsLayout.SIZE, values.length).set(values)
    const kswapd = !policy && !deterministic && cpus > 1 && cpus < MAX_CPUS
    if (this.exports.machine_build(frames, lowFrames, cpus, LAYOUT_HASH, policy ? policy.index + 1 : 0, Number(kswapd)) !== 0) {
      throw new RangeError(`${frames * 4096} bytes are too little memory for a machine`)
    }
  }

  /** Enters a machine as the CPU that was taken for this thread. Throws an InputError if the memory holds none of this version. */
  enter(cpu: number): void {
    checkMachine(this.view)
    this.#cpu = cpu
    this.exports.cpu_enter(cpu)
  }

  /** Goes on as CPU 0 of a machine whose memory was restored. */
  resume(): void {
    checkMachine(this.view)
    this.exports.machine_resume()
  }

  /** Looks, as CPU 0, at a machine whose memory was restored: what runs nothing and changes nothing may be called. */
  look(): void {
    checkMachine(this.view)
    this.exports.machine_look()
  }

  /** Whether the machine's pages hold bytes. */
  get hasContents(): boolean {
    const word = (field: 'frames' | 'lowFrames'): number => this.view.getUint32(SUPERBLOCK + SuperblockLayout[field], true)
    return word('frames') === word('lowFrames')
  }

  /** Address of this thread's CPU block. */
  get cpuBlock(): number {
    return CPUS + this.#cpu * CPU_SIZE
  }

  /** Address of a field of a CPU's block, this thread's unless another is named. */
  cpuField(field: Exclude<keyof typeof CpuLayout, 'SIZE'>, cpu = this.#cpu): number {
    return CPUS + cpu * CPU_SIZE + CpuLayout[field]
  }

  /** The signal that killed the process a CPU's thread was started for, once one has; 0 once the thread is gone. */
  async killed(cpu = this.#cpu): Promise<number> {
    const at = this.cpuField('killedBy', cpu) >>> 2
    const { async, value } = Atomics.waitAsync(this.#words, at, 0)
    if (async) await value
    return Atomics.load(this.#words, at)
  }

  /** Sleeps for ever if this thread is being ended: what it did next would not be its own failure. */
  stayIfDoomed(): void {
    const attention = this.cpuField('attention') >>> 2
    const wants = Atomics.load(this.#words, attention)
    while ((wants & DOOMED) !== 0 && !this.panic) waitForChange(this.#words, attention, wants, PATIENCE)
  }

  /** Has this thread look, while it sleeps in the machine and hears of nothing, whether a CPU's thread still runs. */
  watch(cpu: number, runs: () => boolean): void {
    this.#threads.set(cpu, runs)
  }

  /** Tells the machine which threads are gone; whether there are any. Looks now and then only. */
  #lookForGone(): boolean {
    const now = performance.now()
    if (now - this.#lastLook < LOOK || this.panic) return false
    this.#lastLook = now
    const gone = [...this.#threads].filter(([, runs]) => !runs()).map(([cpu]) => cpu)
    for (const cpu of gone) {
      this.#threads.delete(cpu)
      this.exports.cpu_lost(cpu)
    }
    return gone.length > 0
  }

  /**
   * Takes a CPU back from a thread that is gone; returns the exit code of its process if it was the last thread of
   * that, 128 + the signal if one ended it, else undefined.
   */
  leave(cpu: number, pid: number, threadCode: number): number | undefined {
    this.#threads.delete(cpu)
    try {
      const status = this.exports.cpu_leave(cpu, pid, threadCode) >>> 0
      return status === UNENDED ? undefined : exitCodeOf(status)
    } finally {
      Atomics.notify(this.#words, this.cpuField('killedBy', cpu) >>> 2)
    }
  }

  /** Forbids a CPU's thread to begin another call; says whether it is in one, whose end is to be awaited: not if the machine panicked. */
  doom(cpu: number): boolean {
    try {
      return this.exports.cpu_doom(cpu) !== 0
    } catch (error) {
      if (error instanceof KernelPanic) return false
      throw error
    }
  }

  /** Address of this thread's transfer buffer. */
  get buffer(): number {
    return this.cpuBlock + CPU_BUFFER
  }

  /**
   * Sleeps while the word at an address is 0, for some milliseconds at most, and the process was not killed.
   * Throws the KernelPanic of a machine that panics meanwhile.
   */
  sleepWhileZero(pid: number, address: number, milliseconds: number): void {
    const attention = this.cpuField('attention') >>> 2
    const end = performance.now() + milliseconds
    while (Atomics.load(this.#words, address >>> 2) === 0) {
      if (this.panic) throw this.panic
      if (Atomics.load(this.#words, attention) !== 0 && !this.exports.cpu_attend(pid)) return
      const left = end - performance.now()
      if (left <= 0) return
      if (waitForChange(this.#words, address >>> 2, 0, Math.min(left, PATIENCE)) && this.#lookForGone()) this.exports.cpu_attend(pid)
    }
  }

  /** Resolves once the word at an address is notified or not `expected`, or after so many milliseconds. Rejects with the KernelPanic of a machine that panics meanwhile. */
  async changed(address: number, expected: number, milliseconds: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#words, address >>> 2, expected, milliseconds)
    if (async) await value
    if (this.panic) throw this.panic
  }

  /** Does something that shows or changes what belongs to an IPC namespace, that of a process. Throws a SysError ESRCH if the process has ended. */
  viewAs<Result>(pid: number, what: () => Result, syscall: string): Result {
    const { inspect_as } = this.exports
    if (!inspect_as(pid)) throw new SysError(ESRCH, syscall)
    try {
      return what()
    } finally {
      if (!this.panic) inspect_as(1)
    }
  }

  /** The KernelPanic of this machine, if it panicked. */
  get panic(): KernelPanic | undefined {
    const [code = 0, first = 0, second = 0] = this.#panic
    return code === 0 ? undefined : new KernelPanic(code, first, second)
  }

  /** Whether this thread is in no call: then nothing is half-done but the use of a translation, which this ends. */
  #isOutside(): boolean {
    if (Atomics.load(this.#words, this.cpuField('entered') >>> 2) !== 0) return false
    const section = this.cpuField('section') >>> 2
    if (Atomics.load(this.#words, section) & 1) Atomics.add(this.#words, section, 1)
    return true
  }

  /** The exports, each of which panics the machine when it traps, and says so when it panicked before. */
  #guarded(exports: KernelExports): KernelExports {
    const panic = this.#panic
    const guard =
      (call: (...args: number[]) => number) => (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => {
        if (panic[0] !== 0) throw this.panic
        try {
          return call(a, b, c, d, e, f, g)
        } catch (error) {
          if (error instanceof RangeError && this.#isOutside()) throw error
          Atomics.compareExchange(panic, 0, 0, PANIC_TRAP)
          throw new KernelPanic(panic[0] ?? 0, panic[1] ?? 0, panic[2] ?? 0, error)
        }
      }
    const guarded = Object.entries(exports).map(([name, value]) => [name, guard(value as (...args: number[]) => number)])
    return Object.fromEntries(guarded) as unknown as KernelExports
  }
}
