// System V semaphores.

import { ENOMEM } from '../abi/errno.gen.js'
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import * as sem from '../abi/sem.gen.js'
import * as shm from '../abi/shm.gen.js'
import { SemOperationLayout } from '../core/layout.gen.js'
import { shown, whole } from './arguments.js'
import { readSemInfo, readSemStat, type SemInfo, type SemStat } from './semStat.js'
import { PERM_SETTINGS, ShmCalls, type ShmSettings, settingsOf } from './shm.js'

/** struct sembuf: adds `op` to semaphore `num`, and waits until that does not make it negative; 0 waits until it is zero. `flg` is IPC_NOWAIT and SEM_UNDO. */
export interface SemOp {
  num: number
  op: number
  flg?: number
}

type ReadCommand = typeof sem.GETVAL | typeof sem.GETPID | typeof sem.GETNCNT | typeof sem.GETZCNT
type Report = SemStat | (SemStat & { id: number }) | SemInfo | number | number[] | undefined

/** semget(2), semop(2) and semctl(2). */
export class SemCalls extends ShmCalls {
  /** The id of the set of semaphores with a key; makes one of `nsems` if the flags say so, all of them 0. */
  semget(key: number, nsems: number, flags: number): number {
    const { sem_get } = this.kernel.exports
    return this.check(sem_get(this.pid, whole(key, 'key'), whole(nsems, 'nsems'), whole(flags, 'flags')), 'semget')
  }

  /**
   * Does all operations on a set, or none. Sleeps, with all of the thread, until they can be done, those that came first
   * before others; where `flg` has IPC_NOWAIT it throws EAGAIN instead. With SEM_UNDO a change is taken back when the process ends.
   *
   * Throws a SysError as semop(2): E2BIG, EFBIG, EINVAL, EACCES, ERANGE, ENOMEM, EAGAIN; EIDRM if the set is removed
   * meanwhile, ESRCH if the process is killed; and EDEADLK, where Linux would sleep for ever, if no other thread
   * has a process in this IPC namespace.
   */
  semop(id: number, operations: readonly SemOp[]): void {
    const waiter = this.#operate('semop', id, operations, Number.POSITIVE_INFINITY)
    if (waiter !== 0) this.sleep(waiter, Number.POSITIVE_INFINITY, 'semop')
  }

  /** As semop, but throws a SysError EAGAIN after so many seconds; EINVAL if they are negative. */
  semtimedop(id: number, operations: readonly SemOp[], seconds: number): void {
    const waiter = this.#operate('semtimedop', id, operations, this.seconds(seconds))
    if (waiter !== 0) this.sleep(waiter, seconds, 'semtimedop')
  }

  /**
   * As semop or semtimedop, but the thread goes on, and the promise resolves when the operations are done. They stand
   * in line from now on. Rejects with ESRCH if the process ends, EINTR if it leaves its IPC namespace. As long as it is
   * pending, Node does not end by itself.
   */
  async semopAsync(id: number, operations: readonly SemOp[], seconds = Number.POSITIVE_INFINITY): Promise<void> {
    const waiter = this.#operate('semop', id, operations, this.seconds(seconds))
    if (waiter !== 0) await this.settle(waiter, seconds, 'semop', () => undefined)
  }

  /** 0, or the address of the waiter of operations that must wait. */
  #operate(syscall: string, id: number, operations: readonly SemOp[], seconds: number): number {
    const { exports, view } = this.kernel
    whole(id, 'id')
    if (!Array.isArray(operations)) throw new TypeError(`operations must be an array, not ${shown(operations)}`)
    const { num: numAt, op: opAt, flags: flagsAt, SIZE } = SemOperationLayout
    const bytes = operations.length * SIZE
    const start = this.check(exports.stage_take(this.pid, bytes), syscall)
    for (const [i, { num, op, flg = 0 }] of operations.entries()) {
      const words = [whole(num, 'num'), whole(op, 'op'), whole(flg, 'flg')] as const
      // without room the core says what is wrong
      if (start === 0) continue
      const at = start + i * SIZE
      view.setUint16(at + numAt, words[0], true)
      view.setInt16(at + opAt, words[1], true)
      view.setUint32(at + flagsAt, words[2] & 0xffff, true)
    }
    const result = exports.sem_operate(this.pid, id, operations.length, seconds)
    if (bytes > BUFFER_SIZE) exports.stage_drop(this.pid)
    return this.check(result, syscall)
  }

  /**
   * Controls a set, or semaphore `num` of it: the commands, their arguments and results are those of semctl(2). SETALL takes a value
   * for each semaphore: what is more is not looked at, fewer are EFAULT, as an array that ends before unmapped memory.
   */
  semctl(id: number, num: number, command: ReadCommand): number
  semctl(id: number, num: number, command: typeof sem.GETALL): number[]
  semctl(id: number, num: number, command: typeof sem.SETVAL, value: number): undefined
  semctl(id: number, num: number, command: typeof sem.SETALL, values: readonly number[]): undefined
  semctl(id: number, num: number, command: typeof shm.IPC_STAT): SemStat
  semctl(id: number, num: number, command: typeof sem.SEM_STAT | typeof sem.SEM_STAT_ANY): SemStat & { id: number }
  semctl(id: number, num: number, command: typeof shm.IPC_INFO | typeof sem.SEM_INFO): SemInfo
  semctl(id: number, num: number, command: typeof shm.IPC_SET, settings: ShmSettings): undefined
  semctl(id: number, num: number, command: number): undefined
  semctl(id: number, num: number, command: number, argument?: number | readonly number[] | ShmSettings): Report {
    const { exports } = this.kernel
    for (const [name, value] of Object.entries({ id, num, command })) whole(value, name)
    if (command === sem.SETVAL) {
      if (typeof argument !== 'number') throw new TypeError('SETVAL needs a value')
      this.check(exports.sem_set_value(this.pid, id, num, whole(argument, 'value')), 'semctl')
      return undefined
    }
    if (command === sem.SETALL) return this.#setAll(id, argument as readonly number[])
    if (command === shm.IPC_SET) return this.#set(id, argument as ShmSettings | undefined)
    const result = this.check(exports.sem_control(this.pid, id, num, command), 'semctl')
    return this.#report(command, result)
  }

  #report(command: number, result: number): Report {
    const { kernel } = this
    if (command === sem.GETALL) return this.#values(result)
    if (command >= sem.GETPID && command <= sem.GETZCNT) return result
    if (command === shm.IPC_STAT) return readSemStat(kernel)
    if (command === sem.SEM_STAT || command === sem.SEM_STAT_ANY) return { id: result, ...readSemStat(kernel) }
    return command === shm.IPC_INFO || command === sem.SEM_INFO ? readSemInfo(kernel, result, command === sem.SEM_INFO) : undefined
  }

  /** The values that GETALL staged. */
  #values(count: number): number[] {
    const { view, exports } = this.kernel
    const at = view.getUint32(this.kernel.cpuField('extra'), true)
    const values = Array.from({ length: count }, (_, i) => view.getUint16(at + i * 2, true))
    if (count * 2 > BUFFER_SIZE) this.check(exports.stage_drop(this.pid), 'semctl')
    return values
  }

  #setAll(id: number, values: readonly number[]): undefined {
    const { view, exports } = this.kernel
    if (!Array.isArray(values)) throw new TypeError('SETALL needs an array of values')
    for (const value of values) whole(value, 'value')
    // no set is larger
    const count = Math.min(values.length, 0xffff)
    const at = this.check(exports.stage_take(this.pid, count * 2), 'semctl')
    if (at === 0) this.fail(ENOMEM, 'semctl')
    for (let i = 0; i < count; i++) view.setUint16(at + i * 2, values[i] as number, true)
    const result = exports.sem_set_all(this.pid, id, count)
    if (count * 2 > BUFFER_SIZE) exports.stage_drop(this.pid)
    this.check(result, 'semctl')
    return undefined
  }

  #set(id: number, settings: ShmSettings | undefined): undefined {
    const [uid = 0, gid = 0, mode = 0] = settingsOf(settings, PERM_SETTINGS)
    this.check(this.kernel.exports.sem_set(this.pid, id, uid, gid, mode), 'semctl')
    return undefined
  }
}
