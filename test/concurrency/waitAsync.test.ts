// Waits on words that do not stop their thread, several at once; who waits on a word is made to wait on another.
import { constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome } from '../outcome.ts'
import { moduleOf, pause, until } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE

/** Does something on a machine whose init has two pages of words that children share; in the end all must be as it was. */
function withWords(test: (machine: Machine, init: Process, at: number) => Promise<void> | void): Promise<void> {
  return withMachine(async (machine, init) => {
    const at = init.mmap(0, 2 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
    await test(machine, init, at)
    init.munmap(at, 2 * PAGE)
  })
}

it('waits on several words at once while the thread goes on', async () => {
  await withWords(async (machine, init, at) => {
    const order: string[] = []
    const note = (name: string) => (result: string) => order.push(`${name} ${result}`)
    const waits = [
      init.waitOnAsync(at, 0).then(note('a')),
      init.waitOnAsync(at, 0).then(note('b')),
      init.waitOnAsync(at + 4, 0).then(note('c')),
      init.waitOnAsync(at + 8, 0, 5).then(note('d')),
      init.waitOnAsync(at, 1).then(note('e')),
    ]
    machine.validate()
    expect(machine.proc('/proc/1/status')).toContain('R (running)')
    expect(init.notify(at + 4)).toBe(1)
    await waits[2]
    expect(init.notify(at, 1)).toBe(1)
    await waits[0]
    expect(init.notify(at)).toBe(1)
    await Promise.all(waits)
    expect(order.filter(text => !text.startsWith('d'))).toEqual(['e not-equal', 'c ok', 'a ok', 'b ok'])
    expect(order).toContain('d timed-out')
  })
})

it('rejects as waitOn throws, and when the process ends', async () => {
  await withWords(async (machine, init, at) => {
    await expect(init.waitOnAsync(at + 1, 0)).rejects.toMatchObject({ code: 'EINVAL' })
    await expect(init.waitOnAsync(0, 0)).rejects.toMatchObject({ code: 'EFAULT' })
    await expect(init.waitOnAsync(at, 0, -1)).rejects.toMatchObject({ code: 'EINVAL' })
    await expect(init.waitOnAsync(at, 0, 1, 0)).rejects.toMatchObject({ code: 'EINVAL' })
    for (const bad of ['1', null, Number.NaN]) await expect(init.waitOnAsync(at, 0, bad as number)).rejects.toThrow(TypeError)
    const child = init.fork()
    const ended = [child.waitOnAsync(at, 0), child.waitOnAsync(at, 0, 60_000)].map(wait =>
      expect(wait).rejects.toMatchObject({ code: 'ESRCH' }),
    )
    machine.validate()
    child.exit(0)
    machine.validate()
    expect(init.notify(at)).toBe(0)
    await Promise.all(ended)
    init.wait()
  })
})

it('is woken from another thread, which a promise wakes in turn', async () => {
  await withWords(async (machine, init, at) => {
    const rounds = 100
    const fd = init.shm_open('/words', C.O_CREAT | C.O_RDWR, 0o600)
    init.ftruncate(fd, PAGE)
    const word = init.mmap(at, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd, 0)
    const other = await machine.spawn(
      moduleOf(`const at = self.mmap(0, ${PAGE}, 3, 1, self.shm_open('/words', ${C.O_RDWR}, 0), 0)
        for (let turn = 0; turn < ${rounds}; turn++) {
          while (self.load32(at) !== 2 * turn + 1) await self.waitOnAsync(at, 2 * turn)
          self.store32(at, 2 * turn + 2)
          self.notify(at)
        }
        self.exit(7)`),
    )
    for (let turn = 0; turn < rounds; turn++) {
      init.store32(word, 2 * turn + 1)
      init.notify(word)
      while (init.load32(word) !== 2 * turn + 2) await init.waitOnAsync(word, 2 * turn + 1)
    }
    expect(await other.exited).toBe(7)
    init.close(fd)
    init.shm_unlink('/words')
  })
})

it('moves those that wait to another word, in order, and wakes some, as Linux does', async () => {
  await withWords(async (machine, init, at) => {
    // words of one bucket and of others
    for (const target of [at + 64, at + PAGE, at + 4, at]) {
      const woken: number[] = []
      const waits = [0, 1, 2, 3].map(i => init.waitOnAsync(at, 0).then(() => woken.push(i)))
      expect(init.requeue(at, 1, 2, target), 'woken and moved').toBe(3)
      await until(() => woken.length >= 1)
      machine.validate()
      if (target === at) {
        expect(init.notify(at)).toBe(3)
      } else {
        expect(init.notify(target, 1)).toBe(1)
        await until(() => woken.length >= 2)
        expect([init.notify(at), init.notify(target)]).toEqual([1, 1])
      }
      await Promise.all(waits)
      expect(woken.slice(0, 2)).toEqual([0, 1])
      expect(woken.toSorted()).toEqual([0, 1, 2, 3])
    }
  })
})

it('asks for the word before it moves anyone, if it is told to, and refuses what Linux refuses', async () => {
  await withWords(async (machine, init, at) => {
    const wait = init.waitOnAsync(at, 0)
    const code = (...order: Parameters<Process['requeue']>): unknown => outcome(() => init.requeue(...order))
    // as recorded on Linux 6.18
    expect([code(at, 1, 1, at + 64, 5), code(at, -1, 1, at + 64, 0), code(at, 1, -1, at + 64), code(at, -1, 1, at + 64, 9)]).toEqual([
      'EAGAIN',
      'EINVAL',
      'EINVAL',
      'EINVAL',
    ])
    expect([code(at + 2, 1, 1, at), code(at, 1, 1, at + 2), code(at + 2, 1, 1, 0), code(0, 1, 1, at + 2)]).toEqual([
      'EINVAL',
      'EINVAL',
      'EINVAL',
      'EFAULT',
    ])
    expect([code(at, 1, 1, 0), code(at, 1, 1, 2 ** 47), code(0, -1, 1, at), code(at + 2, -1, 1, at)]).toEqual([
      'EFAULT',
      'EFAULT',
      'EINVAL',
      'EINVAL',
    ])
    for (const bad of [Number.NaN, '1', null]) expect(() => init.requeue(at, bad as number, 0, at)).toThrow(TypeError)
    expect(init.requeue(at, 0, 0, at + 64)).toBe(0)
    machine.validate()
    expect(init.requeue(at, 0, Number.POSITIVE_INFINITY, at + 64, 0)).toBe(1)
    expect([init.notify(at), init.notify(at + 64)]).toEqual([0, 1])
    expect(await wait).toBe('ok')
  })
})

it('wakes those alone that wait for one of the bits', async () => {
  await withWords(async (_, init, at) => {
    const waits = [1, 2, 3].map(bits => init.waitOnAsync(at, 0, Number.POSITIVE_INFINITY, bits))
    expect([init.notify(at, 9, 4), init.notify(at, 9, 2), init.notify(at, 9, 2)]).toEqual([0, 2, 0])
    await Promise.all(waits.slice(1))
    expect(outcome(() => init.notify(at, 1, 0))).toBe('EINVAL')
    expect(init.requeue(at, 0, 1, at + 64)).toBe(1)
    expect([init.notify(at + 64, 9, 2), init.notify(at + 64, 9, 1)]).toEqual([0, 1])
    await waits[0]
  })
})

it('forgets those that were moved when their thread or process ends', async () => {
  await withWords(async (machine, init) => {
    const id = init.shmget(5, PAGE, C.IPC_CREAT | 0o600)
    const word = init.shmat(id, 0, 0)
    const source = `const at = self.shmat(self.shmget(5, 0, 0), 0, 0); self.waitOn(at, 0)`
    const workers = [await machine.spawn(moduleOf(source)), await machine.spawn(moduleOf(source))] as const
    let moved = 0
    while (moved < 2) {
      moved += init.requeue(word, 0, 2, word + 64)
      await pause()
    }
    machine.validate()
    await workers[0].terminate()
    init.kill(workers[1].pid, 'SIGKILL')
    await workers[1].exited
    machine.validate()
    expect([init.notify(word), init.notify(word + 64)]).toEqual([0, 0])
    init.shmdt(word)
    init.shmctl(id, C.IPC_RMID)
  })
})
