// validate(): the process table: pids, families, how far each process is, its threads and its groups.
import { BROKEN_TASK, BROKEN_THREADS } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { NGROUPS_MAX } from '../abi/limits'
import { Link } from '../lib/list'
import { Cache, Kind } from '../phys/slab'
import { Superblock } from '../phys/superblock'
import { anyGroup, anyTask, Life, NOWHERE, Task, Tasks, Thread } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { broken } from './report'

/** Every process, and that there are as many as the table and its cache count. */
export function checkTasks(): u32 {
  const count = Tasks.only.count
  let tasks: u32 = 0
  let children: u32 = 0
  let threads: u32 = 0
  for (let pid: u32 = 0; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (!task) continue
    tasks++
    if (task.pid !== pid || !isSound(task)) return broken(BROKEN_TASK, pid, task.state)
    const own = cloneCount(task)
    if (own < 0) return broken(BROKEN_THREADS, pid, task.descriptors.users)
    threads += own
    children += task.children.checkedLength(count)
    for (let link: Link = task.children.next; link !== task.children; link = link.next) {
      if (Task.ofSibling(link).parent !== task) return broken(BROKEN_TASK, pid, Task.ofSibling(link).pid)
    }
  }
  const cloned = Tasks.only.cloned
  if (threads !== cloned || Cache.of(Kind.Thread).active !== cloned) return broken(BROKEN_THREADS, threads, cloned)
  // everyone but init is someone's child
  return tasks === count && children === count - 1 && Cache.of(Kind.Task).active === count ? 0 : broken(BROKEN_TASK, tasks, children)
}

/**
 * How many threads of a process clone made; below 0 unless they, their numbers' words and their CPUs agree, there are as many
 * threads as its descriptors have users, and just their CPUs may use its memory.
 */
function cloneCount(task: Task): i32 {
  let threads: u32 = 0
  let cloned: i32 = 0
  let cpus: u32 = 0
  task.threads.checkedLength(Superblock.only.cpus)
  for (let link = task.threads.next; link !== task.threads; link = link.next) {
    const thread = changetype<Thread>(link)
    if (thread.process !== task || thread.cpu >= Superblock.only.cpus || thread.isFirst !== (thread.tid === task.pid)) return -1
    threads++
    cpus |= Cpu.at(thread.cpu).bit
    if (thread.isFirst) continue
    cloned++
    if (anyTask(thread.tid) || anyGroup(thread.tid) !== task || Cpu.at(thread.cpu).taken === 0) return -1
    if (Cpu.at(thread.cpu).thread !== (changetype<u32>(thread) | (task.isEnding ? 0 : 1))) return -1
  }
  if (threads !== task.descriptors.users || (task.mm && task.mm.cpus !== cpus)) return -1
  return <u32>popcnt(cpus) === threads && (threads === 0) === (task.state === Life.Ended) ? cloned : -1
}

/** Whether a process, its pid's word, its memory and its groups agree. */
function isSound(task: Task): bool {
  const ended = task.state === Life.Ended
  if (task.state === Life.Begun || (task.mm === null) !== ended) return false
  if (ended && (task.pid === 1 || !task.children.isEmpty)) return false
  const runs = task.first.cpu !== NOWHERE && !task.isEnding
  if ((load<u32>(Tasks.word(task.pid)) & 63) !== (runs ? task.first.cpu * 2 + 1 : 0)) return false
  if (task.groupCount > NGROUPS_MAX) return false
  for (let i: u32 = 1; i < task.groupCount; i++) {
    if (load<u32>(task.groups + ((i - 1) << 2)) > load<u32>(task.groups + (i << 2))) return false
  }
  return true
}
