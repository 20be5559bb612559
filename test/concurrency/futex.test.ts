import { boot, constants as C, type Process, type WaitResult } from 'faultline'
import { expect, it } from 'vitest'
import { SUPERBLOCK } from '#dist/abi/layout.gen.js'
import { outcome } from '../outcome.ts'
import { ATTACH, KEY, kernelOf, moduleOf, until, untilAsleep, withSegment } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS
/** Words of the segment in which workers and test meet. */
const [WOKEN, WORD] = [4, 64]

/** A worker that attaches the segment at `at`, not where init has it, and does something. */
function worker(body: string): URL {
  return moduleOf(`self.mmap(0, ${PAGE} * (workerData ?? 1), 1, 0x22)
${ATTACH}${body}`)
}

/** Wakes one waiter, which is about to wait if it does not yet. */
async function wakeOne(init: Process, address: number): Promise<void> {
  await until(() => init.notify(address, 1) === 1)
}

it('answers as Linux where nobody needs to wait', async () => {
  const { init } = await boot({ memory: '16MiB', target: 'debug' })
  const [writable, readOnly, none] = [RW, C.PROT_READ, C.PROT_NONE].map(prot => init.mmap(0, 2 * PAGE, prot, PRIVATE)) as [
    number,
    number,
    number,
  ]
  const sharedReadOnly = init.mmap(0, PAGE, C.PROT_READ, SHARED)
  const written = init.mmap(0, PAGE, RW, PRIVATE)
  init.store32(written, 1)
  init.mprotect(written, PAGE, C.PROT_READ)
  const wait = (address: number, expected = 0): unknown => outcome(() => init.waitOn(address, expected, 1))
  const timedOut: WaitResult = 'timed-out'
  // as recorded on Linux 6.18 with FUTEX_WAIT
  expect([wait(writable), wait(writable, 1), wait(sharedReadOnly)]).toEqual([timedOut, 'not-equal', timedOut])
  expect([wait(writable + 2), wait(0), wait(2 ** 47), wait(2 ** 47 + 1)]).toEqual(['EINVAL', 'EFAULT', 'EFAULT', 'EINVAL'])
  expect([wait(readOnly), wait(written, 1), wait(none)]).toEqual(['EFAULT', 'EFAULT', 'EFAULT'])
  expect(outcome(() => init.waitOn(writable, 0, -1))).toBe('EINVAL')
  expect(outcome(() => init.waitOn(0, 0, -1))).toBe('EINVAL')
  // … and FUTEX_WAKE
  expect([writable, sharedReadOnly, readOnly].map(at => outcome(() => init.notify(at, 1)))).toEqual([0, 0, 'EFAULT'])
  expect(outcome(() => init.notify(writable, -1))).toBe('EINVAL')
  init.store32(writable, 0xffffffff)
  expect([wait(writable, -1), wait(writable, 0xffffffff)]).toEqual([timedOut, timedOut])
  for (const bad of [Number.NaN, '1', null, {}]) {
    expect(() => init.waitOn(bad as number, 0)).toThrow(TypeError)
    expect(() => init.waitOn(writable, bad as number)).toThrow(TypeError)
    expect(() => init.waitOn(writable, 0, bad as number)).toThrow(TypeError)
    expect(() => init.notify(writable, bad as number)).toThrow(TypeError)
  }
})

it('passes turns between threads that know the word by different addresses', async () => {
  await withSegment(async (machine, init, at) => {
    const rounds = 300
    const module = worker(`
      for (let turn = 0; turn < ${rounds}; turn++) {
        while (self.load32(at + ${WORD}) !== 2 * turn + 1) self.waitOn(at + ${WORD}, 2 * turn)
        self.store32(at + ${WORD}, 2 * turn + 2)
        self.notify(at + ${WORD})
      }`)
    const other = await machine.spawn(module)
    for (let turn = 0; turn < rounds; turn++) {
      init.store32(at + WORD, 2 * turn + 1)
      init.notify(at + WORD)
      while (init.load32(at + WORD) !== 2 * turn + 2) init.waitOn(at + WORD, 2 * turn + 1)
    }
    expect(await other.exited).toBe(0)
  })
})

it('wakes as many as it is told, who came first before others', async () => {
  await withSegment(async (machine, init, at) => {
    const module = worker(`
      const result = self.waitOn(at + ${WORD}, 0, 30_000)
      self.exit(result === 'ok' ? 10 + self.add32(at + ${WOKEN}, 1) : 1)`)
    const workers = []
    for (let i = 0; i < 3; i++) {
      const waiter = await machine.spawn(module, { workerData: 1 + i })
      workers.push(waiter)
      await untilAsleep(machine, waiter)
    }
    machine.validate()
    expect([init.notify(at + WORD + 4), init.notify(at + WORD, 0), init.notify(at + WORD, 1)]).toEqual([0, 0, 1])
    await until(() => init.load32(at + WOKEN) === 1)
    expect(init.notify(at + WORD)).toBe(2)
    const codes = await Promise.all(workers.map(({ exited }) => exited))
    expect(codes[0]).toBe(10)
    expect(codes.toSorted()).toEqual([10, 11, 12])
  })
})

it('tells a private word from the same address in another process', async () => {
  await withSegment(async (machine, init) => {
    const word = 0x20000000
    const module = worker(`
      self.mmap(${word}, ${PAGE}, 3, 0x32)
      self.waitOn(${word}, 0)
      self.exit(8)`)
    const other = await machine.spawn(module)
    init.mmap(word, PAGE, RW, PRIVATE | C.MAP_FIXED)
    await untilAsleep(machine, other)
    expect(init.notify(word)).toBe(0)
    init.kill(other.pid, C.SIGTERM)
    expect(await other.exited).toBe(128 + C.SIGTERM)
    init.munmap(word, PAGE)
  })
})

it('forgets who waits when the thread is ended, or the process killed', async () => {
  await withSegment(async (machine, init, at) => {
    const module = worker(`
      self.waitOn(at + ${WORD}, 0)`)
    const [first, second] = [await machine.spawn(module), await machine.spawn(module)]
    await Promise.all([untilAsleep(machine, first), untilAsleep(machine, second)])
    await first.terminate()
    machine.validate()
    init.kill(second.pid, C.SIGKILL)
    expect(await second.exited).toBe(128 + C.SIGKILL)
    machine.validate()
    expect(init.notify(at + WORD)).toBe(0)
  })
})

it('sleeps on while the machine is looked at, and while another process of the thread is killed', async () => {
  await withSegment(async (machine, init, at) => {
    const module = worker(`
      self.store32(at + ${WORD + 4}, self.fork().pid)
      self.exit(self.waitOn(at + ${WORD}, 0) === 'ok' ? 7 : 8)`)
    const other = await machine.spawn(module)
    await untilAsleep(machine, other)
    for (let look = 0; look < 10; look++) machine.validate()
    init.kill(init.load32(at + WORD + 4), C.SIGKILL)
    await until(() => machine.inspect().processes.some(({ state, signal }) => state === 'zombie' && signal === 'SIGKILL'))
    expect(init.notify(at + WORD)).toBe(1)
    expect(await other.exited).toBe(7)
  })
})

it('does not mind that the page goes while somebody waits on it', async () => {
  await withSegment(async (machine, init) => {
    const fd = init.shm_open('/word', C.O_CREAT | C.O_RDWR, 0o600)
    init.ftruncate(fd, PAGE)
    const module = worker(`
      const fd = self.shm_open('/word', ${C.O_RDWR}, 0)
      const word = self.mmap(0, ${PAGE}, 3, 1, fd, 0)
      self.exit(self.waitOn(word, 0, 3000) === 'timed-out' ? 7 : 8)`)
    const other = await machine.spawn(module)
    await untilAsleep(machine, other)
    init.ftruncate(fd, 0)
    init.shm_unlink('/word')
    init.close(fd)
    expect(await other.exited).toBe(7)
  })
})

it('does not wait where nobody could notify, unless for some time', async () => {
  await withSegment(async (machine, init, at) => {
    expect(outcome(() => init.waitOn(at, 0))).toBe('EDEADLK')
    expect(init.waitOn(at, 0, 1)).toBe('timed-out')
    const other = await machine.spawn(
      worker(`
      self.unshare(C.CLONE_NEWIPC)
      while (self.notify(at + ${WORD}) === 0) ;`),
    )
    // in another namespace, it may notify all the same
    expect(init.waitOn(at + WORD, 0)).toBe('ok')
    // it ends while init sleeps
    expect(outcome(() => init.waitOn(at + WORD, 0))).toBe('EDEADLK')
    expect(await other.exited).toBe(0)
    expect(init.notify(at + WORD)).toBe(0)
  })
})

it('ends with the machine, if that panics', async () => {
  const machine = await boot({ memory: '16MiB' })
  const { init } = machine
  init.shmget(KEY, PAGE, C.IPC_CREAT | 0o600)
  const at = init.shmat(init.shmget(KEY, 0, 0), 0, 0)
  const other = await machine.spawn(worker(`self.waitOn(at + ${WORD}, 0)`))
  await untilAsleep(machine, other)
  await wakeOne(init, at + WORD)
  expect(await other.exited).toBe(0)
  const doomed = await machine.spawn(worker(`self.waitOn(at + ${WORD}, 0)`))
  await untilAsleep(machine, doomed)
  const { memory } = kernelOf(init)
  Atomics.store(new Int32Array(memory.buffer), SUPERBLOCK / 4, 1)
  await expect(doomed.exited).rejects.toThrow('PANIC_TRAP')
})
