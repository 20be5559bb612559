// Exports: what an address space maps.
import { ESRCH } from '../abi/errno'
import * as memoryCalls from '../call/memory'
import { lookUp } from '../map/pagetable'
import { pfnOf } from '../map/pte'
import { runningTask } from '../proc/task'
import { enter, leave, word } from './call'

export function mm_map(pid: u32, address: f64, length: f64, prot: u32, flags: u32, fd: i32, offset: f64): f64 {
  const task = enter(pid)
  return task ? leave<f64>(memoryCalls.map(task, word(address), word(length), prot, flags, fd, word(offset))) : -ESRCH
}

export function mm_unmap(pid: u32, address: f64, length: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(memoryCalls.unmap(task, word(address), word(length))) : -ESRCH
}

export function mm_protect(pid: u32, address: f64, length: f64, prot: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(memoryCalls.protect(task, word(address), word(length), prot)) : -ESRCH
}

/** The frame behind an address, 0 if the page is not present. */
export function mm_frame(pid: u32, address: f64): u32 {
  const task = runningTask(pid)
  return task ? pfnOf(lookUp(task.mm.tables, word(address) >> 12)) : 0
}
