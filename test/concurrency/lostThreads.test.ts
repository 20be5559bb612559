// Threads that vanish in the middle of a call, with a lock of every rank, or between two: whoever waits for them finds out,
// and the machine panics, with a reason.
import { boot, constants as C, KernelPanic, type Machine, type Process, type WorkerProcess } from 'faultline'
import { describe, expect, it } from 'vitest'
import { CPU_SIZE, CPUS, ZONES } from '#dist/abi/layout.gen.js'
import type { KernelExports } from '#dist/core/kernel.js'
import { CpuLayout, Rank } from '#dist/core/layout.gen.js'
import { coreModule } from '#dist/core/module.js'
// @ts-expect-error: plain JavaScript, as the worker that shares it
import { KEY, mixture } from './mixture.mjs'
import { endAbruptly, kernelOf, until } from './workers.ts'

const MIXER = new URL('./mixer.mjs', import.meta.url)
/** Who takes these has them for its own process, which has one thread: nobody waits for them. */
const OWN: readonly string[] = ['Space', 'ChildTables', 'Files'] satisfies (keyof typeof Rank)[]
/** These may be of what it shares, or of what is its own. */
const SHARED_OR_OWN: readonly string[] = [...OWN, 'Mapping', 'Family', 'Tables']

/** A machine with a worker that does the mixture on CPU 1, and where init has the segment they share. */
async function start(): Promise<{ machine: Machine; init: Process; at: number; worker: WorkerProcess; words: Int32Array }> {
  const machine = await boot({ memory: '16MiB', cpus: 2, target: 'debug' })
  const { init } = machine
  machine.swapon({ size: '1MiB' })
  const at = init.shmat(init.shmget(KEY, 2 * 4096, C.IPC_CREAT | 0o600), 0, 0)
  const worker = await machine.spawn(MIXER)
  worker.exited.catch(() => {})
  await until(() => init.load32(at + 8) >= 2)
  return { machine, init, at, worker, words: new Int32Array(kernelOf(machine.init).memory.buffer) }
}

/** Resolves when the worker stands still, after it took a lock of a rank, or gave one back. */
async function haltAfter(words: Int32Array, bit: number): Promise<void> {
  const cpu = CPUS + CPU_SIZE
  Atomics.store(words, (cpu + CpuLayout.haltAt) / 4, 1 << bit)
  await until(() => Atomics.load(words, (cpu + CpuLayout.halted) / 4) !== 0)
}

/** What the machine panics with when init does the mixture, and gets no events meanwhile; undefined if it needs nothing of the worker's. */
function panicOfInit(init: Process, at: number): KernelPanic | undefined {
  try {
    for (let round = 0; round < 20; round++) mixture(init, at)
    return undefined
  } catch (error) {
    if (error instanceof KernelPanic) return error
    throw error
  }
}

/** The names of the locks that the worker has. */
function locksOf(words: Int32Array): string[] {
  const held = words[(CPUS + CPU_SIZE + CpuLayout.held) / 4] ?? 0
  return Object.entries(Rank).flatMap(([name, rank]) => ((held >> rank) & 1 ? [name] : []))
}

describe.each(Object.entries(Rank))('a thread that vanishes with a lock of rank %s', (name, rank) => {
  it('panics the machine: who waits for the lock sees whose it is, and if nobody does, its end is seen', async () => {
    const { machine, init, at, worker, words } = await start()
    await haltAfter(words, rank)
    const locks = locksOf(words)
    expect(locks).toContain(name)
    void endAbruptly(worker)
    const panic = panicOfInit(init, at)
    if (locks.every(lock => OWN.includes(lock))) expect(panic).toBeUndefined()
    if (!panic && locks.every(lock => SHARED_OR_OWN.includes(lock))) {
      // the call was the worker's, or its child's
      await expect(worker.exited).rejects.toThrow(/^PANIC_DEAD_THREAD \(CPU 1, process \d+\)/)
    } else {
      expect(locks.map(lock => `PANIC_DEAD_OWNER (the lock ${lock}, CPU 1): the machine is dead`)).toContain(panic?.message)
      await expect(worker.exited).rejects.toThrow('PANIC_DEAD_OWNER')
    }
    expect(() => init.shmget(KEY, 0, 0)).toThrow(KernelPanic)
    expect(() => machine.validate()).toThrow(KernelPanic)
  })

  it('or just after it gave one back, panics the machine too', async () => {
    const { machine, init, at, worker, words } = await start()
    await haltAfter(words, 16 + rank)
    void endAbruptly(worker)
    // it may have locks of outer ranks
    const panic = panicOfInit(init, at)
    if (panic) expect(panic.code).toBe('PANIC_DEAD_OWNER')
    await expect(worker.exited).rejects.toThrow(panic ? 'PANIC_DEAD_OWNER' : 'PANIC_DEAD_THREAD')
    expect(() => machine.freeFrames).toThrow(KernelPanic)
  })
})

it('stopping the machine finds a thread that vanished in a call', async () => {
  const { machine, worker, words } = await start()
  await haltAfter(words, Rank.Space)
  void endAbruptly(worker)
  // nothing else is heard of it: no event comes in between
  while (true) {
    try {
      machine.validate()
    } catch (error) {
      if ((error as { code: string }).code === 'EBUSY') continue
      expect(error).toMatchObject({ name: 'KernelPanic', code: 'PANIC_DEAD_THREAD' })
      break
    }
  }
  await expect(worker.exited).rejects.toThrow('PANIC_DEAD_THREAD')
})

/** The exports of a second instance over a machine's memory, on CPU 1, whose sleeps are over at once. */
async function sleepless(): Promise<{ exports: KernelExports; words: Int32Array; machine: Machine }> {
  const machine = await boot({ memory: '16MiB', cpus: 3, target: 'debug' })
  const { memory, exports } = kernelOf(machine.init)
  for (let cpu = 1; cpu <= 2; cpu++) expect(exports.cpu_take()).toBe(cpu)
  const host = {
    wait: () => 1,
    now: () => 0,
    reserve: () => 0,
    swapRead: () => -5,
    swapWrite: () => -5,
    diskRead: () => -5,
    diskWrite: () => -5,
  }
  const instance = new WebAssembly.Instance(coreModule('kernel', 'debug'), { env: { memory }, host })
  const own = instance.exports as unknown as KernelExports
  own.cpu_enter(1)
  return { exports: own, words: new Int32Array(memory.buffer), machine }
}

it('a lock that nobody gives back for a minute is given up, though nobody says that its owner is gone', async () => {
  const { exports, words, machine } = await sleepless()
  Atomics.store(words, ZONES / 4, 3)
  expect(() => exports.frames_take(1)).toThrow(WebAssembly.RuntimeError)
  expect(() => machine.freeFrames).toThrow('PANIC_STUCK_LOCK (the lock Zone, CPU 2)')
})

it('so is a section', async () => {
  const { exports, words, machine } = await sleepless()
  Atomics.store(words, (CPUS + 2 * CPU_SIZE + CpuLayout.section) / 4, 1)
  expect(() => exports.machine_stop()).toThrow(WebAssembly.RuntimeError)
  expect(() => machine.freeFrames).toThrow('PANIC_STUCK_SECTION (2, 1)')
})
