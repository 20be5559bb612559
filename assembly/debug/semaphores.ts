// validate(): sets of semaphores, who waits at them, what is taken back of them.
import { BROKEN_BYTES, BROKEN_SEMAPHORES, BROKEN_WAITER } from '../abi/invariant'
import { SEMVMX } from '../abi/sem'
import { performLocked, SemOperation, SemSet, SemUndo } from '../ipc/semaphore'
import { Waiter } from '../ipc/waiter'
import { Link } from '../lib/list'
import { Task } from '../proc/task'
import { tallyBytes } from './bytes'
import { broken } from './report'

/** A set: its values, its memory, and that nobody waits there who could go on. */
export function checkSet(set: SemSet): u32 {
  if (!tallyBytes(set.first, SemSet.bytesOf(set.count))) return broken(BROKEN_BYTES, set.id, set.count)
  for (let i: u32 = 0; i < set.count; i++) {
    if (<u32>set.at(i).value > <u32>SEMVMX) return broken(BROKEN_SEMAPHORES, set.id, i)
  }
  for (let link = set.undos.next; link !== set.undos; link = link.next) {
    if (changetype<SemUndo>(link).set !== set) return broken(BROKEN_SEMAPHORES, set.id, changetype<SemUndo>(link).pid)
  }
  const found = checkList(set, set.changers, true)
  return found === 0 ? checkList(set, set.watchers, false) : found
}

/** The waiters of a list of a set. */
function checkList(set: SemSet, list: Link, alters: bool): u32 {
  for (let link = list.next; link !== list; link = link.next) {
    const waiter = changetype<Waiter>(link)
    let changes = false
    for (let i: u32 = 0; i < waiter.count; i++) {
      const operation = SemOperation.at(waiter.payload, i)
      if (operation.num >= set.count) return broken(BROKEN_WAITER, waiter.pid, set.id)
      if (operation.op !== 0) changes = true
    }
    const right = waiter.answered === 0 && waiter.ids === set.ids && changes === alters && waiter.blocking < waiter.count
    if (!right || !mustWait(set, waiter)) return broken(BROKEN_WAITER, waiter.pid, set.id)
  }
  return 0
}

/** Whether a waiter's operations still cannot be done, as its `blocking` says; tells without a change, since they are done all or not. */
function mustWait(set: SemSet, waiter: Waiter): bool {
  const result = performLocked(set, waiter.payload, waiter.count, changetype<SemUndo>(waiter.undo), waiter.pid)
  return result > 0
}

/** A process's undos: each of another set. */
export function checkUndos(task: Task): u32 {
  const own = task.undos
  for (let link = own.next; link !== own; link = link.next) {
    const undo = SemUndo.ofOwn(link)
    const right = undo.pid === task.pid && undo.set.ids === task.shm.semaphores
    if (!right || !tallyBytes(changetype<usize>(undo), SemUndo.bytesFor(undo.set.count)))
      return broken(BROKEN_SEMAPHORES, undo.set.id, task.pid)
    for (let other = link.next; other !== own; other = other.next) {
      if (SemUndo.ofOwn(other).set === undo.set) return broken(BROKEN_SEMAPHORES, undo.set.id, task.pid)
    }
  }
  return 0
}
