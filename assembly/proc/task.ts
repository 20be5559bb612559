// Processes: identity, family and making. A process has the thread that made it or that was started for it, and
// those that clone started: a CPU is a thread of several processes, but has no two of one. Only its
// threads run a process's calls. Its end is in proc/exit. Takes: Tasks, and what address spaces take.
import { EAGAIN, ENOMEM, ESRCH } from '../abi/errno'
import { SCHED_PROCESS_FORK } from '../abi/event'
import { PID_MAX, PIDS, TASKS } from '../abi/layout'
import { NGROUPS_MAX, NOFILE } from '../abi/limits'
import { closeAll, copyDescriptors, Descriptors } from '../fs/descriptors'
import { copySemaphores, dropSemaphores } from '../fs/namedSemaphores'
import { newNamespace, ShmNamespace } from '../ipc/namespace'
import { Cred } from '../ipc/perm'
import { putNamespace } from '../ipc/segment'
import { Link } from '../lib/list'
import { Message } from '../map/message'
import { copySpace, freeSpace, Mm, newSpace } from '../mm/space'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Sysctl } from '../phys/sysctl'
import { TraceEvent } from '../phys/trace'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** After the last pid come those from here on: the lower ones are the system's. */
const FIRST_AGAIN: u32 = 300

/** In a number's word: it is that of a thread which clone started. */
const CLONED: u32 = 2
/** The CPU of a thread that has ended. */
export const NOWHERE: u32 = 0xffffffff

/** How far a process is. */
export enum Life {
  /** Its memory is being made; it has a pid. */
  Begun,
  /** It runs, or would but for its end. */
  Alive,
  /** It has no memory any more, and waits for its parent. */
  Ended,
}

/** The first process's umask. */
const UMASK: u32 = 0o022

/** A thread, in the list of its process. A process's first one is a part of its Task; the others are objects that clone makes. */
@unmanaged
@final
export class Thread extends Link {
  /** Its number; of the first thread, the process's. Guard: immutable. */
  tid: u32
  /** The CPU that it is, NOWHERE once the first thread has ended. Guard: Tasks to write, and that CPU's thread or Tasks to read. */
  cpu: u32
  /** Guard: immutable. */
  process: Task
  /** Whether the host's thread was started for it. Guard: immutable. */
  isSeat: bool
  /** Neighbours of the sentinel of its waiters. Guard: the thread. */
  waitersPrev: Link
  waitersNext: Link
  /** What the host has for a call, or a call for the host, if that is more than a buffer; and its bytes. Guard: the thread. */
  stage: usize
  stageBytes: u32
  /** A message that was received, of which the host has not yet read all bytes. Guard: the thread. */
  message: Message | null
  /** Address of the head of its robust list, 0 for none. Guard: written by the thread; read racily. */
  robustList: u64

  /** Where it waits. */
  @inline
  get waiters(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Thread>('waitersPrev'))
  }

  /** Whether it is its process's first. */
  @inline
  get isFirst(): bool {
    return this === this.process.first
  }
}

/** A process; behind it stand the Links of its children and of its threads, its first thread, its descriptors and its groups. */
@unmanaged
@final
export class Task extends Cred {
  /** Its memory, null once it ended. Guard: written when it has no thread yet, and none any more. */
  mm: Mm
  /** Its IPC namespace, which it has a reference to until it ends. Guard: its only thread. */
  shm: ShmNamespace
  /** Neighbours of the sentinel of the segments it made there. Guard: Ipc. */
  madePrev: Link
  madeNext: Link
  /** Neighbours of the sentinel of what is taken back of semaphores when it ends. Guard: Ipc. */
  undosPrev: Link
  undosNext: Link
  /** Goes up whenever a child ends. Guard: atomic. */
  events: u32
  /** Guard, from here on: Tasks. */
  parent: Task
  state: Life
  /** Whether it is to end, and its threads with it: by a signal, or because one of them called exit. */
  isEnding: bool
  /** What it is ending with, or did, as waitpid has it: exit code × 256, or the signal. */
  status: u32
  /** What is added to its badness, in thousandths of all memory: /proc/PID/oom_score_adj; and how far down one without privilege may set it. */
  oomScoreAdj: i32
  oomScoreAdjMin: i32
  /** Neighbours among the parent's children. */
  siblingPrev: Link
  siblingNext: Link

  @inline
  static get size(): u32 {
    return offsetof<Task>() + 2 * offsetof<Link>() + offsetof<Thread>() + offsetof<Descriptors>() + NGROUPS_MAX * 4
  }

  /** The segments that it made in its namespace. */
  @inline
  get made(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('madePrev'))
  }

  /** What semaphores are changed by when it ends. */
  @inline
  get undos(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('undosPrev'))
  }

  @inline
  get siblings(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('siblingPrev'))
  }

  @inline
  get children(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>())
  }

  /** Its threads that have not ended. Guard: Tasks. */
  @inline
  get threads(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>() + offsetof<Link>())
  }

  @inline
  get first(): Thread {
    return changetype<Thread>(changetype<usize>(this) + offsetof<Task>() + 2 * offsetof<Link>())
  }

  /** Its open files. */
  @inline
  get descriptors(): Descriptors {
    return changetype<Descriptors>(changetype<usize>(this.first) + offsetof<Thread>())
  }

  @inline
  static ofSibling(link: Link): Task {
    return changetype<Task>(changetype<usize>(link) - offsetof<Task>('siblingPrev'))
  }
}

/** The process table's own fields. */
@unmanaged
@final
export class Tasks extends Lock {
  /** Where the search for a pid begins. Guard: Tasks. */
  nextPid: u32
  /** How many processes there are, ended ones included; and how many threads that clone made. Guard: Tasks. */
  count: u32
  cloned: u32
  /** How many were killed for want of memory. Guard: Tasks. */
  oomKills: u32

  @inline
  static get only(): Tasks {
    return changetype<Tasks>(TASKS)
  }

  /**
   * Address of a number's word: of a process, the Task's address and, in the six bits that are free, 2 × CPU + 1 while
   * its first thread may run; of another thread, the Thread's and CLONED. Guard: written under Tasks; atomic.
   */
  @inline
  static word(pid: u32): usize {
    return PIDS + pid * 4
  }
}

/** The process with this pid, if this CPU is a thread of it and may run it; else null. */
export function runningTask(pid: u32): Task | null {
  if (pid >= PID_MAX) return null
  const word = atomic.load<u32>(Tasks.word(pid))
  return (word & 63) === Cpu.current.id * 2 + 1 ? changetype<Task>(word & ~63) : clonedTask(pid)
}

/** The process with this pid, if clone made this CPU a thread of it that may run; else null. */
function clonedTask(pid: u32): Task | null {
  const word = atomic.load<u32>(changetype<usize>(Cpu.current), offsetof<Cpu>('thread'))
  if ((word & 1) === 0) return null
  const task = changetype<Thread>(word & ~1).process
  return task.pid === pid ? task : null
}

/** The thread that clone made a CPU, whether or not it may run; null if there is none. Holds: Tasks, or it is this CPU or of a thread that is gone. */
export function clonedThread(cpu: Cpu): Thread | null {
  return changetype<Thread>(atomic.load<u32>(changetype<usize>(cpu), offsetof<Cpu>('thread')) & ~1)
}

/** The thread of a process that this CPU is. */
export function currentThread(task: Task): Thread {
  return task.first.cpu === Cpu.current.id ? task.first : changetype<Thread>(clonedThread(Cpu.current))
}

/** The process with this pid, running or ended; null if there is none. Holds: Tasks, or nothing else runs. */
export function anyTask(pid: u32): Task | null {
  const word = atomic.load<u32>(Tasks.word(pid))
  return (word & 63) === CLONED ? changetype<Task>(0) : changetype<Task>(word & ~63)
}

/** The thread with this number; null if there is none. Holds: Tasks. */
export function anyThread(id: u32): Thread | null {
  const word = atomic.load<u32>(Tasks.word(id))
  if ((word & 63) === CLONED) return changetype<Thread>(word & ~63)
  return word === 0 ? changetype<Thread>(0) : changetype<Task>(word & ~63).first
}

/** The process with this pid, or with a thread of this number, running or ended; null if there is none. Holds: Tasks. */
export function anyGroup(id: u32): Task | null {
  const word = atomic.load<u32>(Tasks.word(id))
  return (word & 63) === CLONED ? changetype<Thread>(word & ~63).process : changetype<Task>(word & ~63)
}

/** The process with this pid if it has not ended; null otherwise. Right only while no process begins or ends. */
export function livingTask(pid: u32): Task | null {
  const task = anyTask(pid)
  if (!task) return null
  return task.mm ? task : changetype<Task>(0)
}

/** The first process from a pid on whose first thread is a CPU; null if there is none. Holds: Tasks. */
export function nextAliveLocked(cpu: u32, from: u32): Task | null {
  for (let pid = from; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (task && task.first.cpu === cpu && task.state === Life.Alive) return task
  }
  return null
}

/** A process without memory that nobody knows yet, with the parent's identity if there is one; null if there is no memory. */
function newTask(parent: Task | null, cpu: u32): Task | null {
  const task = changetype<Task>(allocObject(Kind.Task))
  if (!task) return null
  task.children.reset()
  task.made.reset()
  task.undos.reset()
  task.threads.reset()
  const first = task.first
  first.cpu = cpu
  first.process = task
  first.isSeat = cpu !== Cpu.current.id
  first.waiters.reset()
  first.insertBefore(task.threads)
  task.descriptors.users = 1
  task.descriptors.semaphores.reset()
  const groups = changetype<usize>(task.descriptors) + offsetof<Descriptors>()
  if (parent) {
    // another thread of the parent may be changing its identity
    Tasks.only.lock(Rank.Tasks)
    memory.copy(changetype<usize>(task), changetype<usize>(parent), offsetof<Cred>())
    memory.copy(groups, parent.groups, parent.groupCount << 2)
    Tasks.only.unlock(Rank.Tasks)
    task.pid = 0
    task.oomScoreAdj = parent.oomScoreAdj
    task.oomScoreAdjMin = parent.oomScoreAdjMin
    task.parent = parent
  } else {
    task.descriptors.limit = NOFILE
    task.descriptors.umask = UMASK
  }
  task.groups = groups
  return task
}

/** A free number, which has this word from now on; 0 if there is none. Holds: Tasks. */
function takeNumberLocked(word: u32): u32 {
  const tasks = Tasks.only
  const end = Sysctl.only.pidMax
  for (let tries: u32 = 0; tries < end; tries++) {
    const pid = tasks.nextPid < end ? tasks.nextPid : FIRST_AGAIN
    tasks.nextPid = pid + 1
    if (atomic.load<u32>(Tasks.word(pid)) === 0) {
      atomic.store<u32>(Tasks.word(pid), word)
      return pid
    }
  }
  return 0
}

/**
 * A process that runs on a CPU, and its pid: the parent's child, with a copy of its memory or with
 * none of it. EAGAIN without a free pid. Takes: Tasks, Space.
 */
export function createTask(parent: Task | null, cpu: u32, copy: bool): i32 {
  const tasks = Tasks.only
  const task = newTask(parent, cpu)
  if (!task) return -ENOMEM
  tasks.lock(Rank.Tasks)
  const pid = takeNumberLocked(changetype<u32>(task))
  if (pid !== 0) tasks.count++
  task.pid = pid
  task.first.tid = pid
  if (parent) task.siblings.insertBefore(parent.children)
  tasks.unlock(Rank.Tasks)
  let error: i32 = pid === 0 ? -EAGAIN : 0
  if (error === 0) {
    const mm = newSpace(task, cpu, parent ? parent.mm : null)
    if (mm) task.mm = mm
    const namespace = parent ? parent.shm : newNamespace()
    if (parent) parent.shm.addRef()
    if (namespace) task.shm = namespace
    error = !mm || !namespace ? -ENOMEM : copy && parent ? copySpace(parent.mm, mm) : 0
    if (error === 0 && parent && !copyDescriptors(parent.descriptors, task.descriptors, !copy)) error = -ENOMEM
    if (error === 0 && copy && parent && !copySemaphores(parent.descriptors, task.descriptors)) error = -ENOMEM
    // one that was killed meanwhile leaves no copy of its memory behind
    if (error === 0 && copy && isEnding(parent)) error = -ESRCH
  }
  if (error !== 0) {
    closeAll(task.descriptors)
    dropSemaphores(task.descriptors)
    if (task.mm) freeSpace(task.mm)
    if (task.shm) putNamespace(task.shm)
    tasks.lock(Rank.Tasks)
    dropTaskLocked(task)
    tasks.unlock(Rank.Tasks)
    return error
  }
  tasks.lock(Rank.Tasks)
  task.state = Life.Alive
  if (!task.isEnding) atomic.store<u32>(Tasks.word(pid), changetype<u32>(task) | (cpu * 2 + 1))
  tasks.unlock(Rank.Tasks)
  TraceEvent.note(SCHED_PROCESS_FORK, pid, cpu)
  return pid
}

/** Whether a process is to end, as far as can be told without Tasks. */
function isEnding(task: Task | null): bool {
  return task ? task.isEnding : false
}

/** Frees a process that has no memory and no children. Holds: Tasks. */
export function dropTaskLocked(task: Task): void {
  if (task.parent) task.siblings.unlink()
  if (task.pid !== 0) {
    atomic.store<u32>(Tasks.word(task.pid), 0)
    Tasks.only.count--
  }
  freeObject(Kind.Task, changetype<usize>(task))
}

/**
 * A thread of the process that a CPU is, which was taken and does not run yet; its number, EAGAIN without a free one,
 * ESRCH if the process is ending. Takes: Tasks.
 */
export function createThread(task: Task, cpu: u32): i32 {
  const thread = changetype<Thread>(allocObject(Kind.Thread))
  if (!thread) return -ENOMEM
  thread.cpu = cpu
  thread.process = task
  thread.isSeat = true
  thread.waiters.reset()
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  const tid: u32 = task.isEnding ? 0 : takeNumberLocked(changetype<u32>(thread) | CLONED)
  const error: i32 = tid !== 0 ? 0 : task.isEnding ? -ESRCH : -EAGAIN
  if (error === 0) {
    thread.tid = tid
    thread.insertBefore(task.threads)
    tasks.cloned++
    atomic.add<u32>(changetype<usize>(task.descriptors), 1, offsetof<Descriptors>('users'))
    task.mm.addCpu(Cpu.at(cpu))
    atomic.store<u32>(changetype<usize>(Cpu.at(cpu)), changetype<u32>(thread) | 1, offsetof<Cpu>('thread'))
  }
  tasks.unlock(Rank.Tasks)
  if (error !== 0) freeObject(Kind.Thread, changetype<usize>(thread))
  return error === 0 ? <i32>tid : error
}
