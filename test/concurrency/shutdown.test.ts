// The end of a machine: every worker ends, the books are checked, and nothing holds its memory.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { boot, KernelPanic, type Machine } from 'faultline'
import { expect, it } from 'vitest'
import { SUPERBLOCK, TASKS } from '#dist/abi/layout.gen.js'
import { PANIC_TRAP } from '#dist/abi/panic.gen.js'
import { expectBalanced, reap } from '../machines.ts'
import { kernelOf, moduleOf } from './workers.ts'

const BUSY = moduleOf('for (;;) { self.fork().exit(0); self.wait() }')
const STUBBORN = moduleOf('for (;;) try { for (;;) self.munmap(self.mmap(0, 4096, 3, 0x22), 4096) } catch {}')

const wordsOf = (machine: Machine): Int32Array => new Int32Array(kernelOf(machine.init).memory.buffer)

it('ends workers that run and those that are being started, and may be done again', async () => {
  const machine = await boot({ memory: '16MiB', cpus: 5, target: 'debug' })
  const free = machine.freeFrames
  const running = [await machine.spawn(BUSY), await machine.spawn(STUBBORN)]
  const starting = [machine.spawn(BUSY), machine.spawn(STUBBORN)]
  await Promise.all([machine.shutdown(), machine.shutdown()])
  await machine.shutdown()
  const codes = [...running, ...(await Promise.all(starting))].map(({ exited }) => exited)
  expect(await Promise.all(codes)).toEqual([1, 1, 1, 1])
  reap(machine.init)
  expectBalanced(machine, free)
})

it('says if the books do not balance', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  // a lock that nobody has
  Atomics.store(wordsOf(machine), TASKS / 4, 9)
  await expect(machine.shutdown()).rejects.toThrow('BROKEN_LOCK')
})

it('ends the threads of a machine that panicked, wherever they are, and says so once', async () => {
  const machine = await boot({ memory: '16MiB', cpus: 4, target: 'debug' })
  const workers = [await machine.spawn(BUSY), await machine.spawn(moduleOf('for (;;);')), await machine.spawn(STUBBORN)]
  Atomics.store(wordsOf(machine), SUPERBLOCK / 4, PANIC_TRAP)
  const ends = Promise.allSettled(workers.map(({ exited }) => exited))
  await expect(machine.shutdown()).rejects.toThrow(KernelPanic)
  expect((await ends).map(end => end.status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(workers.map(({ worker }) => worker.threadId)).toEqual([-1, -1, -1])
  await machine.shutdown()
})

it('nothing holds the memory of a machine that was shut down, or panicked, nor keeps the program running', async () => {
  const args = ['--expose-gc', fileURLToPath(new URL('./garbage.mjs', import.meta.url))]
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('freed freed\n')
})
