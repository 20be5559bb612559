// Exports: locked memory, the heap, resource limits.
import { ESRCH } from '../abi/errno'
import { moveBreak } from '../call/brk'
import * as mlock from '../call/mlock'
import * as rlimit from '../call/rlimit'
import { again, enter, leave, word } from './call'

export function mm_lock(pid: u32, address: f64, length: f64, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mlock.lock(task, word(address), word(length), flags)) : -ESRCH
  } while (again(result))
  return result
}

export function mm_unlock(pid: u32, address: f64, length: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mlock.unlock(task, word(address), word(length))) : -ESRCH
  } while (again(result))
  return result
}

export function mm_lock_all(pid: u32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mlock.lockAll(task, flags)) : -ESRCH
  } while (again(result))
  return result
}

export function mm_unlock_all(pid: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(mlock.unlockAll(task)) : -ESRCH
  } while (again(result))
  return result
}

export function mm_break(pid: u32, address: f64): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(moveBreak(task, word(address))) : -ESRCH
  } while (again(result === <f64>word(address) ? 0 : -1))
  return result
}

/** Leaves the limit in the CPU's buffer. */
export function limit_get(pid: u32, resource: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(rlimit.getLimit(task, resource)) : -ESRCH
}

export function limit_set(pid: u32, resource: u32, soft: f64, hard: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(rlimit.setLimit(task, resource, word(soft), word(hard))) : -ESRCH
}
