// getrlimit and setrlimit: Linux's do_prlimit (kernel/sys.c, 6.18). Takes: Space, Files.
import { EINVAL, EPERM } from '../abi/errno'
import { RLIMIT_NOFILE } from '../abi/resource'
import { limitDescriptors } from '../fs/descriptors'
import { RLIMITS, UNLIMITED } from '../mm/rlimit'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** fs.nr_open: RLIMIT_NOFILE is at most this. */
const NR_OPEN: u64 = 1048576

/** What getrlimit writes to the CPU's buffer; no limit is Infinity. */
@unmanaged
@final
export class RlimitReport {
  soft: f64
  hard: f64
}

function shown(limit: u64): f64 {
  return limit === UNLIMITED ? Infinity : <f64>limit
}

/** Writes a limit to the CPU's buffer. */
export function getLimit(task: Task, resource: u32): i32 {
  if (resource >= RLIMITS) return -EINVAL
  const report = changetype<RlimitReport>(Cpu.current.buffer)
  const mm = task.mm
  const limit = mm.limit(resource)
  mm.lockAll(Rank.Space)
  report.soft = shown(limit.soft)
  report.hard = shown(limit.hard)
  mm.unlock(Rank.Space)
  return 0
}

/** Sets a limit; only root raises the hard one. */
export function setLimit(task: Task, resource: u32, soft: u64, hard: u64): i32 {
  if (resource >= RLIMITS || soft > hard) return -EINVAL
  if (resource === RLIMIT_NOFILE && hard > NR_OPEN) return -EPERM
  const mm = task.mm
  const limit = mm.limit(resource)
  mm.lockAll(Rank.Space)
  const allowed = hard <= limit.hard || task.isRoot
  if (allowed) limit.set(soft, hard)
  mm.unlock(Rank.Space)
  if (!allowed) return -EPERM
  if (resource === RLIMIT_NOFILE) limitDescriptors(task.descriptors, <u32>soft)
  return 0
}
