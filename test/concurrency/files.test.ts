import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { moduleOf } from './workers.ts'

const PAGE = 4096
const here = (name: string): URL => new URL(name, import.meta.url)

it('cuts and punches a file while others map, fault, fork and write it', async () => {
  const machine = await boot({ memory: '16MiB', cpus: 5, target: 'debug' })
  const { init } = machine
  const free = machine.freeFrames
  const fd = init.shm_open('/race', C.O_CREAT | C.O_RDWR, 0o600)
  const pages = 6
  init.ftruncate(fd, pages * PAGE)
  const roles = ['change', 'use', 'use', 'change']
  const workers = await Promise.all(
    roles.map((role, i) => machine.spawn(here('race.mjs'), { workerData: { role, seed: 77 * (i + 1), milliseconds: 2500, pages } })),
  )
  expect(await Promise.all(workers.map(worker => worker.exited))).toEqual([0, 0, 0, 0])
  machine.validate()
  const { blocks } = init.fstat(fd)
  expect(blocks % 8).toBe(0)
  init.shm_unlink('/race')
  init.close(fd)
  expectBalanced(machine, free)
})

it('hands descriptors to a worker, but for those that are closed by exec', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const free = machine.freeFrames
  const fd = init.memfd_create('shared', 0)
  const closed = init.memfd_create('closed', C.MFD_CLOEXEC)
  init.ftruncate(fd, PAGE)
  const at = init.mmap(0, PAGE, C.PROT_READ | C.PROT_WRITE, C.MAP_SHARED, fd, 0)
  const source = `const { fd, closed } = workerData
    self.store32(self.mmap(0, 4096, 3, 1, fd, 0), 42)
    self.lseek(fd, 7, 0)
    let code
    try {
      self.fstat(closed)
    } catch (error) {
      code = error.errno
    }
    self.exit(code)`
  const worker = await machine.spawn(moduleOf(source), { workerData: { fd, closed } })
  expect(await worker.exited).toBe(9)
  expect([init.load32(at), init.lseek(fd, 0, C.SEEK_CUR), init.fstat(closed).size]).toEqual([42, 7, 0])
  machine.validate()
  init.munmap(at, PAGE)
  init.close(fd)
  init.close(closed)
  expectBalanced(machine, free)
})
