// mmap and its kin, and loads and stores.
import { crc32 } from 'node:zlib'
import { FaultError, type Process } from 'faultline'
import { type Calls, syscall } from '../call.js'
import type { Argument, Shown } from '../program.js'
import { PAGE, type World } from '../world.js'

/** Checksums of pages, or why they cannot be read. */
function sumsOf(process: Process, address: number, pages: number): Shown[] {
  return Array.from({ length: pages }, (_, page) => {
    try {
      return crc32(process.read(address + page * PAGE, PAGE))
    } catch (error) {
      if (error instanceof FaultError) return error.code
      throw error
    }
  })
}

function rights(world: World): Argument {
  const execute = world.executes ? 'PROT_EXEC' : 'PROT_READ'
  return world.pick(['PROT_NONE', 'PROT_READ', 'PROT_WRITE', execute, 'PROT_READ|PROT_EXEC', ...Array(6).fill('PROT_READ|PROT_WRITE')])
}

function mapArguments(world: World): Argument[] {
  const place = world.pick(['', '|MAP_FIXED', '|MAP_FIXED', '|MAP_FIXED', '|MAP_FIXED_NOREPLACE'])
  const extra = world.pick(['', '', '', '|MAP_POPULATE', '|MAP_NORESERVE'])
  const kind = `${world.pick(['MAP_PRIVATE', 'MAP_SHARED'])}${place}${extra}`
  const [address, length] = world.range()
  if (world.oneIn(3)) return [address, length, rights(world), kind, world.fd(), world.below(3) * PAGE]
  const down = world.oneIn(12) ? '|MAP_GROWSDOWN' : ''
  return [address, length, rights(world), `MAP_ANONYMOUS|${kind}${down}`, -1, 0]
}

export const memoryCalls: Calls = {
  mmap: {
    address: true,
    linux: syscall(9),
    machine: (p, [address = 0, length = 0, prot = 0, flags = 0, fd, offset]) => p.mmap(address, length, prot, flags, fd, offset),
    generate: mapArguments,
    weight: 8,
  },
  munmap: {
    linux: syscall(11),
    machine: (p, [address = 0, length = 0]) => void p.munmap(address, length),
    generate: world => world.stretch(),
    weight: 5,
  },
  mprotect: {
    linux: syscall(10),
    machine: (p, [address = 0, length = 0, prot = 0]) => void p.mprotect(address, length, prot),
    generate: world => [...world.stretch(), rights(world)],
    weight: 6,
  },
  store: {
    linux: args => ['store', ...args],
    machine: (p, [address = 0, value = 0]) => void p.store32(address, value),
    generate: world => [world.word(), world.below(2 ** 32)],
    weight: 14,
  },
  load: {
    linux: args => ['load', ...args],
    machine: (p, [address = 0]) => p.load32(address),
    generate: world => [world.word()],
    weight: 8,
  },
  dump: {
    linux: args => ['dump', ...args],
    machine: (p, [address = 0, pages = 0]) => [0, sumsOf(p, address, pages)],
  },
}
