import { boot, constants as C, type Machine, type Mechanism, type Vmstat } from 'faultline'
import { describe, expect, it } from 'vitest'
import { frames, mapped, random, reclaims, smallMachines, writes } from './reclaiming.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const LRU_GEN = '/sys/kernel/debug/lru_gen'
/** Boots a machine whose pages are in generations. */
const machine = smallMachines('linux-6.12-mglru')

function* range(first: number, end: number): Generator<number> {
  for (let page = first; page < end; page++) yield page
}

interface Generation {
  seq: number
  anon: number
  file: number
}

/** The generations of a group, oldest first, as the machine shows them. */
function generations(m: Machine, path = '/'): Generation[] {
  m.validate() // which empties batches
  const groups = m.proc(LRU_GEN).split(/^memcg /m)
  const group = groups.find(text => text.split('\n')[0]?.trim().endsWith(` ${path}`)) ?? ''
  const lines = [...group.matchAll(/^ +(\d+) +\d+ +(\d+) {2,}(\d+) $/gm)]
  return lines.map(([, seq, anon, file]) => ({ seq: Number(seq), anon: Number(anon), file: Number(file) }))
}

/** What walks of page tables counted: entries, used ones, tables looked into, tables to look into again. */
function walks(m: Machine): { total: number; young: number; found: number; added: number } {
  const [, total, young, found, added] = /(\d+)T +(\d+)Y +(\d+)F +(\d+)A/.exec(m.proc(`${LRU_GEN}_full`)) ?? []
  return { total: Number(total), young: Number(young), found: Number(found), added: Number(added) }
}

/** Has so many pages of a machine's reclaimed that generations come and go, by writing pages that are used once. */
function press(m: Machine, pages: number): void {
  const at = mapped(m.init, pages)
  m.init.run(writes(range(0, pages)), at)
  m.init.munmap(at, pages * PAGE)
}

it('what a fault brings is of the youngest generation, what a call brings is not', async () => {
  const m = await machine()
  expect(generations(m)).toEqual([0, 1, 2, 3].map(seq => ({ seq, anon: 0, file: 0 })))
  m.init.run(writes(range(0, 100)), mapped(m.init, 100))
  m.init.run(writes(range(0, 10)), mapped(m.init, 10, C.MAP_SHARED))
  expect(generations(m).at(-1)).toEqual({ seq: 3, anon: 110, file: 0 })
  const file = m.init.open('/file', C.O_CREAT | C.O_RDWR)
  m.init.fallocate(file, 0, 0, 50 * PAGE)
  expect(generations(m).map(({ anon }) => anon)).toEqual([0, 0, 50, 110])
})

it('nor what a fault brings where pages are read at random, or where that is left out', async () => {
  const m = await machine()
  const at = mapped(m.init, 100)
  m.init.madvise(at, 100 * PAGE, C.MADV_RANDOM)
  m.init.run(writes(range(0, 100)), at)
  expect(generations(m).map(({ anon }) => anon)).toEqual([0, 0, 100, 0])
  const other = await machine(['in-fault'])
  other.init.run(writes(range(0, 100)), mapped(other.init, 100))
  expect(generations(other).map(({ anon }) => anon)).toEqual([0, 0, 100, 0])
})

// two frames for good: those of the Bloom filters
reclaims(machine, 2)

it('walks of page tables make the pages that were used the youngest', async () => {
  const m = await machine()
  const hot = mapped(m.init, 128)
  const cold = mapped(m.init, 128)
  m.init.run(writes(range(0, 128)), hot)
  m.init.run(writes(range(0, 128)), cold)
  for (let round = 0; round < 12; round++) {
    press(m, frames(m) / 2)
    m.init.run(writes(range(0, 128)), hot)
  }
  m.validate()
  const before = m.vmstat.pgmajfault
  m.init.run(writes(range(0, 128)), hot)
  expect(m.vmstat.pgmajfault - before).toBe(0)
  m.init.run(writes(range(0, 128)), cold)
  expect(m.vmstat.pgmajfault - before).toBeGreaterThan(50)
  expect(walks(m).young).toBeGreaterThan(128)
})

it('a scan of pages that are used once does not push out a hot set', async () => {
  const faults = async (without: readonly Mechanism[]): Promise<number> => {
    const m = await boot({ memory: '16MiB', contents: false, cpus: 1, policy: 'linux-6.12-mglru', without: ['kswapd', ...without] })
    m.swapon({ size: '64MiB', backing: 'none' })
    const [hot, pages] = [500, 4 * frames(m)]
    const at = mapped(m.init, hot)
    const scanned = mapped(m.init, pages)
    let major = 0
    let uses = 0
    for (let page = 0; page < pages; page += 50) {
      m.init.run(writes(range(page, page + 50)), scanned)
      major += m.init.run(writes(range(0, hot)), at).majorFaults
      uses += hot
    }
    m.validate()
    return major / uses
  }
  const share = await faults([])
  expect(share).toBeLessThan(0.006)
  expect(await faults(['accessed-bits'])).toBeGreaterThan(2 * share)
})

it('tables with few used pages are not looked into again, but for the Bloom filter', async () => {
  const counts = async (without: readonly Mechanism[]): Promise<ReturnType<typeof walks>> => {
    const m = await machine(without)
    // twenty tables with a page each, used all the time
    const sparse = m.init.mmap(0x40000000, 20 * 512 * PAGE, RW, C.MAP_ANONYMOUS | C.MAP_NORESERVE | C.MAP_PRIVATE | C.MAP_FIXED)
    const dense = mapped(m.init, 512)
    for (let round = 0; round < 20; round++) {
      m.init.run(writes(Array.from({ length: 20 }, (_, table) => table * 512)), sparse)
      m.init.run(writes(range(0, 512)), dense)
      press(m, frames(m) / 2)
    }
    m.validate()
    return walks(m)
  }
  const filtered = await counts([])
  const all = await counts(['bloom-filter'])
  expect(filtered.added).toBeGreaterThan(0)
  expect(filtered.found * 3).toBeLessThan(all.found)
  expect(filtered.total * 3).toBeLessThan(all.total)
})

it('a page that came back soon is protected once', async () => {
  // what walks find used begins anew
  const averages = async (without: readonly Mechanism[]): Promise<string[]> => {
    const m = await machine(['page-table-walk', 'look-around', ...without])
    const pages = 2 * frames(m)
    m.init.run(writes(random(pages, 30_000)), mapped(m.init, pages))
    m.validate()
    expect(m.vmstat.workingset_restore_anon).toBeGreaterThan(0)
    const rows = [...m.proc(`${LRU_GEN}_full`).matchAll(/^ +\d +(\d+)R +(\d+)T +0x/gm)]
    return rows.map(([, , total]) => (total === '0' ? 'none' : 'some'))
  }
  // by tiers: evicted or kept pages, of late
  expect(await averages([])).toEqual(['some', 'none', 'none', 'some'])
  expect(await averages(['tiers'])).toEqual(['some', 'none', 'none', 'none'])
})

it('a control group has generations of its own, which are the machine’s when it is removed', async () => {
  const m = await machine()
  const free = m.freeFrames
  const group = m.cgroup('small', { memoryMax: 256 * PAGE, swappiness: 60 })
  const child = m.init.fork()
  group.assign(child)
  const at = mapped(child, 1000)
  child.run(writes(random(1000, 10_000)), at)
  m.validate()
  expect(generations(m, '/small').reduce((sum, { anon }) => sum + anon, 0)).toBe(group.memoryCurrent / PAGE)
  expect(group.stat().pgsteal_anon).toBeGreaterThan(5000)
  expect(group.stat().workingset_refault_anon).toBe(m.vmstat.pgmajfault)
  expect(generations(m).every(({ anon }) => anon < 10)).toBe(true)
  const other = m.init.fork()
  group.assign(other)
  const shared = mapped(other, 100, C.MAP_SHARED)
  other.run(writes(range(0, 100)), shared)
  child.exit(0)
  m.init.wait()
  group.assign(m.init)
  m.cgroup('empty').assign(other)
  m.cgroup('empty').assign(m.init)
  m.validate()
  group.remove()
  m.validate()
  expect(generations(m).reduce((sum, { anon }) => sum + anon, 0)).toBeGreaterThanOrEqual(100)
  other.exit(0)
  m.init.wait()
  m.validate()
  // Bloom filters and generations of the group that is still there
  expect(free - m.freeFrames).toBeLessThan(10)
})

it('without swap nothing can be evicted: a write fails with ENOMEM at once', async () => {
  const m = await boot({ memory: '4MiB', contents: false, cpus: 1, policy: 'linux-6.12-mglru', target: 'debug' })
  const pages = 2 * frames(m)
  const at = mapped(m.init, pages)
  expect(() => m.init.run(writes(random(pages, 10_000)), at)).toThrow('ENOMEM')
  m.validate()
})

it('locked pages, evicted ranges, forks and the end of swap go with it', async () => {
  const m = await machine([], true)
  const pages = Math.floor(frames(m) / 2)
  const at = mapped(m.init, pages)
  for (let page = 0; page < pages; page++) m.init.store32(at + page * PAGE, page)
  m.init.mlock(at, 20 * PAGE)
  const child = m.init.fork()
  for (let page = 0; page < pages; page += 2) child.store32(at + page * PAGE, page + 1_000_000)
  m.init.madvise(at + 20 * PAGE, (pages - 20) * PAGE, C.MADV_PAGEOUT)
  press(m, frames(m))
  m.validate()
  for (let page = 0; page < pages; page++) {
    expect(m.init.load32(at + page * PAGE)).toBe(page)
    expect(child.load32(at + page * PAGE)).toBe(page % 2 === 0 ? page + 1_000_000 : page)
  }
  m.init.munlock(at, 20 * PAGE)
  child.exit(0)
  m.init.wait()
  m.swapoff(0)
  m.validate()
  for (let page = 0; page < pages; page++) expect(m.init.load32(at + page * PAGE)).toBe(page)
})

it('a snapshot goes on as the machine would', async () => {
  const m = await machine([], true)
  const pages = 2 * frames(m)
  const at = mapped(m.init, pages)
  const references = writes(random(pages, 10_000))
  m.init.run(references, at)
  const other = await boot({ snapshot: m.snapshot() })
  m.init.run(references, at)
  other.init.run(references, at)
  expect(other.vmstat).toEqual(m.vmstat)
  other.validate()
})

describe('without a mechanism', () => {
  const count = async (without: readonly Mechanism[]): Promise<Vmstat> => {
    const m = await machine(without)
    const pages = 2 * frames(m)
    const at = mapped(m.init, pages)
    // half of the references to a tenth of the pages
    const hot = [...random(pages / 10, 10_000)]
    m.init.run(writes([...random(pages, 10_000)].flatMap((page, i) => [page, hot[i] as number])), at)
    m.validate()
    return m.vmstat
  }
  const all = count([])

  it.each(['page-table-walk', 'look-around', 'in-fault', 'accessed-bits', 'kswapd'] as const)('%s other pages are evicted', async name => {
    expect(await count([name])).not.toEqual(await all)
  })
})

it('mechanisms of the other policy are none of its', async () => {
  await expect(boot({ memory: '4MiB', policy: 'linux-6.12-mglru', without: ['cost-balance'] })).rejects.toThrow(
    'without: "cost-balance" is no mechanism of linux-6.12-mglru; there are batches, accessed-bits, kswapd, fault-around, vma-readahead, page-table-walk, bloom-filter, ' +
      'look-around, tiers, pid, in-fault',
  )
  await expect(boot({ memory: '4MiB', without: ['tiers'] })).rejects.toThrow('"tiers" is no mechanism of linux-6.12;')
  const m = await boot({ memory: '4MiB' })
  expect(() => m.proc(LRU_GEN)).toThrow('ENOENT')
})
