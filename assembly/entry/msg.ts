// Exports: System V message queues.
import { ESRCH } from '../abi/errno'
import * as msg from '../call/msg'
import { dropMessage } from '../proc/stage'
import { currentThread } from '../proc/task'
import { again, enter, given, leave, word } from './call'

export function msg_get(pid: u32, key: i32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(msg.get(task, key, flags)) : -ESRCH
  } while (again(result))
  return result
}

/** Sends the bytes that are staged; 0, or the address of a Waiter, whose wait ipc_finish ends. */
export function msg_send(pid: u32, id: i32, type: f64, size: f64, flags: u32): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(msg.send(task, id, <i64>word(type), word(size), flags)) : -ESRCH
  } while (again(result))
  return result
}

/** Receives; how many bytes, or 0 and in the CPU's block the address of a Waiter, whose wait ipc_finish ends. */
export function msg_receive(pid: u32, id: i32, room: f64, type: f64, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(msg.receive(task, id, word(room), <i64>word(type), flags)) : -ESRCH
  } while (again(result))
  return result
}

/** Bytes from `offset` on of a message that was longer than the CPU's buffer. */
export function msg_read(pid: u32, offset: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(msg.read(task, offset)) : -ESRCH
}

/** Frees that message. */
export function msg_drop(pid: u32): i32 {
  const task = enter(pid)
  if (!task) return -ESRCH
  dropMessage(currentThread(task))
  return leave<i32>(0)
}

export function msg_control(pid: u32, id: i32, command: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(msg.control(task, id, command)) : -ESRCH
}

/** IPC_SET; a NaN leaves something as it is. */
export function msg_set(pid: u32, id: i32, uid: f64, gid: f64, mode: f64, most: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(msg.set(task, id, given(uid), given(gid), given(mode), word(most), F64.isNaN(most))) : -ESRCH
  } while (again(result))
  return result
}
