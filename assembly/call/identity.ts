// What a process is told about itself: getpid, getuid, getgroups and their kin. Takes: Tasks.
import { Task, Tasks } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** What task_identity writes to the CPU's buffer; behind it stand the supplementary groups, a u32 each. */
@unmanaged
@final
export class IdentityReport {
  /** The parent's process id, 0 for init. */
  parent: u32
  uid: u32
  euid: u32
  suid: u32
  gid: u32
  egid: u32
  sgid: u32
  groupCount: u32
}

/** Writes the process's identity to the CPU's buffer. */
export function reportIdentity(task: Task): i32 {
  const report = changetype<IdentityReport>(Cpu.current.buffer)
  Tasks.only.lock(Rank.Tasks)
  const parent = task.parent
  report.parent = parent ? parent.pid : 0
  Tasks.only.unlock(Rank.Tasks)
  report.uid = task.uid
  report.euid = task.euid
  report.suid = task.suid
  report.gid = task.gid
  report.egid = task.egid
  report.sgid = task.sgid
  report.groupCount = task.groupCount
  memory.copy(changetype<usize>(report) + offsetof<IdentityReport>(), task.groups, task.groupCount << 2)
  return 0
}
