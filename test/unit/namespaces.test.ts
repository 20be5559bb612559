// IPC namespaces, and what limits the segments in them. The answers are those of the Linux underneath.
import { boot, constants as C, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { answerOf, outcome } from '../outcome.ts'

const PAGE = 4096
const HEAD = /^ *key .*\n/
const MAKE = C.IPC_CREAT | 0o600

/** Mode and attachments of a segment, or what shmctl says instead. */
function statOf(process: Process, id: number): unknown {
  return outcome(() => {
    const { perm, nattch } = process.shmctl(id, C.IPC_STAT)
    return `${perm.mode.toString(8)} ${nattch}`
  })
}

describe('an IPC namespace', () => {
  it('has keys, ids and limits of its own, and leaves attachments alone', () =>
    withMachine((machine, init) => {
      machine.sysctl('kernel.shmmni', 1)
      const id = init.shmget(1, PAGE, MAKE)
      const at = init.shmat(id, 0, 0)
      init.store8(at, 65)
      const child = init.fork()
      child.unshare(C.CLONE_NEWIPC)
      expect(answerOf(() => child.shmget(1, 0, 0))).toBe('ENOENT')
      expect(statOf(child, id)).toBe('EINVAL')
      expect(child.shmctl(0, C.IPC_INFO)).toMatchObject({ shmmni: 4096, shmmax: 2 ** 64 - 2 ** 24 })
      const other = child.shmget(1, 3 * PAGE, MAKE)
      expect(child.shmget(2, PAGE, MAKE)).not.toBe(other)
      expect(other).toBe(id)
      expect(child.shmctl(0, C.SHM_INFO)).toMatchObject({ index: 1, used_ids: 2, shm_tot: 4 })
      expect(init.shmctl(0, C.SHM_INFO)).toMatchObject({ index: 0, used_ids: 1, shm_tot: 1, shm_rss: 1 })
      expect(child.load8(at)).toBe(65)
      expect(child.fork().shmget(1, 0, 0)).toBe(other)
      machine.validate()
      child.shmdt(at)
      // the grandchild has it attached still, from outside
      expect(statOf(init, id)).toBe('600 2')
      init.shmdt(at)
      init.kill(-1, C.SIGKILL)
      init.wait()
      init.wait()
      expect(statOf(init, id)).toBe('600 0')
      init.shmctl(id, C.IPC_RMID)
    }))

  it('goes with its segments when nobody is in it or has one attached', () =>
    withMachine((machine, init) => {
      const [first, second] = [init.fork(), init.fork()]
      first.unshare(C.CLONE_NEWIPC)
      const id = first.shmget(1, 2 * PAGE, MAKE)
      first.store8(first.shmat(first.shmget(2, PAGE, MAKE), 0, 0), 1)
      const inside = first.fork()
      const at = inside.shmat(id, 0, 0)
      inside.store8(at, 7)
      inside.unshare(C.CLONE_NEWIPC)
      first.exit(0)
      machine.validate()
      expect(inside.load8(at)).toBe(7)
      inside.shmdt(at)
      machine.validate()
      inside.exit(0)
      second.exit(0)
      for (let i = 0; i < 3; i++) init.wait()
    }))

  it('is made by root alone', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const user = init.fork()
    user.setuid(1000)
    expect([C.CLONE_NEWIPC, 0, 1, C.CLONE_NEWIPC | 1].map(flags => answerOf(() => user.unshare(flags)))).toEqual([
      'EPERM',
      'ok',
      'EINVAL',
      'EINVAL',
    ])
    expect([1, 0].map(flags => answerOf(() => init.unshare(flags)))).toEqual(['EINVAL', 'ok'])
    expect(() => init.unshare(0.5)).toThrow(TypeError)
    machine.validate()
  })
})

describe('kernel.shm_rmid_forced', () => {
  it('destroys segments with their last detach or their maker, whichever is later', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const kept = init.shmget(1, PAGE, MAKE)
    /** Ends a process that made two segments, one of them attached. */
    const make = (): [number, number] => {
      const maker = init.fork()
      const ids: [number, number] = [maker.shmget(2, PAGE, MAKE), maker.shmget(3, PAGE, MAKE)]
      maker.shmat(ids[1], 0, 0)
      maker.exit(0)
      init.wait()
      return ids
    }
    const before = make()
    expect(before.map(id => statOf(init, id))).toEqual(['600 0', '600 0'])
    machine.sysctl('kernel.shm_rmid_forced', 1)
    expect([kept, ...before].map(id => statOf(init, id))).toEqual(['600 0', 'EINVAL', 'EINVAL'])
    expect(make().map(id => statOf(init, id))).toEqual(['EINVAL', 'EINVAL'])
    machine.validate()
    const at = init.shmat(kept, 0, 0)
    expect(statOf(init, kept)).toBe('600 1')
    init.shmdt(at)
    expect(statOf(init, kept)).toBe('EINVAL')
  })

  it('leaves a segment that is attached to that attachment, unmarked, and with its key', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    machine.sysctl('kernel.shm_rmid_forced', 1)
    const maker = init.fork()
    const id = maker.shmget(7, PAGE, MAKE)
    const at = init.shmat(id, 0, 0)
    maker.exit(0)
    expect(init.shmctl(id, C.IPC_STAT)).toMatchObject({ nattch: 1, perm: { key: 7, mode: 0o600 } })
    machine.validate()
    init.shmdt(at)
    expect(statOf(init, id)).toBe('EINVAL')
  })

  it('takes a maker that leaves the namespace for one that ends', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    machine.sysctl('kernel.shm_rmid_forced', 1)
    const own = init.shmget(8, PAGE, MAKE)
    const maker = init.fork()
    const [loose, held] = [maker.shmget(9, PAGE, MAKE), maker.shmget(10, PAGE, MAKE)]
    const at = maker.shmat(held, 0, 0)
    maker.unshare(C.CLONE_NEWIPC)
    expect([own, loose, held].map(id => statOf(init, id))).toEqual(['600 0', 'EINVAL', '600 1'])
    machine.validate()
    maker.shmdt(at)
    expect(statOf(init, held)).toBe('EINVAL')
    machine.validate()
  })
})

describe('the limits of segments', () => {
  it('are those of number, of size and of all pages, and say what Linux says', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const get = (key: number, size: number, flags = MAKE): string => answerOf(() => init.shmget(key, size, flags))
    machine.sysctl('kernel.shmmni', 2)
    expect([get(1, PAGE), get(2, PAGE), get(3, PAGE), get(1, 0, 0)]).toEqual(['ok', 'ok', 'ENOSPC', 'ok'])
    machine.sysctl('kernel.shmmni', 100)
    machine.sysctl('kernel.shmmax', 2 * PAGE)
    expect([get(4, 2 * PAGE + 1), get(4, 2 * PAGE)]).toEqual(['EINVAL', 'ok'])
    machine.sysctl('kernel.shmmax', 0)
    expect(get(5, 1)).toBe('EINVAL')
    machine.sysctl('kernel.shmmax', 2 ** 64 - 2 ** 11)
    machine.sysctl('kernel.shmall', 6)
    expect([get(6, 2 * PAGE + 1), get(6, 2 * PAGE), get(7, 1), get(8, 2 ** 63), get(8, 2 ** 63, MAKE | C.SHM_HUGETLB)]).toEqual([
      'ENOSPC',
      'ok',
      'ENOSPC',
      'ENOSPC',
      'ENOSPC',
    ])
    machine.sysctl('kernel.shmall', 2 ** 64 - 2 ** 11)
    expect([get(8, 2 ** 64 - PAGE), get(8, 2 ** 63), get(8, 2 ** 63 - 1024)]).toEqual(['EINVAL', 'EINVAL', 'ENOMEM'])
    expect(init.shmctl(0, C.IPC_INFO)).toMatchObject({ shmmni: 100, shmseg: 100, shmmin: 1, shmmax: 2 ** 64 - 2 ** 11 })
    machine.validate()
  })

  it('of locked segments count by user', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const [mine, open] = [init.shmget(0, 3 * PAGE, MAKE), init.shmget(0, PAGE, C.IPC_CREAT | 0o666)]
    const steps = [C.SHM_LOCK, C.SHM_LOCK].map(command => answerOf(() => init.shmctl(mine, command)))
    expect([...steps, statOf(init, mine)]).toEqual(['ok', 'ok', '2600 0'])
    init.shmctl(mine, C.IPC_SET, { uid: 5, gid: 5, mode: 0o644 })
    expect(statOf(init, mine)).toBe('2644 0')
    expect([C.SHM_UNLOCK, C.SHM_UNLOCK].map(command => answerOf(() => init.shmctl(mine, command)))).toEqual(['ok', 'ok'])
    expect(statOf(init, mine)).toBe('644 0')
    expect(answerOf(() => init.shmctl(999999, C.SHM_LOCK))).toBe('EINVAL')
    const user = init.fork()
    user.setuid(1000)
    expect([mine, open].map(id => answerOf(() => user.shmctl(id, C.SHM_LOCK)))).toEqual(['EPERM', 'EPERM'])
    expect(answerOf(() => user.shmctl(open, C.SHM_UNLOCK))).toBe('EPERM')
    // the limit is 8 MiB, as by default
    const [half, rest, more] = [5, 3, 4].map(mebibytes => user.shmget(0, mebibytes * 2 ** 20, MAKE)) as [number, number, number]
    expect([half, more, rest, half].map(id => answerOf(() => user.shmctl(id, C.SHM_LOCK)))).toEqual(['ok', 'ENOMEM', 'ok', 'ok'])
    const same = user.fork()
    expect(answerOf(() => same.shmctl(more, C.SHM_LOCK))).toBe('ENOMEM')
    expect(answerOf(() => same.shmctl(half, C.SHM_UNLOCK))).toBe('ok')
    expect(answerOf(() => same.shmctl(more, C.SHM_LOCK))).toBe('ok')
    user.shmctl(rest, C.IPC_RMID)
    expect(answerOf(() => user.shmctl(user.shmget(0, 3 * 2 ** 20, MAKE), C.SHM_LOCK))).toBe('ok')
    const another = init.fork()
    another.setuid(1001)
    expect(answerOf(() => another.shmctl(another.shmget(0, 8 * 2 ** 20, MAKE), C.SHM_LOCK))).toBe('ok')
    machine.validate()
  })
})

describe('what is shown of a namespace', () => {
  it('is what the process sees that it is asked of: /proc/sysvipc, settings, segments in inspect', () =>
    withMachine((machine, init) => {
      const child = init.fork()
      child.unshare(C.CLONE_NEWIPC)
      init.shmget(1, PAGE, MAKE)
      init.shmget(2, PAGE, MAKE)
      child.shmget(3, 5 * PAGE, MAKE)
      const keys = (of?: Process): number[] => {
        const lines = machine
          .proc('/proc/sysvipc/shm', of ? { of } : {})
          .replace(HEAD, '')
          .split('\n')
          .slice(0, -1)
        return lines.map(line => Number(line.trim().split(/ +/)[0]))
      }
      expect([keys(), keys(init), keys(child), keys()]).toEqual([[1, 2], [1, 2], [3], [1, 2]])
      expect(machine.sysctl('kernel.shmmni', 7, child)).toBe(7)
      expect([machine.sysctl('kernel.shmmni'), machine.sysctl('kernel.shmmni', undefined, child)]).toEqual([4096, 7])
      expect(machine.proc('/proc/sys/kernel/shmmni', { of: child })).toBe('7\n')
      expect(child.shmctl(0, C.IPC_INFO).shmmni).toBe(7)
      const { processes, segments } = machine.inspect()
      const namespaceOf = (pid: number): number | null | undefined => processes.find(process => process.pid === pid)?.namespace
      expect(namespaceOf(child.pid)).not.toBe(namespaceOf(init.pid))
      expect(segments.map(({ namespace, key }) => [namespace, key])).toEqual([
        [namespaceOf(init.pid), 1],
        [namespaceOf(init.pid), 2],
        [namespaceOf(child.pid), 3],
      ])
      child.exit(0)
      expect(answerOf(() => machine.proc('/proc/sysvipc/shm', { of: child }))).toBe('ESRCH')
      expect(answerOf(() => machine.sysctl('kernel.shmmni', 8, child))).toBe('ESRCH')
      expect(machine.sysctl('kernel.shmmni')).toBe(4096)
      expect(() => machine.proc('/proc/meminfo', { off: child } as never)).toThrow(TypeError)
      init.wait()
      for (const key of [1, 2]) init.shmctl(init.shmget(key, 0, 0), C.IPC_RMID)
    }))
})
