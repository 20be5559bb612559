// validate(): the process table: pids, families, how far each process is, and its groups.
import { BROKEN_TASK } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { NGROUPS_MAX } from '../abi/limits'
import { Link } from '../lib/list'
import { Cache, Kind } from '../phys/slab'
import { anyTask, Life, Task, Tasks } from '../proc/task'
import { broken } from './report'

/** Every process, and that there are as many as the table and its cache count. */
export function checkTasks(): u32 {
  const count = Tasks.only.count
  let tasks: u32 = 0
  let children: u32 = 0
  for (let pid: u32 = 0; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (!task) continue
    tasks++
    if (task.pid !== pid || !isSound(task)) return broken(BROKEN_TASK, pid, task.state)
    children += task.children.checkedLength(count)
    for (let link: Link = task.children.next; link !== task.children; link = link.next) {
      if (Task.ofSibling(link).parent !== task) return broken(BROKEN_TASK, pid, Task.ofSibling(link).pid)
    }
  }
  // everyone but init is someone's child
  return tasks === count && children === count - 1 && Cache.of(Kind.Task).active === count ? 0 : broken(BROKEN_TASK, tasks, children)
}

/** Whether a process, its pid's word, its memory and its groups agree. */
function isSound(task: Task): bool {
  const ended = task.state === Life.Ended
  if (task.state === Life.Begun || (task.mm === null) !== ended) return false
  if (ended && (task.pid === 1 || !task.children.isEmpty)) return false
  const runs = !ended && task.signal === 0
  if ((load<u32>(Tasks.word(task.pid)) & 63) !== (runs ? task.cpu * 2 + 1 : 0)) return false
  if (task.groupCount > NGROUPS_MAX) return false
  for (let i: u32 = 1; i < task.groupCount; i++) {
    if (load<u32>(task.groups + ((i - 1) << 2)) > load<u32>(task.groups + (i << 2))) return false
  }
  return true
}
