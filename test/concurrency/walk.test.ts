import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { BROKEN_WALK } from '#dist/abi/invariant.gen.js'
import { Kernel } from '#dist/core/kernel.js'
import { inspect } from '#dist/proc/inspect.js'
import { divideMemory } from '#dist/sys/machineSize.js'
import { Process } from '#dist/sys/process.js'
import { expectBalanced } from '../machines.ts'
import { moduleOf } from './workers.ts'

const PAGE = 4096
const PAGES = 100

it('lets go of what is cut out of a file when nobody walks its tree any more', async () => {
  const size = divideMemory(16 * 2 ** 20, true)
  const memory = new WebAssembly.Memory({ initial: size.wasmPages, maximum: 65536, shared: true })
  const handle = { memory, target: 'debug' } as const
  const kernel = new Kernel(handle)
  kernel.build(size, 3)
  const { exports } = kernel
  const init = new Process(kernel, 1)
  const fd = init.memfd_create('walked', 0)
  init.pwrite(fd, new Uint8Array(PAGES * PAGE).fill(1), 0)
  const inode = inspect(kernel).inodes.find(({ pages }) => pages.length === PAGES)?.address ?? 0
  const cpu = exports.cpu_take()
  const free = exports.machine_free_frames()
  const worker = new Worker(new URL('walk.mjs', import.meta.url), { workerData: { handle, cpu, inode } })
  expect(await once(worker, 'message')).toEqual(['walks'])
  expect(exports.machine_validate()).toBe(BROKEN_WALK)
  const message = once(worker, 'message')
  init.ftruncate(fd, PAGE)
  expect(await message).toEqual([free])
  // and the tree's second node, which had a slab with others or not
  expect(exports.machine_free_frames()).toBeGreaterThanOrEqual(free + PAGES - 1)
  await once(worker, 'exit')
  kernel.leave(cpu, 0, 0)
  expect(init.pread(fd, 2 * PAGE, 0)).toEqual(new Uint8Array(PAGE).fill(1))
  expect(exports.machine_validate()).toBe(0)
  init.close(fd)
  expect(exports.machine_validate()).toBe(0)
})

it('counts a page once for each process that finds it so, while others cut it', { timeout: 60_000 }, async () => {
  const machine = await boot({ memory: '16MiB', cpus: 4, target: 'release' })
  const { init } = machine
  const free = machine.freeFrames
  const fd = init.shm_open('/walk', C.O_CREAT | C.O_RDWR, 0o600)
  init.ftruncate(fd, 130 * PAGE)
  const source = `const { cuts } = workerData
    const fd = self.shm_open('/walk', 2, 0)
    const references = Uint32Array.from({ length: 130 }, (_, page) => page)
    for (let round = 0; round < 300; round++) {
      if (cuts) self.fallocate(fd, 3, (round % 120) * 4096, 10 * 4096)
      const at = self.mmap(0, 130 * 4096, 3, 1, fd, 0)
      self.run(references, at)
      self.munmap(at, 130 * 4096)
    }
    self.exit(0)`
  const workers = await Promise.all([0, 1, 2].map(index => machine.spawn(moduleOf(source), { workerData: { cuts: index !== 0 } })))
  expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0, 0])
  machine.validate()
  init.close(fd)
  init.shm_unlink('/walk')
  expectBalanced(machine, free)
})
