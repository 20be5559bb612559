// System V semaphores where one process waits for another, and what cases of one program do not reach. The
// answers to calls that do not wait are in test/conformance/cases/sem.json.
import { boot, constants as C, type Machine, type Process, type SemOp } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome, settled } from '../outcome.ts'

const MAKE = C.IPC_CREAT | 0o600

/** Does something on a machine, and removes the sets that init has then; all must be as it was. */
function withSets(test: (machine: Machine, init: Process) => Promise<void> | void): Promise<void> {
  return withMachine(async (machine, init) => {
    await test(machine, init)
    machine.validate()
    for (let index = init.semctl(0, 0, C.SEM_INFO).index; index >= 0; index--) {
      const id = outcome(() => init.semctl(index, 0, C.SEM_STAT).id)
      if (typeof id === 'number') init.semctl(id, 0, C.IPC_RMID)
    }
  })
}

const take = (num: number, op = 1, flg = 0): SemOp => ({ num, op: -op, flg })
const give = (num: number, op = 1, flg = 0): SemOp => ({ num, op, flg })
const zero = (num: number): SemOp => ({ num, op: 0 })

/** Semaphores of a set, and who waits for more or for zero of each. */
function stateOf(process: Process, id: number): unknown {
  return process
    .semctl(id, 0, C.GETALL)
    .map((value, num) => [value, process.semctl(id, num, C.GETNCNT), process.semctl(id, num, C.GETZCNT)])
}

it('serves who waits in the order of coming, as far as it can go on', () =>
  withSets(async (machine, init) => {
    const id = init.semget(1, 2, MAKE)
    const order: string[] = []
    const wait = (name: string, ...operations: SemOp[]): Promise<unknown> => init.semopAsync(id, operations).then(() => order.push(name))
    const waits = [
      wait('three', take(0, 3)),
      wait('one', take(0)),
      wait('both', take(0), take(1)),
      wait('two', take(0, 2)),
      wait('nothing', zero(0), give(1, 0)),
    ]
    await waits.at(-1)
    // as Linux's GETNCNT: each waiter counts for the operation that it could not do
    expect(stateOf(init, id)).toEqual([
      [0, 4, 0],
      [0, 0, 0],
    ])
    machine.validate()
    init.semop(id, [give(0, 2)])
    // one takes one, both has not its second, two needs two
    expect(stateOf(init, id)).toEqual([
      [1, 2, 0],
      [0, 1, 0],
    ])
    init.semop(id, [give(1)])
    expect(init.semctl(id, 0, C.GETALL)).toEqual([0, 0])
    init.semop(id, [give(0, 5)])
    await Promise.all(waits)
    expect(order).toEqual(['nothing', 'one', 'both', 'three', 'two'])
    expect(init.semctl(id, 0, C.GETALL)).toEqual([0, 0])
  }))

it('lets those that wait for zero go on before others, even if it is zero only in between', () =>
  withSets(async (_, init) => {
    const id = init.semget(1, 1, MAKE)
    init.semop(id, [give(0, 2)])
    const order: string[] = []
    const waits = [
      init.semopAsync(id, [take(0, 3)]).then(() => order.push('three')),
      init.semopAsync(id, [zero(0)]).then(() => order.push('zero')),
    ]
    expect(stateOf(init, id)).toEqual([[2, 1, 1]])
    init.semop(id, [give(0)])
    await Promise.all(waits)
    expect(order.toSorted()).toEqual(['three', 'zero'])
    expect(init.semctl(id, 0, C.GETVAL)).toBe(0)
  }))

it('ends a wait with the set, the time, the process or its namespace', () =>
  withSets(async (machine, init) => {
    const id = init.semget(1, 1, MAKE)
    const [first, second] = [init.fork(), init.fork()]
    const ended = settled(first.semopAsync(id, [take(0)]))
    const left = settled(second.semopAsync(id, [take(0)]))
    const timed = settled(init.semopAsync(id, [take(0)], 0.01))
    expect(init.semctl(id, 0, C.GETNCNT)).toBe(3)
    first.exit(0)
    second.unshare(C.CLONE_NEWIPC)
    machine.validate()
    expect([await ended, await left, await timed]).toEqual(['ESRCH', 'EINTR', 'EAGAIN'])
    expect(init.semctl(id, 0, C.GETNCNT)).toBe(0)
    const removed = [settled(init.semopAsync(id, [take(0)])), settled(init.semopAsync(id, [take(0)], 60))]
    init.semctl(id, 0, C.IPC_RMID)
    expect(await Promise.all(removed)).toEqual(['EIDRM', 'EIDRM'])
    // Linux judges again when it wakes: what cannot be done at all fails then
    const again = init.semget(2, 2, MAKE)
    const full = settled(init.semopAsync(again, [take(0), give(1, C.SEMVMX), give(1)]))
    const impatient = settled(init.semopAsync(again, [take(0), { ...take(1), flg: C.IPC_NOWAIT }]))
    init.semop(again, [give(0)])
    expect([await full, await impatient]).toEqual(['ERANGE', 'EAGAIN'])
    second.exit(0)
    init.wait()
    init.wait()
  }))

it('takes back what was done with SEM_UNDO however a process ends, and whoever waits goes on', () =>
  withSets(async (machine, init) => {
    const id = init.semget(1, 1, MAKE)
    init.semop(id, [give(0)])
    const ends: ((child: Process) => void)[] = [
      child => child.exit(1),
      child => init.kill(child.pid, C.SIGKILL),
      child => child.unshare(C.CLONE_NEWIPC),
    ]
    for (const end of ends) {
      const child = init.fork()
      child.semop(id, [take(0, 1, C.SEM_UNDO)])
      const next = init.semopAsync(id, [take(0)])
      machine.validate()
      end(child)
      await next
      init.semop(id, [give(0)])
    }
    // also if it was done while it waited
    const child = init.fork()
    init.semop(id, [take(0)])
    const done = child.semopAsync(id, [take(0, 1, C.SEM_UNDO)])
    init.semop(id, [give(0)])
    expect(init.semctl(id, 0, C.GETVAL)).toBe(0)
    await done
    child.exit(0)
    expect([init.semctl(id, 0, C.GETVAL), init.semctl(id, 0, C.GETPID)]).toEqual([1, child.pid])
    init.kill(-1, C.SIGKILL)
    for (let i = 0; i < 4; i++) init.wait()
  }))

it('does not wait where nobody could end it', () =>
  withSets((_, init) => {
    const id = init.semget(1, 1, MAKE)
    expect(outcome(() => init.semop(id, [take(0)]))).toBe('EDEADLK')
    const before = performance.now()
    expect(outcome(() => init.semtimedop(id, [take(0)], 0.02))).toBe('EAGAIN')
    expect(performance.now() - before).toBeGreaterThan(19)
    expect([0, -1, -0.5].map(seconds => outcome(() => init.semtimedop(id, [take(0)], seconds)))).toEqual(['EAGAIN', 'EINVAL', 'EINVAL'])
    expect(init.semctl(id, 0, C.GETNCNT)).toBe(0)
  }))

it('has sets as large as Linux, and takes their values as one', () =>
  withSets((machine, init) => {
    const id = init.semget(1, 32000, MAKE)
    const values = Array.from({ length: 32000 }, (_, i) => i)
    init.semctl(id, 0, C.SETALL, values)
    expect(init.semctl(id, 0, C.GETALL)).toEqual(values)
    const child = init.fork()
    child.semop(id, [give(31999, 9, C.SEM_UNDO), give(0, 9, C.SEM_UNDO)])
    machine.validate()
    child.exit(0)
    init.wait()
    expect(init.semctl(id, 0, C.GETALL)).toEqual(values)
    expect(outcome(() => init.semctl(id, 0, C.SETALL, [1]))).toBe('EFAULT')
  }))

it('belongs to an IPC namespace, with limits of its own', () =>
  withSets((machine, init) => {
    machine.sysctl('kernel.sem', [3, 5, 2, 2])
    expect(machine.proc('/proc/sys/kernel/sem')).toBe('3\t5\t2\t2\n')
    const id = init.semget(1, 3, MAKE)
    expect(outcome(() => init.semget(2, 4, MAKE))).toBe('EINVAL')
    expect(outcome(() => init.semget(2, 3, MAKE))).toBe('ENOSPC')
    init.semget(2, 1, MAKE)
    expect(outcome(() => init.semget(3, 1, MAKE))).toBe('ENOSPC')
    expect(outcome(() => init.semop(id, [give(0), give(0), give(0)]))).toBe('E2BIG')
    const child = init.fork()
    child.unshare(C.CLONE_NEWIPC)
    expect(outcome(() => child.semctl(id, 0, C.GETVAL))).toBe('EINVAL')
    expect(child.semctl(child.semget(1, 9, MAKE), 0, C.SEM_INFO)).toMatchObject({ semmni: 32000, semusz: 1, semaem: 9 })
    machine.validate()
    child.exit(0)
    init.wait()
    // as the Linux underneath: what is out of range leaves the numbers before it set
    expect(outcome(() => machine.sysctl('kernel.sem', [1, 2, 3, 32769]))).toBe('ERANGE')
    expect(machine.sysctl('kernel.sem')).toEqual([1, 2, 3, 2])
    expect(machine.sysctl('kernel.sem', [7])).toEqual([7, 2, 3, 2])
    expect(outcome(() => machine.sysctl('kernel.sem', [2 ** 31]))).toBe('EINVAL')
    expect(machine.sysctl('kernel.sem', [-1, -2, -3, 7])).toEqual([-1, -2, -3, 7])
  }))

it('does as many operations at once as kernel.sem says, more than a buffer holds', () =>
  withSets(async (machine, init) => {
    machine.sysctl('kernel.sem', [32000, 1024000000, 3000])
    const id = init.semget(1, 2, MAKE)
    init.semop(id, Array(3000).fill(give(0)))
    expect(init.semctl(id, 0, C.GETVAL)).toBe(3000)
    expect(outcome(() => init.semop(id, Array(3001).fill(give(0))))).toBe('E2BIG')
    // all or none, and who must wait keeps all of them
    const waiting = init.semopAsync(id, [...Array(2999).fill(take(0)), take(1)])
    machine.validate()
    expect(init.semctl(id, 0, C.GETVAL)).toBe(3000)
    init.semop(id, [give(1)])
    await waiting
    expect(init.semctl(id, 0, C.GETALL)).toEqual([1, 0])
    machine.sysctl('kernel.sem', [32000, 1024000000, 2 ** 31 - 1])
    // no block of memory is as large
    expect(outcome(() => init.semop(id, Array(600_000).fill(give(0))))).toBe('ENOMEM')
  }))

it('is shown in /proc/sysvipc/sem as Linux shows it', () =>
  withSets((machine, init) => {
    init.semget(5, 2, MAKE)
    init.semget(-7, 2, C.IPC_CREAT | 0o7777)
    const [first, second] = [0, 1].map(index => init.semctl(index, 0, C.SEM_STAT).ctime)
    expect(machine.proc('/proc/sysvipc/sem')).toBe(
      [
        '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime',
        `         5          0   600          2     0     0     0     0          0 ${first}`,
        `        -7          1   777          2     0     0     0     0          0 ${second}`,
        '',
      ].join('\n'),
    )
  }))

it('goes on in a restored machine, but for promises, which are gone', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const id = machine.init.semget(1, 1, MAKE)
  const child = machine.init.fork()
  child.semop(id, [give(0, 3, C.SEM_UNDO)])
  const gone = child.semopAsync(id, [take(0, 4)])
  const restored = await boot({ snapshot: machine.snapshot() })
  restored.validate()
  expect(restored.init.semctl(id, 0, C.GETNCNT)).toBe(0)
  restored.process(child.pid).exit(0)
  expect(restored.init.semctl(id, 0, C.GETVAL)).toBe(0)
  restored.validate()
  machine.init.semctl(id, 0, C.IPC_RMID)
  await expect(gone).rejects.toThrow('EIDRM')
})

it('takes nothing but numbers', () =>
  withSets((_, init) => {
    const id = init.semget(1, 1, MAKE)
    for (const bad of [Number.NaN, 0.5, '1', null, {}] as number[]) {
      expect(() => init.semget(bad, 1, 0)).toThrow(TypeError)
      expect(() => init.semop(bad, [])).toThrow(TypeError)
      expect(() => init.semop(id, [{ num: bad, op: 1 }])).toThrow(TypeError)
      expect(() => init.semop(id, [{ num: 0, op: bad }])).toThrow(TypeError)
      expect(() => init.semctl(id, bad, C.GETVAL)).toThrow(TypeError)
      expect(() => init.semctl(id, 0, C.SETVAL, bad)).toThrow(TypeError)
      expect(() => init.semctl(id, 0, C.SETALL, [bad])).toThrow(TypeError)
    }
    expect(() => init.semtimedop(id, [], Number.NaN)).toThrow(TypeError)
    expect(() => init.semop(id, {} as never)).toThrow(TypeError)
    expect(() => init.semctl(id, 0, C.IPC_SET, undefined as never)).toThrow(TypeError)
    expect(outcome(() => init.semop(id, Array(100_000).fill(give(0))))).toBe('E2BIG')
  }))
