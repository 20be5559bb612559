import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { reap, withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE

/** Maps private pages, and writes them all; returns their address. */
function use(process: Process, pages: number): number {
  const at = process.mmap(0, pages * PAGE, RW, PRIVATE)
  process.fill(at, 1, pages * PAGE)
  return at
}

/** A child of init that uses so many pages. */
function child(machine: Machine, pages: number): Process {
  const process = machine.init.fork()
  use(process, pages)
  return process
}

/** Pages that no machine of these tests has. */
const TOO_MANY = 5000

function killedBySignal({ pid }: { pid: number }) {
  return { pid, exitCode: 137, signal: 'SIGKILL' }
}

describe('out of memory', () => {
  it('ends the process that asks, if it is the largest: its call fails, the others go on', () =>
    withMachine((machine, init) => {
      const small = child(machine, 10)
      const hog = init.fork()
      const at = hog.mmap(0, TOO_MANY * PAGE, RW, PRIVATE)
      expect(() => hog.fill(at, 1, TOO_MANY * PAGE)).toThrow('ESRCH')
      expect(() => hog.getuid()).toThrow('ESRCH')
      machine.validate()
      expect(init.wait()).toEqual(killedBySignal(hog))
      expect(machine.vmstat.oom_kill).toBe(1)
      use(small, 10)
      small.exit(0)
      init.wait()
    }))

  it('ends the largest process when another asks, which gets what it asked for', () =>
    withMachine((machine, init) => {
      const large = child(machine, 2000)
      const small = init.fork()
      const at = small.mmap(0, 1900 * PAGE, RW, PRIVATE)
      expect(
        small.run(
          Uint32Array.from({ length: 1900 }, (_, i) => (i | 0x80000000) >>> 0),
          at,
        ).minorFaults,
      ).toBe(1900)
      expect(small.load8(at)).toBe(0)
      expect(init.wait()).toEqual(killedBySignal(large))
      expect(init.wait()).toBeUndefined()
      small.exit(0)
      init.wait()
    }))

  it('ends one after the other until there is enough, and never init, whose call then fails', () =>
    withMachine((machine, init) => {
      const children = [900, 1000, 1000, 500].map(pages => child(machine, pages))
      const at = init.mmap(0, TOO_MANY * PAGE, RW, PRIVATE)
      expect(() => init.fill(at, 1, TOO_MANY * PAGE)).toThrow('ENOMEM')
      expect(machine.vmstat.oom_kill).toBe(4)
      const killed = [...machine.dmesg().matchAll(/Killed process (\d+)/g)].map(([, pid]) => Number(pid))
      // of two that are equal, the later
      expect(killed).toEqual([2, 1, 0, 3].map(index => children[index]?.pid))
      expect(reap(init).map(({ signal }) => signal)).toEqual(Array(4).fill('SIGKILL'))
      init.munmap(at, TOO_MANY * PAGE)
    }))

  it('counts pages of objects, and page tables', () =>
    withMachine((machine, init) => {
      const scores = [init.fork(), init.fork(), init.fork()] as const
      const [privately, shared, sparse] = scores
      use(privately, 100)
      const at = shared.mmap(0, 200 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
      shared.fill(at, 1, 200 * PAGE)
      for (let i = 0; i < 40; i++) sparse.load8(sparse.mmap(0x10000000 + i * 2 ** 30, PAGE, RW, PRIVATE | C.MAP_FIXED))
      const pages = Number(/^MemTotal: +(\d+)/m.exec(machine.proc('/proc/meminfo'))?.[1]) / 4
      const score = (process: Process) => Number(machine.proc(`/proc/${process.pid}/oom_score`))
      const expected = (badness: number) => Math.trunc((Math.trunc((badness * 1000) / pages + 1000) * 2) / 3)
      const tables = (process: Process) => Number(/^VmPTE:\s+(\d+)/m.exec(machine.proc(`/proc/${process.pid}/status`))?.[1]) / 4
      expect(score(privately)).toBe(expected(100 + tables(privately)))
      expect(score(shared)).toBe(expected(200 + tables(shared)))
      expect(tables(sparse)).toBeGreaterThan(80)
      expect(score(sparse)).toBe(expected(tables(sparse)))
      expect(score(init)).toBe(0)
      for (const process of scores) process.exit(0)
      reap(init)
    }))

  it('says whom it killed, and what that used', () =>
    withMachine(
      (machine, init) => {
        const victim = child(machine, 1000)
        victim.mmap(0, 50 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
        victim.oomScoreAdj(7)
        victim.setuid(1000)
        const tables = Number(/^VmPTE:\s+(\d+)/m.exec(machine.proc(`/proc/${victim.pid}/status`))?.[1])
        expect(machine.dmesg()).toBe('')
        const at = init.mmap(0, 2800 * PAGE, RW, PRIVATE)
        init.fill(at, 1, 2800 * PAGE)
        const { pid } = victim
        expect(machine.dmesg()).toBe(
          `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=init,pid=${pid},uid=1000\n` +
            `Out of memory: Killed process ${pid} (init) total-vm:4200kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:${tables}kB oom_score_adj:7\n`,
        )
        expect(machine.events().events.filter(({ event }) => event === 'mark_victim')).toMatchObject([
          { victim: pid, pages: 1000 + tables / 4, pid: 1 },
        ])
        init.munmap(at, 2800 * PAGE)
        reap(init)
      },
      { trace: 16384 },
    ))

  it('keeps the log of the last 64', () =>
    withMachine((machine, init) => {
      const at = init.mmap(0, TOO_MANY * PAGE, RW, PRIVATE)
      const pids: number[] = []
      for (let i = 0; i < 70; i++) {
        const victim = init.fork()
        const own = victim.mmap(0, TOO_MANY * PAGE, RW, PRIVATE)
        expect(() =>
          victim.run(
            Uint32Array.from({ length: TOO_MANY }, (_, page) => (page | 0x80000000) >>> 0),
            own,
          ),
        ).toThrow('ESRCH')
        pids.push(victim.pid)
        init.wait()
      }
      const killed = [...machine.dmesg().matchAll(/Killed process (\d+)/g)].map(([, pid]) => Number(pid))
      expect(killed).toEqual(pids.slice(-64))
      init.munmap(at, TOO_MANY * PAGE)
    }))
})

describe('oom_score_adj', () => {
  it('makes a process the first or the last that is killed', () =>
    withMachine((machine, init) => {
      const [first, , last] = [100, 1500, 2000].map(pages => child(machine, pages)) as [Process, Process, Process]
      first.oomScoreAdj(1000)
      init.oomScoreAdj(-1000, last)
      expect(machine.proc(`/proc/${first.pid}/oom_score_adj`)).toBe('1000\n')
      expect(machine.proc(`/proc/${last.pid}/oom_score`)).toBe('0\n')
      const at = init.mmap(0, TOO_MANY * PAGE, RW, PRIVATE)
      expect(() => init.fill(at, 1, TOO_MANY * PAGE)).toThrow('ENOMEM')
      const killed = [...machine.dmesg().matchAll(/Killed process (\d+)/g)].map(([, pid]) => Number(pid))
      expect(killed).toEqual([first.pid, first.pid + 1])
      init.munmap(at, TOO_MANY * PAGE)
      last.exit(0)
      reap(init)
    }))

  it('is inherited, and what root set may be left by others upwards only', () =>
    withMachine((_machine, init) => {
      expect(init.oomScoreAdj()).toBe(0)
      const user = init.fork()
      expect(init.oomScoreAdj(-100, user)).toBe(-100)
      user.setuid(1000)
      expect(user.oomScoreAdj()).toBe(-100)
      const grandchild = user.fork()
      expect(grandchild.oomScoreAdj()).toBe(-100)
      expect(() => grandchild.oomScoreAdj(-101)).toThrow('EACCES')
      expect(grandchild.oomScoreAdj(50)).toBe(50)
      expect(user.oomScoreAdj(-100, grandchild)).toBe(-100)
      for (const process of [grandchild, user]) process.exit(0)
      reap(init)
    }))

  it('is refused as Linux refuses it', () =>
    withMachine((_machine, init) => {
      const user = init.fork()
      const other = init.fork()
      user.setuid(1000)
      other.setuid(1001)
      for (const value of [1001, -1001, 2 ** 40])
        expect(() => init.oomScoreAdj(value)).toThrow('EINVAL: invalid argument, write: oom_score_adj is -1000 to 1000')
      expect(() => init.oomScoreAdj(5, { pid: 77 })).toThrow('ENOENT: no such file or directory, write')
      expect(() => init.oomScoreAdj(undefined, { pid: -1 })).toThrow('ENOENT: no such file or directory, open')
      expect(() => user.oomScoreAdj(5, other)).toThrow('EACCES')
      expect(() => user.oomScoreAdj(2000, other)).toThrow('EACCES')
      expect(user.oomScoreAdj(undefined, other)).toBe(0)
      expect(() => init.oomScoreAdj(1.5)).toThrow(TypeError)
      for (const process of [user, other]) process.exit(0)
      expect(init.oomScoreAdj(undefined, user)).toBe(0)
      reap(init)
    }))
})
