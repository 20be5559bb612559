// validate(): sets of semaphores, who waits at them, what is taken back of them; and memory of any size, in
// which their arrays are, counted in the `tally` of its caches.
import { BROKEN_BYTES, BROKEN_LOCK, BROKEN_SEMAPHORES, BROKEN_WAITER } from '../abi/invariant'
import { IPC_MAX, PID_MAX } from '../abi/layout'
import { SEMVMX } from '../abi/sem'
import { IPC_PRIVATE } from '../abi/shm'
import { findKey } from '../ipc/ids'
import { SemIds, ShmNamespace } from '../ipc/namespace'
import { performLocked, SemOperation, SemSet, SemUndo } from '../ipc/semaphore'
import { Waiter } from '../ipc/waiter'
import { Link } from '../lib/list'
import { radixGet, radixNext } from '../map/radix'
import { kindOfBytes, orderOfBytes } from '../phys/bytes'
import { Frame, State } from '../phys/frame'
import { Cache, Kind } from '../phys/slab'
import { livingTask, Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { tallyHeld } from './frames'
import { nextNamespace } from './namespaces'
import { broken } from './report'

/** Accounts for memory of any size; false if that is not in use, or something else's. */
function tallyBytes(address: usize, bytes: u32): bool {
  const order = orderOfBytes(bytes)
  const frame = Frame.of(address)
  if (order >= 0) return frame.state === State.Raw && frame.owner === <u32>order && tallyHeld(frame.pfn)
  const cache = Cache.of(kindOfBytes(bytes))
  cache.tally++
  return frame.state === State.Slab && frame.owner === changetype<u32>(cache)
}

/** Every set of the namespaces in a chain, every waiter and undo, and that no memory of any size is anything else's. */
export function checkSemaphores(head: ShmNamespace | null): u32 {
  for (let kind: u32 = Kind.Bytes64; kind <= <u32>Kind.Bytes2048; kind++) Cache.of(kind).tally = 0
  let sets: u32 = 0
  let listed: u32 = 0
  let found: u32 = 0
  let namespace = head
  while (namespace && found === 0) {
    const ids = namespace.semaphores
    if (ids.isHeld) return broken(BROKEN_LOCK, Rank.Ipc, changetype<u32>(ids))
    sets += ids.inUse
    found = checkIds(ids)
    for (let index = radixNext(ids.root, 0); index >= 0 && found === 0; index = radixNext(ids.root, <u32>index + 1)) {
      const set = changetype<SemSet>(radixGet(ids.root, <u32>index))
      listed += set.changers.checkedLength(Cache.of(Kind.Waiter).active) + set.watchers.checkedLength(Cache.of(Kind.Waiter).active)
      found = checkSet(set)
    }
    namespace = nextNamespace(namespace)
  }
  if (found !== 0) return found
  if (sets !== Cache.of(Kind.SemSet).active) return broken(BROKEN_SEMAPHORES, sets, Cache.of(Kind.SemSet).active)
  found = checkProcesses(listed)
  for (let kind: u32 = Kind.Bytes64; kind <= <u32>Kind.Bytes2048 && found === 0; kind++) {
    if (Cache.of(kind).tally !== Cache.of(kind).active) found = broken(BROKEN_BYTES, kind, Cache.of(kind).tally)
  }
  return found
}

/** A namespace's count of sets and semaphores, and the sets' keys. */
function checkIds(ids: SemIds): u32 {
  let sets: u32 = 0
  let total: u32 = 0
  let highest: i32 = -1
  for (let index = radixNext(ids.root, 0); index >= 0; index = radixNext(ids.root, <u32>index + 1)) {
    const set = changetype<SemSet>(radixGet(ids.root, <u32>index))
    const byKey = set.key === IPC_PRIVATE || findKey(ids.buckets, set.key) === set
    if (!byKey || set.ids !== ids || (set.id & (IPC_MAX - 1)) !== <i32>index) return broken(BROKEN_SEMAPHORES, set.id, <u32>index)
    sets++
    total += set.count
    highest = <i32>index
  }
  return sets === ids.inUse && total === ids.total && highest === ids.highest ? 0 : broken(BROKEN_SEMAPHORES, sets, total)
}

/** A set: its values, its memory, and that nobody waits there who could go on. */
function checkSet(set: SemSet): u32 {
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

/** The waiters, of which `listed` are in lists of sets, and undos of all processes. */
function checkProcesses(listed: u32): u32 {
  let waiters: u32 = 0
  let waiting: u32 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task) continue
    const own = task.waiters
    waiters += own.checkedLength(Cache.of(Kind.Waiter).active)
    for (let link = own.next; link !== own; link = link.next) {
      const waiter = Waiter.ofOwn(link)
      if (waiter.pid !== pid || !tallyBytes(waiter.payload, waiter.payloadBytes)) return broken(BROKEN_WAITER, pid, waiter.pid)
      if (waiter.answered === 0) waiting++
    }
    const found = checkUndos(task)
    if (found !== 0) return found
  }
  const right = waiters === Cache.of(Kind.Waiter).active && waiting === listed
  return right ? 0 : broken(BROKEN_WAITER, waiting, listed)
}

/** What a process has staged, and its undos: each of another set. */
function checkUndos(task: Task): u32 {
  if (task.stage !== 0 && !tallyBytes(task.stage, task.stageBytes)) return broken(BROKEN_BYTES, task.pid, task.stageBytes)
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
