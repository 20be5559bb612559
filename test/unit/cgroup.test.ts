import { boot, constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { reap, withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** Maps private pages, and writes them all; returns their address. */
function use(process: Process, pages: number, kind = PRIVATE): number {
  const at = process.mmap(0, pages * PAGE, RW, kind)
  process.fill(at, 1, pages * PAGE)
  return at
}

/** Ends processes, and removes the groups they were in. */
function end(machine: Machine, processes: Process[], names: string[]): void {
  for (const process of processes) process.exit(0)
  reap(machine.init)
  for (const name of names) machine.cgroup(name).remove()
}

describe('a memory control group', () => {
  it('pays for the pages of its processes and of their later children, until these go', () =>
    withMachine((machine, init) => {
      const group = machine.cgroup('a')
      const p = init.fork()
      use(p, 10)
      group.assign(p)
      expect(group.memoryCurrent).toBe(0)
      const at = use(p, 20)
      use(p, 5, C.MAP_SHARED | C.MAP_ANONYMOUS)
      expect(group.memoryCurrent).toBe(25 * PAGE)
      expect(group.stat()).toMatchObject({ anon: 20 * PAGE, shmem: 5 * PAGE })
      const child = p.fork()
      expect(group.memoryCurrent).toBe(25 * PAGE)
      // copies are paid for
      child.fill(at, 2, 3 * PAGE)
      expect(group.memoryCurrent).toBe(28 * PAGE)
      machine.validate()
      p.munmap(at, 20 * PAGE)
      // the child has 17 of them still
      expect(group.memoryCurrent).toBe(25 * PAGE)
      const own = use(init, 7)
      expect(group.memoryCurrent).toBe(25 * PAGE)
      child.exit(0)
      expect(group.memoryCurrent).toBe(5 * PAGE)
      init.munmap(own, 7 * PAGE)
      end(machine, [p], ['a'])
    }))

  it('has its processes killed where its limit is reached, the largest first, and no others', () =>
    withMachine((machine, init) => {
      const group = machine.cgroup('a', { memoryMax: '1MiB' })
      const [outside, large, small] = [init.fork(), init.fork(), init.fork()]
      use(outside, 500)
      for (const process of [large, small]) group.assign(process)
      use(large, 150)
      use(small, 100)
      expect(group.events()).toEqual({ max: 0, oom: 0, oom_kill: 0 })
      use(small, 100)
      expect(reap(init)).toEqual([{ pid: large.pid, exitCode: 137, signal: 'SIGKILL' }])
      expect(group.memoryCurrent).toBe(200 * PAGE)
      expect(group.events()).toMatchObject({ oom: 1, oom_kill: 1 })
      expect(() => use(small, 57)).toThrow('ESRCH')
      expect(machine.dmesg()).toMatch(
        new RegExp(
          `^oom-kill:constraint=CONSTRAINT_MEMCG,.*,oom_memcg=/a,task_memcg=/a,task=init,pid=${large.pid},uid=0\nMemory cgroup out of memory: Killed process ${large.pid} `,
        ),
      )
      expect(reap(init).map(({ pid }) => pid)).toEqual([small.pid])
      expect(group.events()).toMatchObject({ oom: 2, oom_kill: 2 })
      machine.validate()
      end(machine, [outside], ['a'])
    }))

  it.each([
    ['private', PRIVATE],
    ['shared', C.MAP_SHARED | C.MAP_ANONYMOUS],
  ])('reclaims its own %s pages at its limit, where there is swap, and no others', (_, kind) =>
    withMachine((machine, init) => {
      machine.swapon({ size: '8MiB' })
      const group = machine.cgroup('a', { memoryMax: 200 * PAGE })
      const [outside, p] = [init.fork(), init.fork()]
      use(outside, 300)
      group.assign(p)
      const at = p.mmap(0, 600 * PAGE, RW, kind)
      for (let i = 0; i < 600; i++) p.store32(at + i * PAGE, i)
      expect(group.memoryCurrent).toBeLessThanOrEqual(200 * PAGE)
      for (let i = 0; i < 600; i++) expect(p.load32(at + i * PAGE)).toBe(i)
      machine.validate()
      const { pgsteal_anon, inactive_anon, active_anon } = group.stat()
      expect(pgsteal_anon).toBeGreaterThanOrEqual(800)
      expect(inactive_anon + active_anon).toBe(group.memoryCurrent)
      expect(group.events().max).toBeGreaterThan(10)
      expect(group.events().oom).toBe(0)
      expect(machine.proc(`/proc/${outside.pid}/status`)).toContain(`RssAnon:\t    1200 kB`)
      // a limit below what it has
      group.set({ memoryMax: 50 * PAGE })
      expect(group.memoryCurrent).toBeLessThanOrEqual(50 * PAGE)
      for (let i = 0; i < 600; i += 7) expect(p.load32(at + i * PAGE)).toBe(i)
      end(machine, [outside, p], ['a'])
      machine.swapoff(0)
    }),
  )

  it('refuses pages to init, which is never killed', () =>
    withMachine((machine, init) => {
      const group = machine.cgroup('a', { memoryMax: 100 * PAGE })
      group.assign(init)
      const at = init.mmap(0, 200 * PAGE, RW, PRIVATE)
      expect(() => init.fill(at, 1, 200 * PAGE)).toThrow('ENOMEM')
      expect(group.memoryCurrent).toBe(100 * PAGE)
      init.munmap(at, 200 * PAGE)
      // out of it again
      machine.cgroup('b').assign(init)
      group.remove()
      init.munmap(use(init, 200), 200 * PAGE)
    }))

  it('has a process killed whose file fallocate makes larger than its limit, as Linux does', () =>
    withMachine((machine, init) => {
      const group = machine.cgroup('a', { memoryMax: 50 * PAGE })
      const p = init.fork()
      group.assign(p)
      const fd = p.memfd_create('file', 0)
      expect(() => p.fallocate(fd, 0, 0, 60 * PAGE)).toThrow('ESRCH')
      expect(reap(init)).toMatchObject([{ pid: p.pid, signal: 'SIGKILL' }])
      expect([group.memoryCurrent, group.events().oom_kill]).toEqual([0, 1])
      group.remove()
    }))

  it('that is removed leaves its pages to the machine', () =>
    withMachine((machine, init) => {
      const group = machine.cgroup('a', { memoryMax: '1MiB' })
      const p = init.fork()
      group.assign(p)
      const id = p.shmget(C.IPC_PRIVATE, 20 * PAGE, 0o600)
      p.fill(p.shmat(id, 0, 0), 1, 20 * PAGE)
      expect(() => group.remove()).toThrow("EBUSY: device or resource busy, rmdir 'a'")
      p.exit(0)
      init.wait()
      expect(group.memoryCurrent).toBe(20 * PAGE)
      machine.validate()
      group.remove()
      machine.validate()
      for (const what of [() => group.remove(), () => group.stat(), () => group.events(), () => group.assign(init), () => group.set({})])
        expect(what).toThrow('ENOENT')
      init.shmctl(id, C.IPC_RMID)
    }))

  it('is found by its name, and keeps the settings that are not given', () =>
    withMachine(machine => {
      const group = machine.cgroup('a', { memoryMax: 10_000, swappiness: 20 })
      const same = machine.cgroup('a', { memoryMax: '8MiB' })
      expect([group.memoryMax, group.swappiness, same.name]).toEqual([2 ** 23, 20, 'a'])
      group.set({ memoryMax: 'max' })
      expect(same.memoryMax).toBe(Number.POSITIVE_INFINITY)
      expect(machine.cgroup('b')).toMatchObject({ memoryMax: Number.POSITIVE_INFINITY, swappiness: undefined })
      // numbers are used again
      for (const name of ['a', 'b']) machine.cgroup(name).remove()
      const all = Array.from({ length: 63 }, (_, i) => machine.cgroup(`group ${i}`))
      expect(() => machine.cgroup('one more')).toThrow('ENOSPC')
      for (const one of all) one.remove()
    }))

  it('goes into a snapshot', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const p = machine.init.fork()
    machine.cgroup('café', { memoryMax: 100 * PAGE }).assign(p)
    use(p, 50)
    const restored = await boot({ snapshot: machine.snapshot() })
    restored.validate()
    const group = restored.cgroup('café')
    expect([group.memoryCurrent, group.memoryMax]).toEqual([50 * PAGE, 100 * PAGE])
    expect(() => use(restored.process(p.pid), 51)).toThrow('ESRCH')
  })

  it('refuses what makes no sense', () =>
    withMachine((machine, init) => {
      expect(() => machine.cgroup('')).toThrow('EINVAL')
      expect(() => machine.cgroup('x'.repeat(65))).toThrow('ENAMETOOLONG')
      expect(() => machine.cgroup(7 as unknown as string)).toThrow(new TypeError("a cgroup's name must be a string, not 7"))
      const group = machine.cgroup('a')
      expect(() => group.set({ memoryMax: 'much' })).toThrow('"much" is no size')
      expect(() => group.set({ memoryMax: -1 })).toThrow('is no size')
      expect(() => group.set({ memoryMax: 1.5 })).toThrow(
        new TypeError(`1.5 is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB`),
      )
      for (const size of ['1.5', '64M', '1.5 MB', ''])
        expect(() => group.set({ memoryMax: size })).toThrow(`${JSON.stringify(size)} is no size`)
      group.set({ memoryMax: '1.5 MiB' })
      expect(group.memoryMax).toBe(1.5 * 2 ** 20)
      expect(() => group.set({ memoryMax: null as unknown as string })).toThrow(TypeError)
      expect(() => group.set({ swappiness: 201 })).toThrow(new RangeError('swappiness is 0 to 200, not 201'))
      expect(() => group.set({ swappiness: 1.5 })).toThrow(TypeError)
      expect(() => group.set({ memory: 1 } as object)).toThrow('have no "memory"')
      const p = init.fork()
      p.exit(0)
      expect(() => group.assign(p)).toThrow("ESRCH: no such process, assign 'a'")
      expect(() => group.assign(undefined as unknown as Process)).toThrow(new TypeError('assign takes a process, not undefined'))
      init.wait()
      group.remove()
    }))
})
