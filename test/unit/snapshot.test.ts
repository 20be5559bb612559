import { boot, constants as C, InputError, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { CPU_SIZE, CPUS } from '#dist/abi/layout.gen.js'
import { Kernel } from '#dist/core/kernel.js'
import { CpuLayout } from '#dist/core/layout.gen.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** A machine in the middle of things: two processes, a segment attached by both, private pages shared by fork, a zombie. */
async function busyMachine(target: 'release' | 'debug' = 'debug'): Promise<{ machine: Machine; at: number; here: number }> {
  const machine = await boot({ memory: '16MiB', target, sysctl: { 'vm.max_map_count': 100 } })
  const { init } = machine
  const at = init.mmap(0, 64 * PAGE, RW, ANONYMOUS)
  for (let page = 0; page < 64; page += 3) init.store32(at + page * PAGE, page)
  const id = init.shmget(0x77, 4 * PAGE, C.IPC_CREAT | 0o600)
  const here = init.shmat(id, 0, 0)
  init.write(here + PAGE - 2, Uint8Array.of(1, 2, 3, 4))
  const child = init.fork()
  child.store32(at, 1000)
  child.mprotect(at + 8 * PAGE, PAGE, C.PROT_READ)
  child.fork().exit(3)
  return { machine, at, here }
}

/** What a program does next, and all that it sees. */
function goOn(machine: Machine, at: number, here: number): unknown[] {
  const { init } = machine
  const child: Process = machine.process(2)
  const seen: unknown[] = [
    child.wait(),
    init.load32(at),
    child.load32(at),
    child.read(here + PAGE - 3, 6),
    Buffer.from(init.read(at, 64 * PAGE)).toString('base64'),
  ]
  child.store32(at + 9 * PAGE, 7)
  init.store32(at + 3 * PAGE, 8)
  init.store32(here, 99)
  seen.push(child.load32(here), child.frameOf(here), init.frameOf(at + 3 * PAGE), child.shmat(init.shmget(0x77, 0, 0), 0, C.SHM_RDONLY))
  seen.push(init.shmctl(0, C.SHM_INFO), init.shmget(C.IPC_PRIVATE, PAGE, 0o600), init.fork().pid, machine.sysctl('vm.max_map_count'))
  try {
    child.store32(at + 8 * PAGE, 1)
  } catch (error) {
    seen.push(error)
  }
  child.exit(4)
  seen.push(init.wait(), machine.freeFrames, machine.vmstat)
  machine.validate()
  return seen
}

describe('a machine that is to stop', { timeout: 20_000 }, () => {
  it('is EBUSY, and goes on, if a thread does not leave its call', () => {
    const memory = new WebAssembly.Memory({ initial: 65, maximum: 65536, shared: true })
    const kernel = new Kernel({ memory, target: 'debug' })
    kernel.build({ frames: 1024, lowFrames: 1024 }, 2)
    const { exports, view } = kernel
    const cpu = exports.cpu_take()
    const field = (name: 'entered' | 'attention'): number => CPUS + cpu * CPU_SIZE + CpuLayout[name]
    expect(exports.machine_stop()).toBe(0)
    expect(view.getUint32(field('attention'), true)).toBe(4)
    exports.machine_start()
    view.setUint32(field('entered'), 1, true)
    expect(exports.machine_stop()).toBe(-16)
    expect(view.getUint32(field('attention'), true)).toBe(0)
  })
})

describe('a snapshot', () => {
  it('lets a machine go on where it was', async () => {
    const { machine, at, here } = await busyMachine()
    const restored = await boot({ snapshot: machine.snapshot() })
    restored.validate()
    expect(restored.freeFrames).toBe(machine.freeFrames)
    expect(restored.vmstat).toEqual(machine.vmstat)
    expect(goOn(restored, at, here)).toEqual(goOn(machine, at, here))
  })

  it('of a restored machine is the same, byte for byte', async () => {
    for (const target of ['release', 'debug'] as const) {
      const { machine } = await busyMachine(target)
      const snapshot = machine.snapshot()
      const restored = await boot({ snapshot })
      expect(Buffer.compare(restored.snapshot(), snapshot)).toBe(0)
    }
  })

  it('is taken without a trace in the machine', async () => {
    const { machine, at, here } = await busyMachine()
    const { machine: other } = await busyMachine()
    machine.snapshot()
    expect(goOn(machine, at, here)).toEqual(goOn(other, at, here))
  })

  it('holds no zeros and no bytes of free frames', async () => {
    const machine = await boot({ memory: '64MiB' })
    expect(machine.snapshot().length).toBeLessThan(25_000)
    const { init } = machine
    const at = init.mmap(0, 32 * 2 ** 20, RW, ANONYMOUS)
    const noise = new Uint8Array(16 * PAGE)
    for (let i = 0; i < 32 * 2 ** 20; i += 2 * noise.length) init.write(at + i, crypto.getRandomValues(noise))
    expect(machine.snapshot().length).toBeGreaterThan(15 * 2 ** 20)
    init.munmap(at, 32 * 2 ** 20)
    expect(machine.snapshot().length).toBeLessThan(25_000)
  })

  it('holds a machine without contents', async () => {
    const machine = await boot({ memory: '8GiB', contents: false })
    const { init } = machine
    const at = init.mmap(0, 2 ** 30, RW, ANONYMOUS)
    for (let i = 0; i < 1000; i++) init.store32(at + i * 2 ** 20, 1)
    const snapshot = machine.snapshot()
    const restored = await boot({ snapshot })
    restored.validate()
    expect(restored.zones).toEqual(machine.zones)
    expect(restored.freeFrames).toBe(machine.freeFrames)
    expect(restored.init.frameOf(at + 5 * 2 ** 20)).toBe(init.frameOf(at + 5 * 2 ** 20))
  })

  it('may be changed in its settings as it is restored', async () => {
    const { machine } = await busyMachine()
    const restored = await boot({ snapshot: machine.snapshot(), sysctl: { 'vm.overcommit_memory': 1 } })
    expect(restored.sysctl('vm.overcommit_memory')).toBe(1)
    expect(restored.sysctl('vm.max_map_count')).toBe(100)
  })

  it('is refused in one sentence if it is none, of another version, or damaged', async () => {
    const snapshot = (await boot({ memory: '4MiB' })).snapshot()
    const changed = (offset: number): Uint8Array => {
      const bytes = snapshot.slice()
      bytes[offset] = (bytes[offset] ?? 0) ^ 77
      return bytes
    }
    const refused = async (bytes: unknown): Promise<Error> =>
      boot({ snapshot: bytes as Uint8Array }).then(
        () => new Error('taken'),
        e => e,
      )
    for (const nothing of [new Uint8Array(), Uint8Array.of(1, 2, 3), changed(0), snapshot.subarray(1)]) {
      expect(await refused(nothing)).toEqual(new InputError('this is no snapshot of a machine'))
    }
    for (const other of [changed(8), changed(12), changed(16)]) {
      expect((await refused(other)).message).toBe(
        'this snapshot is of another version of Faultline, whose machines are laid out differently',
      )
    }
    // A byte within the compressed pages would not do: there are many ways to say that zeros follow.
    const [checksum, length] = [snapshot.length - 8, snapshot.length - 1]
    const damaged = [snapshot.subarray(0, snapshot.length >> 1), snapshot.subarray(0, 20), snapshot.subarray(0, -1)]
    for (const offset of [20, checksum, length]) damaged.push(changed(offset))
    for (const bytes of damaged) {
      const error = await refused(bytes)
      expect(error).toBeInstanceOf(InputError)
      expect(error.message).toBe('this snapshot is truncated or damaged')
    }
    for (const wrong of ['bytes', null, 7, [1, 2]]) expect(await refused(wrong)).toBeInstanceOf(TypeError)
  })
})
