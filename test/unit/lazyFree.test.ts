// Advice about pages that are there, and what reclaim makes of it: MADV_FREE, MADV_COLD; and whose uses reclaim sees.
import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { reap, use, withMachine } from '../machines.ts'

const PAGE = 4096
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS

/** What is in pages, in order. */
const read = (process: Process, at: number, pages: number): number[] =>
  Array.from({ length: pages }, (_, i) => process.load32(at + i * PAGE))
const numbers = (pages: number): number[] => Array.from({ length: pages }, (_, i) => i + 1)
const zeros = (pages: number): number[] => Array.from({ length: pages }, () => 0)

/** A process in the group 'a' of so many pages. */
function member(machine: Machine, pages: number): Process {
  const process = machine.init.fork()
  machine.cgroup('a', { memoryMax: pages * PAGE }).assign(process)
  return process
}

/** Ends processes, removes groups, and ends swap. */
function end(machine: Machine, processes: Process[], names = ['a']): void {
  for (const process of processes) process.exit(0)
  reap(machine.init)
  for (const name of names) machine.cgroup(name).remove()
  if (machine.swaps.length > 0) machine.swapoff(0)
}

describe('what MADV_FREE gave away', () => {
  it.each([false, true])('is dropped by reclaim, and reads as zeros then; swap: %s', swap =>
    withMachine((machine, init) => {
      if (swap) machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      const at = use(p, 60)
      p.madvise(at, 60 * PAGE, C.MADV_FREE)
      expect(group.stat()).toMatchObject({ anon: 60 * PAGE, inactive_anon: 0, inactive_file: 60 * PAGE, pglazyfree: 60, pglazyfreed: 0 })
      expect(machine.proc(`/proc/${p.pid}/smaps`)).toContain('LazyFree:            240 kB')
      machine.validate()
      // reading it does not take it back
      expect(read(p, at, 60)).toEqual(numbers(60))
      const other = use(p, 90)
      const { pglazyfreed, pswpout } = group.stat()
      expect(pglazyfreed).toBeGreaterThanOrEqual(50)
      expect([pswpout, group.events().oom_kill]).toEqual([0, 0])
      expect(read(p, other, 90)).toEqual(numbers(90))
      const left = read(p, at, 60).filter(value => value !== 0)
      expect(left.length).toBe(60 - pglazyfreed)
      machine.validate()
      expect(machine.proc('/proc/vmstat')).toMatch(new RegExp(`^pglazyfree 60$[^]*^pglazyfreed ${pglazyfreed}$`, 'm'))
      end(machine, [p])
      expect(init.pid).toBe(1)
    }),
  )

  it('stays once it was written again, and goes to swap as any page', () =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      const at = use(p, 60)
      p.madvise(at, 60 * PAGE, C.MADV_FREE)
      for (let i = 0; i < 60; i += 2) p.store32(at + i * PAGE, 1000 + i)
      use(p, 300)
      const { pglazyfreed, pswpout } = group.stat()
      expect(pglazyfreed).toBe(30)
      expect(pswpout).toBeGreaterThan(200)
      expect(read(p, at, 60)).toEqual(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1000 + i : 0)))
      machine.validate()
      end(machine, [p])
    }))

  it('is another`s still: what a child has of it stays', () =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const at = use(p, 40)
      const child = p.fork()
      child.madvise(at, 20 * PAGE, C.MADV_FREE)
      p.madvise(at + 20 * PAGE, 20 * PAGE, C.MADV_FREE)
      use(p, 300)
      expect(read(p, at, 20)).toEqual(numbers(20))
      expect(read(child, at + 20 * PAGE, 20)).toEqual(numbers(40).slice(20))
      machine.validate()
      end(machine, [p, child])
    }))

  it('goes though it came back from swap, whose slot it gives up', () =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      const at = use(p, 40)
      p.madvise(at, 40 * PAGE, C.MADV_PAGEOUT)
      expect(read(p, at, 20)).toEqual(numbers(20))
      p.madvise(at, 40 * PAGE, C.MADV_FREE)
      expect([group.swapCurrent, group.stat().pglazyfree]).toEqual([0, 20])
      use(p, 99)
      expect(read(p, at, 40)).toEqual(zeros(40))
      end(machine, [p])
    }))

  it('is dropped by MADV_PAGEOUT, unless it was written', () =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const at = use(p, 4)
      p.madvise(at, 4 * PAGE, C.MADV_FREE)
      p.store32(at, 9)
      p.madvise(at, 4 * PAGE, C.MADV_PAGEOUT)
      expect(machine.cgroup('a').stat()).toMatchObject({ pglazyfreed: 3, anon: PAGE, active_anon: PAGE })
      expect(read(p, at, 4)).toEqual([9, 0, 0, 0])
      end(machine, [p])
    }))

  it('is dropped where another policy chooses what to evict', () =>
    withMachine(
      (machine, init) => {
        machine.swapon({ size: '16MiB' })
        const at = use(init, 100)
        init.madvise(at, 100 * PAGE, C.MADV_FREE)
        init.store32(at, 77)
        use(init, 2000)
        expect(read(init, at, 100)).toEqual([77, ...zeros(99)])
        expect(machine.vmstat).toMatchObject({ pglazyfree: 100, pglazyfreed: 99 })
        machine.validate()
        init.munmap(0, 2 ** 47 - PAGE)
        machine.swapoff(0)
      },
      { memory: '8MiB', policy: 'fifo' },
    ))

  it('that is locked, or an object`s, is refused', () =>
    withMachine((_, init) => {
      const at = use(init, 1)
      init.mlock(at, PAGE)
      expect(() => init.madvise(at, PAGE, C.MADV_FREE)).toThrow('EINVAL')
      expect(() => init.madvise(at, PAGE, C.MADV_COLD)).toThrow('EINVAL')
      expect(() => init.madvise(use(init, 1, SHARED), PAGE, C.MADV_FREE)).toThrow('EINVAL')
      init.munmap(0, 2 ** 47 - PAGE)
    }))
})

describe('MADV_COLD', () => {
  it.each([
    ['private', PRIVATE],
    ['shared', SHARED],
  ])('makes %s pages that were used the next to go', (_, kind) =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      // all are used, and the others have been there longer
      const [warm, cold] = [use(p, 40, kind), use(p, 40, kind)]
      p.madvise(cold, 40 * PAGE, C.MADV_COLD)
      use(p, 40)
      expect(group.stat().pgsteal).toBeGreaterThanOrEqual(20)
      const majors = group.stat().pgmajfault
      expect(read(p, warm, 40)).toEqual(numbers(40))
      expect(group.stat().pgmajfault).toBe(majors)
      expect(read(p, cold, 40)).toEqual(numbers(40))
      expect(group.stat().pgmajfault).toBeGreaterThanOrEqual(majors + 20)
      machine.validate()
      end(machine, [p])
    }),
  )

  it.each([
    ['private', PRIVATE],
    ['shared', SHARED],
  ])('leaves %s pages alone that others map', (_, kind) =>
    withMachine((machine, init) => {
      const at = use(init, 5, kind)
      const child = init.fork()
      read(child, at, 5)
      const used = (): number => Number(/Referenced: +(\d+)/.exec(machine.proc(`/proc/${child.pid}/smaps`))?.[1])
      child.madvise(at, 5 * PAGE, C.MADV_COLD)
      expect(used()).toBe(20)
      init.munmap(at, 3 * PAGE)
      child.madvise(at, 5 * PAGE, C.MADV_COLD)
      expect(used()).toBe(8)
      child.exit(0)
      init.wait()
      init.munmap(at, 5 * PAGE)
    }),
  )

  it('takes active pages from their list, and counts them', () =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      const at = use(p, 60)
      // used whenever they are looked at: they become active
      for (let i = 0; i < 8; i++) {
        use(p, 40)
        read(p, at, 60)
      }
      const { active_anon, pgdeactivate } = group.stat()
      expect(active_anon).toBeGreaterThan(0)
      p.madvise(at, 60 * PAGE, C.MADV_COLD)
      const after = group.stat()
      expect(after.active_anon).toBe(0)
      expect(after.pgdeactivate).toBe(pgdeactivate + active_anon / PAGE)
      machine.validate()
      end(machine, [p])
    }))
})

describe('reclaim of a control group', () => {
  it.each([
    ['does not see the uses of others', 'b', true],
    ['sees those of its own', 'a', false],
  ])('%s', (_, name, blind) =>
    withMachine(machine => {
      machine.swapon({ size: '4MiB' })
      const p = member(machine, 100)
      const group = machine.cgroup('a')
      const reader = machine.init.fork()
      machine.cgroup(name).assign(reader)
      // pages that the group pays for, and that the reader alone uses
      const id = p.shmget(C.IPC_PRIVATE, 60 * PAGE, 0o600)
      const at = p.shmat(id, 0, 0)
      p.fill(at, 1, 60 * PAGE)
      p.shmdt(at)
      const seen = reader.shmat(id, 0, 0)
      read(reader, seen, 60)
      use(p, 60)
      const { pgscan, pgsteal } = group.stat()
      expect(pgsteal).toBeGreaterThanOrEqual(20)
      if (blind) expect(pgscan).toBe(pgsteal)
      else expect(pgscan).toBeGreaterThan(pgsteal + 30)
      machine.validate()
      machine.init.shmctl(id, C.IPC_RMID)
      end(machine, [p, reader], [...new Set(['a', name])])
    }),
  )
})
