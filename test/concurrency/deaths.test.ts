// Every way for a worker to die: nothing it had stays behind, nobody waits for ever, and who waits for it learns how it ended.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { boot, constants as C, type Machine, type Process, type WorkerProcess } from 'faultline'
import { describe, expect, it } from 'vitest'
import { CPU_SIZE, CPUS } from '#dist/abi/layout.gen.js'
import { CpuLayout } from '#dist/core/layout.gen.js'
import { reap } from '../machines.ts'
import { ATTACH, endAbruptly, KEY, kernelOf, moduleOf, pause, textModule, until, withSegment } from './workers.ts'

/** A worker's module with this text, which has memory, a child, and init's segment at `at`, and says that it runs. */
function subject(source: string): URL {
  const begin = 'self.store32(self.mmap(0, 65536, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS), 1); self.fork(); self.add32(at, 1);'
  return moduleOf(`${ATTACH}${begin}\n${source}`)
}

/** Does something on a machine with a segment that init has attached, and a semaphore; in the end all must be as it was. */
function withShared(test: (machine: Machine, init: Process, at: number) => Promise<void>): Promise<void> {
  return withSegment(
    async (machine, init, at) => {
      const semaphores = init.semget(KEY, 1, C.IPC_CREAT | 0o600)
      await test(machine, init, at)
      reap(init)
      expect(init.shmctl(init.shmget(KEY, 0, 0), C.IPC_STAT).nattch).toBe(1)
      init.semctl(semaphores, 0, C.IPC_RMID)
    },
    { pages: 4, cpus: 3 },
  )
}

/** A worker that says that it runs. */
async function running(machine: Machine, at: number, source: string): Promise<WorkerProcess> {
  const before = machine.init.load32(at)
  const worker = await machine.spawn(subject(source))
  await until(() => machine.init.load32(at) !== before)
  return worker
}

describe.each([
  ['throws while it is loaded', `throw new Error('while loading')`, 'while loading', 1],
  ['throws later', `setTimeout(() => { throw new Error('later') })`, 'later', 1],
  ['leaves a rejection unhandled', `Promise.reject(new Error('unhandled')); setInterval(() => {}, 1000)`, 'unhandled', 1],
  ['throws no Error', `throw 'a text'`, 'a text', 1],
  ['runs out of stack', `const f = () => f(); f()`, 'Maximum call stack size exceeded', 1],
  ['runs out of heap', `const all = []; for (;;) all.push(new Array(1000).fill({}))`, 'memory limit', 1],
  ['exits', `process.exit(9)`, undefined, 9],
  [
    'exits in the handler of a bad access',
    `self.sigaction('SIGSEGV', () => process.exit(9)); self.write(4096, new Uint8Array(9))`,
    undefined,
    9,
  ],
  ['ends its process and not its thread', `self.exit(9); setInterval(() => {}, 1000); setTimeout(() => process.exit(1))`, undefined, 9],
  ['kills itself', `self.kill(self.pid, C.SIGKILL)`, undefined, 137],
])('a worker that %s', (_, source, message, code) => {
  const options = { resourceLimits: { maxOldGenerationSizeMb: 16 } }

  it('leaves nothing, and its end is told to who awaits it', async () => {
    await withShared(async machine => {
      const { exited } = await machine.spawn(subject(source), options)
      if (message === undefined) expect(await exited).toBe(code)
      else
        await exited.then(
          () => expect.unreachable(),
          error => expect(String(error)).toContain(message),
        )
    })
  })

  it('is told to a main thread that sleeps until it has ended, and so gets no events', async () => {
    await withShared(async (machine, init) => {
      const { pid, exited } = await machine.spawn(subject(source), options)
      exited.catch(() => {})
      const signal = code > 128 ? 'SIGKILL' : undefined
      expect(init.wait({ pid, block: true })).toEqual({ pid, exitCode: code, signal })
      await exited.catch(() => {})
    })
  })
})

it('a module that cannot be loaded is told to a main thread that sleeps', async () => {
  await withShared(async (machine, init) => {
    for (const broken of ['this is no JavaScript', `import 'nowhere:at-all'`]) {
      const { pid, exited } = await machine.spawn(textModule(broken))
      exited.catch(() => {})
      expect(init.wait({ pid, block: true })).toMatchObject({ pid, exitCode: 1 })
      await expect(exited).rejects.toThrow()
    }
  })
})

it('terminate of the thread itself, whoever has it, waits for the end of the call', async () => {
  await withShared(async (machine, _, at) => {
    const seen: Worker[] = []
    const note = (worker: Worker): void => void seen.push(worker)
    process.on('worker', note)
    for (let round = 0; round < 8; round++) {
      const busy = `for (;;) { self.fork().exit(0); self.wait({ block: true }); const m = self.mmap(0, 262144, 3, 0x22); self.fill(m, 1, 262144); self.munmap(m, 262144) }`
      const worker = await running(machine, at, busy)
      expect(seen.at(-1)).toBe(worker.worker)
      expect(await (round % 2 ? seen.at(-1) : worker.worker)?.terminate()).toBe(1)
      expect(await worker.exited).toBe(1)
      machine.validate()
    }
    process.off('worker', note)
  })
})

/** Resolves when the thread on CPU 1 is asleep in a call, or in none. */
async function settled(init: Process, asleep: boolean): Promise<void> {
  const words = new Int32Array(kernelOf(init).memory.buffer)
  const word = (field: 'asleep' | 'entered'): number => Atomics.load(words, (CPUS + CPU_SIZE + CpuLayout[field]) / 4)
  for (let seen = 0; seen < 5; await pause()) seen = word('entered') === 0 && word('asleep') === Number(asleep) ? seen + 1 : 0
}

describe.each([
  ['in a loop of its own', 'for (;;);'],
  ['loading', 'for (;;) self.load32(at)'],
  ['asleep on a word', 'self.waitOn(at + 4, 0)'],
  ['asleep at a semaphore', `self.semop(self.semget(${KEY}, 1, 0), [{ num: 0, op: -1 }])`],
  ['idle', 'setInterval(() => {}, 1000)'],
])('a thread that is ended without the machine’s leave while %s', (name, source) => {
  it('is as one that exits', async () => {
    await withShared(async (machine, init, at) => {
      const worker = await running(machine, at, source)
      await settled(init, name.startsWith('asleep'))
      await endAbruptly(worker)
      expect(await worker.exited).toBe(1)
      expect(() => init.kill(worker.pid, 0)).toThrow('ESRCH')
      machine.validate()
    })
  })

  it('is noticed by a main thread that sleeps', async () => {
    await withShared(async (machine, init, at) => {
      const worker = await running(machine, at, source)
      await settled(init, name.startsWith('asleep'))
      void endAbruptly(worker)
      expect(init.wait({ pid: worker.pid, block: true })).toEqual({ pid: worker.pid, exitCode: 1, signal: undefined })
      expect(await worker.exited).toBe(1)
    })
  })
})

it('a main thread that unmaps what a vanished thread was using goes on', async () => {
  await withShared(async (machine, init, at) => {
    const fd = init.shm_open('/file', C.O_CREAT | C.O_RDWR, 0o600)
    for (let round = 0; round < 5; round++) {
      init.ftruncate(fd, 64 * 4096)
      const source = `const fd = self.shm_open('/file', C.O_RDWR, 0); const m = self.mmap(0, 64 * 4096, 3, C.MAP_SHARED, fd, 0)
        self.fill(m, 1, 64 * 4096); self.add32(at, 1); for (;;) self.copy(m, m + 32 * 4096, 4096)`
      const before = init.load32(at)
      const worker = await machine.spawn(subject(source))
      await until(() => init.load32(at) >= before + 2)
      worker.exited.catch(() => {})
      void endAbruptly(worker)
      // no event says that it is gone
      init.ftruncate(fd, 0)
      expect(init.wait({ pid: worker.pid, block: true })).toMatchObject({ exitCode: 1 })
      await worker.exited
    }
    init.close(fd)
    init.shm_unlink('/file')
  })
})

it('a main thread asleep at a semaphore gets what a vanished thread undoes', async () => {
  await withShared(async (machine, init, at) => {
    const sem = init.semget(KEY, 1, 0)
    init.semctl(sem, 0, C.SETVAL, 1)
    const source = `self.semop(self.semget(${KEY}, 1, 0), [{ num: 0, op: -1, flg: C.SEM_UNDO }]); self.add32(at, 1); for (;;);`
    const worker = await machine.spawn(subject(source))
    await until(() => init.load32(at) >= 2)
    void endAbruptly(worker)
    init.semop(sem, [{ num: 0, op: -1 }])
    expect(await worker.exited).toBe(1)
  })
})

it.each([
  ['exit', 3],
  ['exit later', 3],
  ['throw', 1],
])('a program ends at once by %s though workers are in calls', async (end, code) => {
  const program = promisify(execFile)(process.execPath, [fileURLToPath(new URL('./exits.mjs', import.meta.url)), end])
  await expect(program).rejects.toMatchObject({ code })
})

/** Calls `deepest` with so many calls below it. */
function atDepth(depth: number, deepest: () => void): void {
  if (depth === 0) deepest()
  else atDepth(depth - 1, deepest)
}

/** How many calls of atDepth there is stack for, about. */
function deepest(): number {
  let reached = 0
  const deeper = (): void => {
    reached++
    atDepth(0, deeper)
  }
  expect(deeper).toThrow(RangeError)
  return reached
}

it.each(['debug', 'release'] as const)('running out of stack in a call of the %s build is a RangeError with nothing done', async target => {
  const machine = await boot({ memory: '16MiB', target })
  const calls: ((process: Process) => void)[] = [
    process => {
      const at = process.mmap(0, 8 * 4096, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
      process.fill(at, 1, 4 * 4096)
      process.fork().exit(0)
      process.wait()
      process.munmap(at, 8 * 4096)
    },
    process => {
      const id = process.shmget(C.IPC_PRIVATE, 8 * 4096, 0o600)
      const at = process.shmat(id, 0, 0)
      process.store32(at, 1)
      process.shmctl(id, C.IPC_RMID)
      process.shmdt(at)
    },
    process => {
      const fd = process.memfd_create('deep', 0)
      process.pwrite(fd, new Uint8Array(8192), 0)
      process.close(fd)
    },
    () => machine.proc('/proc/1/maps'),
  ]
  for (const call of calls) {
    // the calls begin at another depth each time
    let depth = deepest()
    for (let ends = 0; ends < 20; depth -= 7) {
      const child = machine.init.fork()
      // each level takes much of the stack, so that few calls are made before it is used up
      const deeper = (...padding: number[]): void => {
        call(child)
        deeper(...padding)
      }
      try {
        atDepth(depth, () => deeper(...Array.from({ length: 200 + ends }, () => 0)))
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        ends++
      }
      // a segment may stay that it made and could not remove
      machine.init.kill(-1, C.SIGKILL)
      reap(machine.init)
    }
    machine.validate()
  }
})
