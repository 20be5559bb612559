// validate(): POSIX message queues: their messages, who waits, and what namespaces count of them.
import { BROKEN_QUEUE, BROKEN_WAITER } from '../abi/invariant'
import { ShmNamespace } from '../ipc/namespace'
import { queueMount, queueOf } from '../ipc/posixQueue'
import { Waiter } from '../ipc/waiter'
import { Link } from '../lib/list'
import { Inode } from '../map/inode'
import { Message } from '../map/message'
import { PosixQueue } from '../map/posixQueue'
import { Cache, Kind } from '../phys/slab'
import { tallyBytes } from './bytes'
import { nextNamespace } from './namespaces'
import { tallyMessage } from './queues'
import { broken } from './report'

/** Counts the reference that a queue's name is. */
export function tallyQueueNames(): void {
  const list = queueMount().list
  for (let link = list.next; link !== list; link = link.next) {
    const inode = Inode.ofMount(link)
    if (queueOf(inode) && queueOf(inode).name !== 0) inode.tally++
  }
}

/** How many waiters stand in lists of POSIX queues. */
export function waitersAtQueues(): u32 {
  const most = Cache.of(Kind.Waiter).active
  let count: u32 = 0
  const list = queueMount().list
  for (let link = list.next; link !== list; link = link.next) {
    const queue = queueOf(Inode.ofMount(link))
    if (queue) count += queue.senders.checkedLength(most) + queue.receivers.checkedLength(most)
  }
  return count
}

/** Every queue, and that each namespace of a chain counts those that are its. */
export function checkPosixQueues(head: ShmNamespace | null): u32 {
  const list = queueMount().list
  for (let link = list.next; link !== list; link = link.next) {
    const inode = Inode.ofMount(link)
    const found = queueOf(inode) ? checkQueue(inode, queueOf(inode)) : broken(BROKEN_QUEUE, inode.number, 0)
    if (found !== 0) return found
  }
  let namespace = head
  while (namespace) {
    let count: u32 = 0
    for (let link = list.next; link !== list; link = link.next) {
      if (queueOf(Inode.ofMount(link)).counter === namespace.posixCounter) count++
    }
    if (count !== namespace.posixQueues) return broken(BROKEN_QUEUE, count, namespace.posixQueues)
    namespace = nextNamespace(namespace)
  }
  return 0
}

/** One queue: messages in order, and that nobody waits who could go on. */
function checkQueue(inode: Inode, queue: PosixQueue): u32 {
  const named = queue.name !== 0
  const owned = tallyBytes(changetype<usize>(queue), offsetof<PosixQueue>()) && (!named || tallyBytes(queue.name, queue.length))
  if (!owned || queue.isHeld || <u32>named !== inode.links || (named && queue.counter === 0))
    return broken(BROKEN_QUEUE, inode.number, inode.links)
  let count: u32 = 0
  let last: i64 = i64.MAX_VALUE
  for (let link = queue.messages.next; link !== queue.messages; link = link.next) {
    const message = changetype<Message>(link)
    const right = link.next.prev === link && message.type <= last && message.type >= 0 && message.size <= queue.maxBytes
    if (!right || !tallyMessage(message)) return broken(BROKEN_QUEUE, inode.number, count)
    last = message.type
    count++
  }
  if (count !== queue.count || count > queue.maxMessages) return broken(BROKEN_QUEUE, inode.number, count)
  if (!queue.senders.isEmpty && count < queue.maxMessages) return broken(BROKEN_WAITER, inode.number, count)
  if (!queue.receivers.isEmpty && count > 0) return broken(BROKEN_WAITER, inode.number, count)
  const right = areWaiting(inode, queue.senders, false) && areWaiting(inode, queue.receivers, true)
  return right ? 0 : broken(BROKEN_WAITER, inode.number, queue.count)
}

/** Whether those in a list wait at a queue, senders with a message. */
function areWaiting(inode: Inode, list: Link, receive: bool): bool {
  for (let link = list.next; link !== list; link = link.next) {
    const waiter = changetype<Waiter>(link)
    const file = waiter.file
    if (!file || file.inode !== inode || waiter.answered !== 0 || waiter.receives !== receive) return false
    if ((waiter.message !== null) === receive) return false
  }
  return true
}
