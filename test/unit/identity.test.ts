import { boot, constants as C, type Ids, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { answerOf } from '../outcome.ts'

/** Stands for "leave it". */
const NO = -1

/** A call, what it answered, and the three ids it left behind. */
type Step = [call: 'setuid' | 'seteuid' | 'setreuid' | 'setresuid', ids: number[], answer: string, left: Ids]

/** What the Linux underneath answered to a root process, call after call. */
const RECORDED: Readonly<Record<string, Step[]>> = {
  setuid: [
    ['setuid', [NO], 'EINVAL', [0, 0, 0]],
    ['setuid', [1000], 'ok', [1000, 1000, 1000]],
    ['setuid', [0], 'EPERM', [1000, 1000, 1000]],
    ['setuid', [1001], 'EPERM', [1000, 1000, 1000]],
  ],
  seteuid: [
    ['seteuid', [NO], 'EINVAL', [0, 0, 0]],
    ['seteuid', [1000], 'ok', [0, 1000, 0]],
    ['setuid', [1001], 'EPERM', [0, 1000, 0]],
    ['seteuid', [5], 'EPERM', [0, 1000, 0]],
    ['seteuid', [0], 'ok', [0, 0, 0]],
    ['setuid', [7], 'ok', [7, 7, 7]],
  ],
  setreuid: [
    ['setreuid', [NO, NO], 'ok', [0, 0, 0]],
    ['setreuid', [1000, NO], 'ok', [1000, 0, 0]],
    ['setreuid', [NO, 1000], 'ok', [1000, 1000, 0]],
    ['setreuid', [0, 0], 'EPERM', [1000, 1000, 0]],
  ],
  'setreuid to and fro': [
    ['setreuid', [1000, 1001], 'ok', [1000, 1001, 1001]],
    ['setreuid', [1001, 1000], 'ok', [1001, 1000, 1000]],
    ['setreuid', [1001, 5], 'EPERM', [1001, 1000, 1000]],
    ['setreuid', [NO, 1001], 'ok', [1001, 1001, 1000]],
    ['setreuid', [1000, 1000], 'EPERM', [1001, 1001, 1000]],
    ['setreuid', [1001, NO], 'ok', [1001, 1001, 1001]],
  ],
  'setreuid back to root': [
    ['setreuid', [NO, 1000], 'ok', [0, 1000, 1000]],
    ['setreuid', [NO, 0], 'ok', [0, 0, 1000]],
    ['setreuid', [0, 0], 'ok', [0, 0, 0]],
  ],
  setresuid: [
    ['setresuid', [1, 2, 3], 'ok', [1, 2, 3]],
    ['setresuid', [3, 1, 2], 'ok', [3, 1, 2]],
    ['setresuid', [NO, NO, NO], 'ok', [3, 1, 2]],
    ['setresuid', [4, NO, NO], 'EPERM', [3, 1, 2]],
    ['setresuid', [NO, 3, NO], 'ok', [3, 3, 2]],
    ['setresuid', [2, 2, 2], 'ok', [2, 2, 2]],
    ['setresuid', [1, NO, NO], 'EPERM', [2, 2, 2]],
    ['setuid', [2], 'ok', [2, 2, 2]],
  ],
}

async function newProcess(): Promise<Process> {
  return (await boot({ memory: '16MiB', target: 'debug' })).init.fork()
}

describe('a process', () => {
  it.each(Object.entries(RECORDED))('is whom Linux says after %s', async (_, steps) => {
    const process = await newProcess()
    for (const [call, ids, answer, left] of steps) {
      expect(
        answerOf(() => (process[call] as (...args: number[]) => void)(...ids)),
        `${call}(${ids})`,
      ).toBe(answer)
      expect(process.getresuid(), `after ${call}(${ids})`).toEqual(left)
    }
  })

  it('changes its groups as Linux says, for which root is user 0', async () => {
    const process = await newProcess()
    const steps: [(p: Process) => void, string, Ids][] = [
      [p => p.setresgid(1, 2, 3), 'ok', [1, 2, 3]],
      [p => p.setresuid(1, 2, 3), 'ok', [1, 2, 3]],
      [p => p.setgid(1), 'ok', [1, 1, 3]],
      [p => p.setgid(2), 'EPERM', [1, 1, 3]],
      [p => p.setegid(3), 'ok', [1, 3, 3]],
      [p => p.setregid(3, 1), 'ok', [3, 1, 1]],
      [p => p.setregid(2, NO), 'EPERM', [3, 1, 1]],
      [p => p.setregid(NO, 3), 'ok', [3, 3, 1]],
      [p => p.setgid(NO), 'EINVAL', [3, 3, 1]],
      [p => p.setegid(NO), 'EINVAL', [3, 3, 1]],
    ]
    for (const [call, answer, left] of steps) {
      expect(
        answerOf(() => call(process)),
        `${call}`,
      ).toBe(answer)
      expect(process.getresgid()).toEqual(left)
    }
    expect([process.getuid(), process.geteuid(), process.getgid(), process.getegid()]).toEqual([1, 2, 3, 3])
  })

  it('keeps supplementary groups in order, and hands them to its children', async () => {
    const process = await newProcess()
    expect(process.getgroups()).toEqual([])
    process.setgroups([30, 10, 20])
    expect(process.getgroups()).toEqual([10, 20, 30])
    process.setgroups([10, 10, 5])
    expect(process.getgroups()).toEqual([5, 10, 10])
    expect(answerOf(() => process.setgroups([1, NO]))).toBe('EINVAL')
    expect(answerOf(() => process.setgroups(Array(33).fill(1)))).toBe('EINVAL')
    expect(answerOf(() => process.setgroups(Array(65537).fill(1)))).toBe('EINVAL')
    expect(process.getgroups()).toEqual([5, 10, 10])
    process.setgroups(Array.from({ length: 32 }, (_, i) => 100 - i))
    const child = process.fork()
    process.setgroups([])
    expect(child.getgroups()).toEqual(Array.from({ length: 32 }, (_, i) => 69 + i))
    child.setuid(1000)
    expect(answerOf(() => child.setgroups(Array(65537).fill(1)))).toBe('EPERM')
    expect(answerOf(() => child.setgroups([]))).toBe('EPERM')
    expect(() => child.setgroups('1' as never)).toThrow(TypeError)
    expect(() => child.setgroups([0.5])).toThrow(TypeError)
  })

  it('may use a segment for any of its groups', async () => {
    const owner = await newProcess()
    owner.setgid(50)
    const id = owner.shmget(9, 4096, C.IPC_CREAT | 0o640)
    const other = owner.fork()
    other.setgroups([40, 60])
    other.setresgid(7, 7, 50)
    other.setuid(1000)
    expect(answerOf(() => other.shmat(id, 0, C.SHM_RDONLY))).toBe('EACCES')
    const member = owner.fork()
    member.setgroups([40, 50, 60])
    member.setgid(7)
    member.setuid(1000)
    expect(answerOf(() => member.shmat(id, 0, C.SHM_RDONLY))).toBe('ok')
    expect(answerOf(() => member.shmat(id, 0, 0))).toBe('EACCES')
    expect(answerOf(() => member.shmget(9, 0, 0o060))).toBe('EACCES')
    expect(member.shmget(9, 0, 0o040)).toBe(id)
  })

  it('has a parent, which is init once the first has ended', async () => {
    const parent = await newProcess()
    const child = parent.fork()
    expect([child.getppid(), parent.getppid()]).toEqual([parent.pid, 1])
    parent.exit(0)
    expect(child.getppid()).toBe(1)
    expect(() => parent.getppid()).toThrow('ESRCH')
  })
})
