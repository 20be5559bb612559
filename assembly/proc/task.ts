// Processes: identity, family and end. A process belongs to the thread that made it, and only that
// thread runs its calls; a thread may have several. Takes: Tasks, and what address spaces take.
import { EAGAIN, ECHILD, ENOMEM, EPERM } from '../abi/errno'
import { PID_MAX, PIDS, TASKS } from '../abi/layout'
import { NGROUPS_MAX } from '../abi/limits'
import { Cred } from '../ipc/perm'
import { Link } from '../lib/list'
import { copySpace, freeSpace, Mm, newSpace } from '../mm/space'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Sysctl } from '../phys/sysctl'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** After the last pid come those from here on: the lower ones are the system's. */
const FIRST_AGAIN: u32 = 300

/** A process; behind it stand the Link of its children and its groups. */
@unmanaged
@final
export class Task extends Cred {
  /** Its memory, null once it ended. Guard: the process's own thread. */
  mm: Mm
  /** Guard, from here on: Tasks. */
  parent: Task
  /** What it ended with, once it did. */
  exitCode: i32
  /** Neighbours among the parent's children. */
  siblingPrev: Link
  siblingNext: Link

  @inline
  static get size(): u32 {
    return offsetof<Task>() + offsetof<Link>() + NGROUPS_MAX * 4
  }

  @inline
  get siblings(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>('siblingPrev'))
  }

  @inline
  get children(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Task>())
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

  /** Address of a pid's word: the task's address and, in the six bits that are free, 2 × CPU + 1 while it runs. Guard: atomic. */
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

/** Whether a process runs on a CPU. */
export function runsOn(pid: u32, cpu: u32): bool {
  return (atomic.load<u32>(Tasks.word(pid)) & 63) === cpu * 2 + 1
}

/** A process without memory that nobody knows yet, with the parent's identity if there is one; null if there is no memory. */
function newTask(parent: Task | null): Task | null {
  const task = changetype<Task>(allocObject(Kind.Task))
  if (!task) return null
  task.children.reset()
  const groups = changetype<usize>(task) + offsetof<Task>() + offsetof<Link>()
  if (parent) {
    memory.copy(changetype<usize>(task), changetype<usize>(parent), offsetof<Cred>())
    memory.copy(groups, parent.groups, parent.groupCount << 2)
    task.pid = 0
    task.parent = parent
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
  const task = newTask(parent)
  if (!task) return -ENOMEM
  tasks.lock(Rank.Tasks)
  const pid = takePidLocked(task)
  if (parent) task.siblings.insertBefore(parent.children)
  tasks.unlock(Rank.Tasks)
  let error: i32 = pid === 0 ? -EAGAIN : 0
  if (error === 0) {
    const mm = newSpace(pid, cpu)
    if (mm) task.mm = mm
    error = !mm ? -ENOMEM : copy && parent ? copySpace(parent.mm, mm) : 0
  }
  if (error !== 0) {
    if (task.mm) freeSpace(task.mm)
    tasks.lock(Rank.Tasks)
    dropTaskLocked(task)
    tasks.unlock(Rank.Tasks)
    return error
  }
  atomic.store<u32>(Tasks.word(pid), changetype<u32>(task) | (cpu * 2 + 1))
  return pid
}

/** Frees a process that has no memory and no children. Holds: Tasks. */
function dropTaskLocked(task: Task): void {
  if (task.parent) task.siblings.unlink()
  if (task.pid !== 0) {
    atomic.store<u32>(Tasks.word(task.pid), 0)
    Tasks.only.count--
  }
  freeObject(Kind.Task, changetype<usize>(task))
}

/** Ends a process: its memory goes, its children become init's; its parent learns by waitFor. Takes: Tasks, Space. */
export function endTask(task: Task, exitCode: i32): i32 {
  if (task.pid === 1) return -EPERM
  const mm = task.mm
  task.mm = changetype<Mm>(0)
  freeSpace(mm)
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  const init = changetype<Task>(anyTask(1))
  while (!task.children.isEmpty) {
    const child = Task.ofSibling(task.children.next)
    child.siblings.unlink()
    child.siblings.insertBefore(init.children)
    child.parent = init
  }
  task.exitCode = exitCode
  atomic.store<u32>(Tasks.word(task.pid), changetype<u32>(task))
  tasks.unlock(Rank.Tasks)
  return 0
}

/**
 * Frees a child that ended: the first, or the one with pid `wanted` unless that is 0. Returns its
 * pid and leaves its exit code in the CPU block; 0 if none ended yet, ECHILD if there is no such
 * child. Takes: Tasks.
 */
export function reapChild(parent: Task, wanted: u32): i32 {
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  let result: i32 = -ECHILD
  for (let link = parent.children.next; link !== parent.children; link = link.next) {
    const child = Task.ofSibling(link)
    if (wanted !== 0 && child.pid !== wanted) continue
    result = 0
    if ((atomic.load<u32>(Tasks.word(child.pid)) & 1) !== 0 || child.mm) continue
    result = child.pid
    Cpu.current.extra = child.exitCode
    dropTaskLocked(child)
    break
  }
  tasks.unlock(Rank.Tasks)
  return result
}
