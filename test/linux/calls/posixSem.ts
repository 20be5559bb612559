// POSIX semaphores, glibc's. A semaphore in memory is 32 bytes at any address that is a multiple of 8.
import { bytesOf, type Calls } from '../call.js'
import type { World } from '../world.js'

/** A time in the past, and one that is never, as struct timespec. */
function timespec(seconds: number): string {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(seconds))
  return `in:${bytes.toString('hex')}`
}

/** A name of a semaphore. */
function name(world: World): string {
  return world.pick(["'/s", "'/s", "'/t", "'/a/b", "'/", "'"])
}

export const posixSemCalls: Calls = {
  sem_open: {
    linux: args => ['pointer', 'sem_open', ...args],
    machine: (p, [, flags = 0, mode = 0, value = 0], [path = '']) => p.sem_open(path, flags, mode, value),
    address: true,
    generate: world => [name(world), world.pick(['0', 'O_CREAT', 'O_CREAT', 'O_CREAT|O_EXCL']), '0o666', world.pick([0, 1, 2, 2 ** 31])],
    weight: 3,
  },
  sem_close: {
    linux: args => ['libc', 'sem_close', ...args],
    machine: (p, [sem = 0]) => void p.sem_close(sem),
    generate: world => [world.semaphore()],
    weight: 1,
  },
  sem_unlink: {
    linux: args => ['libc', 'sem_unlink', ...args],
    machine: (p, _args, [path = '']) => void p.sem_unlink(path),
    generate: world => [name(world)],
    weight: 1,
  },
  sem_init: {
    linux: args => ['libc', 'sem_init', ...args],
    machine: (p, [sem = 0, shared = 0, value = 0]) => void p.sem_init(sem, shared, value),
  },
  sem_destroy: {
    linux: args => ['libc', 'sem_destroy', ...args],
    machine: (p, [sem = 0]) => void p.sem_destroy(sem),
  },
  sem_wait: {
    linux: args => ['libc', 'sem_wait', ...args],
    machine: (p, [sem = 0]) => void p.sem_wait(sem),
    later: (p, [sem = 0]) => p.sem_waitAsync(sem).then(() => undefined),
  },
  sem_trywait: {
    linux: args => ['libc', 'sem_trywait', ...args],
    machine: (p, [sem = 0]) => void p.sem_trywait(sem),
  },
  /** Semaphore, seconds since 1970. */
  sem_timedwait: {
    linux: ([sem = 0, seconds = 0]) => ['libc', 'sem_timedwait', sem, timespec(Number(seconds))],
    machine: (p, [sem = 0, seconds = 0]) => void p.sem_timedwait(sem, seconds),
    later: (p, [sem = 0, seconds = 0]) => p.sem_timedwaitAsync(sem, seconds).then(() => undefined),
  },
  sem_post: {
    linux: args => ['libc', 'sem_post', ...args],
    machine: (p, [sem = 0]) => void p.sem_post(sem),
  },
  sem_getvalue: {
    linux: ([sem = 0]) => ['libc', 'sem_getvalue', sem, 'out:4'],
    decode: answer => bytesOf(answer).readInt32LE(),
    machine: (p, [sem = 0]) => p.sem_getvalue(sem),
  },
}
