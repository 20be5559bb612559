// Exports: processes.
import { ESRCH } from '../abi/errno'
import { reportIdentity } from '../call/identity'
import { adjustOom } from '../call/oom'
import * as processes from '../call/process'
import { exitGroup, exitThread } from '../proc/exit'
import * as identity from '../proc/identity'
import { kill } from '../proc/signal'
import { createThread, Task } from '../proc/task'
import { waitChild } from '../proc/wait'
import { Cpu } from '../sync/cpu'
import { again, enter, leave } from './call'

export function task_fork(pid: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(processes.fork(task)) : -ESRCH
  } while (again(result))
  return result
}

/** A child of the process that will run on a CPU that was taken, for a user and a group unless they are -1. */
export function task_spawn(pid: u32, cpu: u32, uid: f64, gid: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(processes.spawn(task, cpu, uid, gid)) : -ESRCH
  } while (again(result))
  return result
}

/** Makes a CPU that was taken a thread of the process; its number. */
export function task_clone(pid: u32, cpu: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(createThread(task, cpu)) : -ESRCH
  } while (again(result))
  return result
}

/** Ends the process with all its threads. */
export function task_exit(pid: u32, exitCode: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(exitGroup(task, (exitCode & 255) << 8)) : -ESRCH
}

/** Ends this thread of the process, which goes with the last. */
export function task_exit_thread(pid: u32, exitCode: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(exitThread(task, (exitCode & 255) << 8)) : -ESRCH
}

/** The pid of a child that ended, the one with pid `wanted` unless that is -1; its status, as waitpid has it, is `extra` in the CPU block. 0 if none has ended and it may not wait. */
export function task_wait(pid: u32, wanted: i32, block: bool): i32 {
  const task = enter(pid)
  return task ? leave<i32>(waitChild(task, wanted, block)) : -ESRCH
}

/** Address of the word that goes up whenever a child of the process ends. */
export function task_events(pid: u32): f64 {
  const task = enter(pid)
  return task ? leave<f64>(<f64>(changetype<usize>(task) + offsetof<Task>('events'))) : -ESRCH
}

export function task_unshare(pid: u32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(processes.unshare(task, flags)) : -ESRCH
  } while (again(result))
  return result
}

export function task_kill(pid: u32, target: i32, signal: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(kill(task, target, signal)) : -ESRCH
}

/** The oom_score_adj of a process, left in `extra`, after it was set unless `value` is NaN. */
export function task_oom_adjust(pid: u32, target: u32, value: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(adjustOom(task, target, value)) : -ESRCH
}

/** Writes who the process is to the CPU's buffer: struct IdentityReport and the groups. */
export function task_identity(pid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(reportIdentity(task)) : -ESRCH
}

/** setuid, or setgid if it is about groups, as in the functions below. */
export function task_set_id(pid: u32, group: bool, id: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(identity.setId(task, group, id)) : -ESRCH
}

export function task_set_effective_id(pid: u32, group: bool, id: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(identity.setEffectiveId(task, group, id)) : -ESRCH
}

export function task_set_two_ids(pid: u32, group: bool, real: u32, effective: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(identity.setTwoIds(task, group, real, effective)) : -ESRCH
}

export function task_set_all_ids(pid: u32, group: bool, real: u32, effective: u32, saved: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(identity.setAllIds(task, group, real, effective, saved)) : -ESRCH
}

/** Gives the process the groups in the CPU's buffer, a u32 each. */
export function task_set_groups(pid: u32, count: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(identity.setGroups(task, count, Cpu.current.buffer)) : -ESRCH
}
