// Directories, links and renaming, beyond what the conformance cases hold them to.
import { constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome } from '../outcome.ts'

const SHM = '/dev/shm'

it('counts directories, files and further names against the mount’s inodes', () =>
  withMachine(
    (machine, init) => {
      // the root is one of five
      init.mkdir(`${SHM}/d`)
      init.close(init.open(`${SHM}/d/a`, C.O_RDWR | C.O_CREAT, 0o600))
      init.link(`${SHM}/d/a`, `${SHM}/b`)
      init.link(`${SHM}/b`, `${SHM}/c`)
      expect(outcome(() => init.link(`${SHM}/b`, `${SHM}/e`))).toBe('ENOSPC')
      expect(outcome(() => init.mkdir(`${SHM}/e`))).toBe('ENOSPC')
      expect(outcome(() => init.open(`${SHM}/e`, C.O_CREAT, 0o600))).toBe('ENOSPC')
      machine.validate()
      // a name that takes another's place gives one back
      init.rename(`${SHM}/c`, `${SHM}/f`)
      expect(outcome(() => init.link(`${SHM}/b`, `${SHM}/e`))).toBe('ENOSPC')
      init.unlink(`${SHM}/f`)
      machine.validate()
      init.mkdir(`${SHM}/e`)
      for (const name of ['b', 'd/a']) init.unlink(`${SHM}/${name}`)
      for (const name of ['d', 'e']) init.rmdir(`${SHM}/${name}`)
      for (const name of ['1', '2', '3', '4']) init.mkdir(`${SHM}/${name}`)
      expect(outcome(() => init.mkdir(`${SHM}/5`))).toBe('ENOSPC')
      for (const name of ['1', '2', '3', '4']) init.rmdir(`${SHM}/${name}`)
    },
    { shm: { inodes: 5 } },
  ))

it('shows a mapped file by its new name, with the directories above it', () =>
  withMachine((machine, init) => {
    const fd = init.open(`${SHM}/a`, C.O_RDWR | C.O_CREAT, 0o600)
    const at = init.mmap(0, 4096, C.PROT_READ, C.MAP_SHARED, fd, 0)
    const shown = (): string | undefined => /\S*\/dev\/shm.*$/m.exec(machine.proc('/proc/1/maps'))?.[0]
    init.mkdir(`${SHM}/d`)
    const long = 'x'.repeat(200)
    for (const name of [`d/${long}`, 'd/short', long, 'b']) {
      init.rename(shown() as string, `${SHM}/${name}`)
      expect(shown()).toBe(`${SHM}/${name}`)
      machine.validate()
    }
    // two names change places: one that stands in its dentry, and one that does not
    init.close(init.open(`${SHM}/d/${long}`, C.O_RDWR | C.O_CREAT, 0o600))
    init.rename(`${SHM}/b`, `${SHM}/d/${long}`, C.RENAME_EXCHANGE)
    expect(shown()).toBe(`${SHM}/d/${long}`)
    machine.validate()
    init.rename(`${SHM}/d`, `${SHM}/e`)
    expect(shown()).toBe(`${SHM}/e/${long}`)
    init.unlink(`${SHM}/b`)
    init.unlink(`${SHM}/e/${long}`)
    expect(shown()).toBe(`${SHM}/e/${long} (deleted)`)
    init.rmdir(`${SHM}/e`)
    machine.validate()
    init.munmap(at, 4096)
    init.close(fd)
  }))

it('balances a tree deeper than any path is long', () =>
  withMachine(
    (machine, init) => {
      const [step, depth] = ['/d', 1000]
      for (let round = 0; round < 4; round++) {
        for (let i = 1; i <= depth; i++) init.mkdir(`${SHM}${step.repeat(i)}`)
        if (round > 0) init.rename(`${SHM}/low`, `${SHM}${step.repeat(depth)}/d`)
        init.rename(`${SHM}/d`, `${SHM}/low`)
      }
      machine.validate()
      for (let left = 4; left > 0; left--) {
        init.rename(`${SHM}/low`, `${SHM}/d`)
        if (left > 1) init.rename(`${SHM}${step.repeat(depth)}/d`, `${SHM}/low`)
        for (let i = depth; i > 0; i--) init.rmdir(`${SHM}${step.repeat(i)}`)
      }
    },
    { memory: '32MiB', shm: { inodes: 0 } },
  ))

it('takes paths and whole numbers only', () =>
  withMachine((_, init) => {
    for (const bad of [1, null, undefined, '/a\0b'] as string[]) {
      for (const call of [() => init.mkdir(bad), () => init.rmdir(bad), () => init.link(bad, '/a'), () => init.link('/a', bad)]) {
        expect(call).toThrow(TypeError)
      }
      expect(() => init.rename('/a', bad)).toThrow(TypeError)
    }
    expect(() => init.mkdir('/a', 0.5)).toThrow(TypeError)
    expect(() => init.rename('/a', '/b', '1' as never)).toThrow(TypeError)
  }))
