// A process: its system calls, and loads and stores in its memory.
import { FaultError, SysError } from '../abi/errors.js'
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import * as shm from '../abi/shm.gen.js'
import type { Kernel } from '../core/kernel.js'
import { whole } from './arguments.js'
import { readStat, readUsage, type ShmInfo, type ShmStat, type ShmUsage } from './shmStat.js'

/** What shmctl(IPC_SET) changes. */
export interface ShmSettings {
  uid: number
  gid: number
  mode: number
}

/**
 * One process of a machine, to be used on the thread that made it. Addresses and sizes are in
 * bytes. Every method throws a SysError where Linux sets errno, ESRCH once the process has ended,
 * and a TypeError if an argument is no whole number. Loads and stores throw a FaultError where
 * Linux sends SIGSEGV, and a SysError ENOMEM where it would kill.
 */
export class Process {
  readonly pid: number
  readonly #kernel: Kernel

  constructor(kernel: Kernel, pid: number) {
    this.#kernel = kernel
    this.pid = pid
  }

  #check(result: number, syscall: string): number {
    if (result < 0) throw new SysError(-result, syscall)
    return result
  }

  /** Maps anonymous memory, private or shared; returns its address. As there are no files yet, `fd` is -1. */
  mmap(address: number, length: number, prot: number, flags: number, fd = -1, offset = 0): number {
    whole(fd, 'fd')
    const { mm_map } = this.#kernel.exports
    const at = mm_map(
      this.pid,
      whole(address, 'address'),
      whole(length, 'length'),
      whole(prot, 'prot'),
      whole(flags, 'flags'),
      whole(offset, 'offset'),
    )
    return this.#check(at, 'mmap')
  }

  /** Takes away whatever is mapped in the range. */
  munmap(address: number, length: number): void {
    this.#check(this.#kernel.exports.mm_unmap(this.pid, whole(address, 'address'), whole(length, 'length')), 'munmap')
  }

  /** Changes the rights of a range. */
  mprotect(address: number, length: number, prot: number): void {
    const result = this.#kernel.exports.mm_protect(this.pid, whole(address, 'address'), whole(length, 'length'), whole(prot, 'prot'))
    this.#check(result, 'mprotect')
  }

  /** The id of the segment with a key; makes it if the flags say so. */
  shmget(key: number, size: number, flags: number): number {
    const { shm_get } = this.#kernel.exports
    return this.#check(shm_get(this.pid, whole(key, 'key'), whole(size, 'size'), whole(flags, 'flags')), 'shmget')
  }

  /** Attaches a segment, at an address of the machine's choice if `address` is 0; returns where. */
  shmat(id: number, address: number, flags: number): number {
    const { shm_attach } = this.#kernel.exports
    return this.#check(shm_attach(this.pid, whole(id, 'id'), whole(address, 'address'), whole(flags, 'flags')), 'shmat')
  }

  /** Detaches the segment that was attached at an address. */
  shmdt(address: number): void {
    this.#check(this.#kernel.exports.shm_detach(this.pid, whole(address, 'address')), 'shmdt')
  }

  /** Controls a segment: the commands, their arguments and results are those of shmctl(2); SHM_LOCK and SHM_UNLOCK are EINVAL as yet. */
  shmctl(id: number, command: typeof shm.IPC_STAT): ShmStat
  shmctl(id: number, command: typeof shm.SHM_STAT | typeof shm.SHM_STAT_ANY): ShmStat & { id: number }
  shmctl(id: number, command: typeof shm.IPC_INFO): ShmInfo
  shmctl(id: number, command: typeof shm.SHM_INFO): ShmUsage
  shmctl(id: number, command: typeof shm.IPC_SET, settings: ShmSettings): undefined
  shmctl(id: number, command: number): undefined
  shmctl(id: number, command: number, settings?: ShmSettings): ShmStat | (ShmStat & { id: number }) | ShmInfo | ShmUsage | undefined {
    const { shm_control, shm_set } = this.#kernel.exports
    whole(id, 'id')
    if (command === shm.IPC_SET) {
      if (!settings) throw new TypeError('IPC_SET needs settings: uid, gid and mode')
      const { uid, gid, mode } = settings
      this.#check(shm_set(this.pid, id, whole(uid, 'uid'), whole(gid, 'gid'), whole(mode, 'mode')), 'shmctl')
      return undefined
    }
    const result = this.#check(shm_control(this.pid, id, whole(command, 'command')), 'shmctl')
    if (command === shm.IPC_STAT) return readStat(this.#kernel)
    if (command === shm.SHM_STAT || command === shm.SHM_STAT_ANY) return { id: result, ...readStat(this.#kernel) }
    if (command === shm.IPC_INFO)
      return { index: result, shmmax: 2 ** 64 - 2 ** 24, shmmin: 1, shmmni: shm.SHMMNI, shmseg: shm.SHMMNI, shmall: 2 ** 64 - 2 ** 24 }
    return command === shm.SHM_INFO ? readUsage(this.#kernel, result) : undefined
  }

  /** A child on the same thread, with a copy of this process's memory. */
  fork(): Process {
    return new Process(this.#kernel, this.#check(this.#kernel.exports.task_fork(this.pid), 'fork'))
  }

  /** Ends the process. Its children become init's. */
  exit(code: number): void {
    this.#check(this.#kernel.exports.task_exit(this.pid, whole(code, 'code') & 255), 'exit')
  }

  /** A child that has ended, which is then gone; undefined if none of the children has ended yet. */
  wait(): { pid: number; exitCode: number } | undefined {
    const pid = this.#check(this.#kernel.exports.task_wait(this.pid), 'wait')
    return pid === 0 ? undefined : { pid, exitCode: this.#kernel.view.getUint32(this.#kernel.cpuField('extra'), true) }
  }

  /** Sets the user the process acts for. */
  setuid(uid: number): void {
    this.#check(this.#kernel.exports.task_set_uid(this.pid, whole(uid, 'uid')), 'setuid')
  }

  /** Sets the group the process acts for. */
  setgid(gid: number): void {
    this.#check(this.#kernel.exports.task_set_gid(this.pid, whole(gid, 'gid')), 'setgid')
  }

  /** The number of the frame behind an address; undefined if its page is not present. */
  frameOf(address: number): number | undefined {
    return this.#kernel.exports.mm_frame(this.pid, whole(address, 'address')) || undefined
  }

  #fault(access: 'read' | 'write'): never {
    const { view } = this.#kernel
    const code = view.getInt32(this.#kernel.cpuField('faultCode'), true)
    if (code < 0) throw new SysError(-code, access)
    throw new FaultError(code, view.getFloat64(this.#kernel.cpuField('faultAddress'), true), access)
  }

  #loaded(value: number): number {
    return value < 0 ? this.#fault('read') : value
  }

  /** The byte at an address. */
  load8(address: number): number {
    return this.#loaded(this.#kernel.exports.load8(this.pid, whole(address, 'address')))
  }

  /** The unsigned 16-bit number at an address, as in load32 and load64 in little-endian order. */
  load16(address: number): number {
    if (address % 2 === 0) return this.#loaded(this.#kernel.exports.load16(this.pid, whole(address, 'address')))
    return this.#small(this.read(address, 2)).getUint16(0, true)
  }

  /** The unsigned 32-bit number at an address. */
  load32(address: number): number {
    if (address % 4 === 0) return this.#loaded(this.#kernel.exports.load32(this.pid, whole(address, 'address')))
    return this.#small(this.read(address, 4)).getUint32(0, true)
  }

  /** The unsigned 64-bit number at an address. */
  load64(address: number): bigint {
    if (address % 8 !== 0) return this.#small(this.read(address, 8)).getBigUint64(0, true)
    if (!this.#kernel.exports.load64(this.pid, whole(address, 'address'))) this.#fault('read')
    return this.#kernel.view.getBigUint64(this.#kernel.cpuField('value'), true)
  }

  #small(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset)
  }

  /** Stores the low 8 bits of a number. */
  store8(address: number, value: number): void {
    if (!this.#kernel.exports.store8(this.pid, whole(address, 'address'), whole(value, 'value'))) this.#fault('write')
  }

  /** Stores the low 16 bits of a number. */
  store16(address: number, value: number): void {
    if (address % 2 !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8))
    else if (!this.#kernel.exports.store16(this.pid, whole(address, 'address'), whole(value, 'value'))) this.#fault('write')
  }

  /** Stores the low 32 bits of a number. */
  store32(address: number, value: number): void {
    if (address % 4 !== 0) this.write(address, Uint8Array.of(whole(value, 'value'), value >>> 8, value >>> 16, value >>> 24))
    else if (!this.#kernel.exports.store32(this.pid, whole(address, 'address'), whole(value, 'value'))) this.#fault('write')
  }

  /** Stores the low 64 bits of a number. */
  store64(address: number, value: bigint): void {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(0, value, true)
    if (address % 8 !== 0) this.write(address, bytes)
    else {
      const { store64 } = this.#kernel.exports
      if (!store64(this.pid, whole(address, 'address'), view.getUint32(0, true), view.getUint32(4, true))) this.#fault('write')
    }
  }

  /** Adds to the 32-bit number at a multiple of 4, atomically among all processes; returns what it was. */
  add32(address: number, value: number): number {
    const result = this.#kernel.exports.add32(this.pid, this.#aligned(address), whole(value, 'value'))
    return result < 0 ? this.#fault('write') : result
  }

  /** Replaces the 32-bit number at a multiple of 4 if it is `expected`, atomically among all processes; returns what it was. */
  compareExchange32(address: number, expected: number, value: number): number {
    const { compare_exchange32 } = this.#kernel.exports
    const result = compare_exchange32(this.pid, this.#aligned(address), whole(expected, 'expected'), whole(value, 'value'))
    return result < 0 ? this.#fault('write') : result
  }

  #aligned(address: number): number {
    if (whole(address, 'address') % 4 !== 0) throw new RangeError(`address 0x${address.toString(16)} is not a multiple of 4`)
    return address
  }

  /** A copy of `length` bytes from an address on. */
  read(address: number, length: number): Uint8Array {
    if (whole(length, 'length') < 0) throw new RangeError(`length must not be negative, it is ${length}`)
    const bytes = new Uint8Array(length)
    const buffer = new Uint8Array(this.#kernel.view.buffer, this.#kernel.buffer, BUFFER_SIZE)
    whole(address, 'address')
    for (let done = 0; done < length; ) {
      const part = Math.min(length - done, BUFFER_SIZE)
      if (this.#kernel.exports.mm_read(this.pid, address + done, part) !== part) this.#fault('read')
      bytes.set(buffer.subarray(0, part), done)
      done += part
    }
    return bytes
  }

  /** Copies bytes to an address; what lies before a bad access is written. */
  write(address: number, bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array')
    const buffer = new Uint8Array(this.#kernel.view.buffer, this.#kernel.buffer, BUFFER_SIZE)
    whole(address, 'address')
    for (let done = 0; done < bytes.length; done += BUFFER_SIZE) {
      const part = bytes.subarray(done, done + BUFFER_SIZE)
      buffer.set(part)
      if (this.#kernel.exports.mm_write(this.pid, address + done, part.length) !== part.length) this.#fault('write')
    }
  }
}
