// System V message queues: Linux's ipc/msg.c. Who waits to send or to receive is served in the order of coming, as far
// as its message fits or there is one for it, by whoever changes the queue: a message for which somebody waits is handed over
// without ever standing in the queue. Takes: Ipc, Slab.
import { E2BIG, EACCES, EIDRM } from '../abi/errno'
import { Link } from '../lib/list'
import { freeMessage, Message } from '../map/message'
import { freeObject, Kind } from '../phys/slab'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { atIndex, remove } from './ids'
import { MsgIds } from './namespace'
import { IpcPerm, permits } from './perm'
import { answerLocked, DONE, Waiter } from './waiter'

/** Which message a receiver asks for. */
export enum Search {
  Any,
  /** The first of a type. */
  Type,
  /** The first that is not of a type. */
  OtherType,
  /** The first of the lowest type that is not above one. */
  LowestType,
  /** The one at a place in the queue. */
  Place,
}

/** A queue. Guard, where a field says no other: Ipc. */
@unmanaged
@final
export class MsgQueue extends IpcPerm {
  /** Where it has its id and key. Guard: immutable. */
  ids: MsgIds
  /** Messages in it, and their bytes. */
  count: u32
  bytes: u32
  /** The most bytes, and messages, that it takes. */
  most: u64
  /** Seconds since 1970 of the last msgsnd, msgrcv and change. */
  sent: f64
  received: f64
  changed: f64
  /** The processes that sent and received last. */
  sender: u32
  receiver: u32
  /** Sentinels: messages, waiting senders and waiting receivers, all in order. */
  messagesPrev: Link
  messagesNext: Link
  sendersPrev: Link
  sendersNext: Link
  receiversPrev: Link
  receiversNext: Link

  @inline
  get messages(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<MsgQueue>('messagesPrev'))
  }

  @inline
  get senders(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<MsgQueue>('sendersPrev'))
  }

  @inline
  get receivers(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<MsgQueue>('receiversPrev'))
  }

  /** Whether there is room for a message of so many bytes. */
  fits(bytes: u32): bool {
    return <u64>this.bytes + bytes <= this.most && <u64>this.count < this.most
  }
}

/** Whether a message is one that a receiver asks for, wherever it stands. */
export function matches(message: Message, search: Search, type: i64): bool {
  if (search === Search.Type) return message.type === type
  if (search === Search.OtherType) return message.type !== type
  return search !== Search.LowestType || message.type <= type
}

/** The message that a receiver asks for; null if there is none. Holds: Ipc. */
export function findLocked(queue: MsgQueue, search: Search, type: i64): Message | null {
  let found: Message | null = null
  let place: i64 = 0
  for (let link = queue.messages.next; link !== queue.messages; link = link.next) {
    const message = changetype<Message>(link)
    if (search === Search.Place) {
      if (place++ === type) return message
    } else if (matches(message, search, type)) {
      if (search !== Search.LowestType || message.type === 1) return message
      found = message
      type = message.type - 1
    }
  }
  return found
}

/** Hands a message to the first receiver that waits for such; says whether there was one. Who has too little room is told so. Holds: Ipc. */
function deliverLocked(queue: MsgQueue, message: Message): bool {
  let link = queue.receivers.next
  while (link !== queue.receivers) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if (!matches(message, waiter.search, waiter.type)) continue
    if (message.size > waiter.room && !waiter.cuts) {
      answerLocked(waiter, -E2BIG)
      continue
    }
    queue.receiver = waiter.pid
    queue.received = now()
    waiter.message = message
    answerLocked(waiter, DONE)
    return true
  }
  return false
}

/** Sends a message for process `pid`, for which there is room. Holds: Ipc. */
export function sendLocked(queue: MsgQueue, message: Message, pid: u32): void {
  queue.sender = pid
  queue.sent = now()
  if (deliverLocked(queue, message)) return
  message.insertBefore(queue.messages)
  queue.count++
  queue.bytes += message.size
  queue.ids.count++
  queue.ids.bytes += message.size
}

/** Takes a message out of its queue for process `pid`, and lets senders go on. Holds: Ipc. */
export function takeLocked(queue: MsgQueue, message: Message, pid: u32): void {
  forgetLocked(queue, message)
  queue.receiver = pid
  queue.received = now()
  wakeSendersLocked(queue)
}

/** Takes a message out of its queue. Holds: Ipc. */
function forgetLocked(queue: MsgQueue, message: Message): void {
  message.unlink()
  queue.count--
  queue.bytes -= message.size
  queue.ids.count--
  queue.ids.bytes -= message.size
}

/** Sends what waits and fits now, in the order of coming; EACCES for who may no longer. Holds: Ipc. */
export function wakeSendersLocked(queue: MsgQueue): void {
  let link = queue.senders.next
  while (link !== queue.senders) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    const message = changetype<Message>(waiter.message)
    if (!queue.fits(message.size)) continue
    const allowed = permits(queue, waiter.cred, 0o222)
    if (allowed) {
      waiter.message = null
      sendLocked(queue, message, waiter.pid)
    }
    answerLocked(waiter, allowed ? DONE : -EACCES)
  }
}

/** Sends away the receivers that may no longer receive. Holds: Ipc. */
export function expelReceiversLocked(queue: MsgQueue): void {
  let link = queue.receivers.next
  while (link !== queue.receivers) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if (!permits(queue, waiter.cred, 0o444)) answerLocked(waiter, -EACCES)
  }
}

/** Removes a queue with its messages: who waits there gets EIDRM. Holds: Ipc. */
export function destroyQueueLocked(queue: MsgQueue): void {
  const ids = queue.ids
  while (!queue.receivers.isEmpty) answerLocked(changetype<Waiter>(queue.receivers.next), -EIDRM)
  while (!queue.senders.isEmpty) answerLocked(changetype<Waiter>(queue.senders.next), -EIDRM)
  while (!queue.messages.isEmpty) {
    const message = changetype<Message>(queue.messages.next)
    forgetLocked(queue, message)
    freeMessage(message)
  }
  remove(ids, ids.buckets, queue)
  freeObject(Kind.MsgQueue, changetype<usize>(queue))
}

/** Removes all queues of a namespace that nobody is in. Takes: Ipc. */
export function destroyQueues(ids: MsgIds): void {
  ids.lock(Rank.Ipc)
  while (ids.highest >= 0) destroyQueueLocked(changetype<MsgQueue>(atIndex(ids, ids.highest)))
  ids.unlock(Rank.Ipc)
}
