// POSIX semaphores between worker processes, and when they die.
import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome, settled } from '../outcome.ts'
import { moduleOf, untilAsleep } from './workers.ts'

it('lets one process at a time pass, and wakes whoever waits', () =>
  withMachine(
    async (machine, init) => {
      const rounds = 200
      const worker = moduleOf(`const [lock, done] = ['/lock', '/done'].map(name => self.sem_open(name, 0))
        const at = self.shmat(self.shmget(5, 0, 0), 0, 0)
        for (let i = 0; i < ${rounds}; i++) {
          self.sem_wait(lock)
          self.store32(at, self.load32(at) + 1)
          self.sem_post(lock)
        }
        self.sem_post(done)`)
      const id = init.shmget(5, 4096, C.IPC_CREAT | 0o600)
      const at = init.shmat(id, 0, 0)
      const [lock, done] = ['/lock', '/done'].map(name => init.sem_open(name, C.O_CREAT, 0o600, 0)) as [number, number]
      const workers = await Promise.all([1, 2, 3].map(() => machine.spawn(worker)))
      init.sem_post(lock)
      for (const _ of workers) await init.sem_waitAsync(done)
      expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0, 0])
      expect([init.load32(at), init.sem_getvalue(lock), init.load32(lock + 4)]).toEqual([3 * rounds, 1, 0])
      for (const sem of [lock, done]) init.sem_close(sem)
      for (const name of ['/lock', '/done']) init.sem_unlink(name)
      init.shmdt(at)
      init.shmctl(id, C.IPC_RMID)
    },
    { cpus: 5 },
  ))

it('is nobody’s when who waits at it dies, nor when who has it open does', () =>
  withMachine(async (machine, init) => {
    const sem = init.sem_open('/s', C.O_CREAT, 0o600, 0)
    for (const end of ['kill', 'terminate'] as const) {
      const waits = await machine.spawn(moduleOf(`self.sem_wait(self.sem_open('/s', 0))`))
      await untilAsleep(machine, waits)
      if (end === 'kill') init.kill(waits.pid, C.SIGKILL)
      else await waits.terminate()
      await waits.exited
      machine.validate()
    }
    // as glibc counts them, they wait still, which costs a wake of nobody
    expect(init.load32(sem + 4)).toBe(2)
    init.sem_post(sem)
    init.sem_wait(sem)
    init.sem_close(sem)
    init.sem_unlink('/s')
  }))

it('ends waits by their time, and by the end of the process; and waits for nobody in vain', () =>
  withMachine(async (machine, init) => {
    const sem = init.sem_open('/s', C.O_CREAT, 0o600, 0)
    expect(outcome(() => init.sem_wait(sem))).toBe('EDEADLK')
    expect(outcome(() => init.sem_timedwait(sem, Date.now() / 1000 + 0.02))).toBe('ETIMEDOUT')
    expect(await settled(init.sem_timedwaitAsync(sem, Date.now() / 1000 + 0.02))).toBe('ETIMEDOUT')
    const child = init.fork()
    const waiting = settled(child.sem_waitAsync(sem))
    machine.validate()
    child.exit(0)
    init.wait()
    expect(await waiting).toBe('ESRCH')
    // what is not there is a fault, as where glibc would get a signal
    expect(outcome(() => init.sem_post(4096))).toBe('SEGV_MAPERR')
    expect(() => init.sem_post(sem + 4)).toThrow(RangeError)
    init.sem_close(sem)
    init.sem_unlink('/s')
  }))

it('is mapped once in a process of several threads, and goes with the process, but not with its name', () =>
  withMachine(async (machine, init) => {
    const sem = init.sem_open('/s', C.O_CREAT | C.O_EXCL, 0o600, 1)
    const thread = await init.clone(moduleOf(`if (self.sem_open('/s', 0) !== workerData) throw new Error('another address')`), {
      workerData: sem,
    })
    await thread.exited
    machine.validate()
    // no file of a name of its own is left behind
    expect(init.stat('/dev/shm').size).toBe(60)
    const restored = await boot({ snapshot: machine.snapshot() })
    expect(restored.init.sem_open('/s', 0)).toBe(sem)
    restored.validate()
    init.sem_unlink('/s')
    const child = init.fork()
    child.sem_post(sem)
    init.sem_close(sem)
    init.sem_close(sem)
    expect(outcome(() => init.sem_close(sem))).toBe('EINVAL')
    expect(child.sem_getvalue(sem)).toBe(2)
    child.exit(0)
    init.wait()
  }))

it('takes names, numbers and times only', () =>
  withMachine((_, init) => {
    for (const bad of [Number.NaN, 0.5, '1', null, {}] as number[]) {
      expect(() => init.sem_open('/s', bad)).toThrow(TypeError)
      expect(() => init.sem_open('/s', C.O_CREAT, 0o600, bad)).toThrow(TypeError)
      for (const call of ['sem_close', 'sem_wait', 'sem_trywait', 'sem_post', 'sem_getvalue', 'sem_destroy'] as const) {
        expect(() => init[call](bad)).toThrow(TypeError)
      }
      expect(() => init.sem_init(0, 0, bad)).toThrow(TypeError)
    }
    for (const bad of [1, null, '/a\0'] as string[]) expect(() => init.sem_open(bad, 0)).toThrow(TypeError)
    expect(() => init.sem_timedwait(0, '1' as never)).toThrow(TypeError)
  }))
