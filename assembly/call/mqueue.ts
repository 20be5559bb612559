// mq_open, mq_send, mq_receive, mq_setattr, mq_unlink: arguments validated in the order of Linux's ipc/mqueue.c (6.18). A
// name, without its slash, and what is sent are staged as a path and a message of msgsnd; who must wait leaves a waiter,
// which holds the open queue. Takes: Files, Mount, Ipc, Mapping, Slab.
import { EAGAIN, EBADF, EEXIST, EINVAL, EMSGSIZE, ENAMETOOLONG, ENOENT, ENOMEM } from '../abi/errno'
import { O_ACCMODE, O_CREAT, O_EXCL, O_NONBLOCK, PATH_MAX, S_IFREG } from '../abi/fcntl'
import { MQ_PRIO_MAX } from '../abi/mqueue'
import { RLIMIT_MSGQUEUE } from '../abi/resource'
import { fillDescriptor, returnDescriptor, takeDescriptor } from '../fs/descriptors'
import { checkAccess, MAY_READ, MAY_WRITE } from '../fs/permission'
import {
  copyName,
  deliverLocked,
  enterQueue,
  freeUnnamed,
  holdQueue,
  queueMount,
  queueNameError,
  queueOf,
  sizeQueue,
  takeFirstLocked,
  unlinkQueue,
} from '../ipc/posixQueue'
import { newWaiter, Waiter } from '../ipc/waiter'
import { File, newFile, putFile } from '../map/file'
import { Inode, newInode, putInode, Use } from '../map/inode'
import { freeMessage, Message, moveBytes, newMessage } from '../map/message'
import { newPosixQueue, PosixQueue } from '../map/posixQueue'
import { dropMessage, staged } from '../proc/stage'
import { currentThread, Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { fileOf } from './file'
import { handOver } from './msg'

/** Bytes of a queue, as fstat tells: FILENT_SIZE. */
const QUEUE_BYTES: u64 = 80

/** What mq_getattr and mq_setattr write to the CPU's buffer. */
@unmanaged
@final
export class MqAttributes {
  flags: u32
  maxMessages: u32
  maxBytes: u32
  count: u32
}

/** What is wrong with a name of so many bytes in the CPU's buffer, before anything is looked up. */
function lengthError(length: u32): i32 {
  return length === 0 ? -ENOENT : length >= PATH_MAX ? -ENAMETOOLONG : 0
}

/** mq_open(2) of the name in the CPU's buffer: the descriptor. How many messages of how many bytes a new queue takes may be left to the namespace. */
export function open(task: Task, length: u32, flags: u32, mode: u32, sized: bool, messages: i64, bytes: i64): i32 {
  let error = lengthError(length)
  if (error !== 0) return error
  const table = task.descriptors
  const fd = takeDescriptor(table)
  if (fd < 0) return fd
  error = queueNameError(Cpu.current.buffer, length)
  const namespace = task.shm
  const most = sized ? messages : <i64>min(namespace.maxPosixMessages, namespace.defaultPosixMessages)
  const largest = sized ? bytes : <i64>min(namespace.maxPosixBytes, namespace.defaultPosixBytes)
  let result: f64 = error
  if (error === 0) {
    do {
      result = openNamed(task, length, flags)
      if (result !== <f64>-ENOENT || (flags & O_CREAT) === 0) break
      result = create(task, length, flags, mode & 0o7777 & ~table.umask, most, largest)
      // another made it meanwhile
    } while (result === <f64>-EEXIST)
  }
  if (result > 0) fillDescriptor(table, fd, changetype<File>(<usize>result), true)
  else returnDescriptor(table, fd)
  return result > 0 ? fd : <i32>result
}

/** The rights that the access mode of flags asks for. */
function wantedAccess(flags: u32): u32 {
  const access = flags & O_ACCMODE
  return access === 0 ? MAY_READ : access === 1 ? MAY_WRITE : MAY_READ | MAY_WRITE
}

/** Address of an open file of the queue with a name, or -errno. */
function openNamed(task: Task, length: u32, flags: u32): f64 {
  const inode = holdQueue(task.shm, Cpu.current.buffer, length)
  if (!inode) return -ENOENT
  let error: i32 = 0
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) error = -EEXIST
  else if ((flags & O_ACCMODE) === O_ACCMODE) error = -EINVAL
  else error = checkAccess(inode, task, wantedAccess(flags))
  const file = error === 0 ? newFile(inode, flags & (O_ACCMODE | O_NONBLOCK)) : changetype<File>(0)
  if (file) return <f64>changetype<usize>(file)
  putInode(inode)
  return error === 0 ? -ENOMEM : error
}

/** Address of an open file of a new queue, or -errno. */
function create(task: Task, length: u32, flags: u32, mode: u32, messages: i64, bytes: i64): f64 {
  const queue = newPosixQueue()
  if (!queue) return -ENOMEM
  const inode = copyName(queue, Cpu.current.buffer, length)
    ? newInode(queueMount(), Use.Queue, QUEUE_BYTES, S_IFREG | mode, task.euid, task.egid)
    : changetype<Inode>(0)
  const file = inode ? newFile(inode, flags & (O_ACCMODE | O_NONBLOCK)) : changetype<File>(0)
  if (!inode || !file) {
    freeUnnamed(queue)
    if (inode) putInode(inode)
    return -ENOMEM
  }
  // one reference is the name's, one the file's
  inode.addRef()
  const sizes = sizeQueue(queue, task.shm, task, messages, bytes)
  const error = enterQueue(inode, queue, task.shm, task, task.mm.limit(RLIMIT_MSGQUEUE).softNow, sizes)
  if (error === 0) return <f64>changetype<usize>(file)
  putInode(inode)
  putFile(file)
  return error
}

/** mq_unlink(2) of the name in the CPU's buffer. */
export function unlink(task: Task, length: u32): i32 {
  let error = lengthError(length)
  if (error === 0) error = queueNameError(Cpu.current.buffer, length)
  return error !== 0 ? error : unlinkQueue(task.shm, task, Cpu.current.buffer, length)
}

/** The open queue of a descriptor, held until the call ends; null if it is none. Takes: Files. */
function queueFile(task: Task, fd: i32): File | null {
  const file = fileOf(task, fd)
  return file && file.inode.use === Use.Queue ? file : null
}

/** Notes that something was sent or received. Takes: Mapping. */
function touch(inode: Inode): void {
  inode.lock(Rank.Mapping)
  inode.changed = now()
  inode.modified = inode.changed
  inode.accessed = inode.changed
  inode.unlock(Rank.Mapping)
}

/** A waiter at an open queue, which it holds; null if there is no memory. Holds: the queue's lock. */
function waitLocked(task: Task, file: File, queue: PosixQueue): Waiter | null {
  const waiter = newWaiter(queue, task, currentThread(task).waiters)
  if (!waiter) return null
  file.addRef()
  waiter.file = file
  return waiter
}

/** mq_timedsend(2) of the bytes that are staged: 0; the address of a Waiter if it must wait for room; or -errno. Takes: Ipc. */
export function send(task: Task, fd: i32, size: u64, priority: u32): f64 {
  if (priority >= MQ_PRIO_MAX) return -EINVAL
  const file = queueFile(task, fd)
  if (!file) return -EBADF
  if (!file.writable) return -EBADF
  const queue = queueOf(file.inode)
  if (size > <u64>queue.maxBytes) return -EMSGSIZE
  const bytes = <u32>size
  const from = staged(task, bytes)
  const message = changetype<Message>(from === 0 ? 0 : changetype<usize>(newMessage(priority, bytes)))
  if (!message) return -ENOMEM
  moveBytes(message, 0, from, bytes, true)
  queue.lock(Rank.Ipc)
  let result: f64 = 0
  if (queue.count < queue.maxMessages) {
    deliverLocked(queue, message)
    touch(file.inode)
  } else if ((file.flags & O_NONBLOCK) !== 0) result = -EAGAIN
  else {
    const waiter = waitLocked(task, file, queue)
    if (waiter) {
      waiter.message = message
      waiter.insertBefore(queue.senders)
      result = <f64>changetype<usize>(waiter)
    } else result = -ENOMEM
  }
  queue.unlock(Rank.Ipc)
  if (result < 0) freeMessage(message)
  return result
}

/** mq_timedreceive(2) into room for `room` bytes: as msg.receive. Takes: Ipc. */
export function receive(task: Task, fd: i32, room: u64): i32 {
  const file = queueFile(task, fd)
  if (!file) return -EBADF
  if (!file.readable) return -EBADF
  const queue = queueOf(file.inode)
  if (room < <u64>queue.maxBytes) return -EMSGSIZE
  dropMessage(currentThread(task))
  Cpu.current.extra = 0
  let result: i32 = 0
  let message: Message | null = null
  queue.lock(Rank.Ipc)
  if (queue.count !== 0) {
    message = takeFirstLocked(queue)
    touch(file.inode)
  } else if ((file.flags & O_NONBLOCK) !== 0) result = -EAGAIN
  else {
    const waiter = waitLocked(task, file, queue)
    if (waiter) {
      waiter.receives = true
      waiter.room = queue.maxBytes
      waiter.insertBefore(queue.receivers)
      Cpu.current.extra = changetype<u32>(waiter)
    } else result = -ENOMEM
  }
  queue.unlock(Rank.Ipc)
  return message ? handOver(task, message, queue.maxBytes) : result
}

/** mq_getsetattr(2): leaves what the queue's attributes are in the CPU's buffer, and sets its flags unless they are to be kept. Takes: Ipc. */
export function attributes(task: Task, fd: i32, sets: bool, flags: u64): i32 {
  if (sets && (flags & ~(<u64>O_NONBLOCK)) !== 0) return -EINVAL
  const file = queueFile(task, fd)
  if (!file) return -EBADF
  const queue = queueOf(file.inode)
  const report = changetype<MqAttributes>(Cpu.current.buffer)
  queue.lock(Rank.Ipc)
  report.flags = file.flags & O_NONBLOCK
  report.maxMessages = queue.maxMessages
  report.maxBytes = queue.maxBytes
  report.count = queue.count
  if (sets) file.flags = (file.flags & ~O_NONBLOCK) | <u32>flags
  queue.unlock(Rank.Ipc)
  return 0
}
