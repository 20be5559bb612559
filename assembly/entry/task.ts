// Exports: processes.
import { ESRCH } from '../abi/errno'
import * as tasks from '../proc/task'
import { Cpu } from '../sync/cpu'
import { enter, leave } from './call'

export function task_fork(pid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.createTask(task, Cpu.current.id, true)) : -ESRCH
}

/** A child of the process that will run on a CPU that was taken, with a memory of its own. */
export function task_spawn(pid: u32, cpu: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.createTask(task, cpu, false)) : -ESRCH
}

export function task_exit(pid: u32, exitCode: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.endTask(task, exitCode)) : -ESRCH
}

export function task_wait(pid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.reapChild(task, 0)) : -ESRCH
}

export function task_set_uid(pid: u32, uid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.setUid(task, uid)) : -ESRCH
}

export function task_set_gid(pid: u32, gid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.setGid(task, gid)) : -ESRCH
}
