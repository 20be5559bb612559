// The end of a wait at an IPC object, and whether anybody could end it. Takes: Ipc, Tasks.
import { EINVAL } from '../abi/errno'
import { PID_MAX } from '../abi/layout'
import { DONE, freeWaiter, giveUp, Waiter } from '../ipc/waiter'
import { anyTask, Life, Task, Tasks } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { handOver } from './msg'

/**
 * Ends the wait of the process's waiter at an address, with -error if it goes on still: if what it waited for was done,
 * 0, or the bytes of the message that it received; else -errno. EINVAL if the process has no such waiter. Takes: Ipc.
 */
export function finish(task: Task, address: u32, error: i32): i32 {
  const own = task.waiters
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

/** Whether nobody is there to end a wait of this thread: no process of the same namespace lives on another. Takes: Tasks. */
export function isAlone(task: Task): bool {
  if (Cpu.alone) return true
  let found = false
  Tasks.only.lock(Rank.Tasks)
  for (let pid: u32 = 1; pid < PID_MAX && !found; pid++) {
    const other = anyTask(pid)
    if (other) found = other.cpu !== task.cpu && other.state !== Life.Ended && other.shm === task.shm
  }
  Tasks.only.unlock(Rank.Tasks)
  return !found
}
