// What moves mappings, and what is said and asked of them: mremap, madvise, msync, mincore, mlock, brk.
import { bytesOf, type Calls, syscall } from '../call.js'
import { PAGE, type World } from '../world.js'

const ADVICE = ['NORMAL', 'RANDOM', 'SEQUENTIAL', 'WILLNEED', 'DONTNEED', 'FREE', 'REMOVE', 'DONTFORK', 'DOFORK', 'POPULATE_READ']

/**
 * Limits, and what they are set to. The agent has mappings and data of its own, so those limits forbid all or nothing;
 * and hard limits stay, because not every root may raise them.
 */
const LIMITED: readonly { resource: string; soft: readonly (number | string)[]; hard: number | string }[] = [
  { resource: 'RLIMIT_AS', soft: [0, 'RLIM_INFINITY', 'RLIM_INFINITY'], hard: 'RLIM_INFINITY' },
  { resource: 'RLIMIT_DATA', soft: [0, 1, 'RLIM_INFINITY', 'RLIM_INFINITY'], hard: 'RLIM_INFINITY' },
  { resource: 'RLIMIT_STACK', soft: [0, 2 * PAGE, 5 * PAGE, 2 ** 23], hard: 'RLIM_INFINITY' },
  { resource: 'RLIMIT_FSIZE', soft: [0, PAGE, 5000, 'RLIM_INFINITY', 'RLIM_INFINITY'], hard: 'RLIM_INFINITY' },
  { resource: 'RLIMIT_NOFILE', soft: [0, 2, 4, 1024, 1024, 4097], hard: 4096 },
  { resource: 'RLIMIT_MEMLOCK', soft: [0, PAGE, 3 * PAGE, 2 ** 23, 2 ** 24], hard: 2 ** 23 },
]

function remapArguments(world: World): (number | string)[] {
  const [start, length] = world.stretch()
  const flags = world.pick(['0', 'MREMAP_MAYMOVE', 'MREMAP_MAYMOVE', 'MREMAP_MAYMOVE|MREMAP_FIXED', 'MREMAP_MAYMOVE|MREMAP_DONTUNMAP'])
  const size = flags.includes('DONTUNMAP') ? length : (1 + world.below(6)) * PAGE
  return [start, world.oneIn(30) ? 0 : length, size, flags, world.address()]
}

export const adviceCalls: Calls = {
  mremap: {
    address: true,
    linux: syscall(25),
    machine: (p, [address = 0, old = 0, size = 0, flags = 0, to = 0]) => p.mremap(address, old, size, flags, to),
    generate: remapArguments,
    weight: 6,
  },
  madvise: {
    linux: syscall(28),
    machine: (p, [address = 0, length = 0, advice = 0]) => void p.madvise(address, length, advice),
    generate: world => [...world.stretch(), `MADV_${world.pick(ADVICE)}`],
    weight: 6,
  },
  msync: {
    linux: syscall(26),
    machine: (p, [address = 0, length = 0, flags = 0]) => void p.msync(address, length, flags),
    generate: world => [...world.stretch(), world.pick(['MS_SYNC', 'MS_ASYNC', 'MS_INVALIDATE', 'MS_SYNC|MS_ASYNC', '0'])],
    weight: 1,
  },
  mincore: {
    linux: ([address = 0, length = 0]) => ['syscall', 27, address, length, `out:${Math.min(Math.ceil(Number(length) / PAGE) + 1, 1024)}`],
    decode: (answer, [, length]) => [...bytesOf(answer).subarray(0, Math.ceil(Number(length) / PAGE))].map(byte => byte & 1),
    machine: (p, [address = 0, length = 0]) => [0, [...p.mincore(address, length)]],
    generate: world => world.stretch(),
    weight: 3,
  },
  mlock: {
    linux: syscall(149),
    machine: (p, [address = 0, length = 0]) => void p.mlock(address, length),
    generate: world => world.stretch(),
    weight: 2,
  },
  munlock: {
    linux: syscall(150),
    machine: (p, [address = 0, length = 0]) => void p.munlock(address, length),
    generate: world => world.stretch(),
    weight: 2,
  },
  mlockall: {
    linux: syscall(151),
    machine: (p, [flags = 0]) => void p.mlockall(flags),
    generate: world => {
      const flags = world.pick(['MCL_CURRENT', 'MCL_FUTURE', 'MCL_FUTURE', 'MCL_CURRENT|MCL_FUTURE', 'MCL_FUTURE|MCL_ONFAULT', '0'])
      return flags.includes('MCL_CURRENT') && !world.mayLockAll ? undefined : [flags]
    },
    weight: 1,
  },
  munlockall: {
    linux: syscall(152),
    machine: p => void p.munlockall(),
    generate: () => [],
    weight: 1,
  },
  brk: {
    address: true,
    linux: syscall(12),
    machine: (p, [address = 0]) => p.brk(address),
    generate: world => [world.heapEnd()],
    weight: 3,
  },
  getrlimit: {
    linux: ([resource = 0]) => ['syscall', 97, resource, 'out:16'],
    decode: answer => ({ soft: Number(bytesOf(answer).readBigUInt64LE(0)), hard: Number(bytesOf(answer).readBigUInt64LE(8)) }),
    machine: (p, [resource = 0]) => {
      const { soft, hard } = p.getrlimit(resource)
      // Linux's side counts to 2^64
      return [0, { soft: Math.min(soft, 2 ** 64), hard: Math.min(hard, 2 ** 64) }]
    },
    generate: world => [world.oneIn(10) ? 99 : world.pick(LIMITED).resource],
    weight: 1,
  },
  setrlimit: {
    linux: ([resource = 0, soft = 0, hard = 0]) => {
      const bytes = Buffer.alloc(16)
      bytes.writeBigUInt64LE(BigInt(soft), 0)
      bytes.writeBigUInt64LE(BigInt(hard), 8)
      return ['syscall', 160, resource, `in:${bytes.toString('hex')}`]
    },
    machine: (p, [resource = 0, soft = 0, hard = 0]) => void p.setrlimit(resource, { soft, hard }),
    generate: world => {
      const { resource, soft, hard } = world.pick(LIMITED)
      return [resource, world.pick(soft), hard]
    },
    weight: 1,
  },
}
