// Threads and processes that write the same pages of a file on a disk, by way of mappings, while these are written back, evicted and
// read again all the time: no write is lost between an entry and its page's block.
import { constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { moduleOf, pause, until } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PAGES = 12
const SIZE = (PAGES + 1) * PAGE
const NAME = '/mnt/file'

/** Adds one to its own word of each page, round after round, until the last page's word at 64 is set; its rounds stand behind that. */
const ADDER = moduleOf(`const { own, pages } = workerData
const size = (pages + 1) * 4096
const at = workerData.at ?? self.mmap(0, size, 3, 1, self.open('${NAME}', 2))
const control = at + pages * 4096
for (let round = 1; self.load32(control + 64) === 0; round++) {
  for (let page = 0; page < pages; page++) self.add32(at + page * 4096 + own * 4, 1)
  self.store32(control + 128 + own * 4, round)
}
process.exit(0)`)

/** Takes the pages away in all ways there are, until each writer has gone so many rounds; ends them, and looks whether every addition is on the disk. */
async function writeBackMeanwhile(machine: Machine, process: Process, fd: number, at: number, ended: Promise<unknown>): Promise<void> {
  const control = at + PAGES * PAGE
  const rounds = (writer: number): number => process.load32(control + 128 + writer * 4)
  const all = [0, 1]
  await until(() => all.every(writer => rounds(writer) > 0))
  for (let turn = 0; turn < 60 || !all.every(writer => rounds(writer) >= 20); turn++) {
    if (turn % 3 === 0) process.fsync(fd)
    if (turn % 3 === 1) process.madvise(at, SIZE, C.MADV_PAGEOUT)
    if (turn % 3 === 2) process.msync(at, SIZE, C.MS_SYNC)
    if (turn % 8 === 7) process.sync()
    if (turn % 16 === 11) machine.validate()
    await pause()
  }
  process.store32(control + 64, 1)
  await ended
  const done = all.map(rounds)
  process.munmap(at, SIZE)
  process.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
  const { pgpgin } = machine.vmstat
  for (let page = 0; page < PAGES; page++) {
    const words = new Uint32Array(process.pread(fd, 8, page * PAGE).slice().buffer)
    expect([...words]).toEqual(done)
  }
  // they were nowhere else
  expect(machine.vmstat.pgpgin - pgpgin).toBe(PAGES * 4)
}

it.each(['threads', 'processes'])('%s that write the same pages find what they wrote on the disk', { timeout: 120_000 }, kind =>
  withMachine(
    async (machine, init) => {
      const fd = init.open(NAME, C.O_RDWR | C.O_CREAT, 0o666)
      init.ftruncate(fd, SIZE)
      const at = init.mmap(0, SIZE, RW, C.MAP_SHARED, fd)
      const begin = (own: number): Promise<{ exited: Promise<number> }> =>
        kind === 'threads'
          ? init.clone(ADDER, { workerData: { at, own, pages: PAGES } })
          : machine.spawn(ADDER, { workerData: { own, pages: PAGES } })
      const writers = await Promise.all([0, 1].map(begin))
      await writeBackMeanwhile(machine, init, fd, at, Promise.all(writers.map(({ exited }) => exited)))
      init.close(fd)
      init.unlink(NAME)
    },
    { cpus: 4 },
    machine => machine.mount('/mnt', { type: 'disk', size: '1MiB' }),
  ),
)
