// Exports: waiting on words of memory. ipc_finish ends a wait.
import { ESRCH } from '../abi/errno'
import * as futex from '../call/futex'
import { Cpu } from '../sync/cpu'
import { again, enter, leave, word } from './call'

/**
 * Makes the process wait on a word, for who wakes one of some bits, if the word is `expected`: the address of a Waiter; 0 if
 * the word is not. `sleeps` says that the thread is about to sleep until ipc_finish.
 */
export function futex_queue(pid: u32, address: f64, expected: u32, bits: u32, sleeps: bool): f64 {
  let waiter: f64
  do {
    const task = enter(pid)
    waiter = task ? futex.queue(task, word(address), expected, bits) : -ESRCH
    if (waiter > 0 && sleeps) Cpu.current.asleep = 1
    if (task) leave<f64>(waiter)
  } while (again(waiter))
  return waiter
}

export function futex_wake(pid: u32, address: f64, count: u32, bits: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(futex.wake(task, word(address), count, bits)) : -ESRCH
  } while (again(result))
  return result
}

/** Wakes some, and makes others wait on another word: as struct RequeueOrder in the CPU's buffer says. */
export function futex_requeue(pid: u32, address: f64, target: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task
      ? leave<i32>(futex.requeue(task, word(address), word(target), changetype<futex.RequeueOrder>(Cpu.current.buffer)))
      : -ESRCH
  } while (again(result))
  return result
}

export function robust_set(pid: u32, head: f64, bytes: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(futex.setRobustList(task, word(head), bytes)) : -ESRCH
}

/** The address of the list of a process's locks; -errno. */
export function robust_get(pid: u32, target: i32): f64 {
  const task = enter(pid)
  return task ? leave<f64>(futex.getRobustList(task, target)) : -ESRCH
}
