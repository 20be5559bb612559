// What a POSIX message queue is to its inode, whose last reference frees it: its messages, and what it was charged for.
// Who waits at it, and what may be done with it: ipc/posixQueue. Takes: Slab.
import { Link } from '../lib/list'
import { allocBytes, freeBytes } from '../phys/bytes'
import { Lock } from '../sync/lock'
import { freeMessage, Message } from './message'

/** A queue. Guard, where a field says no other: its own lock, Ipc. */
@unmanaged
@final
export class PosixQueue extends Lock {
  /** The most messages, and bytes of one. Guard: immutable. */
  maxMessages: u32
  maxBytes: u32
  /** Messages in it. */
  count: u32
  /** Sentinels: messages, the highest priority first and of one priority the oldest; waiting senders and receivers, in the order of coming. */
  messagesPrev: Link
  messagesNext: Link
  sendersPrev: Link
  sendersNext: Link
  receiversPrev: Link
  receiversNext: Link
  /** The user that it counts for, and the bytes: RLIMIT_MSGQUEUE. Guard: immutable. */
  user: u32
  charged: u64
  /** Where its namespace counts its queues, 0 if that is gone. Guard, from here on: Mount. */
  counter: usize
  /** Its name, 0 if it has none any more; the bytes of it, and their hash. */
  name: usize
  length: u32
  hash: u32

  @inline
  get messages(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<PosixQueue>('messagesPrev'))
  }

  @inline
  get senders(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<PosixQueue>('sendersPrev'))
  }

  @inline
  get receivers(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<PosixQueue>('receiversPrev'))
  }
}

/** An empty queue that is no inode's yet; null if there is no memory. */
export function newPosixQueue(): PosixQueue | null {
  const queue = changetype<PosixQueue>(allocBytes(offsetof<PosixQueue>()))
  if (!queue) return null
  queue.messages.reset()
  queue.senders.reset()
  queue.receivers.reset()
  return queue
}

/** Takes a queue out of its namespace's count. Holds: Mount. */
export function uncountQueueLocked(queue: PosixQueue): void {
  if (queue.counter !== 0) store<u32>(queue.counter, load<u32>(queue.counter) - 1)
  queue.counter = 0
}

/** Frees a queue that nobody has open, with its messages. */
export function freePosixQueue(queue: PosixQueue): void {
  while (!queue.messages.isEmpty) {
    const message = changetype<Message>(queue.messages.next)
    message.unlink()
    freeMessage(message)
  }
  freeBytes(changetype<usize>(queue), offsetof<PosixQueue>())
}
