import { boot, constants as C, type SysctlName } from 'faultline'
import { describe, expect, it } from 'vitest'

/** What the Linux underneath answered to writes: the values it took, and those it called EINVAL. */
const RANGES: readonly [name: SysctlName, initial: number, taken: number[], refused: number[]][] = [
  ['kernel.pid_max', 32768, [301, 32768], [300, -1, 4194305]],
  ['kernel.shmmax', 2 ** 64 - 2 ** 24, [0, 1, 2 ** 64 - 2 ** 11], [-1, 2 ** 64]],
  ['kernel.shmall', 2 ** 64 - 2 ** 24, [0, 1, 2 ** 64 - 2 ** 11], [-1, 2 ** 64]],
  ['kernel.shmmni', 4096, [0, 32768], [-1, 32769]],
  ['kernel.shm_rmid_forced', 0, [1, 0], [-1, 2]],
  ['vm.overcommit_memory', 0, [2, 1, 0], [3, -1]],
  ['vm.overcommit_ratio', 50, [-1, 0, 101, 2147483647], [2147483648]],
  ['vm.overcommit_kbytes', 0, [1000, 0, 2 ** 64 - 2 ** 11], [-1, 2 ** 64]],
  ['vm.max_map_count', 65530, [0, 2147483647], [-1, 2147483648]],
  ['vm.page-cluster', 2, [0, 31], [-1, 32]],
  ['vm.mmap_min_addr', 4096, [0, 5000, 2 ** 64 - 2 ** 11], [-1, 2 ** 64]],
]

describe('a machine', () => {
  it.each(RANGES)('has the setting %s, with the default and the range of Linux', async (name, initial, taken, refused) => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    expect(machine.sysctl(name)).toBe(initial)
    for (const value of taken) {
      expect(machine.sysctl(name, value)).toBe(value)
      for (const bad of refused) expect(() => machine.sysctl(name, bad), `${bad}`).toThrow('EINVAL')
      expect(machine.sysctl(name)).toBe(value)
    }
    machine.validate()
  })

  it('limits what may be promised by a share or by an amount, the last that was set', async () => {
    const machine = await boot({ memory: '16MiB' })
    machine.sysctl('vm.overcommit_kbytes', 1000)
    expect(machine.sysctl('vm.overcommit_ratio')).toBe(0)
    machine.sysctl('vm.overcommit_ratio', 80)
    expect(machine.sysctl('vm.overcommit_kbytes')).toBe(0)
  })

  it('is booted with settings, and refuses those it does not know', async () => {
    const machine = await boot({ memory: '16MiB', sysctl: { 'vm.max_map_count': 100, 'kernel.pid_max': 400 } })
    expect([machine.sysctl('vm.max_map_count'), machine.sysctl('kernel.pid_max')]).toEqual([100, 400])
    await expect(boot({ memory: '16MiB', sysctl: { 'vm.overcommit_memory': 7 } })).rejects.toMatchObject({
      code: 'EINVAL',
      syscall: 'sysctl',
    })
    await expect(boot({ memory: '16MiB', sysctl: { 'vm.swappines': 1 } as never })).rejects.toThrow('no setting is called vm.swappines')
    expect(() => machine.sysctl('constructor' as never)).toThrow(TypeError)
    expect(() => machine.sysctl('vm.max_map_count', 0.5)).toThrow(TypeError)
  })

  it('gives out pids below kernel.pid_max, from 300 on again after the last', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', sysctl: { 'kernel.pid_max': 302 } })
    const { init } = machine
    const pids = new Set<number>()
    for (let i = 0; i < 310; i++) {
      const child = init.fork()
      pids.add(child.pid)
      child.exit(0)
      init.wait()
    }
    expect(Math.max(...pids)).toBe(301)
    const [first, second] = [init.fork(), init.fork()]
    expect([first.pid, second.pid].sort()).toEqual([300, 301])
    expect(() => init.fork()).toThrow('EAGAIN')
    machine.validate()
  })
})

it('a process without privilege may not map below vm.mmap_min_addr', async () => {
  const { init } = await boot({ memory: '4MiB', sysctl: { 'vm.mmap_min_addr': 65536 } })
  const flags = C.MAP_PRIVATE | C.MAP_ANONYMOUS
  const child = init.fork()
  child.setuid(1000)
  expect(init.mmap(4096, 4096, C.PROT_READ, flags | C.MAP_FIXED, -1, 0)).toBe(4096)
  expect(() => child.mmap(61440, 4096, C.PROT_READ, flags | C.MAP_FIXED, -1, 0)).toThrow('EPERM')
  expect(child.mmap(61440, 4096, C.PROT_READ, flags, -1, 0)).toBe(65536)
})
