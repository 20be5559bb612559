// How threads and processes end: a thread by itself, or all of a process's because one called exit or a signal came.
// A thread that is to end with its process is marked, and no longer runs it from then on; it takes itself
// out at its next call, and the last one ends the process. Linux's kernel/exit.c. Takes: Tasks, Space and what it nests.
import { KILLED } from '../abi/attention'
import { EPERM } from '../abi/errno'
import { SCHED_PROCESS_EXIT } from '../abi/event'
import { SIGKILL } from '../abi/signal'
import { closeAll, Descriptors } from '../fs/descriptors'
import { dropSemaphores } from '../fs/namedSemaphores'
import { orphanSegments, putNamespace } from '../ipc/segment'
import { undoAll } from '../ipc/semaphore'
import { dropWaiters } from '../ipc/waiter'
import { flushAll } from '../map/tlb'
import { exitRobustList } from '../mm/robust'
import { freeSpace, Mm } from '../mm/space'
import { freeObject, Kind } from '../phys/slab'
import { TraceEvent } from '../phys/trace'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { dropMessage, dropStage } from './stage'
import { anyTask, clonedThread, currentThread, Life, NOWHERE, nextAliveLocked, Task, Tasks, Thread } from './task'

/** Takes back what a process did to semaphores, and lets go of its segments and of their namespace, where it waits no more. Takes: Ipc. */
export function leaveNamespace(task: Task): void {
  const namespace = task.shm
  undoAll(namespace.semaphores, task.undos)
  orphanSegments(namespace, task.made)
  putNamespace(namespace)
}

/** Tells a process that a child of it has ended. */
function tell(parent: Task): void {
  const events = changetype<usize>(parent) + offsetof<Task>('events')
  atomic.add<u32>(events, 1)
  atomic.notify(events, -1)
}

/** Takes the right to run its process from a thread, which ends at its next call; if the host's thread was started for it, that ends too. Holds: Tasks. */
function stopThreadLocked(thread: Thread, signal: u32): void {
  const cpu = Cpu.at(thread.cpu)
  if (thread.isFirst) atomic.store<u32>(Tasks.word(thread.tid), changetype<u32>(thread.process))
  else atomic.store<u32>(changetype<usize>(cpu), changetype<u32>(thread), offsetof<Cpu>('thread'))
  cpu.call(KILLED)
  if (!thread.isSeat) return
  const killedBy = changetype<usize>(cpu) + offsetof<Cpu>('killedBy')
  atomic.store<u32>(killedBy, signal)
  atomic.notify(killedBy, -1)
}

/** Makes a process end with a status, unless it is ending: all its threads but `except` are stopped, as if by a signal. Holds: Tasks. */
export function stopGroupLocked(task: Task, status: u32, signal: u32, except: Thread | null): void {
  if (task.isEnding) return
  task.isEnding = true
  task.status = status
  for (let link = task.threads.next; link !== task.threads; link = link.next) {
    if (link !== except) stopThreadLocked(changetype<Thread>(link), signal)
  }
}

/** exit_group(2): ends a process, whose thread this is, with a status as waitpid has it. EPERM if it is init. */
export function exitGroup(task: Task, status: u32): i32 {
  if (task.pid === 1) return -EPERM
  const thread = currentThread(task)
  Tasks.only.lock(Rank.Tasks)
  stopGroupLocked(task, status, SIGKILL, thread)
  Tasks.only.unlock(Rank.Tasks)
  endThread(thread, status)
  return 0
}

/** exit(2): ends the thread of a process that this is, and the process with its last. EPERM if it is init's first. */
export function exitThread(task: Task, status: u32): i32 {
  const thread = currentThread(task)
  if (thread.tid === 1) return -EPERM
  endThread(thread, status)
  return 0
}

/**
 * Ends a thread; with the last one the process ends, with this status unless it is ending with another.
 * Called by the thread, or for one that is gone. Takes: Tasks, Space.
 */
export function endThread(thread: Thread, status: u32): void {
  const task = thread.process
  const cpu = Cpu.at(thread.cpu)
  if (thread.robustList !== 0) exitRobustList(task.mm, thread.robustList, thread.tid)
  thread.robustList = 0
  // the TLB of one that is gone is emptied before its CPU is used again
  if (cpu === Cpu.current) flushAll()
  task.mm.dropCpu(cpu)
  dropWaiters(thread.waiters)
  dropStage(thread)
  dropMessage(thread)
  const seat = thread.isSeat
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  thread.unlink()
  if (thread.isFirst) {
    thread.cpu = NOWHERE
    atomic.store<u32>(Tasks.word(task.pid), changetype<u32>(task))
  } else {
    atomic.store<u32>(changetype<usize>(cpu), 0, offsetof<Cpu>('thread'))
    atomic.store<u32>(Tasks.word(thread.tid), 0)
    tasks.cloned--
    freeObject(Kind.Thread, changetype<usize>(thread))
  }
  const last = atomic.sub<u32>(changetype<usize>(task.descriptors), 1, offsetof<Descriptors>('users')) === 1
  if (last) {
    if (!task.isEnding) task.status = status
    // a signal comes too late
    task.isEnding = true
    if (seat) cpu.status = task.status
  }
  tasks.unlock(Rank.Tasks)
  if (last) endProcess(task)
}

/** Ends a process that has no thread any more: its memory goes, its children become init's, its parent is told. */
function endProcess(task: Task): void {
  const mm = task.mm
  task.mm = changetype<Mm>(0)
  freeSpace(mm)
  leaveNamespace(task)
  closeAll(task.descriptors)
  dropSemaphores(task.descriptors)
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
  tell(task.parent)
  TraceEvent.note(SCHED_PROCESS_EXIT, task.pid, task.status)
  tasks.unlock(Rank.Tasks)
}

/** Ends the threads that a CPU is and that are to end with their processes; with `all`, every one that it is, but for init's first, each process with a status unless it is ending. */
export function endThreads(cpu: Cpu, all: bool, status: u32): void {
  const tasks = Tasks.only
  let from: u32 = 2
  while (true) {
    tasks.lock(Rank.Tasks)
    const task = nextAliveLocked(cpu.id, from)
    const ends = task !== null && (all || task.isEnding)
    tasks.unlock(Rank.Tasks)
    if (!task) break
    from = task.pid + 1
    if (ends) endThread(task.first, status)
  }
  const thread = clonedThread(cpu)
  if (thread && (all || thread.process.isEnding)) endThread(thread, status)
}
