// Exports: System V semaphores, named POSIX semaphores, and what all that wait at IPC objects need.
import { ESRCH } from '../abi/errno'
import * as named from '../call/namedSemaphore'
import * as sem from '../call/sem'
import * as wait from '../call/wait'
import { dropStage, stageFor } from '../proc/stage'
import { currentThread } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { again, enter, given, leave, word } from './call'

export function sem_get(pid: u32, key: i32, count: i32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(sem.get(task, key, count, flags)) : -ESRCH
  } while (again(result))
  return result
}

/** Does the operations in the CPU's buffer, struct SemOperation each; 0, or the address of a Waiter, whose wait ipc_finish ends. */
export function sem_operate(pid: u32, id: i32, count: u32, timeout: f64): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(sem.operate(task, id, count, timeout)) : -ESRCH
  } while (again(result))
  return result
}

export function sem_control(pid: u32, id: i32, num: i32, command: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(sem.control(task, id, num, command)) : -ESRCH
}

export function sem_set_value(pid: u32, id: i32, num: i32, value: i32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(sem.setValue(task, id, num, value)) : -ESRCH
  } while (again(result))
  return result
}

/** SETALL with values as staged, a u16 each. */
export function sem_set_all(pid: u32, id: i32, count: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(sem.setAll(task, id, count)) : -ESRCH
  } while (again(result))
  return result
}

/** IPC_SET; a NaN leaves something as it is. */
export function sem_set(pid: u32, id: i32, uid: f64, gid: f64, mode: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(sem.set(task, id, given(uid), given(gid), given(mode))) : -ESRCH
}

/**
 * Says that this thread is about to sleep on a waiter's word until ipc_finish: 1 if no other thread could end that wait, 0 if
 * one could; of the same IPC namespace, or in any for a word of memory.
 */
export function ipc_sleep(pid: u32, inNamespace: bool): i32 {
  const task = enter(pid)
  Cpu.current.asleep = task ? 1 : 0
  return task ? leave<i32>(wait.isAlone(task, inNamespace)) : -ESRCH
}

/** Ends a wait, with -error if nobody did: 0 if what it waited for was done; ESRCH if the process was killed meanwhile. */
export function ipc_finish(pid: u32, waiter: u32, error: i32): i32 {
  const task = enter(pid)
  Cpu.current.asleep = 0
  return task ? leave<i32>(wait.finish(task, waiter, error)) : -ESRCH
}

/** Address of room for so many bytes, for the next call of the process; 0 if there is none. */
export function stage_take(pid: u32, bytes: u32): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(<f64>stageFor(task, bytes)) : -ESRCH
  } while (again(result))
  return result
}

/** Frees the room, if that is more than the CPU's buffer. */
export function stage_drop(pid: u32): i32 {
  const task = enter(pid)
  if (!task) return -ESRCH
  dropStage(currentThread(task))
  return leave<i32>(0)
}

/** Opens once more the semaphore in the file of a descriptor: its address, the one given unless it has one; 0 if it has none and none is given. */
export function sem_named_open(pid: u32, fd: i32, address: f64): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(named.open(task, fd, word(address))) : -ESRCH
  } while (again(result))
  return result
}

/** Closes the semaphore at an address once: 1 if it is to be unmapped. */
export function sem_named_close(pid: u32, address: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(named.close(task, word(address))) : -ESRCH
}
