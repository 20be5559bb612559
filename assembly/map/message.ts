// Messages of System V queues: a type and bytes, which stand behind the message and in pieces behind those, none
// larger than a page: msg_msg of Linux's ipc/msgutil.c. A message belongs to a queue, a waiter or a process; who
// has it guards it. Takes: Slab.
import { PAGE_SIZE } from '../abi/layout'
import { Link } from '../lib/list'
import { allocBytes, freeBytes } from '../phys/bytes'

/** Bytes in front of those of a piece: the address of the next. */
export const HEAD: u32 = 4

/** A message; behind it stands the first of its bytes. */
@unmanaged
@final
export class Message extends Link {
  type: i64
  /** Bytes of the message. */
  size: u32
  /** Address of the next piece, 0 if there is none. */
  rest: usize
}

/** Bytes that stand behind the message, and in each piece but the last. */
export const FIRST: u32 = PAGE_SIZE - offsetof<Message>()
export const MORE: u32 = PAGE_SIZE - HEAD

/** A message of `size` bytes, all of them 0; null if there is no memory. */
export function newMessage(type: i64, size: u32): Message | null {
  const message = changetype<Message>(allocBytes(offsetof<Message>() + min(size, FIRST)))
  if (!message) return null
  message.type = type
  message.size = size
  let link = changetype<usize>(message) + offsetof<Message>('rest')
  for (let left = size - min(size, FIRST); left > 0; left -= min(left, MORE)) {
    const piece = allocBytes(HEAD + min(left, MORE))
    if (piece === 0) {
      freeMessage(message)
      return null
    }
    store<usize>(link, piece)
    link = piece
  }
  return message
}

/** Frees a message, of which pieces may be missing. */
export function freeMessage(message: Message): void {
  const size = message.size
  let piece = message.rest
  freeBytes(changetype<usize>(message), offsetof<Message>() + min(size, FIRST))
  for (let left = size - min(size, FIRST); piece !== 0; left -= min(left, MORE)) {
    const next = load<usize>(piece)
    freeBytes(piece, HEAD + min(left, MORE))
    piece = next
  }
}

/** Copies bytes of a message from `offset` on to an address, or from there into the message. */
export function moveBytes(message: Message, offset: u32, at: usize, bytes: u32, into: bool): void {
  let start: u32 = 0
  let room = min(message.size, FIRST)
  let data = changetype<usize>(message) + offsetof<Message>()
  let next = message.rest
  while (bytes > 0) {
    if (offset < start + room) {
      const count = min(bytes, start + room - offset)
      const inside = data + (offset - start)
      if (into) memory.copy(inside, at, count)
      else memory.copy(at, inside, count)
      offset += count
      at += count
      bytes -= count
    }
    start += room
    room = min(message.size - start, MORE)
    data = next + HEAD
    if (bytes > 0) next = load<usize>(next)
  }
}

/** A message of the same type and bytes; null if there is no memory. */
export function copyMessage(message: Message): Message | null {
  const copy = newMessage(message.type, message.size)
  if (!copy) return null
  const head = min(message.size, FIRST)
  memory.copy(changetype<usize>(copy) + offsetof<Message>(), changetype<usize>(message) + offsetof<Message>(), head)
  let to = copy.rest
  let from = message.rest
  for (let left = message.size - head; left > 0; left -= min(left, MORE)) {
    memory.copy(to + HEAD, from + HEAD, min(left, MORE))
    to = load<usize>(to)
    from = load<usize>(from)
  }
  return copy
}
