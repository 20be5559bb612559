// Exports: System V shared memory.
import { ESRCH } from '../abi/errno'
import * as shm from '../call/shm'
import { enter, leave, word } from './call'

export function shm_get(pid: u32, key: i32, size: f64, flags: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.get(task, key, word(size), flags)) : -ESRCH
}

export function shm_attach(pid: u32, id: i32, address: f64, flags: u32): f64 {
  const task = enter(pid)
  return task ? leave<f64>(shm.attach(task, id, word(address), flags)) : -ESRCH
}

export function shm_detach(pid: u32, address: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.detach(task, word(address))) : -ESRCH
}

export function shm_control(pid: u32, id: i32, command: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.control(task, id, command)) : -ESRCH
}

export function shm_set(pid: u32, id: i32, uid: u32, gid: u32, mode: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.set(task, id, uid, gid, mode)) : -ESRCH
}
