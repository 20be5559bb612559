// Exports: System V shared memory.
import { ESRCH } from '../abi/errno'
import * as shm from '../call/shm'
import { again, enter, given, leave, word } from './call'

export function shm_get(pid: u32, key: i32, size: f64, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(shm.get(task, key, word(size), flags)) : -ESRCH
  } while (again(result))
  return result
}

export function shm_attach(pid: u32, id: i32, address: f64, flags: u32): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(shm.attach(task, id, word(address), flags)) : -ESRCH
  } while (again(result))
  return result
}

export function shm_detach(pid: u32, address: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(shm.detach(task, word(address))) : -ESRCH
  } while (again(result))
  return result
}

export function shm_control(pid: u32, id: i32, command: i32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(shm.control(task, id, command)) : -ESRCH
  } while (again(result))
  return result
}

/** IPC_SET; a NaN leaves something as it is. */
export function shm_set(pid: u32, id: i32, uid: f64, gid: f64, mode: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.set(task, id, given(uid), given(gid), given(mode))) : -ESRCH
}
