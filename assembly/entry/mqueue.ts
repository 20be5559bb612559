// Exports: POSIX message queues.
import { ESRCH } from '../abi/errno'
import * as mqueue from '../call/mqueue'
import { again, enter, leave, word } from './call'

/** Opens the queue with the name in the CPU's buffer; NaN for `messages` leaves the sizes of a new one to the namespace. */
export function mq_open(pid: u32, length: u32, flags: u32, mode: u32, messages: f64, bytes: f64): i32 {
  let result: i32
  const sized = !F64.isNaN(messages)
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mqueue.open(task, length, flags, mode, sized, <i64>word(messages), <i64>word(bytes))) : -ESRCH
  } while (again(result))
  return result
}

export function mq_unlink(pid: u32, length: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(mqueue.unlink(task, length)) : -ESRCH
}

/** Sends the bytes that are staged; 0, or the address of a Waiter, whose wait ipc_finish ends. */
export function mq_send(pid: u32, fd: i32, size: f64, priority: u32): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(mqueue.send(task, fd, word(size), priority)) : -ESRCH
  } while (again(result))
  return result
}

/** Receives as msg_receive does; the priority stands where a type would. */
export function mq_receive(pid: u32, fd: i32, room: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mqueue.receive(task, fd, word(room))) : -ESRCH
  } while (again(result))
  return result
}

/** Leaves MqAttributes in the CPU's buffer, and sets the flags unless they are NaN. */
export function mq_attributes(pid: u32, fd: i32, flags: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(mqueue.attributes(task, fd, !F64.isNaN(flags), word(flags))) : -ESRCH
}
