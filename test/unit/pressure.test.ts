// What several of swap, limits, locked pages and snapshots do together.
import { boot, constants as C, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'

const PAGE = 4096
const PAGES = 16

/** Private pages, each with its own number. */
function numbered(process: Process): number {
  const at = process.mmap(0, PAGES * PAGE, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  for (let page = 0; page < PAGES; page++) process.store32(at + page * PAGE, page + 1)
  return at
}

/** The first words of the pages. */
function words(process: Process, at: number): number[] {
  return Array.from({ length: PAGES }, (_, page) => process.load32(at + page * PAGE))
}

const NUMBERS = Array.from({ length: PAGES }, (_, page) => page + 1)

it('a restored machine goes on to swap, though nothing was in swap', () =>
  withMachine(async first => {
    first.swapon({ size: '1MiB' })
    const machine = await boot({ snapshot: first.snapshot() })
    const { init } = machine
    const at = numbered(init)
    init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
    expect(machine.vmstat.pswpout).toBe(PAGES)
    expect(words(init, at)).toEqual(NUMBERS)
    machine.validate()
    first.swapoff(0)
  }))

it('a snapshot holds what is both in memory and in swap', () =>
  withMachine(async first => {
    first.swapon({ size: '1MiB' })
    const at = numbered(first.init)
    first.init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
    const child = first.init.fork()
    expect([words(first.init, at), words(child, at)]).toEqual([NUMBERS, NUMBERS])
    const machine = await boot({ snapshot: first.snapshot() })
    machine.process(child.pid).exit(0)
    machine.init.madvise(at, PAGES * PAGE, C.MADV_PAGEOUT)
    expect(words(machine.init, at)).toEqual(NUMBERS)
    machine.validate()
    child.exit(0)
    first.init.wait()
    first.init.munmap(at, PAGES * PAGE)
    first.swapoff(0)
  }))

it('fallocate of a file that does not fit its limit leaves what is in swap there', () =>
  withMachine((machine, init) => {
    machine.swapon({ size: '1MiB' })
    const process = init.fork()
    const group = machine.cgroup('limited', { memoryMax: (PAGES / 2) * PAGE })
    group.assign(process)
    const fd = process.memfd_create('file', 0)
    for (let page = 0; page < PAGES; page++) process.pwrite(fd, Uint8Array.of(page + 1), page * PAGE)
    process.fallocate(fd, 0, 0, PAGES * PAGE)
    const found = Array.from({ length: PAGES }, (_, page) => process.pread(fd, 1, page * PAGE)[0])
    expect(found).toEqual(NUMBERS)
    process.exit(0)
    init.wait()
    group.remove()
    machine.swapoff(0)
  }))

it('locked pages of a group that goes are the root group’s', () =>
  withMachine((machine, init) => {
    machine.swapon({ size: '1MiB' })
    const process = init.fork()
    const [first, second] = [machine.cgroup('first'), machine.cgroup('second')]
    first.assign(process)
    process.mlock(numbered(process), PAGES * PAGE)
    second.assign(process)
    first.remove()
    machine.validate()
    process.exit(0)
    init.wait()
    machine.cgroup('third', { memoryMax: PAGE }).remove()
    machine.validate()
    second.remove()
    machine.swapoff(0)
  }))

it('what MREMAP_DONTUNMAP leaves of a locked mapping is locked no more', () =>
  withMachine((machine, init) => {
    const at = numbered(init)
    init.mlock(at, PAGES * PAGE)
    const moved = init.mremap(at + PAGE, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_DONTUNMAP)
    machine.validate()
    expect(machine.proc('/proc/meminfo')).toMatch(/^Mlocked: +4 kB$/m)
    expect(init.load32(moved)).toBe(2)
    init.munmap(moved, PAGE)
    init.munmap(at, PAGES * PAGE)
  }))
