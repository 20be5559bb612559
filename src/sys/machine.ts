// The machine: its memory, its first process, its worker processes.

import { EAGAIN, EBUSY, EOPNOTSUPP, ESRCH } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import * as invariant from '../abi/invariant.gen.js'
import { MAX_CPUS, SLOTS, SUPERBLOCK, VMSTAT_SIZE, VMSTATS } from '../abi/layout.gen.js'
import * as vmstat from '../abi/vmstat.gen.js'
import { Kernel, type KernelTarget } from '../core/kernel.js'
import { FindingLayout, SlotsLayout, SuperblockLayout } from '../core/layout.gen.js'
import { loadCoreModule } from '../core/module.js'
import { renderDmesg } from '../proc/dmesg.js'
import { EVENTS_PER_PAGE, type EventBatch, type EventPosition, keepsEvents, MAX_EVENTS, readEvents } from '../proc/events.js'
import { inspect } from '../proc/inspect.js'
import type { Inspection } from '../proc/inspection.js'
import { type IpcsOptions, renderIpcs } from '../proc/ipcs.js'
import { type ProcRange, type ProcView, readProc } from '../proc/proc.js'
import * as walk from '../proc/walk.js'
import { options as known, shown, whole } from './arguments.js'
import { type Cgroup, type CgroupOptions, openCgroup } from './cgroup.js'
import { type DiskInfo, disks } from './disks.js'
import type { KswapdState } from './kswapd.js'
import { divideMemory } from './machineSize.js'
import { limitShm, type MountOptions, mountDisk, type ShmMountOptions } from './mounts.js'
import { ownPolicy, type ReclaimOptions, setPolicy } from './policy.js'
import { Process } from './process.js'
import { parseSize } from './size.js'
import { restoreSnapshot, takeSnapshot } from './snapshot.js'
import { checkUrl, type SpawnOptions, type WorkerProcess } from './spawn.js'
import { type SwapInfo, type SwaponOptions, swapoff, swapon, swaps } from './swap.js'
import { type SysctlName, type SysctlValue, sysctl } from './sysctl.js'
import { Workers } from './workers.js'
import { readZones, type ZoneInfo } from './zones.js'

/** What a machine is made of. */
export interface BootOptions extends ReclaimOptions {
  /** How much memory: bytes, or a number with KiB, MiB or GiB; below 4 GiB, or 163 GiB without contents. */
  memory: number | string
  /**
   * Whether pages hold bytes: true unless given. Without, loads give 0 and stores are dropped, and all else is the same: so
   * machines larger than this one are simulated. 64 GiB take at most 1.6 GiB, and what is not used takes nothing.
   */
  contents?: boolean
  /** How many threads, this one included, may run processes at once: 4 unless given, 32 at most. */
  cpus?: number
  /**
   * Whether the same calls are to give the same counts every time. Then kswapd, which reclaims memory ahead of need, runs in the threads that come below
   * the low watermark, as it does with one CPU, or 32; `false` gives it a thread of its own as soon as the machine has a swap area or a
   * limit. Unless given, it has one while there are worker processes, as without them all is deterministic.
   */
  deterministic?: boolean
  /** The kernel to run: `debug` checks its assertions and the order of locks, and is slower. */
  target?: KernelTarget
  /**
   * Whether to keep the last events of each CPU, for machine.events: false unless given; true for 2,048,
   * a number for so many, rounded up to a power of two of at least 128.
   */
  trace?: boolean | number
  /** Limits of the file system at /dev/shm. */
  shm?: ShmMountOptions
  /** Settings that are not to be Linux's defaults, as machine.sysctl takes them. */
  sysctl?: { readonly [Name in SysctlName]?: SysctlValue<Name> }
}

/** A machine that goes on where it was; the rest is as the snapshot has it. */
export interface RestoreOptions extends Pick<BootOptions, 'sysctl'> {
  /** What machine.snapshot returned. */
  snapshot: Uint8Array
}

/** The counters of all CPUs, by name. */
export type Vmstat = Record<Lowercase<Exclude<keyof typeof vmstat, 'COUNTERS'>>, number>

/** A machine that runs, seen from the thread that booted it. */
export class Machine {
  /** Process 1, uid 0, on this thread. */
  readonly init: Process
  readonly #kernel: Kernel
  readonly #cpus: number
  readonly #workers: Workers
  /** Whether shutdown has rejected with the machine's panic. */
  #panicTold = false

  constructor(kernel: Kernel, cpus: number, deterministic?: boolean) {
    this.#kernel = kernel
    this.#cpus = cpus
    this.#workers = new Workers(kernel, deterministic === false)
    this.init = new Process(kernel, 1)
  }

  /** How many threads may run processes at once. */
  get #threads(): number {
    return this.#cpus - Number(this.#kernel.view.getUint32(SUPERBLOCK + SuperblockLayout.kswapdCpu, true) !== 0)
  }

  /** Frames that hold nothing; exact while no other thread is in a call. */
  get freeFrames(): number {
    return this.#kernel.exports.machine_free_frames() >>> 0
  }

  /**
   * How many pages the policy that was given to `boot` keeps in memory: 0 before the first swap area comes; undefined in a machine that
   * evicts in Linux's ways.
   */
  get policyFrames(): number | undefined {
    const { view } = this.#kernel
    if (view.getUint32(SUPERBLOCK + SuperblockLayout.policy, true) === 0) return undefined
    return view.getUint32(SLOTS + SlotsLayout.slots, true)
  }

  /** What happened so far, on all CPUs. */
  get vmstat(): Vmstat {
    const { COUNTERS: _, ...slots } = vmstat
    const sum = (slot: number): number => {
      let total = 0n
      for (let cpu = 0; cpu < this.#cpus; cpu++) total += this.#kernel.view.getBigUint64(VMSTATS + cpu * VMSTAT_SIZE + slot * 8, true)
      return Number(total)
    }
    return Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name.toLowerCase(), sum(slot)])) as Vmstat
  }

  /**
   * The value of a setting, by its name under /proc/sys, after changing it if a value is given:
   * `sysctl('vm.overcommit_memory', 2)`. Throws a SysError EINVAL if the value is out of Linux's
   * range, a TypeError if it is no whole number or there is no such setting. Those of IPC are of the namespace
   * that the process `of` is in: init's unless given; ESRCH if that has ended.
   */
  sysctl<Name extends SysctlName>(name: Name, value?: SysctlValue<Name>, of: Pick<Process, 'pid'> = this.init): SysctlValue<Name> {
    return this.#kernel.viewAs(whole(of.pid, 'pid'), () => sysctl(this.#kernel, name, value), 'sysctl')
  }

  /**
   * Makes a swap area, to which pages may go from then on; returns its number.
   *
   * Throws a SysError: EINVAL for a size below two pages or above 128 GiB, a priority that is none, a file that is too small or has no
   * header, or `none` in a machine with contents; EBUSY for a file that is an area already; EPERM if there are 8; ENOMEM if the
   * machine has no room for the map of its slots, or the host none for its pages; of a file what opening it gives. A TypeError if a
   * value is of the wrong type.
   */
  swapon(options: SwaponOptions): number {
    return this.#stopped(() => swapon(this.#kernel, options), 'swapon')
  }

  /**
   * Brings back all pages of a swap area, by its number or path, and ends it. Worker processes stand still meanwhile. Throws a
   * SysError, and then it stays on: ENOMEM if its pages do not fit, EIO if one cannot be read; EINVAL if there is no such area.
   */
  swapoff(area: number | string): void {
    this.#stopped(() => swapoff(this.#kernel, area), 'swapoff')
  }

  /** The swap areas, by number. */
  get swaps(): SwapInfo[] {
    return swaps(this.#kernel)
  }

  /**
   * Mounts an empty disk on a directory, which is made if there is none: a file system whose files have a home beside memory, which is their cache. What is
   * on it, names and all, is the machine's, and goes with it; a file of the host's is only where the bytes are.
   *
   * Throws a SysError: EINVAL for a size that is none or 128 GiB and more, a file that holds something else, or `none` in a machine with contents; EBUSY if
   * something is mounted there; EEXIST if the file is; ENOSPC if there are 8 disks; ENOMEM if the machine has no room for the map of
   * its blocks, or the host none for its pages; what walking the path or opening a file gives. A TypeError if a value is of the wrong type.
   */
  mount(path: string, options: MountOptions): void {
    this.#stopped(() => mountDisk(this.#kernel, path, options), 'mount')
  }

  /** The disks, in the order of their mounting. */
  get disks(): DiskInfo[] {
    return disks(this.#kernel).map(({ source, type, size, used }) => ({ source, type, size, used }))
  }

  /**
   * How memory is reclaimed ahead of need: `inline`, in the threads that come below the low watermark; or in a thread of its own that is
   * `asleep` or `awake`, see boot's option `deterministic`.
   */
  get kswapd(): KswapdState {
    return this.#workers.kswapd.state
  }

  /** The zones of physical memory, read while the machine runs. */
  get zones(): ZoneInfo[] {
    return readZones(this.#kernel)
  }

  /** Does something while all worker processes stand still, outside of calls. Throws a SysError EBUSY if one stays in a call for two seconds. */
  #stopped<Result>(what: () => Result, syscall: string): Result {
    const { machine_stop, machine_start } = this.#kernel.exports
    const error = machine_stop()
    if (error < 0) throw new SysError(-error, syscall)
    try {
      return what()
    } finally {
      if (!this.#kernel.panic) machine_start()
      // it may be the first swap area, or limit
      this.#workers.tendKswapd()
    }
  }

  /** Throws an Error that names the first broken invariant, if any. Worker processes stand still meanwhile. */
  validate(): void {
    this.#stopped(() => this.#validate(), 'validate')
  }

  #validate(): void {
    const code = this.#kernel.exports.machine_validate()
    if (code === 0) return
    const name = Object.entries(invariant).find(([, value]) => value === code)?.[0] ?? `code ${code}`
    const word = (offset: number): number => this.#kernel.view.getUint32(this.#kernel.buffer + offset, true)
    throw new Error(`${name} (${word(FindingLayout.first)}, ${word(FindingLayout.second)}): the machine's books do not balance`)
  }

  /** A process that runs on this thread, by its pid: after a restore, the way to all of them. Throws a SysError ESRCH if there is none. */
  process(pid: number): Process {
    const found = walk.process(this.#kernel, whole(pid, 'pid'))
    if (!found?.alive || found.cpu !== 0) throw new SysError(ESRCH, 'process')
    return new Process(this.#kernel, pid)
  }

  /**
   * The whole linkage as plain data: processes, mappings, files, inodes, pages and frames, and back
   * from frames to who maps them. Worker processes stand still meanwhile.
   */
  inspect(): Inspection {
    return this.#stopped(() => inspect(this.#kernel), 'inspect')
  }

  /**
   * A file of /proc, in Linux's own format: meminfo, vmstat, buddyinfo, zoneinfo, slabinfo, sysvipc/shm, sem and msg, PID/maps,
   * PID/smaps, PID/status, PID/statm, and sys/… for each setting of sysctl; under `linux-6.12-mglru` /sys/kernel/debug/lru_gen and lru_gen_full
   * as well, which say how many pages each generation has. PID/pagemap is bytes, and so
   * long that a range is asked for. Worker processes stand still meanwhile. sysvipc and sys/kernel are those of init's
   * IPC namespace, or, with `of`, of a process's.
   *
   * Throws a SysError: ENOENT if there is no such file; ESRCH or EINVAL where reading a pagemap gives that, ESRCH if `of` has ended.
   */
  proc(path: `/proc/${number}/pagemap`, range: ProcRange): Uint8Array
  proc(path: string, view?: ProcView): string
  proc(path: string, view: ProcView & Partial<ProcRange> = {}): string | Uint8Array {
    const { of = this.init, offset, length } = known(view, ['of', 'offset', 'length'], "proc's options")
    const ranged = offset !== undefined || length !== undefined
    const range = ranged ? { offset: whole(offset as number, 'offset'), length: whole(length as number, 'length') } : undefined
    const read = (): string | Uint8Array => readProc(this.#kernel, path, range, this.vmstat)
    return this.#stopped(() => this.#kernel.viewAs(whole(of.pid, 'pid'), read, 'open'), 'open')
  }

  /**
   * The memory control group of this name, which is made if there is none, with the settings that are given. Processes that
   * are assigned to it, and their later children, have their pages paid for by it, of which there may be `memoryMax` bytes.
   *
   * Throws a SysError: ENAMETOOLONG for names of more than 64 bytes, EINVAL for an empty one, ENOSPC if there are 63 groups already; a TypeError or
   * a RangeError for settings that make no sense.
   */
  cgroup(name: string, options: CgroupOptions = {}): Cgroup {
    if (this.policyFrames !== undefined)
      throw new SysError(EOPNOTSUPP, 'cgroup', undefined, 'groups are limited in the ways of linux-6.12 only')
    return openCgroup(this.#kernel, what => this.#stopped(what, 'cgroup'), name, options)
  }

  /** What the kernel had to say, as `dmesg -t` prints it: of each of the last 64 processes that were killed for want of memory, how much it used. */
  dmesg(): string {
    return this.#stopped(() => renderDmesg(this.#kernel), 'dmesg')
  }

  /**
   * What util-linux's `ipcs` prints of init's IPC namespace, or of that of the process `of`: segments, message queues and
   * semaphores, or some of them, their limits, owners, times. Worker processes stand still meanwhile. Throws a TypeError for options that there are not, a
   * SysError EINVAL if nothing has the id that is asked for.
   */
  ipcs({ of = this.init, ...options }: IpcsOptions & ProcView = {}): string {
    const render = (): string => renderIpcs(this.#kernel, options)
    return this.#stopped(() => this.#kernel.viewAs(whole(of.pid, 'pid'), render, 'ipcs'), 'ipcs')
  }

  /**
   * What happened since a look before, or as far back as the rings reach: faults, frames and VMAs that come
   * and go, attachments, processes. The machine may run meanwhile. Throws an Error unless it was booted with `trace`.
   */
  events(options: { since?: EventPosition } = {}): EventBatch {
    const { since = [] } = known(options, ['since'], "events' options")
    if (!keepsEvents(this.#kernel)) throw new Error('this machine keeps no events: it was booted without the option `trace`')
    return readEvents(this.#kernel, this.#cpus, since)
  }

  /**
   * The machine's whole state as bytes, for `boot({ snapshot })`: what is zero or free takes no room. Worker
   * processes stand still meanwhile and then go on; in the restored machine, which has no threads of theirs,
   * they were killed: init.wait() tells. Throws a SysError EBUSY while one is being started.
   */
  snapshot(): Uint8Array {
    if (this.#workers.areStarting) throw new SysError(EBUSY, 'snapshot')
    return this.#stopped(() => takeSnapshot(this.#kernel), 'snapshot')
  }

  /**
   * Starts a module in a worker thread as a process, a child of init without memory; in it
   * `import { self } from 'faultline/process'` is that process. Resolves when the thread runs, which may
   * be before its module is loaded: await `exited`, which rejects with what the module throws, and which
   * takes the place of init.wait(), as the process is reaped when its threads have ended. Each worker takes one of
   * the machine's CPUs until then.
   *
   * Rejects with a SysError: EAGAIN if all CPUs are taken (boot's option `cpus`) or there is no free pid, EPERM if init may
   * not become that user; a TypeError if the module is no URL of a file or of data; a DataCloneError if workerData cannot be cloned.
   */
  async spawn(module: URL, options: SpawnOptions = {}): Promise<WorkerProcess> {
    checkUrl(module)
    known(options, SPAWN_OPTIONS, "spawn's options")
    const id = (name: 'uid' | 'gid'): number => (options[name] === undefined ? -1 : whole(options[name], name) >>> 0)
    const [uid, gid] = [id('uid'), id('gid')]
    const cpu = this.#kernel.exports.cpu_take()
    if (cpu < 0)
      throw new SysError(-cpu, 'spawn', undefined, `all ${this.#threads} CPUs are taken, this thread's included (boot's option cpus)`)
    const pid = this.#kernel.exports.task_spawn(this.init.pid, cpu, uid, gid)
    if (pid < 0) {
      this.#kernel.leave(cpu, 0, 0)
      throw new SysError(-pid, 'spawn', undefined, pid === -EAGAIN ? 'no pid is free' : undefined)
    }
    return this.#workers.spawn({ cpu, pid, tid: pid }, module, options)
  }

  /**
   * Ends the workers that still run or are being started, each once the call it is in is over, waits for them, and checks the
   * books as validate does. If the machine has panicked, ends its threads wherever they are and rejects with the
   * KernelPanic. May be called again: then there is nothing to do, and a panic is not told twice. The memory goes with the
   * last reference to the machine or one of its processes; no thread holds it any more.
   */
  async shutdown(): Promise<void> {
    await this.#workers.terminate()
    const { panic } = this.#kernel
    const told = this.#panicTold
    this.#panicTold = panic !== undefined
    if (!panic) this.validate()
    else if (!told) throw panic
  }
}

const SPAWN_OPTIONS = ['workerData', 'uid', 'gid', 'resourceLimits'] satisfies (keyof SpawnOptions)[]

const OPTIONS = [
  'memory',
  'contents',
  'cpus',
  'deterministic',
  'target',
  'trace',
  'shm',
  'sysctl',
  'policy',
  'without',
  'snapshot',
] satisfies (keyof BootOptions | keyof RestoreOptions)[]

/**
 * Makes a machine and its first process; or, of a snapshot, a machine that goes on where that one was.
 *
 * Throws a RangeError if the memory is too little, or more than a core can address, or there are too many CPUs;
 * an InputError if the snapshot is of another version, damaged or none; and for settings what machine.sysctl throws.
 */
export async function boot(options: BootOptions | RestoreOptions): Promise<Machine> {
  known(options, OPTIONS, "boot's options")
  if ('snapshot' in options) known(options, ['snapshot', 'sysctl'], "boot's options with a snapshot")
  const { kernel, cpus } = 'snapshot' in options ? await restoreSnapshot(options.snapshot) : await build(options)
  for (const [name, value] of Object.entries(options.sysctl ?? {})) sysctl(kernel, name as SysctlName, value)
  return new Machine(kernel, cpus, 'snapshot' in options ? undefined : options.deterministic)
}

/** A new machine. */
async function build(options: BootOptions): Promise<{
  kernel: Kernel
  cpus: number
}> {
  const { memory, contents = true, cpus = 4, deterministic, target = 'release', trace = false, shm = {} } = options
  if (typeof contents !== 'boolean') throw new TypeError(`contents must be true or false, not ${shown(contents)}`)
  if (target !== 'release' && target !== 'debug') throw new TypeError(`target must be 'release' or 'debug', not ${shown(target)}`)
  if (deterministic !== undefined && typeof deterministic !== 'boolean')
    throw new TypeError(`deterministic must be true or false, not ${shown(deterministic)}`)
  const policy = ownPolicy(options)
  const size = divideMemory(parseSize(memory), contents, policy !== undefined)
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MAX_CPUS) throw new RangeError(`cpus must be 1 to ${MAX_CPUS}, not ${shown(cpus)}`)
  const module = await loadCoreModule('kernel', target)
  const kernel = new Kernel({ module, memory: new WebAssembly.Memory({ initial: size.wasmPages, maximum: 65536, shared: true }), target })
  const order = ringOrder(trace)
  kernel.build(size, cpus, policy, deterministic)
  limitShm(kernel, shm)
  if (!policy) setPolicy(kernel, options)
  if (order !== undefined && kernel.exports.trace_start(order) !== 0)
    throw new RangeError('the memory is too little for the rings of events')
  return { kernel, cpus: kernel.view.getUint32(SUPERBLOCK + SuperblockLayout.cpus, true) }
}

/** The pages of a ring, as a power of two; undefined for no rings. */
function ringOrder(trace: boolean | number): number | undefined {
  if (trace === false) return undefined
  const events = trace === true ? 2048 : whole(trace, 'trace')
  if (events < 1 || events > MAX_EVENTS) throw new RangeError(`a ring has 1 to ${MAX_EVENTS} events, not ${events}`)
  return Math.max(0, Math.ceil(Math.log2(events / EVENTS_PER_PAGE)))
}
