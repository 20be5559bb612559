// Pages that may not be evicted: of locked mappings, and of locked segments.
import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { reap, withMachine } from '../machines.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** Unevictable and Mlocked of /proc/meminfo, in pages. */
function pinned(machine: Machine): [number, number] {
  const text = machine.proc('/proc/meminfo')
  const pages = (name: string): number => Number(new RegExp(`${name}: +(\\d+) kB`).exec(text)?.[1]) / 4
  machine.validate()
  return [pages('Unevictable'), pages('Mlocked')]
}

/** Private pages that were written. */
function written(process: Process, pages: number): number {
  const at = process.mmap(0, pages * PAGE, RW, ANONYMOUS)
  for (let page = 0; page < pages; page++) process.store32(at + page * PAGE, page)
  return at
}

// with lists, and in a machine that keeps none
describe.each([{ policy: 'linux-6.12' as const }, {}])('pages of locked mappings %o', options => {
  it('are counted as they come, go and are unlocked, but not the page of zeros', () =>
    withMachine((machine, init) => {
      const at = init.mmap(0, 8 * PAGE, RW, ANONYMOUS)
      init.load32(at)
      init.store32(at + PAGE, 1)
      init.mlock(at, 8 * PAGE, C.MLOCK_ONFAULT)
      expect(pinned(machine)).toEqual([1, 1])
      init.store32(at + 2 * PAGE, 1)
      init.store32(at, 1)
      expect(pinned(machine)).toEqual([3, 3])
      init.mlock(at, 4 * PAGE)
      expect(pinned(machine)).toEqual([4, 4])
      init.munlock(at + PAGE, PAGE)
      expect(pinned(machine)).toEqual([3, 3])
      init.madvise(at, PAGE, C.MADV_DONTNEED_LOCKED)
      expect(pinned(machine)).toEqual([2, 2])
      init.munmap(at + 2 * PAGE, PAGE)
      expect(pinned(machine)).toEqual([1, 1])
      init.munlockall()
      expect(pinned(machine)).toEqual([0, 0])
      init.munmap(at, 8 * PAGE)
    }, options))

  it('move with mremap, and are not the child’s after fork', () =>
    withMachine((machine, init) => {
      const at = written(init, 4)
      init.mlock(at, 4 * PAGE)
      const moved = init.mremap(at, 4 * PAGE, 4 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 0x20000000)
      expect(pinned(machine)).toEqual([4, 4])
      const child = init.fork()
      child.store32(moved, 1)
      child.munmap(moved + PAGE, PAGE)
      expect(pinned(machine)).toEqual([4, 4])
      // the parent's copy is locked, what it leaves to the child is not any more
      init.store32(moved + 2 * PAGE, 1)
      expect(pinned(machine)).toEqual([4, 4])
      init.munmap(moved, 4 * PAGE)
      expect(pinned(machine)).toEqual([0, 0])
      child.exit(0)
      reap(init)
    }, options))

  it('that several lock may be evicted when the last does not any more', () =>
    withMachine((machine, init) => {
      const id = init.shmget(C.IPC_PRIVATE, 2 * PAGE, C.IPC_CREAT | 0o600)
      const child = init.fork()
      const [here, there] = [init.shmat(id, 0, 0), child.shmat(id, 0, 0)]
      init.shmctl(id, C.IPC_RMID)
      init.mlock(here, 2 * PAGE)
      child.mlock(there, 2 * PAGE)
      expect(pinned(machine)).toEqual([2, 2])
      init.munlock(here, PAGE)
      expect(pinned(machine)).toEqual([2, 2])
      child.munlock(there, 2 * PAGE)
      expect(pinned(machine)).toEqual([1, 1])
      child.mlock(there, 2 * PAGE)
      child.exit(0)
      reap(init)
      expect(pinned(machine)).toEqual([1, 1])
      init.shmdt(here)
    }, options))

  it('go with the end of the process, with what it locks ahead, and with what is cut away', () =>
    withMachine((machine, init) => {
      const child = init.fork()
      child.mlockall(C.MCL_CURRENT | C.MCL_FUTURE)
      written(child, 3)
      const fd = child.memfd_create('file', 0)
      child.ftruncate(fd, 4 * PAGE)
      const [shown, copy] = [child.mmap(0, 4 * PAGE, RW, C.MAP_SHARED, fd, 0), child.mmap(0, 4 * PAGE, RW, C.MAP_PRIVATE, fd, 0)]
      expect(pinned(machine)).toEqual([11, 11])
      child.ftruncate(fd, PAGE)
      expect(pinned(machine)).toEqual([5, 5])
      expect([child.frameOf(shown), child.frameOf(copy)]).not.toContain(undefined)
      child.exit(0)
      reap(init)
      expect(pinned(machine)).toEqual([0, 0])
    }, options))

  it('are found again where they come back from swap', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '1MiB' })
      const at = written(init, 2)
      const { frames_unmap } = (init as unknown as { kernel: { exports: { frames_unmap(pfn: number): number } } }).kernel.exports
      expect(frames_unmap(init.frameOf(at) as number)).toBe(1)
      init.mlock(at, 2 * PAGE, C.MLOCK_ONFAULT)
      expect(pinned(machine)).toEqual([1, 1])
      expect(init.load32(at + PAGE)).toBe(1)
      expect(init.load32(at)).toBe(0)
      expect(pinned(machine)).toEqual([2, 2])
      // a locked page keeps no slot
      expect(machine.swaps[0]).toMatchObject({ used: 0 })
      init.munmap(at, 2 * PAGE)
      machine.swapoff(0)
    }, options))
})

describe('pages of a locked segment', () => {
  it('are unevictable from their coming, and evictable once it is unlocked, unless a locked mapping shows them', () =>
    withMachine(
      (machine, init) => {
        const id = init.shmget(C.IPC_PRIVATE, 4 * PAGE, C.IPC_CREAT | 0o600)
        const at = init.shmat(id, 0, 0)
        init.store32(at, 1)
        init.shmctl(id, C.SHM_LOCK)
        init.store32(at + PAGE, 1)
        init.mlock(at + 2 * PAGE, PAGE, C.MLOCK_ONFAULT)
        init.store32(at + 2 * PAGE, 1)
        // the first is found by reclaim
        expect(pinned(machine)).toEqual([2, 1])
        init.munlock(at + 2 * PAGE, PAGE)
        expect(pinned(machine)).toEqual([2, 0])
        init.mlock(at + 2 * PAGE, PAGE)
        init.shmctl(id, C.SHM_UNLOCK)
        expect(pinned(machine)).toEqual([1, 1])
        expect(machine.vmstat).toMatchObject({ unevictable_pgs_scanned: 3, unevictable_pgs_mlocked: 2, unevictable_pgs_munlocked: 1 })
        init.shmctl(id, C.IPC_RMID)
        init.shmdt(at)
      },
      { policy: 'linux-6.12' },
    ))

  it('count their locked mappings from none on, in a machine that keeps no lists', () =>
    withMachine((machine, init) => {
      // some of so many frames were first of a free block, and have something in their links
      const id = init.shmget(C.IPC_PRIVATE, 512 * PAGE, C.IPC_CREAT | 0o600)
      init.shmctl(id, C.SHM_LOCK)
      init.mlockall(C.MCL_FUTURE)
      const at = init.shmat(id, 0, 0)
      init.shmdt(at)
      machine.validate()
      init.shmctl(id, C.IPC_RMID)
    }))
})

describe('reclaim', () => {
  /** Evicts all it can by way of others' pages, more of them than there are frames. */
  function press(machine: Machine, process: Process): void {
    const frames = machine.zones.reduce((sum, { managed }) => sum + managed, 0)
    const at = process.mmap(0, frames * PAGE, RW, ANONYMOUS | C.MAP_NORESERVE)
    for (let page = 0; page < frames; page++) process.store32(at + page * PAGE, page)
    for (let page = 0; page < frames; page += 97) expect(process.load32(at + page * PAGE)).toBe(page)
    process.munmap(at, frames * PAGE)
  }

  it('leaves what is locked, of mappings and of segments, and finds what was locked after it came', () =>
    withMachine(
      (machine, init) => {
        machine.swapon({ size: '32MiB' })
        const [locked, free] = [written(init, 16), written(init, 16)]
        init.mlock(locked, 16 * PAGE)
        const ids = [0, 1].map(() => init.shmget(C.IPC_PRIVATE, 16 * PAGE, C.IPC_CREAT | 0o600))
        const [held, loose] = ids.map(id => init.shmat(id, 0, 0)) as [number, number]
        for (let page = 0; page < 16; page++) for (const at of [held, loose]) init.store32(at + page * PAGE, page)
        init.shmctl(ids[0] as number, C.SHM_LOCK)
        expect(pinned(machine)).toEqual([16, 16])
        press(machine, init)
        expect(pinned(machine)).toEqual([32, 16])
        const present = (at: number): number =>
          Array.from({ length: 16 }, (_, page) => init.frameOf(at + page * PAGE)).filter(f => f !== undefined).length
        expect([locked, free, held, loose].map(present)).toEqual([16, 0, 16, 0])
        init.shmctl(ids[0] as number, C.SHM_UNLOCK)
        init.munlock(locked, 16 * PAGE)
        expect(pinned(machine)).toEqual([0, 0])
        press(machine, init)
        expect([locked, free, held, loose].map(present)).toEqual([0, 0, 0, 0])
        for (const at of [locked, free, held, loose]) for (let page = 0; page < 16; page++) expect(init.load32(at + page * PAGE)).toBe(page)
        for (const id of ids) init.shmctl(id, C.IPC_RMID)
        for (const at of [held, loose]) init.shmdt(at)
        for (const at of [locked, free]) init.munmap(at, 16 * PAGE)
        machine.swapoff(0)
      },
      { memory: '4MiB', policy: 'linux-6.12' },
    ))
})

it('lists that begin late know what is locked already', () =>
  withMachine((machine, init) => {
    const at = written(init, 8)
    init.mlock(at, 4 * PAGE)
    expect(pinned(machine)).toEqual([4, 4])
    machine.swapon({ size: '1MiB' })
    expect(pinned(machine)).toEqual([4, 4])
    init.munlock(at, 2 * PAGE)
    expect(pinned(machine)).toEqual([2, 2])
    init.munmap(at, 8 * PAGE)
    expect(pinned(machine)).toEqual([0, 0])
    machine.swapoff(0)
  }))
