// Starting processes, and what they share. Takes: Tasks, Space and what it nests.
import { EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { CLONE_NEWIPC } from '../abi/sched'
import { newNamespace } from '../ipc/namespace'
import { interruptWaiters } from '../ipc/waiter'
import { endThread, leaveNamespace } from '../proc/exit'
import { setGroups, setId } from '../proc/identity'
import { anyTask, createTask, currentThread, Task } from '../proc/task'
import { reapChild } from '../proc/wait'
import { Cpu } from '../sync/cpu'

/** Stands for the parent's user or group. */
const SAME: f64 = -1

/**
 * A child without memory that will run on a CPU that was taken, for a user and a group if they are
 * not -1, then without supplementary groups. EPERM where setuid or setgid is. Returns its pid.
 */
export function spawn(parent: Task, cpu: u32, uid: f64, gid: f64): i32 {
  const pid = createTask(parent, cpu, false)
  if (pid < 0) return pid
  // its thread does not run yet
  const child = changetype<Task>(anyTask(pid))
  if (child.isRoot && (uid !== SAME || gid !== SAME)) setGroups(child, 0, 0)
  let error: i32 = gid === SAME ? 0 : setId(child, true, <u32>gid)
  if (error === 0 && uid !== SAME) error = setId(child, false, <u32>uid)
  if (error === 0) return pid
  endThread(child.first, 0)
  reapChild(parent, pid)
  return error
}

/** A child on this CPU with a copy of the process's memory. Returns its pid. */
export function fork(parent: Task): i32 {
  return createTask(parent, Cpu.current.id, true)
}

/** Gives the process, which must have one thread, an IPC namespace of its own: unshare(2), of whose flags CLONE_NEWIPC is known. Takes: Ipc. */
export function unshare(task: Task, flags: u32): i32 {
  if ((flags & ~CLONE_NEWIPC) !== 0) return -EINVAL
  if (flags === 0) return 0
  if (!task.isRoot) return -EPERM
  // Linux would give one to this thread alone; the others may be using it
  if (!task.descriptors.isOwn) return -EINVAL
  const namespace = newNamespace()
  if (!namespace) return -ENOMEM
  interruptWaiters(currentThread(task).waiters)
  leaveNamespace(task)
  task.shm = namespace
  return 0
}
