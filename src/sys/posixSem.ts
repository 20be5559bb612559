// POSIX semaphores, as glibc makes them: sem_t in shared memory, waited at by futex; named ones are files of /dev/shm.
import { EACCES, EAGAIN, EEXIST, EINVAL, ENAMETOOLONG, ENOENT, EOVERFLOW, EPERM, ESRCH, ETIMEDOUT } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { NAME_MAX, O_ACCMODE, O_CLOEXEC, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } from '../abi/fcntl.gen.js'
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../abi/mman.gen.js'
import { SEM_VALUE_MAX } from '../abi/sem.gen.js'
import { whole } from './arguments.js'
import type { WaitResult } from './futex.js'
import { MsgCalls } from './msg.js'

/** Bytes of sem_t: a u32 value, a u32 count of who waits, the word that says whether processes share it, and nothing. */
const SIZE = 32
const VALUE = 0xffffffffn
const WAITER = 1n << 32n
/** What glibc writes to the third word of a semaphore that processes share: how it calls futex. */
const SHARED = 128
const PREFIX = '/dev/shm/sem.'
/** What PREFIX leaves of a name's bytes, in the file's name and in the place that glibc has for it. */
const [LONGEST_FILE, LONGEST] = [NAME_MAX - 4, NAME_MAX]
/** How often glibc looks for a name that no file has. */
const TRIES = 50

/** sem_open(3), sem_wait(3) and their like. */
export class PosixSemCalls extends MsgCalls {
  /** Files of this thread that were made under a name of their own. */
  #made = 0

  /** The path of a named semaphore; an error if the name is none. */
  #pathOf(name: string): string | number {
    if (typeof name !== 'string' || name.includes('\0')) throw new TypeError(`a name is a string without NUL, not ${JSON.stringify(name)}`)
    const bare = name.replace(/^\/+/, '')
    const { length } = new TextEncoder().encode(bare)
    if (length === 0 || bare.includes('/') || length > LONGEST) return -EINVAL
    return length > LONGEST_FILE ? -ENAMETOOLONG : PREFIX + bare
  }

  /** Address of the semaphore in an open file, which is closed; it is mapped once in a process. */
  #mapped(fd: number, given = 0): number {
    const { sem_named_open } = this.kernel.exports
    let address = given
    try {
      const known = this.check(sem_named_open(this.pid, fd, 0), 'sem_open')
      if (known !== 0) return known
      address ||= this.mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
      // another thread of the process may have been as fast
      const first = this.check(sem_named_open(this.pid, fd, address), 'sem_open')
      if (first !== address) this.munmap(address, SIZE)
      return first
    } catch (error) {
      if (address !== 0) this.munmap(address, SIZE)
      throw error
    } finally {
      this.close(fd)
    }
  }

  /** Makes a semaphore in a file of a name of its own, maps it, then gives it its name; its address, 0 if there is one of that name. */
  #create(path: string, mode: number, value: number): number {
    const [own, fd] = this.#openOwn(mode)
    let address = 0
    try {
      const bytes = new Uint8Array(SIZE)
      new Uint32Array(bytes.buffer).set([value, 0, SHARED])
      this.pwrite(fd, bytes, 0)
      address = this.mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
      this.link(own, path)
    } catch (error) {
      if (address !== 0) this.munmap(address, SIZE)
      this.close(fd)
      if (error instanceof SysError && error.errno === EEXIST) return 0
      throw error
    } finally {
      this.unlink(own)
    }
    return this.#mapped(fd, address)
  }

  /** A new file under a name that no other has, and its descriptor. */
  #openOwn(mode: number): [path: string, fd: number] {
    for (let tries = 0; ; tries++) {
      const path = `${PREFIX}${(this.tid * 2 ** 16 + this.#made++).toString(36).padStart(6, '0')}`
      try {
        return [path, this.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)]
      } catch (error) {
        if (!(error instanceof SysError) || error.errno !== EEXIST) throw error
        if (tries === TRIES) this.fail(EAGAIN, 'sem_open')
      }
    }
  }

  /**
   * Opens a named semaphore, a file `sem.NAME` of /dev/shm, with O_CREAT making it with a value; returns its address, which
   * is the same for each time that the process opens it, and stays after fork.
   *
   * Throws a SysError as sem_open(3): EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOMEM, ENOSPC.
   */
  sem_open(name: string, flags: number, mode = 0, value = 0): number {
    for (const [what, number] of Object.entries({ flags, mode, value })) whole(number, what)
    const path = this.#pathOf(name)
    if (typeof path === 'number') return this.check(path, 'sem_open', name)
    const create = (flags & O_CREAT) !== 0
    const kept = (flags & ~(O_CREAT | O_ACCMODE)) | O_NOFOLLOW | O_RDWR | O_CLOEXEC
    while (true) {
      const fd = create && (flags & O_EXCL) !== 0 ? -ENOENT : this.openPath(path, kept, 0)
      if (fd !== -ENOENT || !create) return this.#mapped(this.check(fd, 'sem_open', name))
      if (value < 0 || value > SEM_VALUE_MAX) this.fail(EINVAL, 'sem_open', name)
      const made = this.#create(path, mode, value)
      if (made !== 0) return made
      if ((flags & O_EXCL) !== 0) this.fail(EEXIST, 'sem_open', name)
    }
  }

  /** Closes a named semaphore, which is unmapped when it was closed as often as it was opened. Throws a SysError EINVAL if none is open there. */
  sem_close(sem: number): void {
    const last = this.check(this.kernel.exports.sem_named_close(this.pid, whole(sem, 'sem')), 'sem_close')
    if (last === 1) this.munmap(sem, SIZE)
  }

  /** Takes the name of a semaphore away; it lives on while it is open. */
  sem_unlink(name: string): void {
    const path = this.#pathOf(name)
    if (path === -EINVAL) this.fail(ENOENT, 'sem_unlink', name)
    const result = typeof path === 'number' ? path : this.unlinkPath(path)
    this.check(result === -EPERM ? -EACCES : result, 'sem_unlink', name)
  }

  /** Makes 32 bytes of memory a semaphore; `shared` says whether processes share it, or only the threads of this one. EINVAL for a value above SEM_VALUE_MAX. */
  sem_init(sem: number, shared: number, value: number): void {
    for (const [what, number] of Object.entries({ sem, shared, value })) whole(number, what)
    if (value < 0 || value > SEM_VALUE_MAX) this.fail(EINVAL, 'sem_init')
    this.store64(sem, BigInt(value))
    this.store32(sem + 8, shared === 0 ? 0 : SHARED)
  }

  /** Ends the use of a semaphore that sem_init made; nobody may wait there. */
  sem_destroy(sem: number): void {
    whole(sem, 'sem')
  }

  /** Takes one from a semaphore's value, if there is any, and what else is asked. */
  #takes(sem: number, also = 0n): boolean {
    let old = this.load64(whole(sem, 'sem'))
    while ((old & VALUE) !== 0n) {
      const seen = this.compareExchange64(sem, old, old - 1n - also)
      if (seen === old) return true
      old = seen
    }
    return false
  }

  /** Takes one from a semaphore's value. Throws a SysError EAGAIN if it is 0. */
  sem_trywait(sem: number): void {
    if (!this.#takes(sem)) this.fail(EAGAIN, 'sem_trywait')
  }

  /** Milliseconds until a time. */
  #until(time: number): number {
    return Math.max(0, this.seconds(time) * 1000 - Date.now())
  }

  /** Counts one that waits, or one less after what ended the wait, unless that was the process's end. */
  #count(sem: number, by: bigint, cause?: unknown): void {
    if (!(cause instanceof SysError && cause.errno === ESRCH)) this.add64(sem, BigInt.asUintN(64, by))
  }

  /** Whether a wait that ended so, of a semaphore that has a value or none, is over. */
  #isOver(sem: number, result: WaitResult, syscall: string): boolean {
    if (result === 'timed-out') this.fail(ETIMEDOUT, syscall)
    return this.#takes(sem, WAITER)
  }

  #down(sem: number, time: number, syscall: string): void {
    if (this.#takes(sem)) return
    this.#count(sem, WAITER)
    try {
      while (!this.#isOver(sem, this.waitOn(sem, 0, this.#until(time)), syscall)) {}
    } catch (error) {
      this.#count(sem, -WAITER, error)
      throw error
    }
  }

  async #downLater(sem: number, time: number, syscall: string): Promise<void> {
    if (this.#takes(sem)) return
    this.#count(sem, WAITER)
    try {
      while (!this.#isOver(sem, await this.waitOnAsync(sem, 0, this.#until(time)), syscall)) {}
    } catch (error) {
      this.#count(sem, -WAITER, error)
      throw error
    }
  }

  /** Takes one from a semaphore's value; sleeps, with all of the thread, until there is one. Throws a SysError as waitOn does. */
  sem_wait(sem: number): void {
    this.#down(sem, Number.POSITIVE_INFINITY, 'sem_wait')
  }

  /** As sem_wait, but the thread goes on, and the promise resolves when it has one. */
  sem_waitAsync(sem: number): Promise<void> {
    return this.#downLater(sem, Number.POSITIVE_INFINITY, 'sem_wait')
  }

  /** As sem_wait, but throws a SysError ETIMEDOUT at a time, in seconds since 1970, unless it can have one. */
  sem_timedwait(sem: number, time: number): void {
    this.seconds(time)
    this.#down(sem, time, 'sem_timedwait')
  }

  /** As sem_timedwait, but the thread goes on. */
  async sem_timedwaitAsync(sem: number, time: number): Promise<void> {
    this.seconds(time)
    await this.#downLater(sem, time, 'sem_timedwait')
  }

  /** Adds one to a semaphore's value, for whoever waits or comes first. Throws a SysError EOVERFLOW if it is SEM_VALUE_MAX. */
  sem_post(sem: number): void {
    let old = this.load64(whole(sem, 'sem'))
    while (true) {
      if (Number(old & VALUE) >= SEM_VALUE_MAX) this.fail(EOVERFLOW, 'sem_post')
      const seen = this.compareExchange64(sem, old, old + 1n)
      if (seen === old) break
      old = seen
    }
    if (old >= WAITER) this.notify(sem, 1)
  }

  /** A semaphore's value. */
  sem_getvalue(sem: number): number {
    return Number(this.load64(whole(sem, 'sem')) & VALUE)
  }
}
