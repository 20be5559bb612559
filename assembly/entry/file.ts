// Exports: files. Paths and bytes stand in the CPU's buffer.
import { ESRCH } from '../abi/errno'
import * as descriptor from '../call/descriptor'
import * as file from '../call/file'
import { limitMount, Mount } from '../map/mount'
import { again, enter, leave, word } from './call'

export function file_open(pid: u32, length: u32, flags: u32, mode: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.open(task, length, flags, mode)) : -ESRCH
  } while (again(result))
  return result
}

export function file_close(pid: u32, fd: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(file.close(task, fd)) : -ESRCH
}

export function file_read(pid: u32, fd: i32, offset: f64, bytes: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.read(task, fd, word(offset), bytes)) : -ESRCH
  } while (again(result))
  return result
}

export function file_write(pid: u32, fd: i32, offset: f64, bytes: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.write(task, fd, word(offset), bytes)) : -ESRCH
  } while (again(result))
  return result
}

/** Reads from the file's position on, which moves. */
export function file_read_on(pid: u32, fd: i32, bytes: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.readOn(task, fd, bytes)) : -ESRCH
  } while (again(result))
  return result
}

/** Writes at the file's position, which moves. */
export function file_write_on(pid: u32, fd: i32, bytes: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.writeOn(task, fd, bytes)) : -ESRCH
  } while (again(result))
  return result
}

export function file_seek(pid: u32, fd: i32, offset: f64, whence: u32): f64 {
  const task = enter(pid)
  return task ? leave<f64>(file.seek(task, fd, <i64>word(offset), whence)) : -ESRCH
}

export function file_truncate(pid: u32, fd: i32, bytes: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.truncate(task, fd, word(bytes))) : -ESRCH
  } while (again(result))
  return result
}

export function file_allocate(pid: u32, fd: i32, mode: u32, offset: f64, length: f64): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(file.allocate(task, fd, mode, <i64>word(offset), <i64>word(length))) : -ESRCH
  } while (again(result))
  return result
}

export function file_stat(pid: u32, fd: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(file.stat(task, fd)) : -ESRCH
}

export function file_stat_path(pid: u32, length: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(file.statPath(task, length)) : -ESRCH
}

export function file_dup(pid: u32, fd: i32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(descriptor.duplicate(task, fd)) : -ESRCH
  } while (again(result))
  return result
}

export function file_dup2(pid: u32, fd: i32, to: i32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(descriptor.duplicateTo(task, fd, to)) : -ESRCH
  } while (again(result))
  return result
}

export function file_dup3(pid: u32, fd: i32, to: i32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(descriptor.duplicateAs(task, fd, to, flags)) : -ESRCH
  } while (again(result))
  return result
}

export function file_control(pid: u32, fd: i32, command: u32, argument: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(descriptor.control(task, fd, command, argument)) : -ESRCH
  } while (again(result))
  return result
}

export function file_memfd(pid: u32, length: u32, flags: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(descriptor.createMemfd(task, length, flags)) : -ESRCH
  } while (again(result))
  return result
}

export function file_chmod(pid: u32, fd: i32, mode: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(descriptor.setMode(task, fd, mode)) : -ESRCH
}

export function file_chown(pid: u32, fd: i32, uid: u32, gid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(descriptor.setOwner(task, fd, uid, gid)) : -ESRCH
}

export function file_umask(pid: u32, mask: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(descriptor.setUmask(task, mask)) : -ESRCH
}

/** Limits what a mount may hold, in pages and inodes, 0 for no limit, -1 to leave it as it is: EINVAL if it holds more. */
export function mount_limit(mount: u32, blocks: u32, inodes: u32): i32 {
  return limitMount(Mount.at(mount), blocks, inodes)
}
