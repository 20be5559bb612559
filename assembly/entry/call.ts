// What every export does around a call: it finds the process, and notes that the thread is inside. A call or an access that
// was refused a frame has failed and is undone; then memory is reclaimed here, where no lock is held, and it is repeated.
import { ENOMEM, ESRCH } from '../abi/errno'
import { PGFAULT } from '../abi/vmstat'
import { endUse } from '../fs/descriptors'
import { KEEP } from '../ipc/perm'
import { translate } from '../mm/access'
import { populate } from '../mm/populate'
import { Mm } from '../mm/space'
import { countFor } from '../phys/group'
import { endKilled } from '../proc/signal'
import { runningTask, Task } from '../proc/task'
import { relieve } from '../reclaim/relieve'
import { Cpu, SHORT_OF_SLOTS } from '../sync/cpu'
import { reserve } from '../sync/host'

/** Notes that a call that changes the machine begins, and finds its process; null if it has ended, if only by a signal just now. */
export function enter(pid: u32): Task | null {
  reserve(false)
  const cpu = Cpu.current
  if (!cpu.begin()) return null
  if (cpu.wants !== 0) endKilled()
  const task = runningTask(pid)
  cpu.pid = pid
  if (task) cpu.group = task.mm.group
  else cpu.end()
  return task
}

/** Notes that the call is over. */
export function leave<T>(result: T): T {
  const cpu = Cpu.current
  if (cpu.file !== 0) endUse(cpu)
  cpu.end()
  return result
}

/** Whether a call that gave this result is to be repeated: it failed for want of memory, some of which was reclaimed now. */
export function again<T>(result: T): bool {
  const cpu = Cpu.current
  if (!cpu.wasShort || !repeats(result >= 0)) return false
  if (cpu.urgency !== 0) cpu.urgency = 2
  return true
}

/** Whether an access, or a series of them, is to go on from where it stopped: it did for want of memory, some of which was reclaimed now. */
export function accessAgain(done: bool): bool {
  return repeats(done || <i32>Cpu.current.faultCode !== -ENOMEM)
}

/** Ends a call or access that was short of memory, or reclaims some and says that it is to be repeated. */
function repeats(done: bool): bool {
  const cpu = Cpu.current
  if (done) {
    fillOn(cpu)
    if ((cpu.short & SHORT_OF_SLOTS) !== 0) relieve(SHORT_OF_SLOTS)
  } else if (isRelieved(cpu)) return true
  // a fault that failed to the end counts, too
  if (cpu.starved !== 0) countFor(cpu.group, PGFAULT)
  cpu.short = 0
  cpu.urgency = 0
  cpu.stalls = 0
  cpu.starved = 0
  cpu.fillEnd = 0
  return false
}

/** Reclaims memory, if a frame was refused; whether that is worth another try. */
function isRelieved(cpu: Cpu): bool {
  const short = cpu.short
  cpu.short = 0
  return short !== 0 && relieve(short)
}

/** Goes on making pages present where a call that is done otherwise stopped. */
function fillOn(cpu: Cpu): void {
  while (cpu.fillEnd !== 0 && isRelieved(cpu)) {
    const task = enter(cpu.pid)
    if (!task) return
    const end = cpu.fillEnd
    cpu.fillEnd = 0
    populate(task.mm, cpu.filled, end)
    leave<i32>(0)
  }
}

/** A number as 64 bits: a negative one is huge, as it is in C. */
export function word(value: f64): u64 {
  return value < 0 ? <u64>(<i64>value) : <u64>value
}

/** An id or mode for IPC_SET; NaN for one that stays as it is. */
export function given(value: f64): i64 {
  return F64.isNaN(value) ? KEEP : <i64>(<u32>(<i64>value))
}

/** The address space of a process on this thread, for an access; null, as a bad access, if there is none. */
export function spaceOf(pid: u32, write: bool): Mm | null {
  if (Cpu.current.short === SHORT_OF_SLOTS) leftBehind()
  const task = runningTask(pid)
  if (task) return task.mm
  Cpu.current.faultCode = -ESRCH
  Cpu.current.faultWrite = write
  return null
}

/** Evicts what a policy gave up at the access before, which used what it found until now. */
function leftBehind(): void {
  relieve(SHORT_OF_SLOTS)
  Cpu.current.short = 0
}

/** As accessAgain, where what was found is used only then: what a policy gave up, if only this page, stays until the next access. */
function reachAgain(done: bool): bool {
  const cpu = Cpu.current
  const left = done ? cpu.short & SHORT_OF_SLOTS : 0
  cpu.short &= ~left
  const repeated = accessAgain(done)
  cpu.short |= left
  return repeated
}

/** Linear address behind a user's address, rounded down to a multiple of `size`, with a section open; 0 after a bad access. */
export function reach(pid: u32, address: f64, size: usize, write: bool): usize {
  let at: usize
  do {
    const mm = spaceOf(pid, write)
    at = mm ? translate(mm, word(address), write) : 0
  } while (Cpu.current.wasShort && reachAgain(at !== 0))
  return at & ~(size - 1)
}

/** What an access returns, whose section is over. */
export function over<T>(result: T): T {
  Cpu.current.closeSection()
  return result
}
