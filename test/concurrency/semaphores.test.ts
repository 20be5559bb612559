import { constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { ATTACH, KEY, moduleOf, until, untilAsleep, withSegment } from './workers.ts'

/** A worker that finds the segment at `at` and the semaphores `id`, and does something. */
function worker(body: string): URL {
  return moduleOf(`${ATTACH}
    const id = self.semget(${KEY}, 0, 0)
    const op = (num, op, flg = 0) => ({ num, op, flg })
    ${body}`)
}

/** Does something on a machine with a segment and three semaphores; in the end all must be as it was. */
function withSemaphores(test: (machine: Machine, init: Process, at: number, id: number) => Promise<void>): Promise<void> {
  return withSegment(
    async (machine, init, at) => {
      const id = init.semget(KEY, 3, C.IPC_CREAT | 0o600)
      await test(machine, init, at, id)
      init.semctl(id, 0, C.IPC_RMID)
    },
    { cpus: 6 },
  )
}

it('bounds a buffer between producers and consumers', async () => {
  await withSemaphores(async (machine, init, at, id) => {
    const [slots, each] = [4, 200]
    // semaphores: free slots, filled ones, the lock of head (word 0) and tail (word 1)
    init.semctl(id, 0, C.SETALL, [slots, 0, 1])
    const producer = worker(`
      for (let i = 1; i <= ${each}; i++) {
        self.semop(id, [op(0, -1), op(2, -1, ${C.SEM_UNDO})])
        const head = self.load32(at)
        self.store32(at + 16 + (head % ${slots}) * 4, i)
        self.store32(at, head + 1)
        self.semop(id, [op(2, 1, ${C.SEM_UNDO}), op(1, 1)])
      }`)
    const consumer = worker(`
      let sum = 0
      for (let i = 1; i <= ${each}; i++) {
        self.semop(id, [op(1, -1), op(2, -1, ${C.SEM_UNDO})])
        const tail = self.load32(at + 4)
        sum += self.load32(at + 16 + (tail % ${slots}) * 4)
        self.store32(at + 4, tail + 1)
        self.semop(id, [op(2, 1, ${C.SEM_UNDO}), op(0, 1)])
      }
      self.add32(at + 8, sum)`)
    const workers = await Promise.all([producer, producer, consumer, consumer].map(module => machine.spawn(module)))
    expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
    expect([init.load32(at), init.load32(at + 4), init.load32(at + 8)]).toEqual([2 * each, 2 * each, each * (each + 1)])
    expect(init.semctl(id, 0, C.GETALL)).toEqual([slots, 0, 1])
  })
})

it('gives back a lock whose holder is killed, ended or gone, and forgets who waited for it', async () => {
  await withSemaphores(async (machine, init, at, id) => {
    init.semctl(id, 0, C.SETVAL, 1)
    const holder = worker(`
      self.semop(id, [op(0, -1, ${C.SEM_UNDO})])
      self.store32(at, 1)
      self.semop(id, [op(1, -1)])`)
    const ends: ((pid: number, worker: { terminate(): Promise<unknown> }) => unknown)[] = [
      pid => init.kill(pid, C.SIGKILL),
      (_, { terminate }) => terminate(),
      () => init.semop(id, [{ num: 1, op: 1 }]),
    ]
    for (const end of ends) {
      init.store32(at, 0)
      const held = await machine.spawn(holder)
      await until(() => init.semctl(id, 1, C.GETNCNT) === 1)
      await untilAsleep(machine, held)
      const next = init.semopAsync(id, [{ num: 0, op: -1 }])
      machine.validate()
      end(held.pid, held)
      await next
      await held.exited
      expect(init.semctl(id, 1, C.GETNCNT)).toBe(0)
      init.semop(id, [{ num: 0, op: 1 }])
      machine.validate()
    }
  })
})

it('sleeps on the main thread while a worker could wake it, and no longer', async () => {
  await withSemaphores(async (machine, init, _at, id) => {
    const waker = await machine.spawn(
      worker(`
      while (self.semctl(id, 0, ${C.GETNCNT}) === 0) ;
      self.semop(id, [op(0, 1)])
      while (self.semctl(id, 1, ${C.GETNCNT}) === 0) ;`),
    )
    init.semop(id, [{ num: 0, op: -1 }])
    // the worker ends while init sleeps
    expect(() => init.semop(id, [{ num: 1, op: -1 }])).toThrow('EDEADLK')
    expect(await waker.exited).toBe(0)
  })
})
