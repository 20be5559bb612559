// Exports: what an address space maps.
import { ESRCH } from '../abi/errno'
import * as advise from '../call/advise'
import * as memoryCalls from '../call/memory'
import { remap } from '../call/mremap'
import { lookUp } from '../map/pagetable'
import { isPresent, pfnOf } from '../map/pte'
import { clearRefs } from '../mm/clearRefs'
import { runningTask } from '../proc/task'
import { again, enter, leave, word } from './call'

export function mm_map(pid: u32, address: f64, length: f64, prot: u32, flags: u32, fd: i32, offset: f64): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(memoryCalls.map(task, word(address), word(length), prot, flags, fd, word(offset))) : -ESRCH
  } while (again(result))
  return result
}

export function mm_unmap(pid: u32, address: f64, length: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(memoryCalls.unmap(task, word(address), word(length))) : -ESRCH
  } while (again(result))
  return result
}

export function mm_protect(pid: u32, address: f64, length: f64, prot: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(memoryCalls.protect(task, word(address), word(length), prot)) : -ESRCH
  } while (again(result))
  return result
}

export function mm_remap(pid: u32, address: f64, oldLength: f64, length: f64, flags: u32, newAddress: f64): f64 {
  let result: f64
  do {
    const task = enter(pid)
    result = task ? leave<f64>(remap(task, word(address), word(oldLength), word(length), flags, word(newAddress))) : -ESRCH
  } while (again(result))
  return result
}

export function mm_advise(pid: u32, address: f64, length: f64, advice: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(advise.advise(task, word(address), word(length), advice)) : -ESRCH
  } while (again(result))
  return result
}

export function mm_sync(pid: u32, address: f64, length: f64, flags: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(advise.sync(task, word(address), word(length), flags)) : -ESRCH
}

/** Leaves a byte a page in the CPU's buffer, 4096 at most, and returns how many. */
export function mm_residency(pid: u32, address: f64, length: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(advise.residency(task, word(address), word(length))) : -ESRCH
}

/** Forgets which pages were used or written: a value of /proc/PID/clear_refs. */
export function mm_clear_refs(pid: u32, value: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(clearRefs(task.mm, value)) : -ESRCH
}

/** The frame behind an address, 0 if the page is not present. */
export function mm_frame(pid: u32, address: f64): u32 {
  const task = runningTask(pid)
  const pte: u64 = task ? lookUp(task.mm.tables, word(address) >> 12) : 0
  return isPresent(pte) ? pfnOf(pte) : 0
}
