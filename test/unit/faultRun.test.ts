// Batches of references, whose faults are done many at once, against the same references one by one: a machine that traces has an
// event for each fault, so it does each alone.
import { type BootOptions, boot, constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import type { Below } from '../model/random.ts'
import { outcome } from '../outcome.ts'
import { xorshift } from '../policy/traces.ts'

const PAGE = 4096
/** Pages of each mapping, across two page tables. */
const PAGES = 40
const FIRST = 0x10000 + 512 * PAGE - 20 * PAGE
const RW = C.PROT_READ | C.PROT_WRITE
const FIXED = C.MAP_FIXED
const WRITE = 0x80000000
const NAME = '/mnt/file'

/** What mappings there are; a file's is of half its pages, so that behind them is SIGBUS. */
const MAPPINGS: readonly ((process: Process, at: number) => void)[] = [
  (process, at) => process.mmap(at, PAGES * PAGE, RW, FIXED | C.MAP_PRIVATE | C.MAP_ANONYMOUS),
  (process, at) => process.mmap(at, PAGES * PAGE, C.PROT_READ, FIXED | C.MAP_PRIVATE | C.MAP_ANONYMOUS),
  (process, at) => process.mmap(at, PAGES * PAGE, RW, FIXED | C.MAP_SHARED | C.MAP_ANONYMOUS),
  (process, at) => process.mmap(at, 4 * PAGE, RW, FIXED | C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_LOCKED),
  (process, at) => process.mmap(at, 4 * PAGE, RW, FIXED | C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_LOCKED),
  (process, at) => mapFile(process, at, C.MAP_SHARED),
  (process, at) => mapFile(process, at, C.MAP_PRIVATE),
  (process, at) => mapFile(process, at, C.MAP_SHARED, NAME),
  (process, at) => mapFile(process, at, C.MAP_PRIVATE, NAME),
  (process, at) => process.munmap(at, PAGES * PAGE),
  (process, at) => process.mprotect(at, 8 * PAGE, C.PROT_READ),
  (process, at) => process.mprotect(at, 8 * PAGE, C.PROT_NONE),
  (process, at) => process.madvise(at, 16 * PAGE, C.MADV_DONTNEED),
  (process, at) => process.madvise(at, 16 * PAGE, C.MADV_PAGEOUT),
  process => process.clearRefs(4),
  process => process.clearRefs(1),
]

/** Maps a file: a new one without a name, or one on the disk, if the machine has that. */
function mapFile(process: Process, at: number, flags: number, name?: string): void {
  const fd = name === undefined ? process.memfd_create('file', 0) : process.open(name, C.O_RDWR | C.O_CREAT, 0o600)
  try {
    process.ftruncate(fd, (PAGES / 2) * PAGE)
    process.fallocate(fd, 0, 0, 2 * PAGE)
    process.mmap(at, PAGES * PAGE, RW, flags | FIXED, fd, 0)
  } finally {
    process.close(fd)
  }
}

/** References to some pages from the first mapping on, up and down and at random; a few of many pages, so that the TLB has not all. */
function references(below: Below, pages: number): Uint32Array {
  const from = below(pages)
  const kind = below(3)
  return Uint32Array.from({ length: 1 + below(3 * PAGES) }, (_, i) => {
    const page = kind === 0 ? from + i : kind === 1 ? from - i + pages : below(pages)
    return ((page % pages) | (below(4) === 0 ? 0 : WRITE)) >>> 0
  })
}

/** One seeded life of a machine: what each step said, and what there is in the end. */
async function live(seed: number, options: Partial<BootOptions>, prepare: (machine: Machine) => void): Promise<unknown[]> {
  const machine = await boot({ memory: '4MiB', target: 'debug', ...options })
  prepare(machine)
  const free = machine.freeFrames
  const told: unknown[] = []
  const next = xorshift(seed)
  const below: Below = bound => next() % bound
  const { init } = machine
  const before = machine.vmstat
  const processes = [init]
  const mappings = 4
  for (let step = 0; step < 40; step++) {
    const process = processes[below(processes.length)] as Process
    const at = FIRST + below(mappings) * PAGES * PAGE
    if (below(3) === 0) {
      const map = MAPPINGS[below(MAPPINGS.length)] as (typeof MAPPINGS)[number]
      told.push(outcome(() => map(process, at)))
    } else if (below(20) === 0 && processes.length < 3) processes.push(process.fork())
    else {
      const batch = references(below, mappings * PAGES)
      told.push(outcome(() => process.run(batch, FIRST)))
    }
    if (step % 8 === 0) machine.validate()
  }
  for (const process of processes) told.push(machine.proc(`/proc/${process.pid}/smaps`))
  const after = machine.vmstat
  told.push(Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]])))
  for (const child of processes.slice(1)) child.exit(0)
  while (processes.pop() !== init) init.wait()
  init.munmap(0, 2 ** 47 - PAGE)
  outcome(() => init.unlink(NAME))
  expectBalanced(machine, free)
  return told
}

const MACHINES: readonly { name: string; options?: Partial<BootOptions>; prepare?: (machine: Machine) => void }[] = [
  { name: 'a plain machine' },
  { name: 'one without contents', options: { contents: false, memory: '32MiB' } },
  { name: 'one with swap', prepare: machine => machine.swapon({ size: '4MiB' }) },
  { name: 'one with a disk', prepare: machine => machine.mount('/mnt', { type: 'disk', size: '1MiB' }) },
  { name: 'one with a limited group', prepare: machine => machine.cgroup('a', { memoryMax: 60 * PAGE }).assign(machine.init) },
]

describe('faults of a batch', () => {
  for (const { name, options = {}, prepare = () => {} } of MACHINES) {
    it(`do on ${name} what they do one by one`, async () => {
      for (let seed = 1; seed <= 5; seed++) {
        const together = await live(seed, options, prepare)
        expect(await live(seed, { ...options, trace: 64 }, prepare), `seed ${seed}`).toEqual(together)
      }
    })
  }
})
