// Pages that go to swap and come back: private ones, shared by fork, of objects; what is seen of them meanwhile; and how they go away.
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot, constants as C, type Machine, type Process, type SwapBacking } from 'faultline'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { outcome } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_FIXED
const A = 0x10000000
const S = 0x20000000
const PAGES = 8

const folder = mkdtempSync(join(tmpdir(), 'swapping-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each<[string, SwapBacking]>([
  ['memory', 'memory'],
  ['a file', { file: join(folder, 'area') }],
])('with swap in %s', (_, backing) => {
  let machine: Machine
  let init: Process
  let free: number

  beforeEach(async () => {
    machine = await boot({ memory: '16MiB', target: 'debug', sysctl: { 'vm.page-cluster': 0 } })
    init = machine.init
    machine.swapon({ size: '1MiB', backing })
    free = machine.freeFrames
    init.mmap(A, PAGES * PAGE, RW, PRIVATE)
    init.mmap(S, PAGES * PAGE, RW, SHARED)
    for (let page = 0; page < PAGES; page++) {
      init.store32(A + page * PAGE, 1000 + page)
      init.store32(S + page * PAGE, 2000 + page)
    }
  })

  afterEach(async () => {
    machine.validate()
    init.munmap(0, 0x7ffffffff000)
    expect(used()).toBe(0)
    expectBalanced(machine, free)
    await machine.shutdown()
  })

  const used = (): number => machine.swaps.reduce((sum, area) => sum + area.used, 0) / PAGE
  const pageOut = (at: number, pages = PAGES): void => init.madvise(at, pages * PAGE, C.MADV_PAGEOUT)
  const resident = (at: number): number => init.mincore(at, PAGES * PAGE).reduce((sum, page) => sum + page, 0)
  const expectContents = (process: Process, at: number, first: number, pages = PAGES): void => {
    for (let page = 0; page < pages; page++) expect(process.load32(at + page * PAGE)).toBe(first + page)
  }

  it('takes private pages out of memory, and brings them back', () => {
    const before = machine.freeFrames
    pageOut(A)
    machine.validate()
    expect([used(), resident(A), machine.freeFrames - before]).toEqual([PAGES, 0, PAGES])
    expect(machine.vmstat).toMatchObject({ pswpout: PAGES, pswpin: 0, pgmajfault: 0 })
    expectContents(init, A, 1000)
    expect(machine.vmstat).toMatchObject({ pswpout: PAGES, pswpin: PAGES, pgmajfault: PAGES })
    expect(resident(A)).toBe(PAGES)
  })

  it('takes pages of objects out, and brings them back to whoever asks', () => {
    const before = machine.freeFrames
    pageOut(S)
    machine.validate()
    // their table goes too
    expect([used(), resident(S), machine.freeFrames - before]).toEqual([PAGES, 0, PAGES + 1])
    const child = init.fork()
    expectContents(child, S, 2000)
    expect(used()).toBe(0)
    child.store32(S, 7)
    expect(init.load32(S)).toBe(7)
    child.exit(0)
    init.wait()
  })

  it('keeps no page of zeros', () => {
    init.store32(A, 0)
    pageOut(A)
    expect(machine.vmstat.pswpout).toBe(PAGES - 1)
    expect(machine.swaps[0]?.zeros).toBe(PAGE)
    expect(init.load32(A)).toBe(0)
    expect(machine.vmstat.pswpin).toBe(0)
  })

  it('drops pages of objects that were only read', () => {
    const at = A + PAGES * PAGE
    init.mmap(at, 4 * PAGE, RW, SHARED)
    for (let page = 0; page < 4; page++) expect(init.load32(at + page * PAGE)).toBe(0)
    const before = machine.freeFrames
    init.madvise(at, 4 * PAGE, C.MADV_PAGEOUT)
    // and the node of their tree
    expect([used(), machine.freeFrames - before, machine.vmstat.pswpout]).toEqual([0, 4, 0])
    machine.validate()
    expect(init.load32(at)).toBe(0)
    expect(machine.vmstat.pgmajfault).toBe(0)
  })

  it('shares slots by fork, and gives each process a page of its own when it writes', () => {
    pageOut(A)
    const child = init.fork()
    machine.validate()
    expect(used()).toBe(PAGES)
    child.store32(A, 5)
    expect(init.load32(A)).toBe(1000)
    expect(child.load32(A + PAGE)).toBe(1001)
    init.store32(A + PAGE, 6)
    expect(child.load32(A + PAGE)).toBe(1001)
    machine.validate()
    child.exit(0)
    init.wait()
    machine.validate()
    expect(init.load32(A + PAGE)).toBe(6)
    expectContents(init, A + 2 * PAGE, 1002, PAGES - 2)
  })

  it('takes pages out that a fork shares, for all at once, where nobody else maps them', () => {
    const child = init.fork()
    pageOut(A)
    // each is mapped twice
    expect(used()).toBe(0)
    child.exit(0)
    init.wait()
    pageOut(A)
    expect(used()).toBe(PAGES)
    expectContents(init, A, 1000)
  })

  it.each(['munmap', 'MADV_DONTNEED', 'MADV_FREE', 'exit'])('frees slots at %s', how => {
    const child = init.fork()
    child.store32(A, 1)
    init.munmap(A, PAGES * PAGE)
    child.madvise(A, PAGES * PAGE, C.MADV_PAGEOUT)
    expect(used()).toBe(PAGES)
    if (how === 'munmap') child.munmap(A, PAGES * PAGE)
    else if (how !== 'exit') child.madvise(A, PAGES * PAGE, how === 'MADV_FREE' ? C.MADV_FREE : C.MADV_DONTNEED)
    else child.exit(0)
    expect(used()).toBe(0)
    machine.validate()
    if (how !== 'exit') child.exit(0)
    init.wait()
  })

  it('moves entries with mremap, and lets mprotect pass', () => {
    pageOut(A)
    const to = init.mremap(A, PAGES * PAGE, PAGES * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 0x30000000)
    init.mprotect(to, PAGES * PAGE, C.PROT_NONE)
    machine.validate()
    expect(outcome(() => init.load32(to))).toBe('SEGV_ACCERR')
    init.mprotect(to, PAGES * PAGE, C.PROT_READ)
    expect(outcome(() => init.store32(to, 1))).toBe('SEGV_ACCERR')
    expectContents(init, to, 1000)
    init.mprotect(to, PAGES * PAGE, RW)
    init.store32(to, 9)
    expect(init.load32(to)).toBe(9)
  })

  it('shows in smaps, pagemap, status and mincore', () => {
    pageOut(A)
    pageOut(S)
    const smaps = machine.proc('/proc/1/smaps')
    const rows = (name: string): number[] =>
      [...smaps.matchAll(new RegExp(`^${name}: +(\\d+) kB$`, 'gm'))].map(([, value]) => Number(value))
    expect(rows('Swap')).toEqual([4 * PAGES, 4 * PAGES])
    expect(rows('SwapPss')).toEqual([4 * PAGES, 0])
    expect(rows('Rss')).toEqual([0, 0])
    expect(machine.proc('/proc/1/status')).toMatch(new RegExp(`^VmSwap:\\t +${4 * PAGES} kB$`, 'm'))
    const pagemap = new DataView(machine.proc('/proc/1/pagemap', { offset: (A / PAGE) * 8, length: 8 }).buffer)
    const entry = pagemap.getBigUint64(0, true)
    expect([entry >> 62n, entry & 31n, (entry >> 5n) & 0xffffffn]).toEqual([1n, 0n, 1n])
  })

  it('frees the slots of a file where it is cut, and reads zeros there', () => {
    const fd = init.memfd_create('file', 0)
    init.pwrite(fd, new Uint8Array(3 * PAGE).fill(65), 0)
    const at = init.mmap(0, 3 * PAGE, RW, C.MAP_SHARED, fd)
    for (let page = 0; page < 3; page++) init.load8(at + page * PAGE)
    init.madvise(at, 3 * PAGE, C.MADV_PAGEOUT)
    expect(used()).toBe(3)
    expect(init.fstat(fd).blocks).toBe(24)
    expect(init.lseek(fd, 0, C.SEEK_DATA)).toBe(0)
    expect(init.lseek(fd, 0, C.SEEK_HOLE)).toBe(3 * PAGE)
    init.ftruncate(fd, PAGE + 10)
    expect(used()).toBe(2)
    machine.validate()
    init.ftruncate(fd, 3 * PAGE)
    expect([...init.pread(fd, 3 * PAGE, 0).subarray(PAGE, PAGE + 12)]).toEqual([...new Array(10).fill(65), 0, 0])
    expect(used()).toBe(0)
    init.close(fd)
    init.munmap(at, 3 * PAGE)
  })

  it('comes back at swapoff', () => {
    pageOut(A)
    pageOut(S)
    const child = init.fork()
    machine.swapoff(0)
    machine.validate()
    expect(machine.swaps).toEqual([])
    const { pgmajfault } = machine.vmstat
    for (const process of [init, child]) {
      expectContents(process, A, 1000)
      expectContents(process, S, 2000)
    }
    expect(machine.vmstat.pgmajfault).toBe(pgmajfault)
    child.store32(A, 1)
    expect(init.load32(A)).toBe(1000)
    child.exit(0)
    init.wait()
    machine.swapon({ size: '1MiB', backing })
  })

  it('fills areas by priority, equal ones by turns', () => {
    machine.swapon({ size: 5 * PAGE, priority: 7 })
    machine.swapon({ size: '64KiB', priority: 3 })
    machine.swapon({ size: '64KiB', priority: 3 })
    pageOut(A)
    expect(machine.swaps.map(area => area.used / PAGE)).toEqual([0, 4, 2, 2])
    pageOut(S)
    expect(machine.swaps.map(area => area.used / PAGE)).toEqual([0, 4, 6, 6])
    expectContents(init, A, 1000)
    expectContents(init, S, 2000)
    for (const area of [1, 2, 3]) machine.swapoff(area)
  })

  it('leaves pages in memory when swap is full', () => {
    machine.swapoff(0)
    machine.swapon({ size: 4 * PAGE })
    pageOut(A)
    expect(used()).toBe(3)
    pageOut(S)
    expect([used(), resident(S)]).toEqual([3, PAGES])
    machine.validate()
    expectContents(init, A, 1000)
  })

  it('leaves what is locked', () => {
    init.mlock(A, PAGE)
    expect(outcome(() => init.madvise(A, PAGES * PAGE, C.MADV_PAGEOUT))).toBe('EINVAL')
    pageOut(A + PAGE, PAGES - 1)
    expect(used()).toBe(PAGES - 1)
    // locking brings back
    init.mlock(A, PAGES * PAGE)
    expect([used(), resident(A)]).toEqual([0, PAGES])
  })

  it('stays on where its pages do not fit into memory', async () => {
    const small = await boot({ memory: '3MiB', target: 'debug' })
    small.swapon({ size: '4MiB' })
    const pages = small.zones[0]?.managed ?? 0
    const at = small.init.mmap(0, pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    for (let page = 0; page < pages; page++) {
      small.init.store32(at + page * PAGE, page + 1)
      if (page % 32 === 31) small.init.madvise(at + (page - 31) * PAGE, 32 * PAGE, C.MADV_PAGEOUT)
    }
    expect(outcome(() => small.swapoff(0))).toBe('ENOMEM')
    small.validate()
    expect(small.swaps.length).toBe(1)
    small.init.madvise(at, pages * PAGE, C.MADV_PAGEOUT)
    for (let page = 0; page < pages; page++) {
      expect(small.init.load32(at + page * PAGE)).toBe(page + 1)
      if (page % 32 === 31) small.init.madvise(at + (page - 31) * PAGE, 32 * PAGE, C.MADV_PAGEOUT)
    }
    await small.shutdown()
  })
})

it('a page that cannot be read is SIGBUS, in a call EIO; what is in memory stays as it is', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const file = join(folder, 'cut')
  machine.swapon({ size: '1MiB', backing: { file } })
  init.mmap(A, PAGES * PAGE, RW, PRIVATE)
  const fd = init.memfd_create('file', 0)
  init.pwrite(fd, new Uint8Array(PAGE).fill(1), 0)
  init.mmap(S, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
  init.load8(S)
  for (let page = 0; page < PAGES; page++) init.store32(A + page * PAGE, 1000 + page)
  init.madvise(A, PAGE, C.MADV_PAGEOUT)
  init.madvise(S, PAGE, C.MADV_PAGEOUT)
  // the disk is gone
  truncateSync(file, 0)
  expect(outcome(() => init.load32(A))).toBe('BUS_ADRERR')
  expect(outcome(() => init.store32(A, 1))).toBe('BUS_ADRERR')
  expect(outcome(() => init.load32(S))).toBe('BUS_ADRERR')
  expect(outcome(() => init.pread(fd, 8, 0))).toBe('EIO')
  expect(outcome(() => machine.swapoff(0))).toBe('EIO')
  machine.validate()
  expect(init.load32(A + PAGE)).toBe(1001)
  init.munmap(A, PAGES * PAGE)
  init.munmap(S, PAGE)
  init.close(fd)
  machine.swapoff(0)
  await machine.shutdown()
})

it('counts and moves no bytes in a machine without contents', async () => {
  const machine = await boot({ memory: '1GiB', contents: false, target: 'debug' })
  const { init } = machine
  machine.swapon({ size: '1GiB', backing: 'none' })
  init.mmap(A, PAGES * PAGE, RW, PRIVATE)
  for (let page = 0; page < PAGES; page++) init.store32(A + page * PAGE, 1)
  init.madvise(A, PAGES * PAGE, C.MADV_PAGEOUT)
  expect(machine.swaps[0]?.used).toBe(PAGES * PAGE)
  expect(init.load32(A)).toBe(0)
  expect(machine.vmstat).toMatchObject({ pswpout: PAGES, pswpin: 1, pgmajfault: 1 })
  await machine.shutdown()
})

describe('a snapshot', () => {
  it('holds what is in swap', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    machine.swapon({ size: '64KiB' })
    machine.swapon({ size: '1MiB', priority: 1 })
    machine.swapoff(0)
    init.mmap(A, PAGES * PAGE, RW, PRIVATE)
    for (let page = 0; page < PAGES; page++) init.store32(A + page * PAGE, page === 3 ? 0 : 1000 + page)
    init.madvise(A, PAGES * PAGE, C.MADV_PAGEOUT)
    const snapshot = machine.snapshot()
    init.store32(A, 1)
    const other = await boot({ snapshot })
    expect(other.snapshot()).toEqual(snapshot)
    other.validate()
    expect(other.swaps[0]?.used).toBe(PAGES * PAGE)
    for (let page = 0; page < PAGES; page++) expect(other.init.load32(A + page * PAGE)).toBe(page === 3 ? 0 : 1000 + page)
    // there is room in the host's memory for more areas
    other.swapon({ size: '64KiB', priority: 2 })
    other.init.madvise(A, PAGES * PAGE, C.MADV_PAGEOUT)
    expect(other.init.load32(A + PAGE)).toBe(1001)
    await other.shutdown()
    await machine.shutdown()
  })

  it('is refused while there is swap in a file', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const file = join(folder, 'unsaved')
    machine.swapon({ size: '64KiB', backing: { file } })
    expect(() => machine.snapshot()).toThrow(/EBUSY.*swapoff first/)
    machine.swapoff(file)
    machine.snapshot()
    await machine.shutdown()
  })
})

describe('reading ahead', () => {
  const COUNT = 64
  /** A machine with swap in a file, and private pages in it, each with its number. */
  async function withFile(cluster?: number): Promise<{ machine: Machine; init: Process; resident: () => number[] }> {
    const machine = await boot({
      memory: '16MiB',
      target: 'debug',
      ...(cluster !== undefined && { sysctl: { 'vm.page-cluster': cluster } }),
    })
    const { init } = machine
    machine.swapon({ size: '1MiB', backing: { file: join(folder, 'ahead') } })
    init.mmap(A, COUNT * PAGE, RW, PRIVATE)
    for (let page = 0; page < COUNT; page++) init.store32(A + page * PAGE, page)
    init.madvise(A, COUNT * PAGE, C.MADV_PAGEOUT)
    const resident = (): number[] => [...init.mincore(A, COUNT * PAGE).entries()].filter(([, there]) => there).map(([page]) => page)
    return { machine, init, resident }
  }

  it('brings pages beside one into the swap cache, to be found there', async () => {
    const { machine, init, resident } = await withFile(3)
    expect(init.load32(A + 20 * PAGE)).toBe(20)
    // a VMA begins with a window of eight, a little of it to the left
    expect(resident()).toEqual([17, 18, 19, 20, 21, 22, 23, 24])
    machine.validate()
    expect(machine.vmstat).toMatchObject({ pgmajfault: 1, pswpin: 8 })
    expect(machine.swaps[0]?.cached).toBe(8 * PAGE)
    for (let page = 20; page < 25; page++) expect(init.load32(A + page * PAGE)).toBe(page)
    expect(machine.vmstat).toMatchObject({ pgmajfault: 1, pswpin: 8 })
    // what was used makes the next window as large, in the direction of the accesses
    expect(init.load32(A + 25 * PAGE)).toBe(25)
    expect(resident()).toEqual([17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32])
    for (let page = 0; page < COUNT; page++) expect(init.load32(A + page * PAGE)).toBe(page)
    machine.validate()
    machine.swapoff(0)
    machine.validate()
    await machine.shutdown()
  })

  it('reads less and less where it is of no use', async () => {
    const { machine, init } = await withFile()
    const reads: number[] = []
    for (const page of [8, 56, 30, 44]) {
      const { pswpin } = machine.vmstat
      init.load32(A + page * PAGE)
      reads.push(machine.vmstat.pswpin - pswpin)
    }
    // half of the window before, at least; some pages are there already
    expect(reads).toEqual([4, 2, 1, 1])
    await machine.shutdown()
  })

  it('is switched off by vm.page-cluster', async () => {
    const { machine, init, resident } = await withFile(0)
    init.load32(A + 20 * PAGE)
    expect(resident()).toEqual([20])
    await machine.shutdown()
  })

  it.each([C.MAP_PRIVATE, C.MAP_SHARED])('is asked for by MADV_WILLNEED, of mappings %i', async kind => {
    const { machine, init } = await withFile(0)
    const at = init.mmap(0, 8 * PAGE, RW, kind | C.MAP_ANONYMOUS)
    for (let page = 0; page < 8; page++) init.store32(at + page * PAGE, 70 + page)
    init.madvise(at, 8 * PAGE, C.MADV_PAGEOUT)
    init.madvise(at + PAGE, 5 * PAGE, C.MADV_WILLNEED)
    expect([...init.mincore(at, 8 * PAGE)]).toEqual([0, 1, 1, 1, 1, 1, 0, 0])
    machine.validate()
    for (let page = 1; page < 6; page++) expect(init.load32(at + page * PAGE)).toBe(70 + page)
    expect(machine.vmstat.pgmajfault).toBe(0)
    await machine.shutdown()
  })
})

it('counts and shows what Linux 6.18 does with zram and without reading ahead', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug', sysctl: { 'vm.page-cluster': 0 } })
  const { init } = machine
  machine.swapon({ size: '1MiB' })
  init.mmap(A, PAGES * PAGE, RW, PRIVATE)
  init.mmap(S, PAGES * PAGE, RW, SHARED)
  /** P for a page that is there, S for one in swap, as pagemap says. */
  const pagemap = (at: number, process = init): string => {
    const bytes = machine.proc(`/proc/${process.pid}/pagemap`, { offset: (at / PAGE) * 8, length: PAGES * 8 })
    const entries = [...new BigUint64Array(bytes.slice().buffer)]
    return entries.map(entry => (entry >> 63n ? 'P' : (entry >> 62n) & 1n ? 'S' : '-')).join('')
  }
  /** How many pages were read and written, and major and other faults. */
  const counts = (what: () => unknown): number[] => {
    const before = machine.vmstat
    what()
    const now = machine.vmstat
    const [read, written, major, faults] = (['pswpin', 'pswpout', 'pgmajfault', 'pgfault'] as const).map(name => now[name] - before[name])
    return [read, written, major, (faults ?? 0) - (major ?? 0)] as number[]
  }
  const load = (page: number, process = init): number => process.load32(A + page * PAGE)
  const pageOut = (at: number, process = init): void => process.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
  const fill = (): void => {
    for (let page = 0; page < PAGES; page++) init.store32(A + page * PAGE, 1000 + page)
  }
  fill()
  expect([counts(() => pageOut(A)), pagemap(A)]).toEqual([[0, 8, 0, 0], 'SSSSSSSS'])
  expect([counts(() => load(0)), pagemap(A)]).toEqual([[1, 0, 1, 0], 'PSSSSSSS'])
  expect(counts(() => init.store32(A, 7))).toEqual([0, 0, 0, 0])
  for (let page = 0; page < PAGES; page++) init.store32(S + page * PAGE, 1)
  expect([counts(() => pageOut(S)), pagemap(S)]).toEqual([[0, 8, 0, 0], '--------'])
  expect([counts(() => init.load32(S)), pagemap(S)]).toEqual([[1, 0, 1, 0], 'P-------'])
  for (let page = 0; page < PAGES; page++) init.store32(A + page * PAGE, 0)
  expect([counts(() => pageOut(A)), counts(() => load(0))]).toEqual([
    [0, 0, 0, 0],
    [0, 0, 1, 0],
  ])
  fill()
  let child = init.fork()
  pageOut(A)
  expect(pagemap(A)).toBe('PPPPPPPP')
  child.exit(0)
  init.wait()
  pageOut(A)
  child = init.fork()
  expect(pagemap(A, child)).toBe('SSSSSSSS')
  expect(counts(() => load(1, child))).toEqual([1, 0, 1, 0])
  expect(counts(() => child.store32(A + 2 * PAGE, 5))).toEqual([1, 0, 1, 0])
  expect([pagemap(A, child), pagemap(A)]).toEqual(['SPPSSSSS', 'SSSSSSSS'])
  expect([...init.mincore(A, PAGES * PAGE)]).toEqual([0, 1, 1, 0, 0, 0, 0, 0])
  child.exit(0)
  init.wait()
  pageOut(A)
  init.madvise(A, 2 * PAGE, C.MADV_FREE)
  expect([pagemap(A), load(0)]).toEqual(['--SSSSSS', 0])
  init.madvise(A + 2 * PAGE, 2 * PAGE, C.MADV_DONTNEED)
  expect(counts(() => init.madvise(A + 4 * PAGE, 4 * PAGE, C.MADV_WILLNEED))).toEqual([4, 0, 0, 0])
  expect([pagemap(A), [...init.mincore(A, PAGES * PAGE)]]).toEqual(['P---SSSS', [1, 0, 0, 0, 1, 1, 1, 1]])
  expect(counts(() => load(4))).toEqual([0, 0, 0, 1])
  machine.swapoff(0)
  await machine.shutdown()
})
