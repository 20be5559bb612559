// msgget, msgsnd, msgrcv, msgctl: arguments validated in the order of Linux's ipc/msg.c (6.18). What is sent is staged
// by the host; what is received it reads from the CPU's buffer, and the rest of a long message piece by piece. A call that
// must wait leaves a waiter, as semop does. Takes: Ipc, Slab.
import { E2BIG, EACCES, EAGAIN, EEXIST, EINVAL, ENOENT, ENOMEM, ENOMSG, EPERM } from '../abi/errno'
import { BUFFER_SIZE } from '../abi/layout'
import { MSG_COPY, MSG_EXCEPT, MSG_INFO, MSG_NOERROR, MSG_STAT, MSG_STAT_ANY } from '../abi/msg'
import { IPC_NOWAIT } from '../abi/sem'
import { IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_PRIVATE, IPC_RMID, IPC_STAT } from '../abi/shm'
import { enter, findId, findKey } from '../ipc/ids'
import { MsgIds } from '../ipc/namespace'
import { controls, permits, updatePerm } from '../ipc/perm'
import {
  destroyQueueLocked,
  expelReceiversLocked,
  findLocked,
  MsgQueue,
  Search,
  sendLocked,
  takeLocked,
  wakeSendersLocked,
} from '../ipc/queue'
import { PermReport, reportPermLocked } from '../ipc/stat'
import { newWaiter } from '../ipc/waiter'
import { copyMessage, freeMessage, Message, moveBytes, newMessage } from '../map/message'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { dropMessage, staged } from '../proc/stage'
import { currentThread, Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'

/** What IPC_STAT, MSG_STAT and MSG_STAT_ANY write to the CPU's buffer. */
@unmanaged
@final
export class MsgStat extends PermReport {
  sender: u32
  receiver: u32
  count: u32
  bytes: u32
  most: f64
  sent: f64
  received: f64
  changed: f64
}

/** What IPC_INFO and MSG_INFO write to the CPU's buffer. */
@unmanaged
@final
export class MsgLimits {
  maxBytes: u32
  maxQueueBytes: u32
  maxQueues: u32
  queues: u32
  count: u32
  bytes: u32
}

/** The queue with an id; null if there is none. Holds: Ipc. */
function queueLocked(ids: MsgIds, id: i32): MsgQueue | null {
  return changetype<MsgQueue>(findId(ids, id))
}

/** The id of the queue with a key, which is made if the flags say so; or -errno. Takes: Ipc. */
export function get(task: Task, key: i32, flags: u32): i32 {
  const ids = task.shm.queues
  ids.lock(Rank.Ipc)
  const found = key === IPC_PRIVATE ? changetype<MsgQueue>(0) : changetype<MsgQueue>(findKey(ids.buckets, key))
  let result: i32
  if (!found) {
    result = key === IPC_PRIVATE || (flags & IPC_CREAT) !== 0 ? makeLocked(task, ids, key, flags & 0o777) : -ENOENT
  } else if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) result = -EEXIST
  else result = permits(found, task, flags) ? found.id : -EACCES
  ids.unlock(Rank.Ipc)
  return result
}

/** A new queue; its id, or -errno. Holds: Ipc. */
function makeLocked(task: Task, ids: MsgIds, key: i32, mode: u32): i32 {
  const queue = changetype<MsgQueue>(allocObject(Kind.MsgQueue))
  if (!queue) return -ENOMEM
  queue.key = key
  queue.mode = mode
  queue.uid = task.euid
  queue.cuid = task.euid
  queue.gid = task.egid
  queue.cgid = task.egid
  queue.ids = ids
  queue.most = ids.maxQueueBytes
  queue.changed = now()
  queue.messages.reset()
  queue.senders.reset()
  queue.receivers.reset()
  const id = enter(ids, ids.buckets, queue, ids.maxQueues)
  if (id < 0) freeObject(Kind.MsgQueue, changetype<usize>(queue))
  return id
}

/**
 * Sends a message with the bytes that are staged: 0; the address of a Waiter if it must wait for room; or -errno.
 * Takes: Ipc.
 */
export function send(task: Task, id: i32, type: i64, size: u64, flags: u32): f64 {
  const ids = task.shm.queues
  if (size > <u64>ids.maxBytes || id < 0 || type < 1) return -EINVAL
  const bytes = <u32>size
  const from = staged(task, bytes)
  const message = changetype<Message>(from === 0 ? 0 : changetype<usize>(newMessage(type, bytes)))
  if (!message) return -ENOMEM
  moveBytes(message, 0, from, bytes, true)
  ids.lock(Rank.Ipc)
  const queue = queueLocked(ids, id)
  const result = queue ? sendOrWaitLocked(task, queue, message, flags) : -EINVAL
  ids.unlock(Rank.Ipc)
  if (result < 0) freeMessage(message)
  return result
}

/** Holds: Ipc. */
function sendOrWaitLocked(task: Task, queue: MsgQueue, message: Message, flags: u32): f64 {
  if (!permits(queue, task, 0o222)) return -EACCES
  if (queue.fits(message.size)) {
    sendLocked(queue, message, task.pid)
    return 0
  }
  if ((flags & IPC_NOWAIT) !== 0) return -EAGAIN
  const waiter = newWaiter(queue.ids, task, currentThread(task).waiters)
  if (!waiter) return -ENOMEM
  waiter.message = message
  waiter.insertBefore(queue.senders)
  return <f64>changetype<usize>(waiter)
}

/** How a type and flags ask for a message: convert_mode. */
function searchOf(type: i64, flags: u32): Search {
  if ((flags & MSG_COPY) !== 0) return Search.Place
  if (type === 0) return Search.Any
  if (type < 0) return Search.LowestType
  return (flags & MSG_EXCEPT) !== 0 ? Search.OtherType : Search.Type
}

/**
 * Receives a message of at most `room` bytes: -errno, or as handOver says. If it must wait for one, 0, with the address
 * of a Waiter in `Cpu.extra`, which else is 0. Takes: Ipc.
 */
export function receive(task: Task, id: i32, room: u64, type: i64, flags: u32): i32 {
  if (id < 0 || <i64>room < 0) return -EINVAL
  if ((flags & MSG_COPY) !== 0 && ((flags & MSG_EXCEPT) !== 0 || (flags & IPC_NOWAIT) === 0)) return -EINVAL
  dropMessage(currentThread(task))
  Cpu.current.extra = 0
  const most = <u32>min<u64>(room, 0xffffffff)
  const search = searchOf(type, flags)
  const lowest = type === i64.MIN_VALUE ? i64.MAX_VALUE : -type
  const ids = task.shm.queues
  ids.lock(Rank.Ipc)
  const queue = queueLocked(ids, id)
  let result: i32 = -EINVAL
  if (queue) result = receiveLocked(task, queue, search, search === Search.LowestType ? lowest : type, most, flags)
  ids.unlock(Rank.Ipc)
  const message = currentThread(task).message
  if (result !== 0 || !message) return result
  currentThread(task).message = null
  return handOver(task, message, most)
}

/** 0, with the message in the thread's `message` if there is one, or -errno. Holds: Ipc. */
function receiveLocked(task: Task, queue: MsgQueue, search: Search, type: i64, room: u32, flags: u32): i32 {
  if (!permits(queue, task, 0o444)) return -EACCES
  const message = findLocked(queue, search, type)
  if (!message) return (flags & IPC_NOWAIT) !== 0 ? -ENOMSG : waitLocked(task, queue, search, type, room, flags)
  if (message.size > room && (flags & MSG_NOERROR) === 0) return -E2BIG
  if (search === Search.Place) {
    if (message.size > min(room, queue.ids.maxBytes)) return -EINVAL
    currentThread(task).message = copyMessage(message)
    return currentThread(task).message ? 0 : -ENOMEM
  }
  takeLocked(queue, message, task.pid)
  currentThread(task).message = message
  return 0
}

/** Enters a waiter that receives. Holds: Ipc. */
function waitLocked(task: Task, queue: MsgQueue, search: Search, type: i64, room: u32, flags: u32): i32 {
  const waiter = newWaiter(queue.ids, task, currentThread(task).waiters)
  if (!waiter) return -ENOMEM
  waiter.receives = true
  waiter.cuts = (flags & MSG_NOERROR) !== 0
  waiter.search = search
  waiter.type = type
  waiter.room = room
  waiter.insertBefore(queue.receivers)
  Cpu.current.extra = changetype<u32>(waiter)
  return 0
}

/**
 * Gives a message that the process received to the host: returns how many bytes of it, at most `room`; leaves its type in
 * `Cpu.value` and its first bytes in the CPU's buffer. The rest, if there is more, it keeps for `read`.
 */
export function handOver(task: Task, message: Message, room: u32): i32 {
  const bytes = min(message.size, room)
  dropMessage(currentThread(task))
  Cpu.current.value = message.type
  moveBytes(message, 0, Cpu.current.buffer, min(bytes, BUFFER_SIZE), false)
  if (bytes > BUFFER_SIZE) currentThread(task).message = message
  else freeMessage(message)
  return bytes
}

/** Copies bytes from `offset` on of the message that was received to the CPU's buffer; returns how many, or EINVAL if there is none. */
export function read(task: Task, offset: u32): i32 {
  const message = currentThread(task).message
  if (!message || offset > message.size) return -EINVAL
  const bytes = min<u32>(message.size - offset, BUFFER_SIZE)
  moveBytes(message, offset, Cpu.current.buffer, bytes, false)
  return bytes
}

/** msgctl, but for IPC_SET; what it reports stands in the CPU's buffer. Takes: Ipc. */
export function control(task: Task, id: i32, command: i32): i32 {
  if (id < 0 || command < 0) return -EINVAL
  const ids = task.shm.queues
  ids.lock(Rank.Ipc)
  let result: i32 = -EINVAL
  if (command === IPC_INFO || command === MSG_INFO) {
    reportLimitsLocked(ids)
    result = max(ids.highest, 0)
  } else if (command === IPC_STAT || command === MSG_STAT || command === MSG_STAT_ANY) result = statLocked(task, id, command)
  else if (command === IPC_RMID) result = removeLocked(task, id)
  ids.unlock(Rank.Ipc)
  return result
}

/** Holds: Ipc. */
function reportLimitsLocked(ids: MsgIds): void {
  const limits = changetype<MsgLimits>(Cpu.current.buffer)
  limits.maxBytes = ids.maxBytes
  limits.maxQueueBytes = ids.maxQueueBytes
  limits.maxQueues = ids.maxQueues
  limits.queues = ids.inUse
  limits.count = ids.count
  limits.bytes = ids.bytes
}

/** Holds: Ipc. */
function statLocked(task: Task, id: i32, command: i32): i32 {
  const found = reportPermLocked(task.shm.queues, task, id, command !== IPC_STAT, command === MSG_STAT_ANY)
  if (found < 0) return found
  const queue = changetype<MsgQueue>(findId(task.shm.queues, found))
  const stat = changetype<MsgStat>(Cpu.current.buffer)
  stat.sender = queue.sender
  stat.receiver = queue.receiver
  stat.count = queue.count
  stat.bytes = queue.bytes
  stat.most = <f64>queue.most
  stat.sent = queue.sent
  stat.received = queue.received
  stat.changed = queue.changed
  return command === IPC_STAT ? 0 : found
}

/** IPC_RMID. Holds: Ipc. */
function removeLocked(task: Task, id: i32): i32 {
  const queue = queueLocked(task.shm.queues, id)
  if (!queue) return -EINVAL
  if (!controls(queue, task)) return -EPERM
  destroyQueueLocked(queue)
  return 0
}

/** msgctl IPC_SET, of each what is not KEEP, and of `most` unless that is kept: who may no longer receive is sent away, what fits now is sent. Takes: Ipc. */
export function set(task: Task, id: i32, uid: i64, gid: i64, mode: i64, most: u64, keepMost: bool): i32 {
  if (id < 0) return -EINVAL
  const ids = task.shm.queues
  ids.lock(Rank.Ipc)
  const queue = queueLocked(ids, id)
  let error: i32 = -EINVAL
  if (queue) {
    const allowed = task.isRoot || keepMost || most <= <u64>ids.maxQueueBytes
    error = allowed ? updatePerm(queue, task, uid, gid, mode) : -EPERM
    if (error === 0) {
      if (!keepMost) queue.most = most
      queue.changed = now()
      expelReceiversLocked(queue)
      wakeSendersLocked(queue)
    }
  }
  ids.unlock(Rank.Ipc)
  return error
}
