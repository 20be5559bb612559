// validate(): message queues.
import { BROKEN_QUEUE, BROKEN_WAITER } from '../abi/invariant'
import { findLocked, MsgQueue } from '../ipc/queue'
import { Waiter } from '../ipc/waiter'
import { FIRST, HEAD, Message, MORE } from '../map/message'
import { tallyBytes } from './bytes'
import { broken } from './report'

/** Accounts for a message and its pieces; false if they are not what the message's size asks for. */
export function tallyMessage(message: Message): bool {
  const size = message.size
  if (!tallyBytes(changetype<usize>(message), offsetof<Message>() + min(size, FIRST))) return false
  let piece = message.rest
  for (let left = size - min(size, FIRST); left > 0; left -= min(left, MORE)) {
    if (piece === 0 || !tallyBytes(piece, HEAD + min(left, MORE))) return false
    piece = load<usize>(piece)
  }
  return piece === 0
}

/** A queue: its messages and their sums, and that nobody waits there who could go on. */
export function checkQueue(queue: MsgQueue): u32 {
  let count: u32 = 0
  let bytes: u32 = 0
  for (let link = queue.messages.next; link !== queue.messages; link = link.next) {
    const message = changetype<Message>(link)
    if (link.next.prev !== link || message.type < 1 || !tallyMessage(message)) return broken(BROKEN_QUEUE, queue.id, count)
    count++
    bytes += message.size
  }
  if (count !== queue.count || bytes !== queue.bytes) return broken(BROKEN_QUEUE, queue.id, count)
  for (let link = queue.senders.next; link !== queue.senders; link = link.next) {
    const waiter = changetype<Waiter>(link)
    const message = waiter.message
    const right = message !== null && waiter.answered === 0 && waiter.ids === queue.ids && !waiter.receives
    if (!right || queue.fits(changetype<Message>(message).size)) return broken(BROKEN_WAITER, waiter.pid, queue.id)
  }
  for (let link = queue.receivers.next; link !== queue.receivers; link = link.next) {
    const waiter = changetype<Waiter>(link)
    const right = waiter.message === null && waiter.answered === 0 && waiter.ids === queue.ids && waiter.receives
    if (!right || findLocked(queue, waiter.search, waiter.type) !== null) return broken(BROKEN_WAITER, waiter.pid, queue.id)
  }
  return 0
}
