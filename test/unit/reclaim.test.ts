import { boot, constants as C, type Machine, type Mechanism, type Process, type Vmstat } from 'faultline'
import { describe, expect, it } from 'vitest'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const WRITE = 0x80000000

/** A small machine with swap that holds no bytes, or some. */
async function machine(without: readonly Mechanism[] = [], contents = false): Promise<Machine> {
  const m = await boot({ memory: '4MiB', contents, cpus: 1, policy: 'linux-6.12', without, target: 'debug' })
  m.swapon({ size: '64MiB', backing: contents ? 'memory' : 'none' })
  return m
}

/** References to random pages of `pages`, all of them writes, the same ones every time. */
function randomWrites(pages: number, count: number): Uint32Array {
  let state = 1
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (((state >>> 8) % pages) | WRITE) >>> 0
  })
}

/** Frames that users' pages can have. */
function frames(m: Machine): number {
  return m.zones.at(-1)?.managed ?? 0
}

function mapped(process: Process, pages: number, kind: number): number {
  return process.mmap(0, pages * PAGE, RW, C.MAP_ANONYMOUS | C.MAP_NORESERVE | kind)
}

describe.each([
  ['private', C.MAP_PRIVATE],
  ['shared', C.MAP_SHARED],
])('more %s pages than memory', (_, kind) => {
  it('are all served, the books balance, and nothing is lost in the end', async () => {
    const m = await machine()
    const free = m.freeFrames
    const pages = 3 * frames(m)
    const at = mapped(m.init, pages, kind)
    const counts = m.init.run(randomWrites(pages, 30_000), at)
    m.validate()
    const { vmstat } = m
    expect(counts.majorFaults).toBe(vmstat.pgmajfault)
    expect(vmstat.pgsteal_anon).toBe(vmstat.pgsteal_direct + vmstat.pgsteal_kswapd)
    expect(vmstat.pgscan_anon).toBe(vmstat.pgscan_direct + vmstat.pgscan_kswapd)
    expect(vmstat.pswpout).toBe(vmstat.pgsteal_anon)
    expect(vmstat.workingset_refault_anon).toBe(vmstat.pgmajfault)
    expect(vmstat.pgmajfault).toBeGreaterThan(10_000)
    m.init.munmap(at, pages * PAGE)
    m.validate()
    expect(m.freeFrames).toBe(free)
  })

  it('come back with what was written to them', async () => {
    const m = await machine([], true)
    const pages = 2 * frames(m)
    const at = mapped(m.init, pages, kind)
    for (let round = 1; round < 4; round++) {
      for (let page = 0; page < pages; page++) {
        if (round > 1) expect(m.init.load32(at + page * PAGE)).toBe(page * 10 + round - 1)
        m.init.store32(at + page * PAGE, page * 10 + round)
      }
    }
    m.validate()
  })
})

it('the same input gives the same counts', async () => {
  const run = async (): Promise<Vmstat> => {
    const m = await machine()
    const pages = 2 * frames(m)
    m.init.run(randomWrites(pages, 20_000), mapped(m.init, pages, C.MAP_PRIVATE))
    return m.vmstat
  }
  expect(await run()).toEqual(await run())
})

it('a process that forks under pressure keeps what it and its child wrote', async () => {
  const m = await machine([], true)
  const pages = frames(m)
  const at = mapped(m.init, pages, C.MAP_PRIVATE)
  for (let page = 0; page < pages; page++) m.init.store32(at + page * PAGE, page)
  const child = m.init.fork()
  for (let page = 0; page < pages; page += 2) child.store32(at + page * PAGE, page + 1_000_000)
  for (let page = 0; page < pages; page++) {
    expect(m.init.load32(at + page * PAGE)).toBe(page)
    expect(child.load32(at + page * PAGE)).toBe(page % 2 === 0 ? page + 1_000_000 : page)
  }
  m.validate()
  child.exit(0)
  m.init.wait()
  m.validate()
})

it('calls that make pages present go on until all were, and a batch of bytes goes on where it stopped', async () => {
  const m = await machine([], true)
  const pages = 2 * frames(m)
  const at = m.init.mmap(0, pages * PAGE, RW, C.MAP_ANONYMOUS | C.MAP_PRIVATE | C.MAP_NORESERVE | C.MAP_POPULATE)
  expect(m.vmstat.pgfault).toBe(pages)
  m.init.fill(at, 7, pages * PAGE)
  expect(m.init.read(at, pages * PAGE).every(byte => byte === 7)).toBe(true)
  m.init.copy(at + PAGE, at, (pages - 1) * PAGE)
  expect(m.init.madvise(at, pages * PAGE, C.MADV_POPULATE_WRITE)).toBeUndefined()
  m.validate()
})

it('/proc/meminfo and vmstat say what the lists hold', async () => {
  const m = await machine()
  const pages = 2 * frames(m)
  m.init.run(randomWrites(pages, 10_000), mapped(m.init, pages, C.MAP_PRIVATE))
  const number = (file: string, name: string): number =>
    Number(new RegExp(`^${name.replace(/[()]/g, '\\$&')}:? +(\\d+)`, 'm').exec(m.proc(file))?.[1])
  // batches are emptied
  m.validate()
  const [active, inactive] = ['Active(anon)', 'Inactive(anon)'].map(name => number('/proc/meminfo', name)) as [number, number]
  expect(active).toBeGreaterThan(0)
  expect(active + inactive).toBe(number('/proc/meminfo', 'AnonPages'))
  expect(number('/proc/vmstat', 'nr_active_anon') * 4).toBe(active)
  expect(number('/proc/vmstat', 'pgscan_kswapd')).toBe(m.vmstat.pgscan_kswapd)
  expect(number('/proc/vmstat', 'workingset_refault_anon')).toBe(m.vmstat.workingset_refault_anon)
})

it('without swap nothing can be evicted: a write fails with ENOMEM at once', async () => {
  const m = await boot({ memory: '4MiB', contents: false, cpus: 1, policy: 'linux-6.12', target: 'debug' })
  const pages = 2 * frames(m)
  const at = mapped(m.init, pages, C.MAP_PRIVATE)
  expect(() => m.init.run(randomWrites(pages, 10_000), at)).toThrow('ENOMEM')
  m.validate()
})

describe('without a mechanism', () => {
  async function count(without: readonly Mechanism[]): Promise<Vmstat> {
    const m = await machine(without)
    const pages = 2 * frames(m)
    m.init.run(randomWrites(pages, 20_000), mapped(m.init, pages, C.MAP_PRIVATE))
    m.validate()
    return m.vmstat
  }

  it('nothing of it is counted', async () => {
    const all = await count([])
    expect(all.pgscan_kswapd).toBeGreaterThan(0)
    expect(all.workingset_activate_anon).toBeGreaterThan(0)
    expect(all.workingset_restore_anon).toBeGreaterThan(0)
    expect(all.pgactivate).toBeGreaterThan(0)
    expect(await count(['kswapd'])).toMatchObject({ pgscan_kswapd: 0, pageoutrun: 0 })
    expect(await count(['refault-distance'])).toMatchObject({ workingset_activate_anon: 0, workingset_restore_anon: 0 })
    expect(await count(['active-list'])).toMatchObject({ pgactivate: 0 })
    expect(await count(['accessed-bits'])).toMatchObject({ pgactivate: 0 })
    expect((await count(['deactivation', 'refault-distance', 'active-list'])).pgdeactivate).toBe(0)
    for (const name of ['batches', 'cost-balance', 'workingset-restore', 'cache-trim'] as const) {
      expect((await count([name])).pgmajfault).toBeGreaterThan(all.pgmajfault / 2)
    }
  })
})
