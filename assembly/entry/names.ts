// Exports: names. Paths stand in the CPU's buffer, or are staged.
import { ESRCH } from '../abi/errno'
import * as names from '../call/names'
import { again, enter, leave } from './call'

export function file_unlink(pid: u32, length: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(names.unlink(task, length)) : -ESRCH
}

export function file_mkdir(pid: u32, length: u32, mode: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(names.makeDirectory(task, length, mode)) : -ESRCH
  } while (again(result))
  return result
}

export function file_rmdir(pid: u32, length: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(names.removeDirectoryAt(task, length)) : -ESRCH
}

/** Makes the second of two staged paths, of so many bytes each, one more name of the file with the first. */
export function file_link(pid: u32, length: u32, newLength: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(names.link(task, length, newLength)) : -ESRCH
  } while (again(result))
  return result
}

/** Renames the first of two staged paths to the second. */
export function file_rename(pid: u32, length: u32, newLength: u32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(names.rename(task, length, newLength, flags)) : -ESRCH
  } while (again(result))
  return result
}
