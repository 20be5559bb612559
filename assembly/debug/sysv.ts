// validate(): semaphores and message queues of all namespaces, who waits at them, what processes have of them.
import { BROKEN_BYTES, BROKEN_LOCK, BROKEN_QUEUE, BROKEN_SEMAPHORES, BROKEN_WAITER } from '../abi/invariant'
import { IPC_MAX, PID_MAX } from '../abi/layout'
import { IPC_PRIVATE } from '../abi/shm'
import { NamedSemaphore } from '../fs/namedSemaphores'
import { findKey, Ids } from '../ipc/ids'
import { ShmNamespace } from '../ipc/namespace'
import { IpcPerm } from '../ipc/perm'
import { MsgQueue } from '../ipc/queue'
import { SemSet } from '../ipc/semaphore'
import { Waiter } from '../ipc/waiter'
import { radixGet, radixNext } from '../map/radix'
import { Cache, Kind } from '../phys/slab'
import { livingTask, Task, Thread } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { tallyBytes } from './bytes'
import { countOnWords } from './futexes'
import { nextNamespace } from './namespaces'
import { checkPosixQueues, waitersAtQueues } from './posixQueues'
import { checkQueue, tallyMessage } from './queues'
import { broken } from './report'
import { checkSet, checkUndos } from './semaphores'

/** Every set and queue of the namespaces in a chain, every waiter and undo. */
export function checkSysv(head: ShmNamespace | null): u32 {
  let sets: u32 = 0
  let queues: u32 = 0
  let listed: u32 = 0
  let found: u32 = 0
  let namespace = head
  while (namespace && found === 0) {
    sets += namespace.semaphores.inUse
    queues += namespace.queues.inUse
    listed += waitersIn(namespace)
    found = checkNamespace(namespace)
    namespace = nextNamespace(namespace)
  }
  if (found !== 0) return found
  if (sets !== Cache.of(Kind.SemSet).active) return broken(BROKEN_SEMAPHORES, sets, Cache.of(Kind.SemSet).active)
  if (queues !== Cache.of(Kind.MsgQueue).active) return broken(BROKEN_QUEUE, queues, Cache.of(Kind.MsgQueue).active)
  found = checkPosixQueues(head)
  return found !== 0 ? found : checkProcesses(listed + countOnWords() + waitersAtQueues())
}

/** How many waiters stand in lists of sets and queues of a namespace. */
function waitersIn(namespace: ShmNamespace): u32 {
  const most = Cache.of(Kind.Waiter).active
  let count: u32 = 0
  const sets = namespace.semaphores
  for (let index = radixNext(sets.root, 0); index >= 0; index = radixNext(sets.root, <u32>index + 1)) {
    const set = changetype<SemSet>(radixGet(sets.root, <u32>index))
    count += set.changers.checkedLength(most) + set.watchers.checkedLength(most)
  }
  const queues = namespace.queues
  for (let index = radixNext(queues.root, 0); index >= 0; index = radixNext(queues.root, <u32>index + 1)) {
    const queue = changetype<MsgQueue>(radixGet(queues.root, <u32>index))
    count += queue.senders.checkedLength(most) + queue.receivers.checkedLength(most)
  }
  return count
}

/** The sets and queues of a namespace, their keys and sums. */
function checkNamespace(namespace: ShmNamespace): u32 {
  const sets = namespace.semaphores
  let found = checkIds(sets, sets.buckets, BROKEN_SEMAPHORES)
  let total: u32 = 0
  for (let index = radixNext(sets.root, 0); index >= 0 && found === 0; index = radixNext(sets.root, <u32>index + 1)) {
    const set = changetype<SemSet>(radixGet(sets.root, <u32>index))
    total += set.count
    found = set.ids === sets ? checkSet(set) : broken(BROKEN_SEMAPHORES, set.id, <u32>index)
  }
  if (found === 0 && total !== sets.total) found = broken(BROKEN_SEMAPHORES, total, sets.total)
  const queues = namespace.queues
  if (found === 0) found = checkIds(queues, queues.buckets, BROKEN_QUEUE)
  let count: u32 = 0
  let bytes: u32 = 0
  for (let index = radixNext(queues.root, 0); index >= 0 && found === 0; index = radixNext(queues.root, <u32>index + 1)) {
    const queue = changetype<MsgQueue>(radixGet(queues.root, <u32>index))
    count += queue.count
    bytes += queue.bytes
    found = queue.ids === queues ? checkQueue(queue) : broken(BROKEN_QUEUE, queue.id, <u32>index)
  }
  if (found !== 0) return found
  return count === queues.count && bytes === queues.bytes ? 0 : broken(BROKEN_QUEUE, count, bytes)
}

/** That nobody holds the lock of ids, that they count right, and that keys lead to their objects. */
function checkIds(ids: Ids, buckets: usize, code: u32): u32 {
  if (ids.isHeld) return broken(BROKEN_LOCK, Rank.Ipc, changetype<u32>(ids))
  let count: u32 = 0
  let highest: i32 = -1
  for (let index = radixNext(ids.root, 0); index >= 0; index = radixNext(ids.root, <u32>index + 1)) {
    const perm = changetype<IpcPerm>(radixGet(ids.root, <u32>index))
    const byKey = perm.key === IPC_PRIVATE || findKey(buckets, perm.key) === perm
    if (!byKey || (perm.id & (IPC_MAX - 1)) !== <i32>index) return broken(code, perm.id, <u32>index)
    count++
    highest = <i32>index
  }
  return count === ids.inUse && highest === ids.highest ? 0 : broken(code, count, ids.inUse)
}

/** The waiters of all processes, of which `listed` stand in lists of sets and queues or in buckets; what else processes have. */
function checkProcesses(listed: u32): u32 {
  let waiters: u32 = 0
  let waiting: u32 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task) continue
    for (let thread = task.threads.next; thread !== task.threads; thread = thread.next) {
      const own = changetype<Thread>(thread).waiters
      waiters += own.checkedLength(Cache.of(Kind.Waiter).active)
      for (let link = own.next; link !== own; link = link.next) {
        const waiter = Waiter.ofOwn(link)
        if (!tallyWaiter(waiter) || waiter.cred !== task) return broken(BROKEN_WAITER, pid, waiter.pid)
        if (waiter.answered === 0) waiting++
      }
      if (!tallyOwn(changetype<Thread>(thread))) return broken(BROKEN_BYTES, pid, changetype<Thread>(thread).stageBytes)
    }
    if (!tallySemaphores(task)) return broken(BROKEN_BYTES, pid, 0)
    const found = checkUndos(task)
    if (found !== 0) return found
  }
  const right = waiters === Cache.of(Kind.Waiter).active && waiting === listed
  return right ? 0 : broken(BROKEN_WAITER, waiting, listed)
}

/** Accounts for what a waiter brings, or was given. */
function tallyWaiter(waiter: Waiter): bool {
  if (waiter.payload !== 0 && !tallyBytes(waiter.payload, waiter.payloadBytes)) return false
  const message = waiter.message
  return message ? tallyMessage(message) : true
}

/** Accounts for the named semaphores that a process has open; false if one is open no more, or twice in the table. */
function tallySemaphores(task: Task): bool {
  const list = task.descriptors.semaphores
  list.checkedLength(Cache.of(Kind.Bytes64).active)
  for (let link = list.next; link !== list; link = link.next) {
    const semaphore = changetype<NamedSemaphore>(link)
    if (semaphore.opens === 0 || !tallyBytes(changetype<usize>(link), offsetof<NamedSemaphore>())) return false
    for (let other = link.next; other !== list; other = other.next) {
      const twin = changetype<NamedSemaphore>(other)
      if (twin.number === semaphore.number && twin.device === semaphore.device) return false
    }
  }
  return true
}

/** Accounts for what a thread has staged, or received. */
function tallyOwn(thread: Thread): bool {
  if (thread.stage !== 0 && !tallyBytes(thread.stage, thread.stageBytes)) return false
  const message = thread.message
  return message ? tallyMessage(message) : true
}
