import { boot, constants as C, type Mechanism, type Vmstat } from 'faultline'
import { describe, expect, it } from 'vitest'
import { frames, mapped, random, reclaims, smallMachines, writes } from './reclaiming.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
/** Boots a machine with two lists. */
const machine = smallMachines('linux-6.12')

reclaims(machine)

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
  m.init.run(writes(random(pages, 10_000)), mapped(m.init, pages, C.MAP_PRIVATE))
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
  expect(() => m.init.run(writes(random(pages, 10_000)), at)).toThrow('ENOMEM')
  m.validate()
})

describe('without a mechanism', () => {
  async function count(without: readonly Mechanism[]): Promise<Vmstat> {
    const m = await machine(without)
    const pages = 2 * frames(m)
    m.init.run(writes(random(pages, 20_000)), mapped(m.init, pages, C.MAP_PRIVATE))
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
