// Replays on the machine what record.py recorded on a real Linux.
import { readFileSync } from 'node:fs'
import { boot, constants as C, FaultError, type Process, SysError } from 'faultline'
import { describe, expect, it } from 'vitest'

type Argument = number | string
type Shown = number | string | Record<string, number>

interface Case {
  name: string
  steps: [string, ...Argument[]][]
  results: Shown[]
}

const { kernel, cases } = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8')) as { kernel: string; cases: Case[] }

/** A number, "A|B" of names and octal numbers, or "$n+bytes": the result of step n. */
function numberOf(argument: Argument, results: readonly number[]): number {
  if (typeof argument === 'number') return argument
  if (argument.startsWith('$')) {
    const [step, plus = '0'] = argument.slice(1).split('+')
    return (results[Number(step)] as number) + Number(plus)
  }
  return argument.split('|').reduce((sum, word) => sum + ((C as Record<string, number>)[word] ?? Number(word)), 0)
}

type Call = (process: Process, ...args: number[]) => [result: number, shown: Shown]

const asCall =
  (shown: (result: number, args: number[]) => Shown, call: (process: Process, args: number[]) => number): Call =>
  (process, ...args) => {
    const result = call(process, args)
    return [result, shown(result, args)]
  }
const plain = (call: (process: Process, args: number[]) => void): Call =>
  asCall(
    () => 'ok',
    (process, args) => {
      call(process, args)
      return 0
    },
  )

const CALLS: Readonly<Record<string, Call>> = {
  shmget: asCall(
    () => 'id',
    (p, [key = 0, size = 0, flags = 0]) => p.shmget(key, size, flags),
  ),
  shmat: asCall(
    (at, args) => (args[1] === 0 ? 'address' : at),
    (p, [id = 0, address = 0, flags = 0]) => p.shmat(id, address, flags),
  ),
  mmap: asCall(
    (at, [, , , flags = 0]) => (flags & (C.MAP_FIXED | C.MAP_FIXED_NOREPLACE) ? at : 'address'),
    (p, [address = 0, length = 0, prot = 0, flags = 0, fd = 0, offset = 0]) => p.mmap(address, length, prot, flags, fd, offset),
  ),
  shmdt: plain((p, [address = 0]) => p.shmdt(address)),
  shmctl: plain((p, [id = 0, command = 0]) => p.shmctl(id, command)),
  set: plain((p, [id = 0, uid = 0, gid = 0, mode = 0]) => p.shmctl(id, C.IPC_SET, { uid, gid, mode })),
  munmap: plain((p, [address = 0, length = 0]) => p.munmap(address, length)),
  mprotect: plain((p, [address = 0, length = 0, prot = 0]) => p.mprotect(address, length, prot)),
  setuid: plain((p, [uid = 0]) => p.setuid(uid)),
  setgid: plain((p, [gid = 0]) => p.setgid(gid)),
  store: plain((p, [address = 0, value = 0]) => p.store32(address, value)),
  load: asCall(
    value => value,
    (p, [address = 0]) => p.load32(address),
  ),
  stat: (p, id = 0) => {
    const { perm, segsz, nattch } = p.shmctl(id, C.IPC_STAT)
    const { key, mode, uid, gid, cuid, cgid } = perm
    return [0, { key, mode, uid, gid, cuid, cgid, segsz, nattch }]
  },
}

function run(process: Process, steps: Case['steps']): Shown[] {
  const results: number[] = []
  return steps.map(([name, ...args]) => {
    try {
      const [result, shown] = (CALLS[name] as Call)(process, ...args.map(argument => numberOf(argument, results)))
      results.push(result)
      return shown
    } catch (error) {
      results.push(-1)
      if (error instanceof FaultError) return 'fault'
      if (error instanceof SysError) return error.code
      throw error
    }
  })
}

describe(`as on ${kernel}`, () => {
  it.each(cases)('$name', async ({ steps, results }) => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const free = machine.freeFrames
    const process = machine.init.fork()
    expect(run(process, steps)).toEqual(results)
    machine.validate()
    process.exit(0)
    machine.init.wait()
    for (let index = 0; index < 64; index++) {
      try {
        machine.init.shmctl(machine.init.shmctl(index, C.SHM_STAT).id, C.IPC_RMID)
      } catch (error) {
        expect((error as SysError).code).toBe('EINVAL')
      }
    }
    machine.validate()
    expect(machine.freeFrames).toBe(free)
  })
})
