// Directories, links, and renaming.
import { type Calls, syscall } from '../call.js'
import { NAMES } from '../names.js'
import type { World } from '../world.js'

const DIRECTORIES = ['d', 'e']
const FILES = ['a', 'b', 'c', 'd/a', 'd/b', 'e/a', 'd/e', 'd/e/a', 'e/d']
const MODES = ['0o777', '0o755', '0o700', '0o1777', '0o2777', '0o500']

/** A path that may be a file's or a directory's; sometimes one with a slash behind it, or with dots. */
export function anyPath(world: World): string {
  const path = world.pick([...DIRECTORIES, ...FILES])
  return `'/dev/shm/${world.oneIn(20) ? world.pick([`${path}/`, `${path}/.`, `${path}/..`, 'none/a', '.', '']) : path}`
}

export const nameCalls: Calls = {
  mkdir: {
    linux: syscall(83),
    machine: (p, [, mode = 0], [path = '']) => void p.mkdir(path, mode),
    generate: world => [world.oneIn(6) ? anyPath(world) : `'/dev/shm/${world.pick(['d', 'e', 'd/e', 'e/d'])}`, world.pick(MODES)],
    weight: 2,
  },
  rmdir: {
    linux: syscall(84),
    machine: (p, _args, [path = '']) => void p.rmdir(path),
    generate: world => [world.oneIn(4) ? anyPath(world) : `'/dev/shm/${world.pick(['d', 'e', 'd/e'])}`],
    weight: 1,
  },
  link: {
    linux: syscall(86),
    machine: (p, _args, [from = '', to = '']) => void p.link(from, to),
    generate: world => [anyPath(world), anyPath(world)],
    weight: 2,
  },
  rename: {
    linux: ([from = '', to = '', flags = 0]) => ['syscall', 316, NAMES.AT_FDCWD as number, from, NAMES.AT_FDCWD as number, to, flags],
    machine: (p, [, , flags = 0], [from = '', to = '']) => void p.rename(from, to, flags),
    generate: world => [anyPath(world), anyPath(world), world.pick(['0', '0', '0', 'RENAME_NOREPLACE', 'RENAME_EXCHANGE'])],
    weight: 3,
  },
}
