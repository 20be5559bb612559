// Out of memory: when nothing more can be reclaimed, the process that uses most is killed, so that the others go on. Linux's
// mm/oom_kill.c. What the victim's threads on other CPUs do not give back at once is taken: its private pages,
// which is what Linux's oom reaper does. Where Linux, which has nobody to kill but init, panics, the call fails with
// ENOMEM here. Takes: Tasks, Space and what it nests.
import { MARK_VICTIM } from '../abi/event'
import { OOM_KILL_COUNT, OOM_KILL_SIZE, OOM_KILLS, PAGE_SHIFT, PID_MAX } from '../abi/layout'
import { SIGKILL } from '../abi/signal'
import { OOM_KILL } from '../abi/vmstat'
import { tablesBelow } from '../map/pagetable'
import { totalSlots } from '../map/swap'
import { Mm, reapSpace } from '../mm/space'
import { Group, noteEvent } from '../phys/group'
import { TraceEvent } from '../phys/trace'
import { count } from '../phys/vmstat'
import { Zone } from '../phys/zone'
import { stopGroupLocked } from '../proc/exit'
import { endKilled } from '../proc/signal'
import { anyTask, Life, livingTask, runningTask, Task, Tasks } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** oom_score_adj of a process that is never killed. */
const OOM_SCORE_ADJ_MIN: i32 = -1000
/** The badness of what is not to be killed. */
export const UNKILLABLE: i64 = i64.MIN_VALUE
/** Milliseconds of a sleep for a process that ends or is being made; and how many such sleeps before somebody else is killed. */
const NAP: f64 = 10
const NAPS: u32 = 100
/** Calls for help in a row, with frames to be had, after which somebody is killed all the same. */
const STALLS: u32 = 64

/** A process that was killed for want of memory, as it was. Guard: Tasks; read racily. */
@unmanaged
@final
export class OomKill {
  /** How many were killed up to it. */
  number: u32
  pid: u32
  /** The lowest CPU that it ran on. */
  cpu: u32
  uid: u32
  /** Bytes that it had mapped. */
  total: f64
  /** Its pages in memory, private and of objects. */
  anonymous: u32
  shared: u32
  /** Its page tables, without the root. */
  tables: u32
  adjust: i32
  /** The control group whose pages were too many; 0 if there were too few frames. */
  group: u32

  /** Where one is noted before which so many were. */
  @inline
  static at(number: u32): OomKill {
    return changetype<OomKill>(OOM_KILLS + (number & (OOM_KILL_COUNT - 1)) * OOM_KILL_SIZE)
  }
}

/** All pages that there are to be had, slots of swap among them: what oom_score_adj is a part of. */
export function totalPages(): u64 {
  let pages: u64 = totalSlots()
  for (let index: u32 = 0; index < Zone.count; index++) pages += Zone.at(index).managed
  return pages
}

/** How much would be gained by killing a process, in pages, of `total`: oom_badness. Holds: Tasks, or nothing else runs. */
export function badness(task: Task, total: u64): i64 {
  const mm = task.mm
  // one without threads is ending by itself
  if (task.pid === 1 || task.state !== Life.Alive || task.threads.isEmpty || !mm || mm.isReaped) return UNKILLABLE
  if (task.oomScoreAdj === OOM_SCORE_ADJ_MIN) return UNKILLABLE
  return pagesOf(mm) + <i64>task.oomScoreAdj * <i64>(total / 1000)
}

/** Pages that go with an address space. */
function pagesOf(mm: Mm): i64 {
  return <i64>mm.anonymous + <i64>mm.shared + <i64>mm.swapped + <i64>tablesBelow(mm.tables)
}

/** /proc/PID/oom_score: 0 to 2000, of which 0 is never killed. Right only while nothing else runs. */
export function oomScore(task: Task): u32 {
  const total = totalPages()
  const points = badness(task, total)
  return points === UNKILLABLE ? 0 : <u32>(((1000 + (points * 1000) / <i64>total) * 2) / 3)
}

/** Whether a process is one of those whose pages are too many: of a control group, or any for the root. */
function isIn(group: Group, task: Task): bool {
  const mm = task.mm
  return group === Group.root || (mm !== null && mm.group === group.number)
}

/** The process of a group with the highest badness, of equals the last; null if none may be killed. Holds: Tasks. */
function selectLocked(group: Group): Task | null {
  const total: u64 = group === Group.root ? totalPages() : max<u64>(group.limit, 1) + min(group.swapLimit, totalSlots())
  let chosen: Task | null = null
  let most = UNKILLABLE
  for (let pid: u32 = 2; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (!task || !isIn(group, task)) continue
    const points = badness(task, total)
    if (points === UNKILLABLE || points < most) continue
    chosen = task
    most = points
  }
  return chosen
}

/** Whether a group may have more pages, or every zone has more free frames than reclaim would leave it: another's end came first. */
function isPlentiful(group: Group): bool {
  if (group !== Group.root) return !group.isFull && Cpu.current.stalls < STALLS
  for (let index: u32 = 0; index < Zone.count; index++) {
    const zone = Zone.at(index)
    if (zone.free <= zone.high) return false
  }
  return Cpu.current.stalls < STALLS
}

/** Notes a process that is about to be killed for a group. Holds: Tasks. */
function noteLocked(group: Group, victim: Task): void {
  const tasks = Tasks.only
  const mm = victim.mm
  const kill = OomKill.at(tasks.oomKills)
  tasks.oomKills++
  kill.number = tasks.oomKills
  kill.pid = victim.pid
  kill.cpu = ctz(mm.cpusNow)
  kill.uid = victim.uid
  kill.total = <f64>(mm.total << PAGE_SHIFT)
  kill.anonymous = mm.anonymous
  kill.shared = mm.shared
  kill.tables = tablesBelow(mm.tables)
  kill.adjust = victim.oomScoreAdj
  kill.group = group.number
  noteEvent(Group.at(mm.group), offsetof<Group>('oomKills'))
  count(OOM_KILL)
  TraceEvent.note(MARK_VICTIM, victim.pid, <u64>pagesOf(mm))
}

/** Kills a process; takes its private pages, if threads of other CPUs would have to be waited for. Whether all that can be had at once was had. Holds: Tasks. */
function killLocked(group: Group, victim: Task): bool {
  noteLocked(group, victim)
  stopGroupLocked(victim, SIGKILL, SIGKILL, null)
  const mm = victim.mm
  return (mm.cpusNow & ~Cpu.current.bit) === 0 || reapSpace(mm) !== 0
}

/** Sleeps until a process has ended, for a while. */
function awaitEnd(pid: u32): void {
  for (let naps: u32 = 0; naps < NAPS && livingTask(pid) !== null; naps++) if (!nap(pid)) return
}

/** Sleeps a little, if nobody changes what a process is; false if the thread is doomed. */
function nap(pid: u32): bool {
  const word = Tasks.word(pid)
  return Cpu.current.sleep(word, atomic.load<u32>(word), NAP)
}

/** A process of a group, on another CPU, that cannot be killed, but is just ending, or being made; 0 if there is none. Holds: Tasks. */
function findUnsettledLocked(group: Group): u32 {
  for (let pid: u32 = 2; pid < PID_MAX; pid++) {
    const task = anyTask(pid)
    if (!task || task.first.cpu === Cpu.current.id || !isIn(group, task)) continue
    if (task.mm !== null && (task.state === Life.Begun || task.isEnding)) return pid
  }
  return 0
}

/**
 * Kills a process so that there is memory: what is left to do for a call that was refused a frame, when nothing can be
 * evicted: one of control group `number`, if its pages are too many, or any for 0. Whether the call may be repeated; not if
 * there is nobody to kill. In a call, with no lock held. Takes: Tasks, Space.
 */
export function outOfMemory(number: u32): bool {
  // the caller's process is ending, and gives back what it has as it does
  if (!runningTask(Cpu.current.pid)) return true
  const group = Group.at(number)
  const tasks = Tasks.only
  tasks.lock(Rank.Tasks)
  if (isPlentiful(group)) {
    tasks.unlock(Rank.Tasks)
    return true
  }
  noteEvent(group, offsetof<Group>('oomEvents'))
  const victim = selectLocked(group)
  const pid = victim ? victim.pid : findUnsettledLocked(group)
  const had = victim !== null && killLocked(group, victim)
  tasks.unlock(Rank.Tasks)
  if (victim) {
    endKilled()
    if (!had) awaitEnd(pid)
    return true
  }
  return pid !== 0 && Cpu.current.stalls < NAPS && nap(pid)
}

if (offsetof<OomKill>() > OOM_KILL_SIZE) ERROR('struct OomKill is larger than its place')
