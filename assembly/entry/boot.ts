// Builds a machine in zeroed memory, and lets threads in: a thread takes a CPU before its first
// call and gives it back after its last.
import { DOOMED, GONE, RETIRED } from '../abi/attention'
import { EAGAIN, EINVAL } from '../abi/errno'
import {
  ABI_VERSION,
  CPU_FUTEX,
  CPU_LRU,
  CPU_PCP,
  CPU_RUN,
  CPU_SCAN,
  CPU_STRETCH,
  FRAME_SIZE,
  FRAME_TABLE,
  MAGIC,
  MAX_CPUS,
  PAGE_SIZE,
  PCP_SIZE,
  PID_MAX,
} from '../abi/layout'
import { UNENDED } from '../abi/limits'
import { SIGKILL } from '../abi/signal'
import { initMounts } from '../fs/mounts'
import { FUTEX_BUCKETS, FutexBucket, FutexKey, initFutexes } from '../ipc/bucket'
import { ShmNamespace } from '../ipc/namespace'
import { MsgQueue } from '../ipc/queue'
import { Segment } from '../ipc/segment'
import { SemSet } from '../ipc/semaphore'
import { dropWaiters, Waiter } from '../ipc/waiter'
import { Link } from '../lib/list'
import { Dentry, LONG_NAME } from '../map/dentry'
import { Family } from '../map/family'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { drainTables } from '../map/pagetable'
import { Node } from '../map/radix'
import { initSwapHits } from '../map/swapHits'
import { flushAll } from '../map/tlb'
import { Vma } from '../map/vma'
import { RunCounts } from '../mm/reference'
import { Mm } from '../mm/space'
import { allocBlock, initBuddy } from '../phys/buddy'
import { initBytes } from '../phys/bytes'
import { zeroFrame } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { Group, initGroup } from '../phys/group'
import { drainBatch, drainLru } from '../phys/lru'
import { drainFrames, initFrames, PerCpuFrames } from '../phys/pcp'
import { regionBytes } from '../phys/residentsStart'
import { Cache, drainObjects, initCache, Kind } from '../phys/slab'
import { Superblock } from '../phys/superblock'
import { initSysctl } from '../phys/sysctl'
import { initWatermarks, Need, Zone } from '../phys/zone'
import { endGone } from '../proc/lost'
import { anyTask, createTask, Life, livingTask, Task, Tasks, Thread } from '../proc/task'
import { reapChild } from '../proc/wait'
import { Cpu } from '../sync/cpu'

/** What a machine needs beside its fixed regions, in frames: some processes, and their tables. */
const LEAST: u32 = 64

/**
 * Builds a machine of `frames` frames, of which the first `low` have bytes, with init on this thread,
 * CPU 0; 0, or EINVAL if memory is too small for the machine itself. `policy` is the number plus one of the policy of `policy/` that
 * evicts users' pages, whose parameters stand in its Params; 0 for Linux's ways. One more CPU is kswapd's, if it is to have a thread.
 */
export function buildMachine(frames: u32, low: u32, threads: u32, layoutHash: u32, policy: u32, kswapd: bool): i32 {
  const cpus = threads + u32(kswapd)
  const slots = low < frames ? frames - low : frames
  const policyAt = (<u64>FRAME_TABLE + <u64>frames * FRAME_SIZE + (PAGE_SIZE - 1)) & ~(<u64>PAGE_SIZE - 1)
  const policyBytes = policy === 0 ? 0 : regionBytes(policy - 1, slots, cpus)
  const first = <u32>((policyAt + policyBytes + (PAGE_SIZE - 1)) / PAGE_SIZE)
  if (threads === 0 || cpus > <u32>MAX_CPUS || first + LEAST > low || low > frames) return -EINVAL
  const superblock = Superblock.only
  superblock.abi = ABI_VERSION
  superblock.layoutHash = layoutHash
  superblock.frames = frames
  superblock.lowFrames = low
  superblock.userZone = low < frames
  superblock.usable = low < frames ? frames - low : frames - first
  superblock.cpus = cpus
  superblock.kswapdCpu = kswapd ? threads : 0
  superblock.tally = low * PAGE_SIZE
  superblock.policy = policy
  superblock.policyAt = <usize>policyAt
  superblock.policyBytes = <usize>policyBytes
  superblock.maxSlots = slots
  superblock.groups = 1
  initGroup(Group.root)
  for (let pfn: u32 = 0; pfn < first; pfn++) Frame.at(pfn).state = State.Reserved
  initBuddy(Zone.at(0), first, low)
  if (low < frames) initBuddy(Zone.at(1), low, frames)
  initWatermarks()
  for (let id: u32 = 0; id < cpus; id++) {
    Cpu.at(id).id = id
    initFrames(Cpu.at(id), threads)
  }
  initSysctl(superblock.usable)
  initSwapHits()
  initCaches()
  Tasks.only.nextPid = 1
  Cpu.current = Cpu.at(0)
  Cpu.current.taken = 1
  superblock.zeroPage = <u32>newFixedPage(State.Zero)
  if (low < frames) superblock.sinkPage = <u32>newFixedPage(State.Reserved)
  initMounts()
  initFutexes()
  const pid = createTask(null, 0, false)
  atomic.store<u32>(changetype<usize>(superblock), MAGIC, offsetof<Superblock>('magic'))
  return pid === 1 ? 0 : -EINVAL
}

/** Makes the slab caches. */
function initCaches(): void {
  initCache(Kind.Mm, Mm.size)
  initCache(Kind.Vma, offsetof<Vma>())
  initCache(Kind.Family, offsetof<Family>())
  initCache(Kind.Node, Node.size)
  initCache(Kind.Inode, offsetof<Inode>())
  initCache(Kind.File, offsetof<File>())
  initCache(Kind.Segment, offsetof<Segment>())
  initCache(Kind.Task, Task.size)
  initCache(Kind.Thread, offsetof<Thread>())
  initCache(Kind.Dentry, Dentry.size)
  initCache(Kind.Name, LONG_NAME)
  initCache(Kind.Namespace, ShmNamespace.size)
  initCache(Kind.SemSet, offsetof<SemSet>())
  initCache(Kind.Waiter, Waiter.size)
  initCache(Kind.MsgQueue, offsetof<MsgQueue>())
  initBytes()
}

/** Address of a page that the machine has for ever. */
function newFixedPage(state: State): usize {
  const frame = changetype<Frame>(allocBlock(0, Need.Kernel))
  frame.state = state
  zeroFrame(frame)
  return frame.page
}

/** Makes this thread CPU 0 of a machine whose memory was restored, only to look at it: nothing of it may run. */
export function lookAtMachine(): void {
  Cpu.current = Cpu.at(0)
}

/**
 * Makes this thread CPU 0 of a machine whose memory was restored. The other threads are gone, as if each
 * had been killed: their processes' parents learn of it by wait. What promises waited for is given up, as they are
 * gone. Takes: Tasks, and what the end of a process takes.
 */
export function resumeMachine(): void {
  Cpu.current = Cpu.at(0)
  for (let id: u32 = 1; id < Superblock.only.cpus; id++) if (Cpu.at(id).taken !== 0) releaseCpu(Cpu.at(id), SIGKILL)
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task) dropWaiters(task.first.waiters)
  }
}

/** Takes a free CPU for a thread to come; EAGAIN if there is none. */
export function takeCpu(): i32 {
  const superblock = Superblock.only
  for (let id: u32 = 1; id < superblock.cpus; id++) if (id !== superblock.kswapdCpu && takeThis(id)) return id
  return -EAGAIN
}

/** Takes the CPU of kswapd's thread, which is to come; EAGAIN if that is there, or is to have none. */
export function takeKswapd(): i32 {
  const id = Superblock.only.kswapdCpu
  return id !== 0 && takeThis(id) ? id : -EAGAIN
}

/** Takes a CPU for a thread, unless it has one. */
function takeThis(id: u32): bool {
  const cpu = Cpu.at(id)
  if (atomic.cmpxchg<u32>(changetype<usize>(cpu) + offsetof<Cpu>('taken'), 0, 1) !== 0) return false
  for (let other: u32 = 0; other < Superblock.only.cpus; other++) Cpu.at(other).parallel = 1
  cpu.attention = 0
  cpu.killedBy = 0
  cpu.status = UNENDED
  cpu.thread = 0
  return true
}

/** Makes this thread the CPU that was taken for it. */
export function enterCpu(id: u32): void {
  Cpu.current = Cpu.at(id)
  Cpu.current.entered = 0
  Cpu.current.held = 0
  Cpu.current.section = 0
  Cpu.current.walked = 0
  flushAll()
}

/** Forbids a CPU's thread to begin another call; says whether it is in one, after which it may be ended. */
export function doomCpu(id: u32): bool {
  const cpu = Cpu.at(id)
  cpu.call(DOOMED)
  if (cpu.isInside) return true
  cpu.call(RETIRED)
  return false
}

/**
 * Gives back the CPU of a thread that is gone: ends its processes, and frees the one it was started for, or as a thread
 * of, unless `pid` is 0, if that has ended and was started by spawn. Returns what that ended with, as waitpid has
 * it, if this was its last thread: `exitCode` × 256 if nothing else ended it; else UNENDED.
 * Panics if the thread was in the middle of a call. Called by init's thread.
 */
export function leaveCpu(id: u32, pid: u32, exitCode: u32): u32 {
  const cpu = Cpu.at(id)
  cpu.call(GONE)
  releaseCpu(cpu, (exitCode & 255) << 8)
  const task = anyTask(pid)
  const waits = task ? task.first.isSeat && task.state === Life.Ended : false
  if (waits) reapChild(changetype<Task>(anyTask(1)), pid)
  return cpu.status
}

/** Ends the threads of processes that a thread was which is gone, with a status, and frees its CPU. */
function releaseCpu(cpu: Cpu, status: u32): void {
  endGone(cpu, status)
  drainBatch(cpu)
  drainObjects(cpu)
  drainTables(cpu)
  drainFrames(cpu)
  cpu.entered = 0
  cpu.asleep = 0
  atomic.store<u32>(changetype<usize>(cpu), 0, offsetof<Cpu>('taken'))
}

/** Frames that are free, wherever they wait, but for those of objects and tables that other CPUs keep; exact while nothing runs. Takes: Slab. */
export function freeFrames(): u32 {
  const cpu = Cpu.current
  const outside = cpu.entered
  if (cpu.begin()) {
    drainLru()
    drainObjects(cpu)
    drainTables(cpu)
  }
  cpu.entered = outside
  let free: u32 = 0
  for (let index: u32 = 0; index < Zone.count; index++) {
    free += atomic.load<u32>(changetype<usize>(Zone.at(index)), offsetof<Zone>('free'))
    for (let id: u32 = 0; id < Superblock.only.cpus; id++) {
      free += PerCpuFrames.of(Cpu.at(id), index).count
    }
  }
  return free
}

if (offsetof<Cpu>() > CPU_RUN) ERROR('struct Cpu reaches into what follows')
if (CPU_RUN + offsetof<RunCounts>() > CPU_STRETCH) ERROR('the counts of a run reach into what follows')
if (CPU_FUTEX + 2 * offsetof<FutexKey>() > CPU_SCAN) ERROR('the keys of words reach into what follows')
if (FUTEX_BUCKETS * FutexBucket.size > PAGE_SIZE) ERROR('the buckets of waiters are larger than their page')
if (CPU_PCP + 2 * PCP_SIZE > CPU_LRU) ERROR('the stacks of frames reach into the batches')
if (offsetof<Cache>() + offsetof<Link>() > 64) ERROR('struct Cache is larger than its place')
