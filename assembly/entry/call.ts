// What every export does around a call: it finds the process, and notes that the thread is inside.
import { ESRCH } from '../abi/errno'
import { endUse } from '../fs/descriptors'
import { KEEP } from '../ipc/perm'
import { translate } from '../mm/access'
import { Mm } from '../mm/space'
import { endKilled } from '../proc/signal'
import { runningTask, Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { reserve } from '../sync/host'

/** Notes that a call that changes the machine begins, and finds its process; null if it has ended, if only by a signal just now. */
export function enter(pid: u32): Task | null {
  reserve(false)
  const cpu = Cpu.current
  if (!cpu.begin()) return null
  if (cpu.wants !== 0) endKilled()
  const task = runningTask(pid)
  cpu.pid = pid
  if (!task) cpu.end()
  return task
}

/** Notes that the call is over. */
export function leave<T>(result: T): T {
  const cpu = Cpu.current
  if (cpu.file !== 0) endUse(cpu)
  cpu.end()
  return result
}

/** A number as 64 bits: a negative one is huge, as it is in C. */
export function word(value: f64): u64 {
  return value < 0 ? <u64>(<i64>value) : <u64>value
}

/** An id or mode for IPC_SET; NaN for one that stays as it is. */
export function given(value: f64): i64 {
  return F64.isNaN(value) ? KEEP : <i64>(<u32>(<i64>value))
}

/** The address space of a process on this thread; null, as a bad access, if there is none. */
export function spaceOf(pid: u32, write: bool): Mm | null {
  const task = runningTask(pid)
  if (task) return task.mm
  Cpu.current.faultCode = -ESRCH
  Cpu.current.faultWrite = write
  return null
}

/** Linear address behind a user's address, rounded down to a multiple of `size`, with a section open; 0 after a bad access. */
export function reach(pid: u32, address: f64, size: usize, write: bool): usize {
  const mm = spaceOf(pid, write)
  return mm ? translate(mm, word(address), write) & ~(size - 1) : 0
}

/** What an access returns, whose section is over. */
export function over<T>(result: T): T {
  Cpu.current.closeSection()
  return result
}
