// The end of a wait at an IPC object, and whether anybody could end it. Takes: Ipc, Tasks.
import { EINVAL } from '../abi/errno'
import { PID_MAX } from '../abi/layout'
import { DONE, freeWaiter, giveUp, Waiter } from '../ipc/waiter'
import { anyTask, currentThread, Life, Task, Tasks, Thread } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { handOver } from './msg'

/**
 * Ends the wait of the process's waiter at an address, with -error if it goes on still: if what it waited for was done,
 * 0, or the bytes of the message that it received; else -errno. EINVAL if this thread of the process has no such waiter. Takes: Ipc.
 */
export function finish(task: Task, address: u32, error: i32): i32 {
  const own = currentThread(task).waiters
  for (let link = own.next; link !== own; link = link.next) {
    const waiter = Waiter.ofOwn(link)
    if (changetype<u32>(waiter) !== address) continue
    const answer = giveUp(waiter, -error)
    const message = waiter.message
    const room = waiter.room
    if (answer === DONE) waiter.message = null
    freeWaiter(waiter)
    if (answer === DONE && message) return handOver(task, message, room)
    return answer === DONE ? 0 : answer
  }
  return -EINVAL
}

/** Whether a process has a thread that is not this CPU. Holds: Tasks. */
function hasOtherThreadLocked(task: Task): bool {
  for (let link = task.threads.next; link !== task.threads; link = link.next) {
    if (changetype<Thread>(link).cpu !== Cpu.current.id) return true
  }
  return false
}

/**
 * Whether nobody is there to end a wait of this thread: no process has another; or none of the same IPC namespace, if only
 * who is in that could. Takes: Tasks.
 */
export function isAlone(task: Task, inNamespace: bool): bool {
  if (Cpu.alone) return true
  let found = false
  Tasks.only.lock(Rank.Tasks)
  for (let pid: u32 = 1; pid < PID_MAX && !found; pid++) {
    const other = anyTask(pid)
    if (other && other.state !== Life.Ended && (!inNamespace || other.shm === task.shm)) found = hasOtherThreadLocked(other)
  }
  Tasks.only.unlock(Rank.Tasks)
  return !found
}
