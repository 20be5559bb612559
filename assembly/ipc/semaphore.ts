// System V semaphores: sets of them, arrays of operations that are done all or not at all, who waits for that,
// and what is taken back when a process ends: Linux's ipc/sem.c. Who waits is served in the order of coming, as
// far as it can go on, and by whoever changes the set; those that wait for zeros alone come first. Where this
// leaves sem.c: one list of those that change something, not one a semaphore, which nobody can tell. Takes: Ipc, Slab.
import { EAGAIN, EIDRM, ERANGE } from '../abi/errno'
import { IPC_NOWAIT, SEM_UNDO, SEMVMX } from '../abi/sem'
import { Link } from '../lib/list'
import { allocBytes, freeBytes } from '../phys/bytes'
import { freeObject, Kind } from '../phys/slab'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { atIndex, remove } from './ids'
import { SemIds } from './namespace'
import { IpcPerm } from './perm'
import { answerLocked, DONE, Waiter } from './waiter'

/** A semaphore. Guard: Ipc. */
@unmanaged
@final
export class Semaphore {
  value: i32
  /** The process that changed it last, or found it zero. */
  pid: u32
}

/** An operation, as a call hands it over and a waiter keeps it: struct sembuf and two bytes of nothing. */
@unmanaged
@final
export class SemOperation {
  num: u16
  op: i16
  flags: u32

  @inline
  static at(operations: usize, index: u32): SemOperation {
    return changetype<SemOperation>(operations + <usize>index * offsetof<SemOperation>())
  }
}

/** A set. Guard, where a field says no other: Ipc. */
@unmanaged
@final
export class SemSet extends IpcPerm {
  /** Where it has its id and key. Guard: immutable. */
  ids: SemIds
  /** How many semaphores, and the address of the first. Guard: immutable. */
  count: u32
  first: usize
  /** Seconds since 1970 of the last operation and change. */
  operated: f64
  changed: f64
  /** Sentinels: waiters that change something, in order; that wait for zeros alone; processes' SemUndo. */
  changersPrev: Link
  changersNext: Link
  watchersPrev: Link
  watchersNext: Link
  undosPrev: Link
  undosNext: Link

  @inline
  get changers(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<SemSet>('changersPrev'))
  }

  @inline
  get watchers(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<SemSet>('watchersPrev'))
  }

  @inline
  get undos(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<SemSet>('undosPrev'))
  }

  @inline
  at(index: u32): Semaphore {
    return changetype<Semaphore>(this.first + <usize>index * offsetof<Semaphore>())
  }

  /** Bytes of so many semaphores. */
  @inline
  static bytesOf(count: u32): u32 {
    return count * offsetof<Semaphore>()
  }
}

/** What of a set is changed back when a process ends, in the set's list; behind it stands an i16 a semaphore. Guard: Ipc. */
@unmanaged
@final
export class SemUndo extends Link {
  set: SemSet
  pid: u32
  /** Neighbours among the process's. */
  ownPrev: Link
  ownNext: Link

  @inline
  get own(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<SemUndo>('ownPrev'))
  }

  @inline
  static ofOwn(link: Link): SemUndo {
    return changetype<SemUndo>(changetype<usize>(link) - offsetof<SemUndo>('ownPrev'))
  }

  /** Address of what is added to a semaphore's value. */
  @inline
  at(index: u32): usize {
    return changetype<usize>(this) + offsetof<SemUndo>() + ((<usize>index) << 1)
  }

  /** Bytes of one for so many semaphores. */
  @inline
  static bytesFor(count: u32): u32 {
    return offsetof<SemUndo>() + (count << 1)
  }
}

/** A process's undo of a set, made if it has none; null if there is no memory. Holds: Ipc. Takes: Slab. */
export function undoOfLocked(set: SemSet, pid: u32, own: Link): SemUndo | null {
  for (let link = own.next; link !== own; link = link.next) {
    const undo = SemUndo.ofOwn(link)
    if (undo.set === set) return undo
  }
  const undo = changetype<SemUndo>(allocBytes(SemUndo.bytesFor(set.count)))
  if (!undo) return null
  undo.set = set
  undo.pid = pid
  undo.insertAfter(set.undos)
  undo.own.insertAfter(own)
  return undo
}

/** Frees an undo. Holds: Ipc. */
function dropUndoLocked(undo: SemUndo): void {
  undo.unlink()
  undo.own.unlink()
  freeBytes(changetype<usize>(undo), SemUndo.bytesFor(undo.set.count))
}

/** What is wrong with an operation: 0, 1 if it must wait, or -errno. Holds: Ipc. */
function judgeLocked(value: i32, operation: SemOperation, undo: SemUndo | null): i32 {
  const op: i32 = operation.op
  if ((op === 0 && value !== 0) || value + op < 0) return (operation.flags & IPC_NOWAIT) !== 0 ? -EAGAIN : 1
  if (value + op > SEMVMX) return -ERANGE
  if (undo && (operation.flags & SEM_UNDO) !== 0) {
    const back = <i32>load<i16>(undo.at(operation.num)) - op
    if (back < -SEMVMX - 1 || back > SEMVMX) return -ERANGE
  }
  return 0
}

/** Adds to a semaphore what an operation does, times `sign`. Holds: Ipc. */
function applyLocked(set: SemSet, operation: SemOperation, undo: SemUndo | null, sign: i32): void {
  const change: i32 = operation.op * sign
  set.at(operation.num).value += change
  if (undo && (operation.flags & SEM_UNDO) !== 0) {
    const back = undo.at(operation.num)
    store<i16>(back, load<i16>(back) - <i16>change)
  }
}

/**
 * Does all operations for process `pid`, or none: 0; -EAGAIN or -ERANGE; or one more than the index of the operation that
 * must wait. Holds: Ipc.
 */
export function performLocked(set: SemSet, operations: usize, count: u32, undo: SemUndo | null, pid: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const operation = SemOperation.at(operations, i)
    const wrong = judgeLocked(set.at(operation.num).value, operation, undo)
    if (wrong !== 0) {
      for (let done = i; done > 0; done--) applyLocked(set, SemOperation.at(operations, done - 1), undo, -1)
      return wrong < 0 ? wrong : <i32>(i + 1)
    }
    applyLocked(set, operation, undo, 1)
  }
  for (let i: u32 = 0; i < count; i++) set.at(SemOperation.at(operations, i).num).pid = pid
  return 0
}

/** Tries a waiter's operations; says whether they were done. Holds: Ipc. */
function retryLocked(set: SemSet, waiter: Waiter): bool {
  const result = performLocked(set, waiter.payload, waiter.count, changetype<SemUndo>(waiter.undo), waiter.pid)
  if (result > 0) waiter.blocking = result - 1
  else answerLocked(waiter, result === 0 ? DONE : result)
  return result === 0
}

/** Lets those go on that wait for zeros which are there; says whether there were any. Holds: Ipc. */
function wakeWatchersLocked(set: SemSet): bool {
  let done = false
  let link = set.watchers.next
  while (link !== set.watchers) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if (retryLocked(set, waiter)) done = true
  }
  return done
}

/** Lets all go on that can after the set has changed, who came first before others, and notes the time if any did, or if `operated`. Holds: Ipc. */
export function wakeLocked(set: SemSet, operated: bool): void {
  let done = wakeWatchersLocked(set) || operated
  let link = set.changers.next
  while (link !== set.changers) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if (!retryLocked(set, waiter)) continue
    done = true
    wakeWatchersLocked(set)
    link = set.changers.next
  }
  if (done) set.operated = now()
}

/** Forgets what was to be taken back of a semaphore, because its value was set. Holds: Ipc. */
export function clearUndosLocked(set: SemSet, index: u32): void {
  for (let link = set.undos.next; link !== set.undos; link = link.next) store<i16>(changetype<SemUndo>(link).at(index), 0)
}

/** How many wait for a semaphore to be zero, or to be more. Holds: Ipc. */
export function countWaitersLocked(set: SemSet, index: u32, zero: bool): u32 {
  return countIn(set.changers, index, zero) + countIn(set.watchers, index, zero)
}

function countIn(list: Link, index: u32, zero: bool): u32 {
  let count: u32 = 0
  for (let link = list.next; link !== list; link = link.next) {
    const waiter = changetype<Waiter>(link)
    const operation = SemOperation.at(waiter.payload, waiter.blocking)
    if (operation.num === index && (operation.op === 0) === zero) count++
  }
  return count
}

/** Removes a set: who waits there gets EIDRM, and nothing is taken back. Holds: Ipc. */
export function destroySetLocked(set: SemSet): void {
  const ids = set.ids
  while (!set.undos.isEmpty) dropUndoLocked(changetype<SemUndo>(set.undos.next))
  while (!set.changers.isEmpty) answerLocked(changetype<Waiter>(set.changers.next), -EIDRM)
  while (!set.watchers.isEmpty) answerLocked(changetype<Waiter>(set.watchers.next), -EIDRM)
  remove(ids, ids.buckets, set)
  ids.total -= set.count
  freeBytes(set.first, SemSet.bytesOf(set.count))
  freeObject(Kind.SemSet, changetype<usize>(set))
}

/** Takes back what a process did with SEM_UNDO, as it ends or leaves the namespace, and lets go on who can: exit_sem. Takes: Ipc. */
export function undoAll(ids: SemIds, own: Link): void {
  ids.lock(Rank.Ipc)
  while (!own.isEmpty) {
    const undo = SemUndo.ofOwn(own.next)
    const set = undo.set
    for (let i: u32 = 0; i < set.count; i++) {
      const change: i32 = load<i16>(undo.at(i))
      if (change === 0) continue
      const semaphore = set.at(i)
      semaphore.value = min(max(semaphore.value + change, 0), SEMVMX)
      semaphore.pid = undo.pid
    }
    dropUndoLocked(undo)
    wakeLocked(set, true)
  }
  ids.unlock(Rank.Ipc)
}

/** Removes all sets of a namespace that nobody is in. Takes: Ipc. */
export function destroySets(ids: SemIds): void {
  ids.lock(Rank.Ipc)
  while (ids.highest >= 0) destroySetLocked(changetype<SemSet>(atIndex(ids, ids.highest)))
  ids.unlock(Rank.Ipc)
}
