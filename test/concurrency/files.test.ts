import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'

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
  machine.validate()
  expect(machine.freeFrames).toBe(free)
})
