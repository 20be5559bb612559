import { boot, constants as C, type Machine } from 'faultline'
import { expect, it } from 'vitest'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE

async function machine(contents = true): Promise<Machine> {
  return boot({ memory: '16MiB', contents, cpus: 1, policy: 'linux-6.12', target: 'debug' })
}

it.each([true, false])('users’ pages stand in lists that balance, and leave them (contents: %s)', async contents => {
  const m = await machine(contents)
  const { init } = m
  const free = m.freeFrames
  const own = init.mmap(0, 100 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  const shared = init.mmap(0, 100 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
  for (let page = 0; page < 100; page++) init.store32(own + page * PAGE, page)
  for (let page = 0; page < 100; page++) init.store32(shared + page * PAGE, page)
  m.validate()
  const child = init.fork()
  for (let page = 0; page < 50; page++) child.store32(own + page * PAGE, 0)
  m.validate()
  child.exit(0)
  init.wait()
  if (contents) for (let page = 0; page < 100; page++) expect(init.load32(own + page * PAGE)).toBe(page)
  init.munmap(own, 100 * PAGE)
  init.munmap(shared, 100 * PAGE)
  m.validate()
  expect(m.freeFrames).toBe(free)
})

it('a page that waits in a batch is not copied when it is written again', async () => {
  const m = await machine()
  const { init } = m
  const own = init.mmap(0, 4 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  init.store32(own, 1)
  init.mprotect(own, PAGE, C.PROT_READ)
  init.mprotect(own, PAGE, RW)
  const before = m.vmstat
  init.store32(own, 2)
  expect(m.vmstat.pgcopy).toBe(before.pgcopy)
  expect(m.vmstat.pgreuse).toBe(before.pgreuse + 1)
  m.validate()
})

it('without names mechanisms, and an unknown one is refused with those that there are', async () => {
  await expect(boot({ memory: '16MiB', without: ['refault' as 'kswapd'] })).rejects.toThrow(
    /"refault" is no mechanism of linux-6.12; there are batches, refault-distance/,
  )
  await expect(boot({ memory: '16MiB', policy: 'filo' })).rejects.toThrow(
    'policy: "filo" is none; there are linux-6.12, linux-6.12-mglru, aging, arc',
  )
  const m = await boot({ memory: '16MiB', policy: 'linux-6.12', without: ['batches', 'kswapd'] })
  const own = m.init.mmap(0, PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  m.init.store32(own, 1)
  m.validate()
})
