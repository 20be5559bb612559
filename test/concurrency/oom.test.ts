// Out of memory with worker processes: who is killed ends with its thread, and nobody waits for ever.
import { constants as C, type Machine, type Process, type WorkerProcess } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { KEY, moduleOf, until } from './workers.ts'

const PAGE = 4096
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE
/** In a worker: uses so many pages of private memory. */
const USE = 'const use = pages => { const at = self.mmap(0, pages * 4096, 3, 0x4022); self.fill(at, 1, pages * 4096); return at };'

/** Starts a worker that uses 2000 pages and then does something; resolves when it uses them. */
async function large(machine: Machine, then: string): Promise<WorkerProcess> {
  const free = machine.freeFrames
  const worker = await machine.spawn(moduleOf(`${USE} const at = use(2000); ${then}`))
  await until(() => machine.freeFrames <= free - 2000)
  return worker
}

/** Uses pages in a process, which somebody else must make room for. */
function crowd(process: Process, pages: number): void {
  const at = process.mmap(0, pages * PAGE, C.PROT_READ | C.PROT_WRITE, PRIVATE)
  process.fill(at, 1, pages * PAGE)
  process.munmap(at, pages * PAGE)
}

it.each([
  ['idle', 'setInterval(() => {}, 1000)'],
  ['in a loop of its own', 'while (true) {}'],
  ['loading', 'while (true) self.load32(at)'],
  ['faulting', 'while (true) { self.store32(at, 1); self.madvise(at, 4096, C.MADV_DONTNEED) }'],
  ['forking', 'while (true) { self.fork().exit(0); self.wait() }'],
  ['asleep on a word', 'self.waitOn(at, 0x01010101)'],
])('takes the memory of a worker that is %s at once, and ends its thread', (_, source) =>
  withMachine(async (machine, init) => {
    const worker = await large(machine, source)
    // in one go: the event loop, by which worker threads are ended, does not turn
    crowd(init, 2500)
    expect(machine.vmstat.oom_kill).toBeGreaterThanOrEqual(1)
    expect(machine.dmesg()).toContain(`Killed process ${worker.pid} (worker)`)
    expect(await worker.exited).toBe(137)
    crowd(init, 2500)
  }),
)

it('ends a worker that wants more than there is, and lets the others go on', () =>
  withMachine(async (machine, init) => {
    const small = await large(machine, 'self.waitOn(at, 0x01010101); self.exit(3)')
    init.oomScoreAdj(-1000, small)
    const hog = await machine.spawn(moduleOf(`${USE} use(5000)`))
    expect(await hog.exited).toBe(137)
    expect(machine.dmesg().match(/Killed process/g)?.length).toBe(1)
    init.kill(small.pid, 'SIGTERM')
    expect(await small.exited).toBe(143)
  }))

it('ends all threads of a process', () =>
  withMachine(async (machine, init) => {
    const source = moduleOf('while (true) self.load32(workerData)').href
    const process = await machine.spawn(
      moduleOf(
        `${USE} const at = use(2000); await self.clone(new URL(workerData), { workerData: at }); self.store32(at, 2); while (true) self.load32(at)`,
      ),
      { workerData: source },
    )
    await until(() => machine.proc(`/proc/${process.pid}/status`).includes('Threads:\t2'))
    crowd(init, 2500)
    expect(await process.exited).toBe(137)
    expect(machine.vmstat.oom_kill).toBe(1)
  }))

it('waits a while for what only goes with the process, such as a segment', () =>
  withMachine(async (machine, init) => {
    const free = machine.freeFrames
    const worker = await machine.spawn(
      moduleOf(`const id = self.shmget(${KEY}, 2000 * 4096, C.IPC_CREAT | 0o600); const at = self.shmat(id, 0, 0);
        self.shmctl(id, C.IPC_RMID); self.fill(at, 1, 2000 * 4096); while (true) self.load32(at), self.getuid()`),
    )
    await until(() => machine.freeFrames <= free - 2000)
    crowd(init, 2500)
    expect(await worker.exited).toBe(137)
    expect(machine.vmstat.oom_kill).toBe(1)
  }))

it('kills as many as it takes where all workers want all memory, and nobody hangs', () =>
  withMachine(
    async (machine, init) => {
      const greedy = moduleOf(`${USE} for (let i = 0; i < 4; i++) self.munmap(use(1600), 1600 * 4096); self.exit(0)`)
      const workers = await Promise.all(Array.from({ length: 3 }, () => machine.spawn(greedy)))
      const codes = await Promise.all(workers.map(({ exited }) => exited))
      expect(codes.filter(code => code !== 0 && code !== 137)).toEqual([])
      expect(codes.filter(code => code === 137).length).toBe(machine.vmstat.oom_kill)
      crowd(init, 2500)
    },
    { cpus: 4 },
  ))
