// System V message queues. A message is told by its type, its size and the value of its first byte, each of the
// others being one more; what was received by type, size and a checksum.
import { crc32 } from 'node:zlib'
import type { MsgBuf, MsgStat, Process } from 'faultline'
import { bytesOf, type Calls } from '../call.js'
import { decodePerm, encodePerm } from '../ipcPerm.js'
import { NAMES } from '../names.js'
import type { Shown } from '../program.js'
import type { World } from '../world.js'

const { IPC_SET, IPC_STAT, IPC_INFO, MSG_INFO, MSG_STAT, MSG_STAT_ANY } = NAMES
/** Bytes enough for any struct of msgctl. */
const STRUCT = 120
/** Bytes of a message's type. */
const HEAD = 8
/** The most room that the agent has for a message. */
const ROOM = 20_000

/** What is compared of struct msqid_ds: of times, whether they are set. */
function showStat({ perm, stime, rtime, ctime, ...rest }: MsgStat): Shown {
  return { ...perm, ...rest, stime: Number(stime > 0), rtime: Number(rtime > 0), ctime: Number(ctime > 0) }
}

function decodeStat(bytes: Buffer): Shown {
  const word = (offset: number): number => bytes.readUInt32LE(offset)
  const long = (offset: number): number => Number(bytes.readBigUInt64LE(offset))
  return showStat({
    perm: decodePerm(bytes),
    stime: long(48),
    rtime: long(56),
    ctime: long(64),
    cbytes: long(72),
    qnum: long(80),
    qbytes: long(88),
    lspid: word(96),
    lrpid: word(100),
  })
}

const INFO = ['msgpool', 'msgmap', 'msgmax', 'msgmnb', 'msgmni', 'msgssz', 'msgtql']

function decodeControl(result: number, bytes: Buffer, command: number): Shown {
  switch (command) {
    case IPC_STAT:
      return decodeStat(bytes)
    case MSG_STAT:
    case MSG_STAT_ANY:
      return [result, decodeStat(bytes)]
    case IPC_INFO:
    case MSG_INFO: {
      const words = Object.fromEntries(INFO.map((name, i) => [name, bytes.readInt32LE(i * 4)]))
      return { index: result, ...words, msgseg: bytes.readUInt16LE(28) }
    }
  }
  return result
}

/** struct msqid_ds with what IPC_SET reads of it. */
function settings([uid = 0, gid = 0, mode = 0, qbytes = 0]: readonly number[]): string {
  const bytes = encodePerm(STRUCT, [uid, gid, mode])
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(qbytes)), 88)
  return `in:${bytes.toString('hex')}`
}

/** The bytes of a message. */
function text(size: number, first: number): Buffer {
  return Buffer.from(Array.from({ length: Math.max(0, size) }, (_, i) => (first + i) & 255))
}

function encode(type: number, size: number, first: number): string {
  const head = Buffer.alloc(HEAD)
  head.writeBigInt64LE(BigInt.asIntN(64, BigInt(type)))
  return `in:${Buffer.concat([head, text(Math.min(size, ROOM), first)]).toString('hex')}`
}

function decodeMessage(bytes: Buffer, size: number): Shown {
  return [Number(bytes.readBigInt64LE(0)), size, crc32(bytes.subarray(HEAD, HEAD + size))]
}

function showMessage({ type, text }: MsgBuf): readonly [number, Shown] {
  return [text.length, [type, text.length, crc32(text)]]
}

function control(process: Process, [id = 0, command = 0, ...rest]: readonly number[]): number | readonly [number, Shown] {
  switch (command) {
    case IPC_SET:
      process.msgctl(id, command as 1, { uid: rest[0] ?? 0, gid: rest[1] ?? 0, mode: rest[2] ?? 0, qbytes: rest[3] ?? 0 })
      return 0
    case IPC_STAT:
      return [0, showStat(process.msgctl(id, command as 2))]
    case MSG_STAT:
    case MSG_STAT_ANY: {
      const stat = process.msgctl(id, command as 11)
      const { id: found, ...shown } = stat
      return [found, [found, showStat(shown)]]
    }
    case IPC_INFO:
    case MSG_INFO: {
      const info = process.msgctl(id, command as 3)
      return [info.index, { ...info }]
    }
  }
  process.msgctl(id, command)
  return 0
}

const MODES = ['0o600', '0o600', '0o666', '0o660', '0o640', '0o400', '0o200', '0o777', '0o044', '0']
const SIZES = [0, 1, 5, 100, 1000, 4048, 4049, 4096, 4097, 8000, 8192, 8193]

/** Queues are not made larger than kernel.msgmnb: not every root has CAP_SYS_RESOURCE. */
function msgctl(world: World): (number | string)[] {
  const command = world.pick(['IPC_STAT', 'IPC_STAT', 'IPC_SET', 'IPC_RMID', 'MSG_STAT', 'MSG_STAT_ANY', 'IPC_INFO', 'MSG_INFO'])
  if (command.startsWith('MSG_STAT')) return [world.below(8), command]
  if (command !== 'IPC_SET') return [world.queue(), command]
  return [world.queue(), command, world.uid(), world.uid(), world.pick(MODES), world.pick([0, 5, 9000, 16384, 16384])]
}

export const msgCalls: Calls = {
  msgget: {
    linux: args => ['syscall', 68, ...args],
    machine: (p, [key = 0, flags = 0]) => p.msgget(key, flags),
    generate: world => [
      world.below(5),
      `${world.pick(['IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT|IPC_EXCL', '0'])}|${world.pick(MODES)}`,
    ],
    weight: 4,
  },
  msgsnd: {
    linux: ([id = 0, type = 0, size = 0, first = 0, flags = 0]) => [
      'syscall',
      69,
      id,
      encode(Number(type), Number(size), Number(first)),
      size,
      flags,
    ],
    machine: (p, [id = 0, type = 0, size = 0, first = 0, flags = 0]) => void p.msgsnd(id, { type, text: text(size, first) }, flags),
    later: async (p, [id = 0, type = 0, size = 0, first = 0, flags = 0]) =>
      void (await p.msgsndAsync(id, { type, text: text(size, first) }, flags)),
    generate: world => [
      world.queue(),
      world.pick([1, 1, 2, 3, 4, 5, 0, -1]),
      world.pick(SIZES),
      world.below(256),
      world.pick(['IPC_NOWAIT', 'IPC_NOWAIT', 'IPC_NOWAIT|MSG_NOERROR']),
    ],
    weight: 10,
  },
  msgrcv: {
    linux: ([id = 0, size = 0, type = 0, flags = 0]) => [
      'syscall',
      70,
      id,
      `out:${HEAD + Math.min(Math.max(Number(size), 0), ROOM)}`,
      size,
      type,
      flags,
    ],
    decode: answer => decodeMessage(bytesOf(answer), answer[0] as number),
    machine: (p, [id = 0, size = 0, type = 0, flags = 0]) => showMessage(p.msgrcv(id, size, type, flags)),
    later: async (p, [id = 0, size = 0, type = 0, flags = 0]) => showMessage(await p.msgrcvAsync(id, size, type, flags)),
    generate: world => [
      world.queue(),
      world.pick([...SIZES, 8192, 8192, 8192, 8192, 8192, -1]),
      world.pick([0, 0, 0, 1, 2, 3, 5, -1, -2, -3, -9]),
      ['IPC_NOWAIT', ...['MSG_NOERROR', 'MSG_EXCEPT', 'MSG_COPY'].filter(() => world.oneIn(4))].join('|'),
    ],
    weight: 10,
  },
  msgctl: {
    linux: ([id = 0, command = 0, ...rest]) => [
      'syscall',
      71,
      id,
      command,
      command === IPC_SET ? settings(rest.map(Number)) : `out:${STRUCT}`,
    ],
    decode: (answer, [, command]) => decodeControl(answer[0] as number, bytesOf(answer), command as number),
    machine: control,
    generate: msgctl,
    weight: 5,
  },
}
