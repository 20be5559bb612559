// POSIX message queues. A message is told by its priority, its size and the value of its first byte, each of the others being one
// more; what was received by priority, size and a checksum.
import { crc32 } from 'node:zlib'
import type { MqMessage } from 'faultline'
import { bytesOf, type Calls } from '../call.js'
import type { Shown } from '../program.js'
import type { World } from '../world.js'

const [SEND, RECEIVE] = [242, 243]
/** The most room that the agent has for a message. */
const ROOM = 20_000

/** The bytes of a message. */
function text(size: number, first: number): Buffer {
  return Buffer.from(Array.from({ length: Math.max(0, Math.min(size, ROOM)) }, (_, i) => (first + i) & 255))
}

/** struct timespec, as the agent takes bytes; 0, which is none, for no time. */
function timespec(seconds: number | string | undefined): number | string {
  if (seconds === undefined) return 0
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(seconds))
  return `in:${bytes.toString('hex')}`
}

/** struct mq_attr of a new queue; 0 for none. */
function sizes(maxmsg: number | string | undefined, msgsize: number | string | undefined): number | string {
  if (maxmsg === undefined || msgsize === undefined) return 0
  const bytes = Buffer.alloc(64)
  bytes.writeBigInt64LE(BigInt(maxmsg), 8)
  bytes.writeBigInt64LE(BigInt(msgsize), 16)
  return `in:${bytes.toString('hex')}`
}

function decodeAttributes(answer: readonly Shown[]): Shown {
  const long = (index: number): number => Number(bytesOf(answer).readBigInt64LE(index * 8))
  return { flags: long(0), maxmsg: long(1), msgsize: long(2), curmsgs: long(3) }
}

function showMessage({ priority, text: bytes }: MqMessage): readonly [number, Shown] {
  return [bytes.length, [priority, bytes.length, crc32(bytes)]]
}

function decodeMessage([size, text = '', priority = '']: readonly Shown[]): Shown {
  const bytes = Buffer.from(text as string, 'hex').subarray(0, Number(size))
  return [Buffer.from(priority as string, 'hex').readUInt32LE(), Number(size), crc32(bytes)]
}

/** A descriptor of a queue, mostly. */
function queue(world: World): number | string {
  return world.posixQueue()
}

export const mqueueCalls: Calls = {
  /** Name, flags, mode, and how many messages of how many bytes. */
  mq_open: {
    linux: ([name = "'", flags = 0, mode = 0, maxmsg, msgsize]) => ['libc', 'mq_open', name, flags, mode, sizes(maxmsg, msgsize)],
    machine: (p, [, flags = 0, mode = 0, maxmsg, msgsize], [name = '']) =>
      p.mq_open(name, flags, mode, maxmsg === undefined || msgsize === undefined ? undefined : { maxmsg, msgsize }),
    generate: world => [
      world.pick(["'/q", "'/q", "'/r", "'/s", "'/.", "'q", "'/q/"]),
      `O_NONBLOCK|${world.pick(['O_RDWR|O_CREAT', 'O_RDWR|O_CREAT', 'O_RDWR', 'O_RDONLY', 'O_WRONLY', 'O_RDWR|O_CREAT|O_EXCL'])}`,
      world.pick(['0o600', '0o666', '0o444', '0o200']),
      ...(world.oneIn(3) ? [] : [world.pick([1, 2, 3, 10, 0, -1]), world.pick([1, 100, 8192, 0])]),
    ],
    weight: 4,
  },
  mq_unlink: {
    linux: args => ['libc', 'mq_unlink', ...args],
    machine: (p, _args, [name = '']) => void p.mq_unlink(name),
    generate: world => [world.pick(["'/q", "'/r", "'/s", "'q"])],
    weight: 1,
  },
  /** Descriptor, size, first byte, priority, and when to give up. */
  mq_send: {
    linux: ([fd = 0, size = 0, first = 0, priority = 0, seconds]) => [
      'syscall',
      SEND,
      fd,
      `in:${text(Number(size), Number(first)).toString('hex')}`,
      size,
      priority,
      timespec(seconds),
    ],
    machine: (p, [fd = 0, size = 0, first = 0, priority = 0, seconds = Number.POSITIVE_INFINITY]) =>
      void p.mq_timedsend(fd, text(size, first), priority, seconds),
    later: async (p, [fd = 0, size = 0, first = 0, priority = 0, seconds]) =>
      void (await p.mq_sendAsync(fd, text(size, first), priority, seconds)),
    generate: world => [
      queue(world),
      world.pick([0, 1, 50, 100, 101, 8192, 8193]),
      world.below(256),
      world.pick([0, 0, 1, 5, 32767, 32768]),
    ],
    weight: 8,
  },
  /** Descriptor, room, and when to give up. */
  mq_receive: {
    linux: ([fd = 0, room = 0, seconds]) => [
      'syscall',
      RECEIVE,
      fd,
      `out:${Math.min(Math.max(Number(room), 1), ROOM)}`,
      room,
      'out:4',
      timespec(seconds),
    ],
    decode: decodeMessage,
    machine: (p, [fd = 0, room = 0, seconds = Number.POSITIVE_INFINITY]) => showMessage(p.mq_timedreceive(fd, room, seconds)),
    later: async (p, [fd = 0, room = 0, seconds]) => showMessage(await p.mq_receiveAsync(fd, room, seconds)),
    generate: world => [queue(world), world.pick([8192, 8192, 100, 8191, 1, 0])],
    weight: 8,
  },
  mq_getattr: {
    linux: ([fd = 0]) => ['libc', 'mq_getattr', fd, 'out:64'],
    decode: decodeAttributes,
    machine: (p, [fd = 0]) => [0, { ...p.mq_getattr(fd) }],
    generate: world => [queue(world)],
    weight: 2,
  },
  /** Descriptor, flags; what was before. */
  mq_setattr: {
    linux: ([fd = 0, flags = 0]) => {
      const bytes = Buffer.alloc(64)
      bytes.writeBigInt64LE(BigInt(flags))
      return ['libc', 'mq_setattr', fd, `in:${bytes.toString('hex')}`, 'out:64']
    },
    decode: decodeAttributes,
    machine: (p, [fd = 0, flags = 0]) => [0, { ...p.mq_setattr(fd, flags) }],
    generate: world => [queue(world), world.pick(['O_NONBLOCK', 'O_NONBLOCK', 'O_NONBLOCK|1'])],
    weight: 1,
  },
}
