import { boot, constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { answerOf } from '../outcome.ts'

const PAGE = 4096

/** A child of init with these real, effective and saved users. */
function userOf(machine: Machine, ids: readonly number[]): Process {
  const child = machine.init.fork()
  child.setresuid(...(ids as [number, number, number]))
  return child
}

/** Whom Linux lets senders signal: by the ids of the sender, for each of TARGETS. */
const TARGETS = ['000', '111', '211', '122', '112', '221', '212', '515']
const ALLOWED: Readonly<Record<string, string>> = {
  '111': '-+++++--',
  '122': '-++++++-',
  '211': '-++++++-',
  '331': '--------',
  '313': '-+++++--',
  '133': '-+++++--',
}

/** What signals do to a process by default on Linux: these stop it, the next do nothing, and all others end it. */
const STOPPING: readonly number[] = [C.SIGSTOP, C.SIGTSTP, C.SIGTTIN, C.SIGTTOU]
const IGNORED: readonly number[] = [C.SIGCHLD, C.SIGCONT, C.SIGURG, C.SIGWINCH]

describe('kill', () => {
  it('ends a process with what it had, and its parent learns by which signal', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const free = machine.freeFrames
    const { init } = machine
    const id = init.shmget(1, PAGE, C.IPC_CREAT | 0o600)
    const child = init.fork()
    child.store32(child.shmat(id, 0, 0), 1)
    child.store32(child.mmap(0, PAGE, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS), 1)
    const grandchild = child.fork()
    init.kill(child.pid, C.SIGKILL)
    expect(answerOf(() => child.getuid())).toBe('ESRCH')
    expect(answerOf(() => child.load8(0))).toBe('ESRCH')
    expect(grandchild.getppid()).toBe(1)
    machine.validate()
    // an ended process is there until its parent has waited for it
    expect(answerOf(() => init.kill(child.pid, C.SIGTERM))).toBe('ok')
    expect(answerOf(() => init.kill(child.pid, 65))).toBe('EINVAL')
    expect(init.wait()).toEqual({ pid: child.pid, exitCode: 128 + 9, signal: 'SIGKILL' })
    expect(answerOf(() => init.kill(child.pid, 0))).toBe('ESRCH')
    expect(init.shmctl(id, C.IPC_STAT).nattch).toBe(1)
    grandchild.kill(grandchild.pid, C.SIGHUP)
    expect(init.wait()).toEqual({ pid: grandchild.pid, exitCode: 129, signal: 'SIGHUP' })
    init.shmctl(id, C.IPC_RMID)
    expectBalanced(machine, free)
  })

  it('does by default what each signal does on Linux', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    for (let signal = 1; signal <= C.SIGRTMAX; signal++) {
      const child = init.fork()
      const answer = answerOf(() => init.kill(child.pid, signal))
      expect(answer, `signal ${signal}`).toBe(STOPPING.includes(signal) ? 'EINVAL' : 'ok')
      const lives = STOPPING.includes(signal) || IGNORED.includes(signal)
      expect(init.wait({ pid: child.pid })?.exitCode, `signal ${signal}`).toBe(lives ? undefined : 128 + signal)
      if (!lives) continue
      child.exit(0)
      init.wait()
    }
    machine.validate()
  })

  it.each(Object.keys(ALLOWED))('of a sender with ids %s is permitted as by Linux', async sender => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const targets = TARGETS.map(ids => userOf(machine, [...ids].map(Number)))
    const from = userOf(machine, [...sender].map(Number))
    const answers = targets.map(target => (answerOf(() => from.kill(target.pid, 0)) === 'ok' ? '+' : '-'))
    expect(answers.join('')).toBe(ALLOWED[sender])
    const victim = targets[answers.indexOf('-')]
    expect(answerOf(() => from.kill(victim?.pid ?? 0, C.SIGKILL))).toBe('EPERM')
    expect(answerOf(() => victim?.getuid())).toBe('ok')
    machine.validate()
  })

  it('refuses what Linux refuses, in its order', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const user = userOf(machine, [1000, 1000, 1000])
    const answers: [number, number, string][] = [
      [99999, 65, 'ESRCH'],
      [99999, 0, 'ESRCH'],
      [user.pid, 65, 'EINVAL'],
      [user.pid, -1, 'EINVAL'],
      [1, 65, 'EINVAL'],
      [1, 0, 'EPERM'],
      [1, C.SIGKILL, 'EPERM'],
      [-99998, 15, 'ESRCH'],
      [-(2 ** 31), 9, 'ESRCH'],
      [0, 65, 'EINVAL'],
      [0, 0, 'ok'],
    ]
    for (const [pid, signal, answer] of answers)
      expect(
        answerOf(() => user.kill(pid, signal)),
        `kill(${pid}, ${signal})`,
      ).toBe(answer)
    expect(() => user.kill(0.5, 0)).toThrow(TypeError)
    expect(() => user.kill(1, '9' as never)).toThrow(TypeError)
    init.kill(1, C.SIGKILL)
    expect(init.getuid()).toBe(0)
  })

  it('of everyone spares init and the sender, of the group only init', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const free = machine.freeFrames
    const { init } = machine
    expect(answerOf(() => init.kill(-1, C.SIGTERM))).toBe('ESRCH')
    const [first, user, other] = [init.fork(), userOf(machine, [1000, 1000, 1000]), userOf(machine, [1000, 1000, 1000])]
    expect(answerOf(() => user.kill(-1, 65))).toBe('EINVAL')
    user.kill(-1, C.SIGTERM)
    expect(answerOf(() => other.getuid())).toBe('ESRCH')
    expect([first.getuid(), user.getuid()]).toEqual([0, 1000])
    // all that is left refuses, which Linux does not tell
    expect(answerOf(() => user.kill(-1, C.SIGTERM))).toBe('ok')
    user.kill(0, C.SIGUSR1)
    expect(answerOf(() => user.getuid())).toBe('ESRCH')
    init.kill(0, C.SIGKILL)
    expect(answerOf(() => first.getuid())).toBe('ESRCH')
    const ended = [init.wait(), init.wait(), init.wait()].map(child => child?.signal)
    expect(ended.sort()).toEqual(['SIGKILL', 'SIGTERM', 'SIGUSR1'])
    expectBalanced(machine, free)
  })
})

describe('wait', () => {
  it('takes any child or the one it is asked for', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const [first, second] = [init.fork(), init.fork()]
    first.exit(1)
    expect(init.wait({ pid: second.pid })).toBeUndefined()
    second.exit(2)
    expect(init.wait({ pid: second.pid })).toEqual({ pid: second.pid, exitCode: 2 })
    expect(answerOf(() => init.wait({ pid: second.pid }))).toBe('ECHILD')
    expect(answerOf(() => init.wait({ pid: -7 }))).toBe('ECHILD')
    expect(init.wait({ pid: 0 })).toEqual({ pid: first.pid, exitCode: 1 })
    expect(() => init.wait({ pid: 0.5 })).toThrow(TypeError)
    machine.validate()
  })

  it('does not sleep where nobody else could end a child', async () => {
    const { init } = await boot({ memory: '16MiB', target: 'debug' })
    expect(answerOf(() => init.wait({ block: true }))).toBe('ECHILD')
    const child = init.fork()
    expect(answerOf(() => init.wait({ block: true }))).toBe('EDEADLK')
    child.exit(3)
    expect(init.wait({ block: true })).toEqual({ pid: child.pid, exitCode: 3 })
  })
})
