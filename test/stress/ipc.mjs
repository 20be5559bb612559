// Semaphores and messages that workers share. Whoever dies with a permit gives it back by SEM_UNDO, so that in the end all
// are there; a message outlives its sender, and says by itself whether it is whole.
import { constants as C } from 'faultline'
import { sumOf } from './random.mjs'

/** The key of the semaphores and of the queue. */
export const SHARED = 98
/** What semaphore 0 has in the beginning, and in the end. */
export const PERMITS = 3
/** Words of a message. */
const WORDS = 16

export class Ipc {
  constructor(self, next, attempt) {
    this.self = self
    this.next = next
    this.attempt = attempt
    this.permits = self.semget(SHARED, 0, 0)
    this.queue = self.msgget(SHARED, 0)
  }

  step() {
    const steps = [this.hold, this.both, this.send, this.receive]
    return steps[this.next(steps.length)].call(this)
  }

  /** Has a permit for a moment, if there is one in time. */
  hold() {
    const { self, permits, next } = this
    const take = () => self.semtimedop(permits, [{ num: 0, op: -1, flg: C.SEM_UNDO }], 0.05) ?? true
    if (!this.attempt(take, 'EAGAIN', 'ENOMEM', 'ENOSPC')) return
    const value = self.semctl(permits, 0, C.GETVAL)
    if (value >= PERMITS) throw new Error(`${value} permits are left while this process has one`)
    for (let i = next(20); i > 0; i--) self.semctl(permits, 1, C.GETVAL)
    self.semop(permits, [{ num: 0, op: 1, flg: C.SEM_UNDO }])
  }

  /** Operations that are done all or not at all: semaphore 1 stays 0. */
  both() {
    const { self, permits } = this
    const operations = [
      { num: 1, op: 1 },
      { num: 0, op: -1, flg: C.IPC_NOWAIT },
      { num: 0, op: 1 },
      { num: 1, op: -1 },
    ]
    this.attempt(() => self.semop(permits, operations), 'EAGAIN', 'ENOMEM')
    const value = self.semctl(permits, 1, C.GETVAL)
    if (value !== 0) throw new Error(`semaphore 1 is ${value}, and never was`)
  }

  send() {
    const type = 1 + this.next(4)
    const word = sumOf(type, this.self.pid)
    const words = new Uint32Array(WORDS).fill(word)
    words[0] = this.self.pid
    const text = new Uint8Array(words.buffer)
    this.attempt(() => this.self.msgsnd(this.queue, { type, text }, C.IPC_NOWAIT), 'EAGAIN', 'ENOMEM')
  }

  receive() {
    const wanted = this.next(5)
    const message = this.attempt(() => this.self.msgrcv(this.queue, 4 * WORDS, wanted, C.IPC_NOWAIT), 'ENOMSG', 'ENOMEM')
    if (!message) return
    const [pid, ...words] = new Uint32Array(message.text.slice().buffer)
    const right = words.length === WORDS - 1 && (wanted === 0 || message.type === wanted)
    if (!right || words.some(word => word !== sumOf(message.type, pid)))
      throw new Error(`a message of type ${message.type} from ${pid}, asked for by ${wanted}, is not whole: ${words}`)
  }
}
