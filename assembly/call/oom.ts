// What a process's badness is corrected by, when one must be killed for want of memory: reading and writing
// /proc/PID/oom_score_adj (fs/proc/base.c, __set_oom_adj). Takes: Tasks.
import { EACCES, EINVAL, ENOENT } from '../abi/errno'
import { PID_MAX } from '../abi/layout'
import { anyGroup, Task, Tasks } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** The most that it can be, in either direction: a process of -1000 is never killed. */
const MOST: f64 = 1000

/**
 * The oom_score_adj of a process, left in `Cpu.extra`, after it was set unless `value` is NaN. ENOENT if there is no such process,
 * EACCES if it is another user's, or root's turn to make it less than root once did; EINVAL if it is out of range.
 */
export function adjustOom(caller: Task, pid: u32, value: f64): i32 {
  Tasks.only.lock(Rank.Tasks)
  const task = pid < PID_MAX ? anyGroup(pid) : null
  const error = !task ? -ENOENT : F64.isNaN(value) ? 0 : setLocked(caller, task, value)
  if (task) Cpu.current.extra = <u32>task.oomScoreAdj
  Tasks.only.unlock(Rank.Tasks)
  return error
}

/** Holds: Tasks. */
function setLocked(caller: Task, task: Task, value: f64): i32 {
  if (!caller.isRoot && caller.euid !== task.euid) return -EACCES
  if (!(value >= -MOST && value <= MOST)) return -EINVAL
  const adjust = <i32>value
  if (adjust < task.oomScoreAdjMin && !caller.isRoot) return -EACCES
  task.oomScoreAdj = adjust
  if (caller.isRoot) task.oomScoreAdjMin = adjust
  return 0
}
