// Waiting for children: wait4(2). Takes: Tasks.
import { DOOMED } from '../abi/attention'
import { ECHILD, EDEADLK, ESRCH } from '../abi/errno'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { endLost } from './lost'
import { endKilled } from './signal'
import { dropTaskLocked, Life, runningTask, Task, Tasks } from './task'

/**
 * Frees a child that ended: the first, or the one with pid `wanted` unless that is below 1. Returns
 * its pid and leaves its status in the CPU block; 0 if such children run still, EDEADLK instead if all
 * of them run on this thread; ECHILD if there are none. Holds: Tasks.
 */
function reapLocked(parent: Task, wanted: i32): i32 {
  let result: i32 = -ECHILD
  for (let link: Link = parent.children.next; link !== parent.children; link = link.next) {
    const child = Task.ofSibling(link)
    if (wanted > 0 && <i32>child.pid !== wanted) continue
    if (child.state === Life.Ended) {
      const pid = child.pid
      Cpu.current.extra = child.status
      dropTaskLocked(child)
      return pid
    }
    if (child.first.cpu !== Cpu.current.id || !child.descriptors.isOwn) result = 0
    else if (result === -ECHILD) result = -EDEADLK
  }
  return result
}

/** Frees a child that ended, as reapLocked does; 0 if none of those that are wanted has ended. Takes: Tasks. */
export function reapChild(parent: Task, wanted: i32): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = reapLocked(parent, wanted)
  Tasks.only.unlock(Rank.Tasks)
  return result === -EDEADLK ? 0 : result
}

/**
 * Waits for a child to end, the one with pid `wanted` unless that is -1, or 0 for the process's own
 * group, in which all are; there are no other groups. Frees it as reapChild does. EDEADLK, which Linux
 * has not, if all it would wait for run on this thread; ESRCH if it was itself killed meanwhile. Takes: Tasks.
 */
export function waitChild(parent: Task, wanted: i32, block: bool): i32 {
  if (wanted < -1) return -ECHILD
  const pid = parent.pid
  const events = changetype<usize>(parent) + offsetof<Task>('events')
  while (true) {
    const seen = atomic.load<u32>(events)
    Tasks.only.lock(Rank.Tasks)
    const result = reapLocked(parent, wanted)
    Tasks.only.unlock(Rank.Tasks)
    if (!block) return result === -EDEADLK ? 0 : result
    if (result !== 0) return result
    if (!Cpu.current.sleep(events, seen)) return -ESRCH
    endLost()
    if (Cpu.current.wants !== 0) {
      endKilled()
      if ((Cpu.current.wants & DOOMED) !== 0 || !runningTask(pid)) return -ESRCH
    }
  }
}
