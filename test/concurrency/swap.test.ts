// Threads and processes whose pages go to swap and come back all the time: nothing is lost, whoever faults the same page at once,
// whatever areas come and go, and whatever cannot be written.
import { boot, constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it, vi } from 'vitest'
import { EIO } from '#dist/abi/errno.gen.js'
import { withMachine } from '../machines.ts'
import { ATTACH, kernelOf, moduleOf, pause, until, withSegment } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PAGES = 12

/** Adds one to its own word of each page, round after round, until the last page's word at 64 is set; its rounds stand behind that. */
const ADDER = moduleOf(`const { at, own, pages } = workerData
const control = at + pages * 4096
for (let round = 1; self.load32(control + 64) === 0; round++) {
  for (let page = 0; page < pages; page++) self.add32(at + page * 4096 + own * 4, 1)
  self.store32(control + 128 + own * 4, round)
}
process.exit(0)`)

/** Evicts a process's pages, and takes swap away and gives it anew at times, until each thread has gone so many rounds; ends them, and looks whether every addition counts. */
async function evictMeanwhile(machine: Machine, process: Process, at: number, threads: number, ended: Promise<unknown>): Promise<void> {
  const control = at + PAGES * PAGE
  const rounds = (thread: number): number => process.load32(control + 128 + thread * 4)
  const all = Array.from({ length: threads }, (_, thread) => thread)
  await until(() => all.every(thread => rounds(thread) > 0))
  // threads know the area though they began before it did
  machine.swapon({ size: '256KiB' })
  for (let turn = 0; turn < 60 || !all.every(thread => rounds(thread) >= 20); turn++) {
    process.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
    if (turn % 16 === 7) machine.swapon({ size: '64KiB', priority: 9 })
    if (turn % 16 === 15) for (const { area } of machine.swaps.slice(1)) machine.swapoff(area)
    if (turn % 16 === 11) machine.validate()
    await pause()
  }
  process.store32(control + 64, 1)
  await ended
  expect(machine.vmstat.pswpin).toBeGreaterThan(0)
  for (const thread of all) {
    for (let page = 0; page < PAGES; page++) expect(process.load32(at + page * PAGE + thread * 4)).toBe(rounds(thread))
  }
  for (const { area } of machine.swaps) machine.swapoff(area)
}

describe.each([
  ['private', C.MAP_PRIVATE],
  ['shared', C.MAP_SHARED],
])('two threads that fault the same %s pages', (_, kind) => {
  it('find what both wrote', { timeout: 120_000 }, () =>
    withMachine(
      async (machine, init) => {
        const at = init.mmap(0, (PAGES + 1) * PAGE, RW, kind | C.MAP_ANONYMOUS)
        const threads = await Promise.all([0, 1].map(own => init.clone(ADDER, { workerData: { at, own, pages: PAGES } })))
        await evictMeanwhile(machine, init, at, 2, Promise.all(threads.map(({ exited }) => exited)))
        init.munmap(at, (PAGES + 1) * PAGE)
      },
      { cpus: 4 },
    ),
  )
})

it('processes that share a segment and fork find what they wrote, though all of it is evicted', { timeout: 120_000 }, () =>
  withSegment(
    async (machine, init, at) => {
      machine.swapon({ size: '1MiB' })
      // each evicts what it has, forks, and looks on both sides
      const worker = moduleOf(`${ATTACH}
        const own = self.mmap(0, 6 * 4096, 3, 0x22)
        for (let round = 1; self.load32(at) === 0; round++) {
          for (let page = 0; page < 6; page++) self.store32(own + page * 4096, round * 8 + page)
          self.madvise(own, 6 * 4096, C.MADV_PAGEOUT)
          const child = self.fork()
          child.store32(own, 7)
          if (round % 2) child.madvise(own, 6 * 4096, C.MADV_PAGEOUT)
          for (let page = 1; page < 6; page++) if (child.load32(own + page * 4096) !== round * 8 + page) throw new Error('the child lost page ' + page)
          self.add32(at + 4096 * (1 + workerData), 1)
          self.madvise(at, 8 * 4096, C.MADV_PAGEOUT)
          child.exit(0)
          self.wait()
          for (let page = 0; page < 6; page++) if (self.load32(own + page * 4096) !== round * 8 + page) throw new Error('the parent lost page ' + page)
          if (self.load32(at + 4096 * (1 + workerData)) !== round) throw new Error('the segment lost a page')
        }`)
      const workers = await Promise.all([0, 1].map(own => machine.spawn(worker, { workerData: own })))
      const rounds = (own: number): number => init.load32(at + PAGE * (1 + own))
      for (let turn = 0; turn < 40 || rounds(0) < 10 || rounds(1) < 10; turn++) {
        init.madvise(at, 8 * PAGE, C.MADV_PAGEOUT)
        if (turn % 8 === 3) machine.validate()
        if (turn % 8 === 7) {
          machine.swapoff(0)
          machine.swapon({ size: '1MiB' })
        }
        await pause()
      }
      init.store32(at, 1)
      expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0])
      machine.swapoff(0)
    },
    { pages: 8, cpus: 3 },
  ),
)

it('pages that cannot be written stay in memory, and may be written later', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  machine.swapon({ size: '1MiB' })
  const kinds = [C.MAP_PRIVATE, C.MAP_SHARED].map(kind => init.mmap(0, PAGES * PAGE, RW, kind | C.MAP_ANONYMOUS))
  const write = vi.spyOn(kernelOf(init).swap, 'write').mockReturnValue(-EIO)
  for (const at of kinds) {
    for (let page = 0; page < PAGES; page++) init.store32(at + page * PAGE, 4711 + page)
    init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
    machine.validate()
    expect(machine.vmstat).toMatchObject({ pswpout: 0, pgmajfault: 0 })
    for (let page = 0; page < PAGES; page += 2) expect(init.load32(at + page * PAGE)).toBe(4711 + page)
    machine.validate()
    init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
  }
  expect(write).toHaveBeenCalled()
  write.mockRestore()
  for (const at of kinds) {
    // the second time from swap: at first they are not mapped, and not looked at
    for (let round = 0; round < 2; round++) {
      init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
      for (let page = 0; page < PAGES; page++) expect(init.load32(at + page * PAGE)).toBe(4711 + page)
    }
  }
  expect(machine.vmstat.pgmajfault).toBeGreaterThan(0)
  machine.swapoff(0)
  await machine.shutdown()
})
