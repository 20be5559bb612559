// Reading swap ahead of use by slots: areas on disks that rotate, objects in slow areas, and machines without vma-readahead.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BootOptions, constants as C, type Machine, type Process, type SwaponOptions } from 'faultline'
import { afterAll, describe, expect, it } from 'vitest'
import { withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS
const ROTATING: SwaponOptions = { size: '4MiB', rotational: true }

const folder = mkdtempSync(join(tmpdir(), 'swap-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Maps pages, writes to each its number and one, and evicts them: to slots in their order. Returns their address. */
function useAndEvict(process: Process, pages: number, kind = PRIVATE): number {
  const at = process.mmap(0, pages * PAGE, RW, kind)
  for (let i = 0; i < pages; i++) process.store32(at + i * PAGE, i + 1)
  process.madvise(at, pages * PAGE, C.MADV_PAGEOUT)
  return at
}

/** How a machine's counters change: major faults, pages read, of them ahead of use, and of those used. */
function counts(machine: Machine, what: () => void): number[] {
  const now = ({ pgmajfault, pswpin, swap_ra, swap_ra_hit } = machine.vmstat): number[] => [pgmajfault, pswpin, swap_ra, swap_ra_hit]
  const before = now()
  what()
  return now().map((count, i) => count - (before[i] as number))
}

/** Which pages are in memory: their numbers. */
function inMemory(process: Process, at: number, pages: number): number[] {
  return [...process.mincore(at, pages * PAGE)].flatMap((there, i) => (there === 0 ? [] : [i]))
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** A machine with one area, which is empty in the end. */
const withArea = (
  area: SwaponOptions,
  test: (machine: Machine, init: Process) => void,
  options: Partial<BootOptions> = {},
): Promise<void> =>
  withMachine((machine, init) => {
    machine.sysctl('vm.page-cluster', 3)
    machine.swapon(area)
    test(machine, init)
    machine.validate()
    init.munmap(0, 2 ** 47 - PAGE)
    expect(machine.swaps[0]).toMatchObject({ used: 0 })
    machine.swapoff(0)
  }, options)

describe('swap that is read ahead by slots', () => {
  it('reads the aligned block around a slot, larger the more of it was used', () =>
    withArea(ROTATING, (machine, init) => {
      const at = useAndEvict(init, 64)
      const load = (page: number): void => expect(init.load32(at + page * PAGE)).toBe(page + 1)
      // page n is in slot 512 + n, as the first cluster, with the header, comes last; the first window is of eight pages
      expect(counts(machine, () => load(19))).toEqual([1, 8, 7, 0])
      expect(inMemory(init, at, 64)).toEqual(range(16, 24))
      expect(counts(machine, () => range(16, 24).forEach(load))).toEqual([0, 0, 0, 7])
      machine.validate()
      // all were used: eight again, and then, as none is used, half as many each time
      expect(counts(machine, () => load(40))).toEqual([1, 8, 7, 0])
      expect(counts(machine, () => load(52))).toEqual([1, 4, 3, 0])
      expect(inMemory(init, at + 48 * PAGE, 16)).toEqual(range(4, 8))
      expect(counts(machine, () => load(60))).toEqual([1, 2, 1, 0])
      expect(counts(machine, () => load(30))).toEqual([1, 1, 0, 0])
      // the slot beside the last that was read
      expect(counts(machine, () => load(29))).toEqual([1, 2, 1, 0])
      expect(counts(machine, () => range(0, 64).forEach(load))[3]).toBeGreaterThan(0)
      expect(machine.proc('/proc/vmstat')).toMatch(
        new RegExp(`^swap_ra ${machine.vmstat.swap_ra}\nswap_ra_hit ${machine.vmstat.swap_ra_hit}$`, 'm'),
      )
    }))

  it('does not read the header, behind the end, nor ahead at all if vm.page-cluster is 0', () =>
    withArea({ size: 20 * PAGE, rotational: true }, (machine, init) => {
      const at = useAndEvict(init, 19)
      expect(counts(machine, () => init.load32(at + 2 * PAGE))).toEqual([1, 7, 6, 0])
      expect(inMemory(init, at, 19)).toEqual(range(0, 7))
      for (const page of range(0, 7)) init.load32(at + page * PAGE)
      expect(counts(machine, () => init.load32(at + 17 * PAGE))).toEqual([1, 4, 3, 0])
      machine.sysctl('vm.page-cluster', 0)
      expect(counts(machine, () => init.load32(at + 10 * PAGE))).toEqual([1, 1, 0, 0])
    }))

  it('reads whosever pages there are, of which each finds its own', () =>
    withArea(ROTATING, (machine, init) => {
      const child = init.fork()
      const [mine, its] = [init, child].map(process => process.mmap(0x10000000, 8 * PAGE, RW, PRIVATE | C.MAP_FIXED)) as [number, number]
      for (let i = 0; i < 8; i++) {
        for (const [process, at] of [
          [init, mine],
          [child, its],
        ] as const) {
          process.store32(at + i * PAGE, process.pid * 100 + i)
          process.madvise(at + i * PAGE, PAGE, C.MADV_PAGEOUT)
        }
      }
      expect(counts(machine, () => init.load32(mine + 3 * PAGE))).toEqual([1, 8, 7, 0])
      expect([inMemory(init, mine, 8), inMemory(child, its, 8)]).toEqual([range(0, 4), range(0, 4)])
      machine.validate()
      const found = counts(machine, () => {
        for (const page of range(0, 4)) expect(child.load32(its + page * PAGE)).toBe(child.pid * 100 + page)
      })
      expect(found).toEqual([0, 0, 0, 4])
      // pages that were found so have a family: they go and come as any
      child.madvise(its, 8 * PAGE, C.MADV_PAGEOUT)
      const grandchild = child.fork()
      for (const process of [child, grandchild])
        for (const page of range(0, 8)) expect(process.load32(its + page * PAGE)).toBe(child.pid * 100 + page)
      machine.validate()
      for (const [process, parent] of [
        [grandchild, child],
        [child, init],
      ] as const) {
        process.exit(0)
        parent.wait()
      }
    }))

  it('keeps what is read ahead out of memory that is needed, and what was written', () =>
    withArea(
      ROTATING,
      (machine, init) => {
        const pages = 700
        const at = init.mmap(0, pages * PAGE, RW, PRIVATE)
        let state = 7
        const random = (): number => {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0
          return state >>> 8
        }
        const is = new Map<number, number>()
        for (let i = 0; i < 6000; i++) {
          const page = random() % pages
          expect(init.load32(at + page * PAGE)).toBe(is.get(page) ?? 0)
          if (random() % 3 !== 0) continue
          is.set(page, i)
          init.store32(at + page * PAGE, i)
        }
        expect(machine.vmstat.swap_ra_hit).toBeGreaterThan(50)
        machine.validate()
      },
      { memory: '3MiB' },
    ))

  it.each([
    ['memory that rotates', ROTATING],
    ['a file', { size: '4MiB', backing: { file: join(folder, 'swap') } }],
  ] as const)('reads an object`s pages ahead from %s', (_, area) =>
    withArea(area, (machine, init) => {
      const at = useAndEvict(init, 32, SHARED)
      expect(counts(machine, () => expect(init.load32(at + 10 * PAGE)).toBe(11))).toEqual([1, 8, 7, 0])
      expect(inMemory(init, at, 32)).toEqual(range(8, 16))
      machine.validate()
      const used = counts(machine, () => {
        for (const page of range(8, 16)) expect(init.load32(at + page * PAGE)).toBe(page + 1)
      })
      expect(used).toEqual([0, 0, 0, 7])
      expect(machine.swaps[0]).toMatchObject({ used: 24 * PAGE, cached: 0 })
      // read ahead, and not used: they go with the object
      init.load32(at + 20 * PAGE)
      expect(machine.swaps[0]?.cached).toBeGreaterThan(0)
    }),
  )

  it('does not bring back what was cut off meanwhile', () =>
    withArea(ROTATING, (_, init) => {
      const fd = init.memfd_create('file', 0)
      init.pwrite(fd, new Uint8Array(8 * PAGE).fill(7), 0)
      const at = init.mmap(0, 8 * PAGE, RW, C.MAP_SHARED, fd, 0)
      init.madvise(at, 8 * PAGE, C.MADV_POPULATE_READ)
      init.madvise(at, 8 * PAGE, C.MADV_PAGEOUT)
      expect(init.load32(at)).toBe(0x07070707)
      expect(inMemory(init, at, 8)).toEqual(range(0, 8))
      init.ftruncate(fd, 2 * PAGE + 100)
      init.ftruncate(fd, 8 * PAGE)
      expect([init.load8(at + 2 * PAGE + 99), init.load8(at + 2 * PAGE + 100), init.load8(at + 3 * PAGE)]).toEqual([7, 0, 0])
      init.close(fd)
    }))

  it('is what a machine without vma-readahead does', () =>
    withArea(
      { size: '4MiB', backing: { file: join(folder, 'other') } },
      (machine, init) => {
        const at = useAndEvict(init, 32)
        expect(counts(machine, () => init.load32(at + 23 * PAGE))).toEqual([1, 8, 7, 0])
        expect(inMemory(init, at, 32)).toEqual(range(16, 24))
      },
      { without: ['vma-readahead'] },
    ))

  it('refuses what is neither true nor false', () =>
    withMachine(machine => {
      expect(() => machine.swapon({ size: '1MiB', rotational: 1 as unknown as boolean })).toThrow(
        new TypeError('rotational must be true or false, not 1'),
      )
    }))
})
