// System V message queues.

import { BUFFER_SIZE } from '../abi/layout.gen.js'
import * as msg from '../abi/msg.gen.js'
import * as shm from '../abi/shm.gen.js'
import { options, shown, whole } from './arguments.js'
import { type MsgInfo, type MsgStat, readMsgInfo, readMsgStat } from './msgStat.js'
import { SemCalls } from './sem.js'
import { PERM_SETTINGS, type ShmSettings, settingsOf } from './shm.js'

/** struct msgbuf: a message's type, a whole number above 0, and its bytes. */
export interface MsgBuf {
  type: number
  text: Uint8Array
}

/** What msgctl(IPC_SET) changes; `qbytes` is the most bytes of the queue's messages, and the most messages. */
export interface MsgSettings extends ShmSettings {
  qbytes?: number
}

const FOREVER = Number.POSITIVE_INFINITY

/** msgget(2), msgsnd(2), msgrcv(2) and msgctl(2). */
export class MsgCalls extends SemCalls {
  /** The id of the message queue with a key; makes one if the flags say so. */
  msgget(key: number, flags: number): number {
    return this.check(this.kernel.exports.msg_get(this.pid, whole(key, 'key'), whole(flags, 'flags')), 'msgget')
  }

  /**
   * Sends a message. Sleeps, with all of the thread, until there is room in the queue for it; with IPC_NOWAIT it throws EAGAIN
   * instead.
   *
   * Throws a SysError as msgsnd(2): EINVAL, EACCES, ENOMEM, EAGAIN; EIDRM if the queue is removed meanwhile, ESRCH if
   * the process is killed; and EDEADLK, where Linux would sleep for ever, if no other thread has a process in this
   * IPC namespace.
   */
  msgsnd(id: number, message: MsgBuf, flags = 0): void {
    const waiter = this.#send(id, message, flags)
    if (waiter !== 0) this.sleep(waiter, FOREVER, 'msgsnd')
  }

  /** As msgsnd, but the thread goes on, and the promise resolves when the message is sent. It stands in line from now on. */
  async msgsndAsync(id: number, message: MsgBuf, flags = 0): Promise<void> {
    const waiter = this.#send(id, message, flags)
    if (waiter !== 0) await this.settle(waiter, FOREVER, 'msgsnd', () => undefined)
  }

  /**
   * Receives a message of at most `size` bytes: the first, the first of `type`, or with a type below 0 the first of the lowest type
   * that is not above its absolute value. MSG_EXCEPT asks for the first of any other type, MSG_COPY for a copy of the one at
   * place `type`, MSG_NOERROR to cut what is longer. Sleeps until there is one; with IPC_NOWAIT it throws ENOMSG instead.
   *
   * Throws a SysError as msgrcv(2): E2BIG, EINVAL, EACCES, ENOMSG, ENOMEM; EIDRM, ESRCH and EDEADLK as msgsnd does.
   */
  msgrcv(id: number, size: number, type = 0, flags = 0): MsgBuf {
    const { bytes, waiter } = this.#receive(id, size, type, flags)
    return this.received(waiter === 0 ? bytes : this.sleep(waiter, FOREVER, 'msgrcv'), 'msgrcv')
  }

  /** As msgrcv, but the thread goes on, and the promise resolves with the message. It stands in line from now on. */
  async msgrcvAsync(id: number, size: number, type = 0, flags = 0): Promise<MsgBuf> {
    const { bytes, waiter } = this.#receive(id, size, type, flags)
    return waiter === 0
      ? this.received(bytes, 'msgrcv')
      : await this.settle(waiter, FOREVER, 'msgrcv', length => this.received(length, 'msgrcv'))
  }

  /** Controls a queue: the commands, their arguments and results are those of msgctl(2). */
  msgctl(id: number, command: typeof shm.IPC_STAT): MsgStat
  msgctl(id: number, command: typeof msg.MSG_STAT | typeof msg.MSG_STAT_ANY): MsgStat & { id: number }
  msgctl(id: number, command: typeof shm.IPC_INFO | typeof msg.MSG_INFO): MsgInfo
  msgctl(id: number, command: typeof shm.IPC_SET, settings: MsgSettings): undefined
  msgctl(id: number, command: number): undefined
  msgctl(id: number, command: number, settings?: MsgSettings): MsgStat | (MsgStat & { id: number }) | MsgInfo | undefined {
    const { kernel, pid } = this
    whole(id, 'id')
    if (command === shm.IPC_SET) {
      const [uid = 0, gid = 0, mode = 0, qbytes = 0] = settingsOf(settings, [...PERM_SETTINGS, 'qbytes'])
      this.check(kernel.exports.msg_set(pid, id, uid, gid, mode, qbytes), 'msgctl')
      return undefined
    }
    const result = this.check(kernel.exports.msg_control(pid, id, whole(command, 'command')), 'msgctl')
    if (command === shm.IPC_STAT) return readMsgStat(kernel)
    if (command === msg.MSG_STAT || command === msg.MSG_STAT_ANY) return { id: result, ...readMsgStat(kernel) }
    return command === shm.IPC_INFO || command === msg.MSG_INFO ? readMsgInfo(kernel, result, command === msg.MSG_INFO) : undefined
  }

  /** 0, or the address of the waiter of a message that must wait. */
  #send(id: number, message: MsgBuf, flags: number): number {
    const { type, text } = options(message, ['type', 'text'], 'messages')
    if (!(text instanceof Uint8Array)) throw new TypeError(`text must be a Uint8Array, not ${shown(text)}`)
    for (const [name, value] of Object.entries({ id, type, flags })) whole(value, name)
    return this.withStaged(text, 'msgsnd', () => this.kernel.exports.msg_send(this.pid, id, type, text.length, flags))
  }

  /** The result of a call for which bytes are staged. */
  protected withStaged(bytes: Uint8Array, syscall: string, call: () => number): number {
    const { exports, view } = this.kernel
    const at = this.check(exports.stage_take(this.pid, bytes.length), syscall)
    // without room the core says what is wrong
    if (at !== 0) new Uint8Array(view.buffer, at, bytes.length).set(bytes)
    const result = call()
    if (bytes.length > BUFFER_SIZE) exports.stage_drop(this.pid)
    return this.check(result, syscall)
  }

  /** How many bytes were received, or the address of the waiter for them. */
  #receive(id: number, size: number, type: number, flags: number): { bytes: number; waiter: number } {
    for (const [name, value] of Object.entries({ id, size, type, flags })) whole(value, name)
    const bytes = this.check(this.kernel.exports.msg_receive(this.pid, id, size, type, flags), 'msgrcv')
    return { bytes, waiter: this.kernel.view.getUint32(this.kernel.cpuField('extra'), true) }
  }

  /** The message that was received, of so many bytes. */
  protected received(length: number, syscall: string): MsgBuf {
    const { exports, view, buffer } = this.kernel
    const piece = new Uint8Array(view.buffer, buffer, BUFFER_SIZE)
    const type = Number(view.getBigInt64(this.kernel.cpuField('value'), true))
    const text = new Uint8Array(length)
    text.set(piece.subarray(0, Math.min(length, BUFFER_SIZE)))
    if (length <= BUFFER_SIZE) return { type, text }
    for (let done = BUFFER_SIZE; done < length; done += BUFFER_SIZE) {
      const bytes = this.check(exports.msg_read(this.pid, done), syscall)
      text.set(piece.subarray(0, Math.min(bytes, length - done)), done)
    }
    this.check(exports.msg_drop(this.pid), syscall)
    return { type, text }
  }
}
