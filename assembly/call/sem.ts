// semget, semop, semtimedop, semctl: arguments validated in the order of Linux's ipc/sem.c (6.18). An operation
// that must wait leaves a waiter, whose word the host sleeps on, or awaits, before it ends the wait by another
// call. Takes: Ipc, Tasks, Slab.

import { E2BIG, EACCES, EEXIST, EFAULT, EFBIG, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM, ERANGE } from '../abi/errno'
import { GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SEM_UNDO, SEMVMX } from '../abi/sem'
import { IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_PRIVATE, IPC_RMID, IPC_STAT } from '../abi/shm'
import { enter, findId, findKey } from '../ipc/ids'
import { SemIds } from '../ipc/namespace'
import { controls, permits, updatePerm } from '../ipc/perm'
import {
  clearUndosLocked,
  countWaitersLocked,
  destroySetLocked,
  performLocked,
  SemOperation,
  SemSet,
  SemUndo,
  undoOfLocked,
  wakeLocked,
} from '../ipc/semaphore'
import { PermReport, reportPermLocked } from '../ipc/stat'
import { newWaiter, Waiter } from '../ipc/waiter'
import { allocBytes, freeBytes } from '../phys/bytes'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { staged, stageFor } from '../proc/stage'
import { currentThread, Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'

/** What IPC_STAT, SEM_STAT and SEM_STAT_ANY write to the CPU's buffer. */
@unmanaged
@final
export class SemStat extends PermReport {
  nsems: u32
  otime: f64
  ctime: f64
}

/** What IPC_INFO and SEM_INFO write to the CPU's buffer. */
@unmanaged
@final
export class SemLimits {
  maxSets: i32
  maxTotal: i32
  maxPerSet: i32
  maxOperations: i32
  sets: u32
  total: u32
}

/** The set with an id; null if there is none. Holds: Ipc. */
function setLocked(ids: SemIds, id: i32): SemSet | null {
  return changetype<SemSet>(findId(ids, id))
}

/** The id of the set with a key, which is made if the flags say so; or -errno. Takes: Ipc. */
export function get(task: Task, key: i32, count: i32, flags: u32): i32 {
  const ids = task.shm.semaphores
  if (count < 0 || count > ids.maxPerSet) return -EINVAL
  ids.lock(Rank.Ipc)
  const found = key === IPC_PRIVATE ? changetype<SemSet>(0) : changetype<SemSet>(findKey(ids.buckets, key))
  let result: i32
  if (!found) {
    result = key === IPC_PRIVATE || (flags & IPC_CREAT) !== 0 ? makeLocked(task, ids, key, count, flags & 0o777) : -ENOENT
  } else if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) result = -EEXIST
  else if (<u32>count > found.count) result = -EINVAL
  else result = permits(found, task, flags) ? found.id : -EACCES
  ids.unlock(Rank.Ipc)
  return result
}

/** A new set; its id, or -errno. Holds: Ipc. */
function makeLocked(task: Task, ids: SemIds, key: i32, count: u32, mode: u32): i32 {
  if (count === 0) return -EINVAL
  if (<i64>ids.total + count > <i64>ids.maxTotal) return -ENOSPC
  const set = changetype<SemSet>(allocObject(Kind.SemSet))
  if (!set) return -ENOMEM
  const first = allocBytes(SemSet.bytesOf(count))
  set.key = key
  set.mode = mode
  set.uid = task.euid
  set.cuid = task.euid
  set.gid = task.egid
  set.cgid = task.egid
  set.ids = ids
  set.count = count
  set.first = first
  set.changed = now()
  set.changers.reset()
  set.watchers.reset()
  set.undos.reset()
  const id = first === 0 ? -ENOMEM : enter(ids, ids.buckets, set, ids.maxSets)
  if (id < 0) {
    if (first !== 0) freeBytes(first, SemSet.bytesOf(count))
    freeObject(Kind.SemSet, changetype<usize>(set))
  } else ids.total += count
  return id
}

/**
 * Does the operations that are staged, all or none: 0; the address of a Waiter if they must wait, for `timeout` seconds
 * at most; or -errno. Takes: Ipc.
 */
export function operate(task: Task, id: i32, count: u32, timeout: f64): f64 {
  const ids = task.shm.semaphores
  // a negative limit is none, as Linux compares
  if (count > <u32>ids.maxOperations) return -E2BIG
  if (count < 1 || timeout < 0 || id < 0) return -EINVAL
  const operations = <u64>count * offsetof<SemOperation>() > 0xffffffff ? 0 : staged(task, count * offsetof<SemOperation>())
  if (operations === 0) return -ENOMEM
  ids.lock(Rank.Ipc)
  const set = setLocked(ids, id)
  const result = set ? operateLocked(task, set, operations, count) : -EINVAL
  ids.unlock(Rank.Ipc)
  return result
}

/** Holds: Ipc. */
function operateLocked(task: Task, set: SemSet, operations: usize, count: u32): f64 {
  let highest: u32 = 0
  let alters = false
  let undoes = false
  for (let i: u32 = 0; i < count; i++) {
    const operation = SemOperation.at(operations, i)
    highest = max<u32>(highest, operation.num)
    if (operation.op !== 0) alters = true
    if ((operation.flags & SEM_UNDO) !== 0) undoes = true
  }
  // it is there from now on, even if the call fails: the end of the process then notes its time in the set
  const undo = undoes ? undoOfLocked(set, task.pid, task.undos) : changetype<SemUndo>(0)
  if (undoes && !undo) return -ENOMEM
  if (highest >= set.count) return -EFBIG
  if (!permits(set, task, alters ? 0o222 : 0o444)) return -EACCES
  const result = performLocked(set, operations, count, undo, task.pid)
  if (result > 0) {
    const waiter = waitLocked(task, set, operations, count, result - 1)
    if (!waiter) return -ENOMEM
    waiter.undo = changetype<usize>(undo)
    waiter.insertBefore(alters ? set.changers : set.watchers)
    return <f64>changetype<usize>(waiter)
  }
  if (result === 0) {
    if (alters) wakeLocked(set, true)
    else set.operated = now()
  }
  return result
}

/** A waiter for a copy of operations, of which one could not be done; null if there is no memory. Holds: Ipc. */
function waitLocked(task: Task, set: SemSet, operations: usize, count: u32, blocking: u32): Waiter | null {
  const bytes = count * offsetof<SemOperation>()
  const payload = allocBytes(bytes)
  const waiter = payload === 0 ? changetype<Waiter>(0) : newWaiter(set.ids, task, currentThread(task).waiters)
  if (!waiter) {
    if (payload !== 0) freeBytes(payload, bytes)
    return null
  }
  memory.copy(payload, operations, bytes)
  waiter.payload = payload
  waiter.payloadBytes = bytes
  waiter.count = count
  waiter.blocking = blocking
  return waiter
}

/** semctl, but for what sets something; what it reports stands in the CPU's buffer, or where GETALL says. Takes: Ipc. */
export function control(task: Task, id: i32, num: i32, command: i32): i32 {
  if (id < 0) return -EINVAL
  const ids = task.shm.semaphores
  ids.lock(Rank.Ipc)
  let result: i32 = -EINVAL
  if (command === IPC_INFO || command === SEM_INFO) {
    reportLimitsLocked(ids)
    result = max(ids.highest, 0)
  } else if (command === IPC_STAT || command === SEM_STAT || command === SEM_STAT_ANY) result = statLocked(task, id, command)
  else if (command === IPC_RMID) result = removeLocked(task, id)
  else if (command >= GETPID && command <= GETZCNT) result = readLocked(task, id, num, command)
  ids.unlock(Rank.Ipc)
  return result
}

/** Holds: Ipc. */
function reportLimitsLocked(ids: SemIds): void {
  const limits = changetype<SemLimits>(Cpu.current.buffer)
  limits.maxSets = ids.maxSets
  limits.maxTotal = ids.maxTotal
  limits.maxPerSet = ids.maxPerSet
  limits.maxOperations = ids.maxOperations
  limits.sets = ids.inUse
  limits.total = ids.total
}

/** Holds: Ipc. */
function statLocked(task: Task, id: i32, command: i32): i32 {
  const found = reportPermLocked(task.shm.semaphores, task, id, command !== IPC_STAT, command === SEM_STAT_ANY)
  if (found < 0) return found
  const set = changetype<SemSet>(findId(task.shm.semaphores, found))
  const stat = changetype<SemStat>(Cpu.current.buffer)
  stat.nsems = set.count
  stat.otime = set.operated
  stat.ctime = set.changed
  return command === IPC_STAT ? 0 : found
}

/** IPC_RMID. Holds: Ipc. */
function removeLocked(task: Task, id: i32): i32 {
  const set = setLocked(task.shm.semaphores, id)
  if (!set) return -EINVAL
  if (!controls(set, task)) return -EPERM
  destroySetLocked(set)
  return 0
}

/** The commands that read semaphores; GETALL returns how many it wrote, u16 each, to the address in `Cpu.extra`. Holds: Ipc. */
function readLocked(task: Task, id: i32, num: i32, command: i32): i32 {
  const set = setLocked(task.shm.semaphores, id)
  if (!set) return -EINVAL
  if (!permits(set, task, 0o444)) return -EACCES
  if (command === GETALL) return readAllLocked(task, set)
  if (num < 0 || <u32>num >= set.count) return -EINVAL
  if (command === GETVAL) return set.at(num).value
  if (command === GETPID) return set.at(num).pid
  return countWaitersLocked(set, num, command !== GETNCNT)
}

/** Holds: Ipc. */
function readAllLocked(task: Task, set: SemSet): i32 {
  const to = stageFor(task, set.count << 1)
  if (to === 0) return -ENOMEM
  for (let i: u32 = 0; i < set.count; i++) store<u16>(to + ((<usize>i) << 1), <u16>set.at(i).value)
  Cpu.current.extra = <u32>to
  return set.count
}

/** semctl SETVAL. Takes: Ipc. */
export function setValue(task: Task, id: i32, num: i32, value: i32): i32 {
  if (id < 0) return -EINVAL
  if (value < 0 || value > SEMVMX) return -ERANGE
  const ids = task.shm.semaphores
  ids.lock(Rank.Ipc)
  const set = setLocked(ids, id)
  let error: i32 = !set || num < 0 || <u32>num >= set.count ? -EINVAL : 0
  if (set && error === 0) {
    if (!permits(set, task, 0o222)) error = -EACCES
    else {
      assignLocked(task, set, num, value)
      set.changed = now()
      wakeLocked(set, false)
    }
  }
  ids.unlock(Rank.Ipc)
  return error
}

/** Gives a semaphore a value, whatever was to be taken back of it. Holds: Ipc. */
function assignLocked(task: Task, set: SemSet, num: u32, value: i32): void {
  clearUndosLocked(set, num)
  const semaphore = set.at(num)
  semaphore.value = value
  semaphore.pid = task.pid
}

/** semctl SETALL with `count` values, u16 each, as staged; EFAULT if they are too few. Takes: Ipc. */
export function setAll(task: Task, id: i32, count: u32): i32 {
  if (id < 0) return -EINVAL
  const values = staged(task, count << 1)
  const ids = task.shm.semaphores
  ids.lock(Rank.Ipc)
  const set = setLocked(ids, id)
  let error: i32 = -EINVAL
  if (set) error = !permits(set, task, 0o222) ? -EACCES : assignAllLocked(task, set, values, count)
  ids.unlock(Rank.Ipc)
  return error
}

/** Holds: Ipc. */
function assignAllLocked(task: Task, set: SemSet, values: usize, count: u32): i32 {
  if (values === 0 || count < set.count) return -EFAULT
  for (let i: u32 = 0; i < set.count; i++) if (<i32>load<u16>(values + ((<usize>i) << 1)) > SEMVMX) return -ERANGE
  for (let i: u32 = 0; i < set.count; i++) assignLocked(task, set, i, load<u16>(values + ((<usize>i) << 1)))
  set.changed = now()
  wakeLocked(set, false)
  return 0
}

/** semctl IPC_SET, of each what is not KEEP. Takes: Ipc. */
export function set(task: Task, id: i32, uid: i64, gid: i64, mode: i64): i32 {
  const ids = task.shm.semaphores
  ids.lock(Rank.Ipc)
  const found = setLocked(ids, id)
  const error = found ? updatePerm(found, task, uid, gid, mode) : -EINVAL
  if (found && error === 0) found.changed = now()
  ids.unlock(Rank.Ipc)
  return error
}
