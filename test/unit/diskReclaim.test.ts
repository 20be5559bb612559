// Which pages of files on disks reclaim evicts, what it leaves in their place, and how it gets on with dirty ones.
import { boot, constants as C, type Cgroup, type Machine, type Process } from 'faultline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const A = 0x10000000
const LIMIT = 64
const PAGES = 4 * LIMIT

let machine: Machine
let init: Process
let group: Cgroup
let free: number
let fd: number

beforeEach(async () => {
  machine = await boot({ memory: '16MiB', target: 'debug', cpus: 1 })
  init = machine.init
  machine.mount('/mnt', { type: 'disk', size: '4MiB' })
  free = machine.freeFrames
  fd = init.open('/mnt/file', C.O_RDWR | C.O_CREAT, 0o600)
  for (let page = 0; page < PAGES; page++) init.pwrite(fd, new Uint8Array(PAGE).fill(page), page * PAGE)
  init.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
  group = machine.cgroup('small', { memoryMax: LIMIT * PAGE })
  group.assign(init)
})

afterEach(async () => {
  machine.validate()
  init.munmap(0, 0x7ffffffff000)
  init.close(fd)
  init.unlink('/mnt/file')
  expectBalanced(machine, free)
  await machine.shutdown()
})

const read = (page: number): number => init.pread(fd, 1, page * PAGE)[0] as number
const readAll = (first: number, pages: number): void => {
  for (let page = first; page < first + pages; page++) expect(read(page)).toBe(page % 256)
}
const map = (prot: number, pages = PAGES): void => void init.mmap(A, pages * PAGE, prot, C.MAP_SHARED | C.MAP_FIXED, fd)
const pages = (bytes: number): number => bytes / PAGE
/** Which of the pages are in memory. */
const resident = (first: number, count: number): number => {
  const at = init.mmap(0, PAGES * PAGE, C.PROT_READ, C.MAP_SHARED, fd)
  const sum = init.mincore(at + first * PAGE, count * PAGE).reduce((all, page) => all + page, 0)
  init.munmap(at, PAGES * PAGE)
  return sum
}

describe('pages that are clean', () => {
  it('are dropped, without I/O, and their return is a refault', () => {
    readAll(0, PAGES)
    // what waits in a batch is in no list
    machine.validate()
    const stat = group.stat()
    expect(machine.vmstat.pswpout).toBe(0)
    expect(stat.pgsteal_file).toBeGreaterThanOrEqual(PAGES - LIMIT)
    expect(stat).toMatchObject({ pgscan_anon: 0, workingset_refault_file: 0, shmem: 0 })
    expect(pages(stat.file)).toBeLessThanOrEqual(LIMIT)
    expect(stat.inactive_file + stat.active_file).toBe(stat.file)
    readAll(0, 8)
    expect(group.stat().workingset_refault_file).toBe(8)
    machine.validate()
  })

  it('are active once they were read twice, but not by reading on in the same page', () => {
    for (let time = 0; time < 3; time++) init.pread(fd, 10, 10 * time)
    expect(read(1)).toBe(1)
    expect(read(0)).toBe(0)
    readAll(100, 40)
    // page 0 was used twice, page 1 once, and the lists are up to date when a batch is full
    expect(pages(group.stat().active_file)).toBe(1)
    readAll(140, 100)
    expect([resident(0, 1), resident(1, 1)]).toEqual([1, 0])
  })

  it('that are mapped stay if they were used, and go if not', () => {
    map(C.PROT_READ)
    for (let page = 0; page < 16; page++) init.load8(A + page * PAGE)
    for (let round = 0; round < 8; round++) {
      readAll(64 + round * 16, 16)
      for (let page = 0; page < 8; page++) init.load8(A + page * PAGE)
    }
    expect([resident(0, 8), resident(8, 8)]).toEqual([8, 0])
  })

  it('of a program are active as soon as they were used', () => {
    map(C.PROT_READ | C.PROT_EXEC, 8)
    for (let page = 0; page < 8; page++) init.load8(A + page * PAGE)
    const { pgactivate } = machine.vmstat
    readAll(64, 64)
    expect(machine.vmstat.pgactivate - pgactivate).toBe(8)
    expect(resident(0, 8)).toBe(8)
  })

  it('that a mapping used when it was taken away count as read', () => {
    map(C.PROT_READ, 2)
    init.load8(A)
    init.munmap(A, 2 * PAGE)
    expect(read(0)).toBe(0)
    readAll(100, 40)
    expect(pages(group.stat().active_file)).toBe(1)
  })

  it('go before anonymous ones that were not used either, if there is no swap', () => {
    init.mmap(A, 16 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED)
    for (let page = 0; page < 16; page++) init.store32(A + page * PAGE, page)
    readAll(0, PAGES)
    for (let page = 0; page < 16; page++) expect(init.load32(A + page * PAGE)).toBe(page)
    expect(pages(group.stat().anon)).toBe(16)
    init.munmap(A, 16 * PAGE)
  })
})

describe('pages that are dirty', () => {
  it('are written back where there is nothing else, by calls or by way of mappings', () => {
    for (let page = 0; page < PAGES; page++) init.pwrite(fd, new Uint8Array(PAGE).fill(page + 1), page * PAGE)
    machine.validate()
    map(RW)
    for (let page = 0; page < PAGES; page++) init.store8(A + page * PAGE + 1, page + 2)
    machine.validate()
    expect(pages(group.stat().file)).toBeLessThanOrEqual(LIMIT)
    expect(group.events().oom).toBe(0)
    for (let page = 0; page < PAGES; page++) {
      expect([...init.pread(fd, 2, page * PAGE)]).toEqual([(page + 1) % 256, (page + 2) % 256])
    }
  })

  it('stay where clean ones are taken, and are active', () => {
    map(RW, 8)
    for (let page = 0; page < 8; page++) init.load8(A + page * PAGE)
    for (const page of [1, 6]) init.store8(A + page * PAGE, 99)
    init.madvise(A, 8 * PAGE, C.MADV_PAGEOUT)
    expect([...init.mincore(A, 8 * PAGE)]).toEqual([0, 1, 0, 0, 0, 0, 1, 0])
    expect(pages(group.stat().file_dirty)).toBe(2)
    expect(pages(group.stat().active_file)).toBe(2)
    init.fsync(fd)
    // who was to be evicted is the first to go, once it is written
    expect(group.stat()).toMatchObject({ file_dirty: 0, active_file: 0 })
  })

  it('that cannot be written are lost, and fsync tells', () => {
    const { disks } = (init as unknown as { kernel: { disks: { write: () => number } } }).kernel
    disks.write = () => -5
    for (let page = 0; page < PAGES; page++) init.pwrite(fd, new Uint8Array(PAGE).fill(page + 1), page * PAGE)
    expect(() => init.fsync(fd)).toThrow(/EIO/)
    expect(() => init.fsync(fd)).not.toThrow()
    machine.validate()
  })
})

describe('with swap beside', () => {
  it('both kinds of pages go, and all come back as they were', () => {
    machine.swapon({ size: '4MiB' })
    init.mmap(A, LIMIT * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED)
    for (let round = 0; round < 4; round++) {
      for (let page = 0; page < LIMIT; page++) init.store32(A + page * PAGE, round * 1000 + page)
      readAll(0, LIMIT)
      machine.validate()
      for (let page = 0; page < LIMIT; page++) expect(init.load32(A + page * PAGE)).toBe(round * 1000 + page)
    }
    const { pgsteal_anon, pgsteal_file } = group.stat()
    expect(pgsteal_anon).toBeGreaterThan(LIMIT)
    expect(pgsteal_file).toBeGreaterThan(LIMIT)
    init.munmap(A, LIMIT * PAGE)
    machine.swapoff(0)
  })
})
