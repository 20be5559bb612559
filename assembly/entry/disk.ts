// Exports: disks, and what brings files there.
import { EINVAL, ESRCH } from '../abi/errno'
import { BUFFER_SIZE } from '../abi/layout'
import { DiskOrder, mountDisk } from '../call/mount'
import { advise, sync } from '../call/sync'
import { runningTask } from '../proc/task'
import { beginReclaim } from '../reclaim/begin'
import { writeBackAll } from '../reclaim/flush'
import { Cpu } from '../sync/cpu'
import { reserve } from '../sync/host'
import { again, enter, leave, word } from './call'

/** Mounts the disk that the DiskOrder in the CPU's buffer describes. All other threads stand still. */
export function disk_mount(): i32 {
  reserve(false)
  const order = changetype<DiskOrder>(Cpu.current.buffer)
  const room: u32 = BUFFER_SIZE - offsetof<DiskOrder>()
  if (order.pathLength > room || order.nameLength > room - order.pathLength || order.nameLength === 0) return -EINVAL
  const task = runningTask(1)
  const error = task ? mountDisk(task, order) : -ESRCH
  if (error === 0) beginReclaim()
  return error
}

/** Writes everything back: sync(2). */
export function disk_sync(pid: u32): i32 {
  const task = enter(pid)
  if (!task) return -ESRCH
  writeBackAll()
  return leave<i32>(0)
}

/** fsync(2), fdatasync(2). */
export function file_sync(pid: u32, fd: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(sync(task, fd)) : -ESRCH
}

/** posix_fadvise(2). */
export function file_advise(pid: u32, fd: i32, offset: f64, length: f64, advice: u32): i32 {
  let result: i32
  do {
    const task = enter(pid)
    result = task ? leave<i32>(advise(task, fd, <i64>word(offset), <i64>word(length), advice)) : -ESRCH
  } while (again(result))
  return result
}
