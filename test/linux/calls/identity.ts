// Whom a process acts for.
import { type Calls, syscall } from '../call.js'
import type { Argument } from '../program.js'
import type { World } from '../world.js'

/** A list of groups as setgroups takes it. */
function groupList(groups: readonly (number | string)[]): string {
  const bytes = Buffer.alloc(groups.length * 4 + 4)
  for (const [i, group] of groups.entries()) bytes.writeUInt32LE(Number(group) >>> 0, i * 4)
  return `in:${bytes.toString('hex')}`
}

/** Arguments, unless the process must stay who it is. */
function changed(world: World, args: Argument[]): Argument[] | undefined {
  return world.mayChange ? args : undefined
}

export const identityCalls: Calls = {
  setuid: {
    linux: syscall(105),
    machine: (p, [uid = 0]) => void p.setuid(uid),
    generate: world => changed(world, [world.uid()]),
    weight: 1,
  },
  setgid: {
    linux: syscall(106),
    machine: (p, [gid = 0]) => void p.setgid(gid),
    generate: world => changed(world, [world.uid()]),
    weight: 1,
  },
  setreuid: {
    linux: syscall(113),
    machine: (p, [real = 0, effective = 0]) => void p.setreuid(real, effective),
    generate: world => changed(world, [world.uid(), world.uid()]),
    weight: 1,
  },
  setregid: {
    linux: syscall(114),
    machine: (p, [real = 0, effective = 0]) => void p.setregid(real, effective),
    generate: world => changed(world, [world.uid(), world.uid()]),
    weight: 1,
  },
  setresuid: {
    linux: syscall(117),
    machine: (p, [real = 0, effective = 0, saved = 0]) => void p.setresuid(real, effective, saved),
    generate: world => changed(world, [world.uid(), world.uid(), world.uid()]),
    weight: 2,
  },
  setresgid: {
    linux: syscall(119),
    machine: (p, [real = 0, effective = 0, saved = 0]) => void p.setresgid(real, effective, saved),
    generate: world => changed(world, [world.uid(), world.uid(), world.uid()]),
    weight: 2,
  },
  setgroups: {
    linux: args => ['syscall', 116, args.length, groupList(args)],
    machine: (p, groups) => void p.setgroups(groups),
    generate: world =>
      changed(
        world,
        Array.from({ length: world.below(4) }, () => world.pick([0, 1000, 1001, 1002])),
      ),
    weight: 1,
  },
  getresuid: {
    linux: () => ['syscall', 118, 'out:4', 'out:4', 'out:4'],
    decode: ids => ids.slice(1).map(id => Buffer.from(id as string, 'hex').readUInt32LE(0)),
    machine: p => [0, p.getresuid()],
    generate: () => [],
    weight: 1,
  },
  getresgid: {
    linux: () => ['syscall', 120, 'out:4', 'out:4', 'out:4'],
    decode: ids => ids.slice(1).map(id => Buffer.from(id as string, 'hex').readUInt32LE(0)),
    machine: p => [0, p.getresgid()],
    generate: () => [],
    weight: 1,
  },
  getgroups: {
    linux: () => ['syscall', 115, 32, 'out:128'],
    decode: ([count, hex]) => Array.from({ length: Number(count) }, (_, i) => Buffer.from(hex as string, 'hex').readUInt32LE(i * 4)),
    machine: p => {
      const groups = p.getgroups()
      return [groups.length, groups]
    },
    generate: () => [],
    weight: 1,
  },
  getppid: {
    linux: syscall(110),
    machine: p => p.getppid(),
    generate: () => [],
    weight: 1,
  },
}
