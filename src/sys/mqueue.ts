// POSIX message queues.
import { EACCES, EINVAL, EPERM, ETIMEDOUT } from '../abi/errno.gen.js'
import { MqAttributesLayout } from '../core/layout.gen.js'
import { options, shown, whole } from './arguments.js'
import { PosixSemCalls } from './posixSem.js'

/** A message that was received: its priority, and its bytes. */
export interface MqMessage {
  priority: number
  text: Uint8Array
}

/** How large a queue is made: how many messages it takes, of how many bytes at most. */
export interface MqSizes {
  maxmsg: number
  msgsize: number
}

/** struct mq_attr: O_NONBLOCK or nothing, how large the queue is, and how many messages are in it. */
export interface MqAttributes extends MqSizes {
  flags: number
  curmsgs: number
}

const FOREVER = Number.POSITIVE_INFINITY
/** Whoever has the queue open may end a wait, in whatever IPC namespace it is. */
const WAIT = { late: ETIMEDOUT, inNamespace: false }

/** mq_open(3), mq_send(3) and their like. A queue's descriptor is closed by `close`, and by exec. */
export class MqCalls extends PosixSemCalls {
  /** Puts a queue's name, less its slash, into the CPU's buffer; returns its length. */
  #name(name: string, syscall: string): number {
    this.text(name)
    return name.startsWith('/') ? this.text(name.slice(1)) : this.fail(EINVAL, syscall, name)
  }

  /**
   * Opens a message queue by its name, which begins with a slash and has no other, with O_CREAT making it; returns its descriptor. Queues have names
   * of their own in each IPC namespace.
   *
   * Throws a SysError as mq_open(3): EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENOENT, ENOMEM, ENOSPC. EMFILE also where the
   * user's queues would take more bytes than RLIMIT_MSGQUEUE.
   */
  mq_open(name: string, flags: number, mode = 0, sizes?: MqSizes): number {
    for (const [what, number] of Object.entries({ flags, mode })) whole(number, what)
    const { maxmsg, msgsize } = sizes === undefined ? { maxmsg: 0, msgsize: 0 } : options(sizes, ['maxmsg', 'msgsize'], 'sizes')
    for (const [what, number] of Object.entries({ maxmsg, msgsize })) whole(number, what)
    const length = this.#name(name, 'mq_open')
    const { mq_open } = this.kernel.exports
    return this.check(mq_open(this.pid, length, flags, mode, sizes === undefined ? Number.NaN : maxmsg, msgsize), 'mq_open', name)
  }

  /** Takes a queue's name away; it goes when nobody has it open. */
  mq_unlink(name: string): void {
    const result = this.kernel.exports.mq_unlink(this.pid, this.#name(name, 'mq_unlink'))
    this.check(result === -EPERM ? -EACCES : result, 'mq_unlink', name)
  }

  /** 0, or the address of the waiter of a message that must wait. */
  #put(fd: number, text: Uint8Array, priority: number): number {
    if (!(text instanceof Uint8Array)) throw new TypeError(`text must be a Uint8Array, not ${shown(text)}`)
    for (const [what, number] of Object.entries({ fd, priority })) whole(number, what)
    return this.withStaged(text, 'mq_timedsend', () => this.kernel.exports.mq_send(this.pid, fd, text.length, priority))
  }

  /** Seconds until a time. */
  #left(time: number): number {
    return this.seconds(time) - Date.now() / 1000
  }

  /**
   * Sends a message with a priority below MQ_PRIO_MAX: those of higher priority are received first. Sleeps, with all of the thread, until there is room in
   * the queue; of one that is open with O_NONBLOCK it throws EAGAIN instead.
   *
   * Throws a SysError as mq_send(3): EAGAIN, EBADF, EINVAL, EMSGSIZE, ENOMEM; ESRCH if the process is killed; and EDEADLK, where
   * Linux would sleep for ever, if no other thread has a process.
   */
  mq_send(fd: number, text: Uint8Array, priority = 0): void {
    this.mq_timedsend(fd, text, priority, FOREVER)
  }

  /** As mq_send, but throws a SysError ETIMEDOUT at a time, in seconds since 1970. */
  mq_timedsend(fd: number, text: Uint8Array, priority: number, time: number): void {
    const seconds = this.#left(time)
    const waiter = this.#put(fd, text, priority)
    if (waiter !== 0) this.sleep(waiter, seconds, 'mq_timedsend', WAIT)
  }

  /** As mq_send, or with a time mq_timedsend, but the thread goes on, and the promise resolves when the message is sent. It stands in line from now on. */
  async mq_sendAsync(fd: number, text: Uint8Array, priority = 0, time = FOREVER): Promise<void> {
    const seconds = this.#left(time)
    const waiter = this.#put(fd, text, priority)
    if (waiter !== 0) await this.settle(waiter, seconds, 'mq_timedsend', () => undefined, ETIMEDOUT)
  }

  /** How many bytes were received, or the address of the waiter for them. */
  #get(fd: number, room: number): { bytes: number; waiter: number } {
    const bytes = this.check(this.kernel.exports.mq_receive(this.pid, whole(fd, 'fd'), whole(room, 'room')), 'mq_timedreceive')
    return { bytes, waiter: this.kernel.view.getUint32(this.kernel.cpuField('extra'), true) }
  }

  #message(length: number): MqMessage {
    const { type, text } = this.received(length, 'mq_timedreceive')
    return { priority: type, text }
  }

  /**
   * Receives the oldest message of the highest priority into room for so many bytes, which must be as many as a message of the queue may have.
   * Sleeps until there is one; of a queue that is open with O_NONBLOCK it throws EAGAIN instead.
   *
   * Throws a SysError as mq_receive(3): EAGAIN, EBADF, EMSGSIZE, ENOMEM; ESRCH and EDEADLK as mq_send does.
   */
  mq_receive(fd: number, room: number): MqMessage {
    return this.mq_timedreceive(fd, room, FOREVER)
  }

  /** As mq_receive, but throws a SysError ETIMEDOUT at a time, in seconds since 1970. */
  mq_timedreceive(fd: number, room: number, time: number): MqMessage {
    const seconds = this.#left(time)
    const { bytes, waiter } = this.#get(fd, room)
    return this.#message(waiter === 0 ? bytes : this.sleep(waiter, seconds, 'mq_timedreceive', WAIT))
  }

  /** As mq_receive, or with a time mq_timedreceive, but the thread goes on, and the promise resolves with the message. It stands in line from now on. */
  async mq_receiveAsync(fd: number, room: number, time = FOREVER): Promise<MqMessage> {
    const seconds = this.#left(time)
    const { bytes, waiter } = this.#get(fd, room)
    if (waiter === 0) return this.#message(bytes)
    return await this.settle(waiter, seconds, 'mq_timedreceive', length => this.#message(length), ETIMEDOUT)
  }

  #attributes(fd: number, flags: number, syscall: string): MqAttributes {
    const { view, buffer, exports } = this.kernel
    this.check(exports.mq_attributes(this.pid, whole(fd, 'fd'), flags), syscall)
    const word = (offset: number): number => view.getUint32(buffer + offset, true)
    const at = MqAttributesLayout
    return { flags: word(at.flags), maxmsg: word(at.maxMessages), msgsize: word(at.maxBytes), curmsgs: word(at.count) }
  }

  /** What is known of an open queue. */
  mq_getattr(fd: number): MqAttributes {
    return this.#attributes(fd, Number.NaN, 'mq_getattr')
  }

  /** Sets whether calls wait: `flags` is O_NONBLOCK or 0; returns what was known before. */
  mq_setattr(fd: number, flags: number): MqAttributes {
    return this.#attributes(fd, whole(flags, 'flags'), 'mq_setattr')
  }
}
