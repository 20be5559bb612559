// Processes: identity, family and end. A process belongs to the thread that made it, and only that
// thread runs its calls; a thread may have several. Takes: Tasks, and what address spaces take.
import { EAGAIN, ENOMEM, EPERM } from '../abi/errno'
import { SCHED_PROCESS_EXIT, SCHED_PROCESS_FORK } from '../abi/event'
import { BUFFER_SIZE, PID_MAX, PIDS, TASKS } from '../abi/layout'
import { NGROUPS_MAX, NOFILE } from '../abi/limits'
import { closeAll, copyDescriptors, Descriptors } from '../fs/descriptors'
import { freeMessage, Message } from '../ipc/message'
import { newNamespace, ShmNamespace } from '../ipc/namespace'
import { Cred } from '../ipc/perm'
import { orphanSegments, putNamespace } from '../ipc/segment'
import { undoAll } from '../ipc/semaphore'
import { dropWaiters, interruptWaiters } from '../ipc/waiter'
import { Link } from '../lib/list'
import { exitRobustList } from '../mm/robust'
import { copySpace, freeSpace, Mm, newSpace } from '../mm/space'
import { allocBytes, freeBytes } from '../phys/bytes'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Sysctl } from '../phys/sysctl'
import { TraceEvent } from '../phys/trace'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** After the last pid come those from here on: the lower ones are the system's. */
const FIRST_AGAIN: u32 = 300

/** How far a process is. */
export enum Life {
  /** Its memory is being made; it has a pid. */
  Begun,
  /** It runs, or would but for its signal. */
  Alive,
  /** It has no memory any more, and waits for its parent. */
  Ended,
}

/** The first process's umask. */
const UMASK: u32 = 0o022

/** A process; behind it stand the Link of its children, its descriptors and its groups. */
@unmanaged
@final
export class Task extends Cred {
  /** Its memory, null once it ended. Guard: the process's own thread. */
  mm: Mm
  /** Its IPC namespace, which it has a reference to until it ends. Guard: the process's own thread. */
  shm: ShmNamespace
  /** Neighbours of the sentinel of the segments it made there. Guard: Ipc. */
  madePrev: Link
  madeNext: Link
  /** Neighbours of the sentinel of what is taken back of semaphores when it ends. Guard: Ipc. */
  undosPrev: Link
  undosNext: Link
  /** Neighbours of the sentinel of its waiters. Guard: the process's own thread. */
  waitersPrev: Link
  waitersNext: Link
  /** What the host has for a call, or a call for the host, if that is more than a buffer; and its bytes. Guard: the process's own thread. */
  stage: usize
  stageBytes: u32
  /** A message that was received, of which the host has not yet read all bytes. Guard: the process's own thread. */
  message: Message | null
  /** The CPU whose thread runs it. Guard: immutable. */
  cpu: u32
  /** Whether its thread was started for it. Guard: immutable. */
  isSeat: bool
  /** Address of the head of its robust list, 0 for none. Guard: written by its own thread; read racily. */
  robustList: u64
  /** Goes up whenever a child ends. Guard: atomic. */
  events: u32
  /** Guard, from here on: Tasks. */
  parent: Task
  state: Life
  /** The signal that is to end it, 0 for none. */
  signal: u32
  /** What it ended with, once it did, as waitpid has it: exit code × 256, or the signal. */
  status: u32
  /** Neighbours among the parent's children. */
  siblingPrev: Link
  siblingNext: Link

  @inline
  static get size(): u32 {
    return offsetof<Task>() + offsetof<Link>() + offsetof<Descriptors>() + NGROUPS_MAX * 4
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

  /** Where it waits. */
  @inline
  get waiters(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('waitersPrev'))
  }

  @inline
  get siblings(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('siblingPrev'))
  }

  @inline
  get children(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>())
  }

  /** Its open files. Guard: the process's own thread. */
  @inline
  get descriptors(): Descriptors {
    return changetype<Descriptors>(changetype<usize>(this) + offsetof<Task>() + offsetof<Link>())
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
  /** How many processes there are, ended ones included. Guard: Tasks. */
  count: u32

  @inline
  static get only(): Tasks {
    return changetype<Tasks>(TASKS)
  }

  /** Address of a pid's word: the task's address and, in the six bits that are free, 2 × CPU + 1 while it runs. Guard: written under Tasks; atomic. */
  @inline
  static word(pid: u32): usize {
    return PIDS + pid * 4
  }
}

/** The running process with this pid on this CPU; null if there is none. */
export function runningTask(pid: u32): Task | null {
  if (pid >= PID_MAX) return null
  const word = atomic.load<u32>(Tasks.word(pid))
  return (word & 63) === Cpu.current.id * 2 + 1 ? changetype<Task>(word & ~63) : null
}

/** The process with this pid, running or ended; null if there is none. Holds: Tasks, or nothing else runs. */
export function anyTask(pid: u32): Task | null {
  return changetype<Task>(atomic.load<u32>(Tasks.word(pid)) & ~63)
}

/** The process with this pid if it has not ended; null otherwise. Right only while no process begins or ends. */
export function livingTask(pid: u32): Task | null {
  const task = anyTask(pid)
  if (!task) return null
  return task.mm ? task : changetype<Task>(0)
}

/** The first process from a pid on that is alive on a CPU; null if there is none. Holds: Tasks. */
export function nextAliveLocked(cpu: u32, from: u32): Task | null {
  for (let pid = from; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (task && task.cpu === cpu && task.state === Life.Alive) return task
  }
  return null
}

/** A process without memory that nobody knows yet, with the parent's identity if there is one; null if there is no memory. */
function newTask(parent: Task | null, cpu: u32): Task | null {
  const task = changetype<Task>(allocObject(Kind.Task))
  if (!task) return null
  task.cpu = cpu
  task.isSeat = cpu !== Cpu.current.id
  task.children.reset()
  task.made.reset()
  task.undos.reset()
  task.waiters.reset()
  const groups = changetype<usize>(task.descriptors) + offsetof<Descriptors>()
  if (parent) {
    memory.copy(changetype<usize>(task), changetype<usize>(parent), offsetof<Cred>())
    memory.copy(groups, parent.groups, parent.groupCount << 2)
    task.pid = 0
    task.parent = parent
  } else {
    task.descriptors.limit = NOFILE
    task.descriptors.umask = UMASK
  }
  task.groups = groups
  return task
}

/** A free pid, now taken by the task; 0 if there is none. Holds: Tasks. */
function takePidLocked(task: Task): u32 {
  const tasks = Tasks.only
  const end = Sysctl.only.pidMax
  for (let tries: u32 = 0; tries < end; tries++) {
    const pid = tasks.nextPid < end ? tasks.nextPid : FIRST_AGAIN
    tasks.nextPid = pid + 1
    if (atomic.load<u32>(Tasks.word(pid)) === 0) {
      atomic.store<u32>(Tasks.word(pid), changetype<u32>(task))
      tasks.count++
      task.pid = pid
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
  const pid = takePidLocked(task)
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
  }
  if (error !== 0) {
    closeAll(task.descriptors)
    if (task.mm) freeSpace(task.mm)
    if (task.shm) putNamespace(task.shm)
    tasks.lock(Rank.Tasks)
    dropTaskLocked(task)
    tasks.unlock(Rank.Tasks)
    return error
  }
  tasks.lock(Rank.Tasks)
  task.state = Life.Alive
  if (task.signal === 0) atomic.store<u32>(Tasks.word(pid), changetype<u32>(task) | (cpu * 2 + 1))
  tasks.unlock(Rank.Tasks)
  TraceEvent.note(SCHED_PROCESS_FORK, pid, cpu)
  return pid
}

/** Frees what the process has staged. */
export function dropStage(task: Task): void {
  if (task.stage !== 0) freeBytes(task.stage, task.stageBytes)
  task.stage = 0
}

/** Frees the message that the process received. */
export function dropMessage(task: Task): void {
  const message = task.message
  if (message) freeMessage(message)
  task.message = null
}

/**
 * Address of room for bytes between a call and the host: the CPU's buffer, or memory that the process keeps
 * until it stages again or drops it; 0 if there is none. Takes: Slab.
 */
export function stageFor(task: Task, bytes: u32): usize {
  dropStage(task)
  if (bytes <= BUFFER_SIZE) return Cpu.current.buffer
  task.stage = allocBytes(bytes)
  task.stageBytes = bytes
  return task.stage
}

/** Where so many bytes were staged; 0 if they were not. */
export function staged(task: Task, bytes: u32): usize {
  if (bytes <= BUFFER_SIZE) return Cpu.current.buffer
  return task.stageBytes === bytes ? task.stage : 0
}

/** Ends a process's waits in its namespace, takes back what it did to semaphores, and lets go of its segments and of the namespace. Takes: Ipc. */
export function leaveNamespace(task: Task): void {
  const namespace = task.shm
  interruptWaiters(task.waiters)
  undoAll(namespace.semaphores, task.undos)
  orphanSegments(namespace, task.made)
  putNamespace(namespace)
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

/** Tells a process that a child of it has ended. */
function tell(parent: Task): void {
  const events = changetype<usize>(parent) + offsetof<Task>('events')
  atomic.add<u32>(events, 1)
  atomic.notify(events, -1)
}

/**
 * Ends a process, with a status as waitpid has it: its memory goes, its children become init's, its
 * parent is told. EPERM if it is init. Takes: Tasks, Space.
 */
export function endTask(task: Task, status: u32): i32 {
  if (task.pid === 1) return -EPERM
  const mm = task.mm
  task.mm = changetype<Mm>(0)
  if (task.robustList !== 0) exitRobustList(mm, task.robustList, task.pid)
  task.robustList = 0
  freeSpace(mm)
  leaveNamespace(task)
  dropWaiters(task.waiters)
  dropStage(task)
  dropMessage(task)
  closeAll(task.descriptors)
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  const init = changetype<Task>(anyTask(1))
  while (!task.children.isEmpty) {
    const child = Task.ofSibling(task.children.next)
    child.siblings.unlink()
    child.siblings.insertBefore(init.children)
    child.parent = init
    if (child.state === Life.Ended) tell(init)
  }
  task.state = Life.Ended
  task.status = status
  if (task.isSeat) Cpu.at(task.cpu).status = status
  atomic.store<u32>(Tasks.word(task.pid), changetype<u32>(task))
  tell(task.parent)
  TraceEvent.note(SCHED_PROCESS_EXIT, task.pid, status)
  tasks.unlock(Rank.Tasks)
  return 0
}
