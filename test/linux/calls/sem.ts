// System V semaphores. Operations are three arguments each: num, op, flg.
import type { Process, SemOp, SemStat } from 'faultline'
import { bytesOf, type Calls } from '../call.js'
import { decodePerm, encodePerm } from '../ipcPerm.js'
import { NAMES } from '../names.js'
import type { Shown } from '../program.js'
import type { World } from '../world.js'

const { IPC_SET, IPC_STAT, IPC_INFO, GETALL, SETALL, SETVAL, SEM_INFO, SEM_STAT, SEM_STAT_ANY } = NAMES
/** Bytes enough for any struct of semctl, and for the values of GETALL that are compared. */
const STRUCT = 112

/** What is compared of struct semid_ds: of times, whether they are set. */
function showStat({ perm, otime, ctime, nsems }: SemStat): Shown {
  return { ...perm, otime: Number(otime > 0), ctime: Number(ctime > 0), nsems }
}

function decodeStat(bytes: Buffer): Shown {
  const long = (offset: number): number => Number(bytes.readBigUInt64LE(offset))
  return showStat({
    perm: decodePerm(bytes),
    otime: long(48),
    ctime: long(64),
    nsems: long(80),
  })
}

const INFO = ['semmap', 'semmni', 'semmns', 'semmnu', 'semmsl', 'semopm', 'semume', 'semusz', 'semvmx', 'semaem']

/** The values of a set of up to eight semaphores; the buffer beyond is zeros. */
const EIGHT = 8

function decodeControl(result: number, bytes: Buffer, command: number): Shown {
  switch (command) {
    case IPC_STAT:
      return decodeStat(bytes)
    case SEM_STAT:
    case SEM_STAT_ANY:
      return [result, decodeStat(bytes)]
    case IPC_INFO:
    case SEM_INFO:
      return { index: result, ...Object.fromEntries(INFO.map((name, i) => [name, bytes.readInt32LE(i * 4)])) }
    case GETALL:
      return Array.from({ length: EIGHT }, (_, i) => bytes.readUInt16LE(i * 2))
  }
  return result
}

/** struct semid_ds with what IPC_SET reads of it. */
function settings(owner: readonly number[]): string {
  return `in:${encodePerm(STRUCT, owner).toString('hex')}`
}

/** Values for SETALL; those that are not given are 0. */
function values(given: readonly number[]): string {
  const bytes = Buffer.alloc(STRUCT)
  for (const [i, value] of given.entries()) bytes.writeUInt16LE(value & 0xffff, i * 2)
  return `in:${bytes.toString('hex')}`
}

function operations(args: readonly number[]): SemOp[] {
  return Array.from({ length: Math.floor(args.length / 3) }, (_, i) => ({
    num: args[i * 3] as number,
    op: args[i * 3 + 1] as number,
    flg: args[i * 3 + 2] as number,
  }))
}

function encode(args: readonly number[]): string {
  const list = operations(args)
  const bytes = Buffer.alloc(Math.max(1, list.length) * 6)
  for (const [i, { num, op, flg = 0 }] of list.entries()) {
    bytes.writeUInt16LE(num & 0xffff, i * 6)
    bytes.writeUInt16LE(op & 0xffff, i * 6 + 2)
    bytes.writeUInt16LE(flg & 0xffff, i * 6 + 4)
  }
  return `in:${bytes.toString('hex')}`
}

function control(process: Process, [id = 0, num = 0, command = 0, ...rest]: readonly number[]): number | readonly [number, Shown] {
  switch (command) {
    case IPC_SET:
      process.semctl(id, num, command as 1, { uid: rest[0] ?? 0, gid: rest[1] ?? 0, mode: rest[2] ?? 0 })
      return 0
    case SETVAL:
      process.semctl(id, num, command as 16, rest[0] ?? 0)
      return 0
    case SETALL:
      process.semctl(id, num, command as 17, [...rest, ...Array<number>(STRUCT / 2).fill(0)].slice(0, STRUCT / 2))
      return 0
    case GETALL: {
      const all = process.semctl(id, num, command as 13)
      return [0, Array.from({ length: EIGHT }, (_, i) => all[i] ?? 0)]
    }
    case IPC_STAT:
      return [0, showStat(process.semctl(id, num, command as 2))]
    case SEM_STAT:
    case SEM_STAT_ANY: {
      const stat = process.semctl(id, num, command as 18)
      return [stat.id, [stat.id, showStat(stat)]]
    }
    case IPC_INFO:
    case SEM_INFO: {
      const info = process.semctl(id, num, command as 3)
      return [info.index, { ...info }]
    }
  }
  return (process.semctl as (id: number, num: number, command: number) => number | undefined).call(process, id, num, command) ?? 0
}

const MODES = ['0o600', '0o600', '0o666', '0o660', '0o640', '0o400', '0o200', '0o777', '0o044', '0', '0o7777']

/** A semaphore's number, seldom one that no set has. */
function num(world: World): number {
  return world.pick([0, 0, 1, 1, 2, 7, 8])
}

function semctl(world: World): (number | string)[] {
  const id = world.set()
  const commands = ['GETVAL', 'GETALL', 'GETPID', 'GETNCNT', 'GETZCNT', 'SETVAL', 'SETALL', 'IPC_STAT', 'IPC_SET', 'IPC_RMID']
  const command = world.pick([...commands, 'SEM_STAT', 'SEM_STAT_ANY', 'IPC_INFO', 'SEM_INFO'])
  if (command === 'IPC_SET') return [id, 0, command, world.uid(), world.uid(), world.pick(MODES)]
  if (command === 'SETVAL') return [id, num(world), command, world.pick([0, 1, 5, 32767, 32768, -1])]
  if (command === 'SETALL') return [id, 0, command, world.below(4), world.below(4), world.pick([0, 32767, 32768])]
  return command.startsWith('SEM_STAT') ? [world.below(8), 0, command] : [id, num(world), command]
}

/** Operations that never wait: on Linux the program would. */
function semop(world: World): (number | string)[] {
  const count = world.pick([1, 1, 1, 2, 3])
  const list = Array.from({ length: count }, () => [
    num(world),
    world.pick([0, 1, 1, 2, 3, -1, -1, -2, 32767, -32768]),
    world.pick(['IPC_NOWAIT', 'IPC_NOWAIT|SEM_UNDO']),
  ])
  return [world.set(), ...list.flat()]
}

export const semCalls: Calls = {
  semget: {
    linux: args => ['syscall', 64, ...args],
    machine: (p, [key = 0, nsems = 0, flags = 0]) => p.semget(key, nsems, flags),
    generate: world => [
      world.below(5),
      world.pick([0, 1, 2, 3, 8, -1, 32001]),
      `${world.pick(['IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT|IPC_EXCL', '0'])}|${world.pick(MODES)}`,
    ],
    weight: 5,
  },
  semop: {
    linux: ([id = 0, ...args]) => ['syscall', 65, id, encode(args.map(Number)), Math.floor(args.length / 3)],
    machine: (p, [id = 0, ...args]) => void p.semop(id, operations(args)),
    later: async (p, [id = 0, ...args]) => void (await p.semopAsync(id, operations(args))),
    generate: semop,
    weight: 8,
  },
  semctl: {
    linux: ([id = 0, num = 0, command = 0, ...rest]) => {
      const given = rest.map(Number)
      const argument = command === IPC_SET ? settings(given) : command === SETALL ? values(given) : `out:${STRUCT}`
      return ['syscall', 66, id, num, command, command === SETVAL ? (rest[0] ?? 0) : argument]
    },
    decode: (answer, [, , command]) => decodeControl(answer[0] as number, bytesOf(answer), command as number),
    machine: control,
    generate: semctl,
    weight: 8,
  },
}
