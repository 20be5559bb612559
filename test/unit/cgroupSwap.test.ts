// Swap by control group: what a group pays for, its limit, and what its processes do, counted.
import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { reap, use, withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS

function expectUsed(process: Process, at: number, pages: number): void {
  for (let i = 0; i < pages; i++) expect(process.load32(at + i * PAGE)).toBe(i + 1)
}

/** Ends processes, and removes the groups they were in. */
function end(machine: Machine, processes: Process[], names: string[]): void {
  for (const process of processes) process.exit(0)
  reap(machine.init)
  for (const name of names) machine.cgroup(name).remove()
  while (machine.swaps.length > 0) machine.swapoff(machine.swaps[0]?.area ?? 0)
}

describe('swap of a control group', () => {
  it.each([
    ['private', PRIVATE],
    ['shared', SHARED],
  ])('is paid for from when a slot of %s pages is taken until it is freed', (_, kind) =>
    withMachine((machine, init) => {
      machine.swapon({ size: '4MiB' })
      const group = machine.cgroup('a')
      const [outside, p] = [init.fork(), init.fork()]
      group.assign(p)
      const at = use(p, 100, kind)
      const other = use(outside, 50, kind)
      p.madvise(at, 60 * PAGE, C.MADV_PAGEOUT)
      outside.madvise(other, 50 * PAGE, C.MADV_PAGEOUT)
      expect([group.swapCurrent, group.memoryCurrent]).toEqual([60 * PAGE, 40 * PAGE])
      expect(machine.swaps[0]?.used).toBe(110 * PAGE)
      machine.validate()
      // memory backs it: who reads a page gives its slot up
      expectUsed(p, at, 10)
      expect([group.swapCurrent, group.memoryCurrent]).toEqual([50 * PAGE, 50 * PAGE])
      // entries are freed
      p.munmap(at + 10 * PAGE, 20 * PAGE)
      expect(group.swapCurrent).toBe((kind === PRIVATE ? 30 : 50) * PAGE)
      machine.validate()
      p.exit(0)
      init.wait()
      expect([group.swapCurrent, group.memoryCurrent]).toEqual([0, 0])
      expect(machine.swaps[0]?.used).toBe(50 * PAGE)
      end(machine, [outside], ['a'])
    }),
  )

  it('of processes that share a page is paid for once, and the page, as it comes back, by who paid before', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '4MiB' })
      const [a, b] = [machine.cgroup('a'), machine.cgroup('b')]
      const p = init.fork()
      a.assign(p)
      const at = use(p, 20, SHARED)
      const own = use(p, 10)
      const child = p.fork()
      b.assign(child)
      // a page that a second process maps is not taken
      p.munmap(own, 10 * PAGE)
      p.madvise(at, 20 * PAGE, C.MADV_PAGEOUT)
      child.madvise(own, 10 * PAGE, C.MADV_PAGEOUT)
      expect([a.swapCurrent, b.swapCurrent]).toEqual([30 * PAGE, 0])
      expectUsed(child, at, 20)
      expectUsed(child, own, 10)
      expect([a.swapCurrent, b.swapCurrent]).toEqual([0, 0])
      expect([a.memoryCurrent, b.memoryCurrent]).toEqual([30 * PAGE, 0])
      machine.validate()
      end(machine, [p, child], ['a', 'b'])
    }))

  it('has a limit, beyond which its pages stay in memory and its processes are killed', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '8MiB' })
      const group = machine.cgroup('a', { memoryMax: 100 * PAGE, swapMax: '256KiB' })
      expect([group.swapMax, group.swapCurrent]).toEqual([64 * PAGE, 0])
      const p = init.fork()
      group.assign(p)
      const at = p.mmap(0, 200 * PAGE, RW, PRIVATE)
      for (let i = 0; i < 150; i++) p.store32(at + i * PAGE, i + 1)
      expectUsed(p, at, 150)
      expect(group.swapCurrent).toBeLessThanOrEqual(64 * PAGE)
      expect(group.memoryCurrent + group.swapCurrent).toBe(150 * PAGE)
      expect(group.events().oom_kill).toBe(0)
      machine.validate()
      expect(() => p.fill(at, 1, 200 * PAGE)).toThrow('ESRCH')
      expect(reap(init)).toMatchObject([{ pid: p.pid, signal: 'SIGKILL' }])
      expect(group.events()).toMatchObject({ oom_kill: 1 })
      expect(group.swapCurrent).toBe(0)
      end(machine, [], ['a'])
    }))

  it('counts how often the limit was met, and how often there was no slot', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: 41 * PAGE })
      const group = machine.cgroup('a', { swapMax: 30 * PAGE })
      const p = init.fork()
      group.assign(p)
      const at = use(p, 60)
      p.madvise(at, 35 * PAGE, C.MADV_PAGEOUT)
      expect(group.swapCurrent).toBe(30 * PAGE)
      expect(group.swapEvents()).toEqual({ max: 5, fail: 5 })
      // a limit below what it has takes nothing back
      group.set({ swapMax: 0 })
      expect(group.swapCurrent).toBe(30 * PAGE)
      group.set({ swapMax: 'max' })
      expect(group.swapMax).toBe(Number.POSITIVE_INFINITY)
      p.madvise(at + 30 * PAGE, 20 * PAGE, C.MADV_PAGEOUT)
      expect(group.swapCurrent).toBe(40 * PAGE)
      expect(group.swapEvents()).toEqual({ max: 5, fail: 15 })
      machine.validate()
      expectUsed(p, at, 60)
      end(machine, [p], ['a'])
    }))

  it('without any to take, has its file pages scanned only: nothing is looked at in vain', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '4MiB' })
      const group = machine.cgroup('a', { memoryMax: 50 * PAGE, swapMax: 0 })
      const p = init.fork()
      group.assign(p)
      use(p, 50)
      expect(() => use(p, 1)).toThrow('ESRCH')
      reap(init)
      expect(group.stat()).toMatchObject({ pgscan: 0, pgsteal: 0, pswpout: 0 })
      expect(group.swapEvents()).toEqual({ max: 0, fail: 0 })
      end(machine, [], ['a'])
    }))

  it('is nobody`s once the group is removed: who reads a page then pays for it', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '4MiB' })
      const [a, b] = [machine.cgroup('a'), machine.cgroup('b')]
      const p = init.fork()
      a.assign(p)
      const at = use(p, 20)
      p.madvise(at, 20 * PAGE, C.MADV_PAGEOUT)
      b.assign(p)
      a.remove()
      machine.validate()
      // the number is used again, by another
      const other = machine.cgroup('c')
      expectUsed(p, at, 20)
      expect([other.swapCurrent, other.memoryCurrent, b.memoryCurrent]).toEqual([0, 0, 20 * PAGE])
      machine.validate()
      end(machine, [p], ['b', 'c'])
    }))

  it('is counted in memory.stat, with faults and tables', () =>
    withMachine((machine, init) => {
      machine.swapon({ size: '4MiB' })
      const group = machine.cgroup('a')
      const p = init.fork()
      group.assign(p)
      const at = use(p, 30)
      use(p, 5, SHARED)
      const before = group.stat()
      expect(before).toMatchObject({ anon: 30 * PAGE, file: 5 * PAGE, shmem: 5 * PAGE, file_mapped: 5 * PAGE, pgfault: 35, pgmajfault: 0 })
      // a root, and one of each level below: both mappings are in one table
      expect(before.pagetables).toBe(4 * PAGE)
      p.madvise(at, 30 * PAGE, C.MADV_PAGEOUT)
      expectUsed(p, at, 12)
      use(init, 3)
      expect(group.stat()).toMatchObject({ anon: 12 * PAGE, pgfault: 47, pgmajfault: 12, pswpin: 12, pswpout: 30, swapcached: 0 })
      init.munmap(0, 2 ** 47 - PAGE)
      end(machine, [p], ['a'])
    }))

  it('has what makes no sense refused', () =>
    withMachine(machine => {
      const group = machine.cgroup('a')
      expect(() => group.set({ swapMax: 'much' })).toThrow('"much" is no size')
      expect(() => group.set({ swapMax: null as unknown as string })).toThrow(new TypeError("swapMax is a size, such as '64MiB', not null"))
      group.remove()
      expect(() => group.swapEvents()).toThrow('ENOENT')
    }))
})
