// POSIX message queues: Linux's ipc/mqueue.c. A queue is an inode of a mount that no path reaches; its name is known to
// its IPC namespace alone. A message for which somebody waits is handed over without standing in the queue; who
// takes one lets the first sender that waits go on. Takes: Mount, Ipc, Mapping, Slab.
import { EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENOENT, ENOSPC, EPERM } from '../abi/errno'
import { NAME_MAX } from '../abi/fcntl'
import { MQ_HARD_MAXMSG, MQ_HARD_MSGSIZE, MQ_PRIO_MAX } from '../abi/mqueue'
import { Inode, putInode } from '../map/inode'
import { Message } from '../map/message'
import { Mount, MountIndex } from '../map/mount'
import { freePosixQueue, PosixQueue } from '../map/posixQueue'
import { allocBytes, freeBytes } from '../phys/bytes'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { ShmNamespace } from './namespace'
import { Cred } from './perm'
import { answerLocked, DONE, Waiter } from './waiter'

/** Bytes that a message and a priority take in Linux, beside what is sent: struct msg_msg, struct posix_msg_tree_node. */
const MESSAGE_BYTES: u64 = 48
const PRIORITY_BYTES: u64 = 48
/** Bytes of what a queue's descriptor says when it is read, and where the digits of QSIZE stand in it. */
const STATUS_BYTES: u32 = 60
const STATUS_DIGITS: u32 = 6

/** The mount of all queues. */
export function queueMount(): Mount {
  return Mount.at(MountIndex.Queues)
}

/** The queue that an inode is; null if it is none. */
export function queueOf(inode: Inode): PosixQueue {
  return changetype<PosixQueue>(inode.tag)
}

/** FNV-1a of a name. */
function hashName(name: usize, length: u32): u32 {
  let hash: u32 = 0x811c9dc5
  for (let i: u32 = 0; i < length; i++) hash = (hash ^ load<u8>(name + i)) * 0x01000193
  return hash
}

/** What is wrong with a name: EACCES, ENAMETOOLONG. */
export function queueNameError(name: usize, length: u32): i32 {
  const dots = length <= 2 && load<u8>(name) === 0x2e && (length === 1 || load<u8>(name, 1) === 0x2e)
  if (dots) return -EACCES
  for (let i: u32 = 0; i < length; i++) if (load<u8>(name + i) === 0x2f) return -EACCES
  return length > NAME_MAX ? -ENAMETOOLONG : 0
}

/** The queue of a namespace with a name; null if there is none. Holds: Mount. */
function findQueueLocked(namespace: ShmNamespace, name: usize, length: u32): Inode | null {
  const hash = hashName(name, length)
  const list = queueMount().list
  for (let link = list.next; link !== list; link = link.next) {
    const inode = Inode.ofMount(link)
    const queue = queueOf(inode)
    if (!queue || queue.hash !== hash || queue.name === 0 || queue.counter !== namespace.posixCounter) continue
    if (queue.length === length && memory.compare(queue.name, name, length) === 0) return inode
  }
  return null
}

/** Gives a new queue a name of `length` bytes, of which it makes a copy; false if there is no memory. */
export function copyName(queue: PosixQueue, name: usize, length: u32): bool {
  queue.name = allocBytes(length)
  if (queue.name === 0) return false
  memory.copy(queue.name, name, length)
  queue.length = length
  queue.hash = hashName(name, length)
  return true
}

/** Frees a queue that never was an inode's, with the bytes of its name, if it has any. */
export function freeUnnamed(queue: PosixQueue): void {
  if (queue.name !== 0) freeBytes(queue.name, queue.length)
  freePosixQueue(queue)
}

/** What is wrong with how many messages, and bytes of one, a queue is to have: EINVAL; else sets them, and what that is charged. */
export function sizeQueue(queue: PosixQueue, namespace: ShmNamespace, cred: Cred, messages: i64, bytes: i64): i32 {
  if (messages <= 0 || bytes <= 0) return -EINVAL
  const most: i64 = cred.isRoot ? MQ_HARD_MAXMSG : namespace.maxPosixMessages
  const largest: i64 = cred.isRoot ? MQ_HARD_MSGSIZE : namespace.maxPosixBytes
  if (messages > most || bytes > largest) return -EINVAL
  queue.maxMessages = <u32>messages
  queue.maxBytes = <u32>bytes
  queue.user = cred.uid
  queue.charged = <u64>messages * (MESSAGE_BYTES + <u64>bytes) + min<u64>(messages, MQ_PRIO_MAX) * PRIORITY_BYTES
  return 0
}

/** Bytes that queues of a user are charged for. Holds: Mount. */
function chargedLocked(user: u32): u64 {
  let sum: u64 = 0
  const list = queueMount().list
  for (let link = list.next; link !== list; link = link.next) {
    const queue = queueOf(Inode.ofMount(link))
    if (queue && queue.user === user) sum += queue.charged
  }
  return sum
}

/**
 * Makes an inode a queue, whose name is set, and gives it that name in a namespace: 0; EEXIST; ENOSPC if the namespace has too many;
 * `error`; EMFILE if its user's queues would take more bytes than `limit`. Holds: Mount.
 */
function nameQueueLocked(inode: Inode, queue: PosixQueue, namespace: ShmNamespace, cred: Cred, limit: u64, error: i32): i32 {
  if (findQueueLocked(namespace, queue.name, queue.length)) return -EEXIST
  if (namespace.posixQueues >= namespace.maxPosixQueues && !cred.isRoot) return -ENOSPC
  if (error !== 0) return error
  if (chargedLocked(queue.user) + queue.charged > limit) return -EMFILE
  queue.counter = namespace.posixCounter
  namespace.posixQueues++
  inode.tag = changetype<u32>(queue)
  inode.links = 1
  return 0
}

/** The queue of a namespace with a name, with a reference for the caller; null if there is none. Takes: Mount. */
export function holdQueue(namespace: ShmNamespace, name: usize, length: u32): Inode | null {
  const mount = queueMount()
  mount.lock(Rank.Mount)
  const inode = findQueueLocked(namespace, name, length)
  if (inode) inode.addRef()
  mount.unlock(Rank.Mount)
  return inode
}

/** Gives an inode the queue that it is to be, with a name; 0, or why it cannot be, and then the queue is gone. Takes: Mount, Slab. */
export function enterQueue(inode: Inode, queue: PosixQueue, namespace: ShmNamespace, cred: Cred, limit: u64, error: i32): i32 {
  const mount = queueMount()
  mount.lock(Rank.Mount)
  const result = nameQueueLocked(inode, queue, namespace, cred, limit, error)
  mount.unlock(Rank.Mount)
  if (result !== 0) freeUnnamed(queue)
  return result
}

/** Takes a queue's name, whose reference is the caller's now; the address of its bytes. Holds: Mount. */
function takeNameLocked(inode: Inode): usize {
  const queue = queueOf(inode)
  const name = queue.name
  queue.name = 0
  inode.links = 0
  inode.changed = now()
  return name
}

/** Takes a name of a namespace away: ENOENT, EPERM for who owns neither it nor the mount. The queue goes when nobody has it open. Takes: Mount, Mapping, Slab. */
export function unlinkQueue(namespace: ShmNamespace, cred: Cred, name: usize, length: u32): i32 {
  const mount = queueMount()
  mount.lock(Rank.Mount)
  const inode = findQueueLocked(namespace, name, length)
  const error: i32 = !inode ? -ENOENT : cred.isRoot || cred.euid === inode.uid ? 0 : -EPERM
  const taken: usize = inode && error === 0 ? takeNameLocked(inode) : 0
  mount.unlock(Rank.Mount)
  if (inode && taken !== 0) {
    freeBytes(taken, length)
    putInode(inode)
  }
  return error
}

/** Takes all names of a namespace that nobody is in away, and what is open out of its count. Takes: Mount, Mapping, Slab. */
export function dropPosixQueues(namespace: ShmNamespace): void {
  const mount = queueMount()
  let inode: Inode | null = null
  do {
    mount.lock(Rank.Mount)
    inode = null
    for (let link = mount.list.next; link !== mount.list && !inode; link = link.next) {
      const queue = queueOf(Inode.ofMount(link))
      if (queue && queue.counter === namespace.posixCounter) inode = Inode.ofMount(link)
    }
    let name: usize = 0
    let length: u32 = 0
    if (inode) {
      length = queueOf(inode).length
      queueOf(inode).counter = 0
      if (queueOf(inode).name !== 0) name = takeNameLocked(inode)
    }
    mount.unlock(Rank.Mount)
    if (inode && name !== 0) {
      freeBytes(name, length)
      putInode(inode)
    }
  } while (inode)
}

/** Puts a message behind those of its priority and above. Holds: the queue's lock. */
function insertLocked(queue: PosixQueue, message: Message): void {
  const priority = message.type
  let at = queue.messages.prev
  while (at !== queue.messages && priority > changetype<Message>(at).type) at = at.prev
  message.insertAfter(at)
  queue.count++
}

/** Sends a message, for which there is room: to the first receiver that waits, or into the queue. Holds: the queue's lock. */
export function deliverLocked(queue: PosixQueue, message: Message): void {
  if (queue.receivers.isEmpty) {
    insertLocked(queue, message)
    return
  }
  const waiter = changetype<Waiter>(queue.receivers.next)
  waiter.message = message
  answerLocked(waiter, DONE)
}

/** Takes the first message out of a queue that has one, and lets the first sender that waits go on. Holds: the queue's lock. */
export function takeFirstLocked(queue: PosixQueue): Message {
  const message = changetype<Message>(queue.messages.next)
  message.unlink()
  queue.count--
  if (!queue.senders.isEmpty) {
    const waiter = changetype<Waiter>(queue.senders.next)
    insertLocked(queue, changetype<Message>(waiter.message))
    waiter.message = null
    answerLocked(waiter, DONE)
  }
  return message
}

/**
 * Reads what a queue's descriptor says, Linux's "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n" with the bytes of all messages in it, and
 * nobody to notify; returns how many bytes from `offset` on there were.
 */
export function readQueue(inode: Inode, offset: u64, bytes: u32, to: usize): u32 {
  if (offset >= STATUS_BYTES) return 0
  memory.fill(to, 0x20, STATUS_BYTES)
  store<u32>(to, 0x5a495351) // QSIZ
  store<u16>(to + 4, 0x3a45) // E:
  store<u64>(to + 17, 0x303a594649544f4e) // NOTIFY:0
  store<u64>(to + 30, 0x20303a4f4e474953) // SIGNO:0 and a space
  store<u64>(to + 42, 0x505f594649544f4e) // NOTIFY_P
  store<u32>(to + 50, 0x303a4449) // ID:0
  store<u8>(to + STATUS_BYTES - 1, 0x0a)
  writeDigits(to + STATUS_DIGITS, queuedBytes(queueOf(inode)))
  const count = min(bytes, STATUS_BYTES - <u32>offset)
  memory.copy(to, to + <usize>offset, count)
  return count
}

/** Bytes of all messages in a queue. Takes: Ipc. */
function queuedBytes(queue: PosixQueue): u64 {
  let bytes: u64 = 0
  queue.lock(Rank.Ipc)
  for (let link = queue.messages.next; link !== queue.messages; link = link.next) bytes += changetype<Message>(link).size
  queue.unlock(Rank.Ipc)
  return bytes
}

/** Writes a number in decimal digits. */
function writeDigits(to: usize, value: u64): void {
  let unit: u64 = 1
  while (value / unit >= 10) unit *= 10
  for (let at = to; unit !== 0; at++, unit /= 10) store<u8>(at, <u8>(0x30 + ((value / unit) % 10)))
}
