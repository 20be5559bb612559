// Files of /dev/shm, and those without a name.
import type { FileStat } from 'faultline'
import { bytesOf, type Calls, syscall } from '../call.js'
import type { Shown } from '../program.js'
import { PAGE, type World } from '../world.js'
import { anyPath } from './names.js'

/** A call of libc's, not the kernel's. */
function libc(name: string): Calls[string]['linux'] {
  return args => ['libc', name, ...args]
}

/** What is compared of a file's properties. */
function showStat({ mode, nlink, uid, gid, size, blksize, blocks }: FileStat): Shown {
  return { mode, nlink, uid, gid, size, blksize, blocks }
}

/** struct stat: size, blocks, mode, links and owner. */
function decodeStat(answer: readonly Shown[]): Shown {
  const bytes = bytesOf(answer)
  return {
    mode: bytes.readUInt32LE(24),
    nlink: Number(bytes.readBigUInt64LE(16)),
    uid: bytes.readUInt32LE(28),
    gid: bytes.readUInt32LE(32),
    size: Number(bytes.readBigInt64LE(48)),
    blksize: Number(bytes.readBigInt64LE(56)),
    blocks: Number(bytes.readBigInt64LE(64)),
  }
}

const PATHS = ['a', 'b', 'c']
const OPEN = [
  'O_RDWR|O_CREAT',
  'O_RDWR|O_CREAT',
  'O_RDWR|O_CREAT|O_APPEND',
  'O_RDWR',
  'O_RDONLY',
  'O_WRONLY',
  'O_RDWR|O_CREAT|O_EXCL',
  'O_RDWR|O_TRUNC',
]
const MODES = ['0o600', '0o666', '0o640', '0o400']
const FALLOCATE = [
  '0',
  '0',
  'FALLOC_FL_KEEP_SIZE',
  'FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE',
  'FALLOC_FL_PUNCH_HOLE',
  'FALLOC_FL_ZERO_RANGE',
]

/** A place in a file. */
function offset(world: World): number {
  return world.below(6) * PAGE + (world.oneIn(2) ? world.below(PAGE) : 0)
}

export const fileCalls: Calls = {
  open: {
    linux: syscall(2),
    machine: (p, [, flags = 0, mode = 0], [path = '']) => p.open(path, flags, mode),
    generate: world => [world.oneIn(3) ? anyPath(world) : `'/dev/shm/${world.pick(PATHS)}`, world.pick(OPEN), world.pick(MODES)],
    weight: 3,
  },
  shm_open: {
    linux: libc('shm_open'),
    machine: (p, [, flags = 0, mode = 0], [name = '']) => p.shm_open(name, flags, mode),
    generate: world => [`'/${world.pick(PATHS)}`, world.pick(OPEN), world.pick(MODES)],
    weight: 3,
  },
  shm_unlink: {
    linux: libc('shm_unlink'),
    machine: (p, _args, [name = '']) => void p.shm_unlink(name),
    generate: world => [`'/${world.pick(PATHS)}`],
    weight: 1,
  },
  unlink: {
    linux: syscall(87),
    machine: (p, _args, [path = '']) => void p.unlink(path),
    generate: world => [world.oneIn(3) ? anyPath(world) : `'/dev/shm/${world.pick(PATHS)}`],
    weight: 1,
  },
  memfd_create: {
    linux: syscall(319),
    machine: (p, [, flags = 0], [name = '']) => p.memfd_create(name, flags),
    generate: world => ["'memory", world.pick(['0', 'MFD_ALLOW_SEALING', 'MFD_CLOEXEC|MFD_ALLOW_SEALING'])],
    weight: 2,
  },
  fcntl: {
    linux: syscall(72),
    machine: (p, [fd = 0, command = 0, argument = 0]) => p.fcntl(fd, command, argument),
    generate: world =>
      world.oneIn(2)
        ? [world.fd(), 'F_ADD_SEALS', world.pick(['F_SEAL_SHRINK', 'F_SEAL_GROW', 'F_SEAL_WRITE', 'F_SEAL_FUTURE_WRITE', 'F_SEAL_SEAL'])]
        : [world.fd(), 'F_GET_SEALS', 0],
    weight: 2,
  },
  close: {
    linux: syscall(3),
    machine: (p, [fd = 0]) => void p.close(fd),
    generate: world => [world.fd()],
    weight: 1,
  },
  dup: {
    linux: syscall(32),
    machine: (p, [fd = 0]) => p.dup(fd),
    generate: world => [world.fd()],
    weight: 1,
  },
  dup2: {
    linux: syscall(33),
    machine: (p, [fd = 0, to = 0]) => p.dup2(fd, to),
    generate: world => [world.fd(), world.below(8)],
    weight: 1,
  },
  pread: {
    linux: ([fd = 0, length = 0, from = 0]) => ['syscall', 17, fd, `out:${Math.min(Math.max(Number(length), 1), 1 << 16)}`, length, from],
    machine: (p, [fd = 0, length = 0, from = 0]) => {
      const bytes = Buffer.from(p.pread(fd, length, from))
      return [bytes.length, bytes.toString('hex')]
    },
    decode: answer => bytesOf(answer).subarray(0, Number(answer[0])).toString('hex'),
    generate: world => [world.fd(), world.below(32), offset(world)],
    weight: 4,
  },
  pwrite: {
    linux: ([fd = 0, text = "'", to = 0]) => {
      const bytes = Buffer.from(String(text).slice(1))
      return ['syscall', 18, fd, `in:${bytes.toString('hex')}`, bytes.length, to]
    },
    machine: (p, [fd = 0, , to = 0], [text = '']) => p.pwrite(fd, Buffer.from(text), to),
    generate: world => [world.fd(), `'${world.below(2 ** 32).toString(36)}`, offset(world)],
    weight: 5,
  },
  read: {
    linux: ([fd = 0, length = 0]) => ['syscall', 0, fd, `out:${Math.min(Math.max(Number(length), 1), 1 << 16)}`, length],
    machine: (p, [fd = 0, length = 0]) => {
      const bytes = Buffer.from(p.readFd(fd, length))
      return [bytes.length, bytes.toString('hex')]
    },
    decode: answer => bytesOf(answer).subarray(0, Number(answer[0])).toString('hex'),
    generate: world => [world.fd(), world.below(32)],
    weight: 2,
  },
  write: {
    linux: ([fd = 0, text = "'"]) => {
      const bytes = Buffer.from(String(text).slice(1))
      return ['syscall', 1, fd, `in:${bytes.toString('hex')}`, bytes.length]
    },
    machine: (p, [fd = 0], [text = '']) => p.writeFd(fd, Buffer.from(text)),
    generate: world => [world.fd(), `'${world.below(2 ** 32).toString(36)}`],
    weight: 2,
  },
  lseek: {
    linux: syscall(8),
    machine: (p, [fd = 0, to = 0, whence = 0]) => p.lseek(fd, to, whence),
    generate: world => [world.fd(), offset(world), world.pick(['SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE'])],
    weight: 2,
  },
  ftruncate: {
    linux: syscall(77),
    machine: (p, [fd = 0, length = 0]) => void p.ftruncate(fd, length),
    generate: world => [world.fd(), offset(world)],
    weight: 4,
  },
  fallocate: {
    linux: syscall(285),
    machine: (p, [fd = 0, mode = 0, from = 0, length = 0]) => void p.fallocate(fd, mode, from, length),
    generate: world => [world.fd(), world.pick(FALLOCATE), offset(world), offset(world)],
    weight: 3,
  },
  fstat: {
    linux: ([fd = 0]) => ['syscall', 5, fd, 'out:144'],
    machine: (p, [fd = 0]) => [0, showStat(p.fstat(fd))],
    decode: decodeStat,
    generate: world => [world.fd()],
    weight: 3,
  },
  stat: {
    linux: ([path = "'"]) => ['syscall', 4, path, 'out:144'],
    machine: (p, _args, [path = '']) => [0, showStat(p.stat(path))],
    decode: decodeStat,
    generate: world => [anyPath(world)],
    weight: 2,
  },
  fsync: {
    linux: syscall(74),
    machine: (p, [fd = 0]) => void p.fsync(fd),
    generate: world => [world.fd()],
    weight: 1,
  },
  fdatasync: {
    linux: syscall(75),
    machine: (p, [fd = 0]) => void p.fdatasync(fd),
    generate: world => [world.fd()],
    weight: 1,
  },
  posix_fadvise: {
    linux: syscall(221),
    machine: (p, [fd = 0, from = 0, length = 0, advice = 0]) => void p.posix_fadvise(fd, from, length, advice),
    generate: world => [world.fd(), offset(world), offset(world), world.below(8)],
    weight: 1,
  },
  dup3: {
    linux: syscall(292),
    machine: (p, [fd = 0, to = 0, flags = 0]) => p.dup3(fd, to, flags),
    generate: world => [world.fd(), world.below(8), world.pick(['0', 'O_CLOEXEC'])],
    weight: 1,
  },
  fchmod: {
    linux: syscall(91),
    machine: (p, [fd = 0, mode = 0]) => void p.fchmod(fd, mode),
    generate: world => [world.fd(), world.pick(MODES)],
    weight: 1,
  },
  fchown: {
    linux: syscall(93),
    machine: (p, [fd = 0, uid = 0, gid = 0]) => void p.fchown(fd, uid, gid),
    generate: world => [world.fd(), world.uid(), world.uid()],
    weight: 1,
  },
  umask: {
    linux: syscall(95),
    machine: (p, [mask = 0]) => p.umask(mask),
    generate: world => [world.pick(['0', '0o22', '0o77', '0o27'])],
    weight: 1,
  },
}
