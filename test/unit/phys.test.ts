import { boot, constants as C, type Machine, SysError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { BROKEN_CPU_LIST, BROKEN_WATERMARKS } from '#dist/abi/invariant.gen.js'
import { CPU_PCP, CPUS, ZONES } from '#dist/abi/layout.gen.js'
import { Kernel } from '#dist/core/kernel.js'
import { PerCpuFramesLayout, ZoneLayout } from '#dist/core/layout.gen.js'
import { divideMemory } from '#dist/sys/machineSize.js'
import { readZones } from '#dist/sys/zones.js'
import { expectBalanced } from '../machines.ts'

const PAGE = 4096
const GIB = 2 ** 30
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS

/** A kernel with a machine of its own, for what the public API does not show. */
function bareKernel(bytes: number, contents = true, cpus = 2): Kernel {
  const size = divideMemory(bytes, contents)
  const kernel = new Kernel({
    memory: new WebAssembly.Memory({ initial: size.wasmPages, maximum: 65536, shared: true }),
    target: 'debug',
  })
  kernel.build(size, cpus)
  return kernel
}

/** The zone of users' pages. */
function userZone(machine: Machine): Machine['zones'][number] {
  return machine.zones.at(-1) as Machine['zones'][number]
}

/** Writes to pages in turn until memory is out; returns how many it wrote. */
function writeAll(write: (page: number) => void): number {
  for (let page = 0; ; page++) {
    try {
      write(page)
    } catch (error) {
      expect(error).toBeInstanceOf(SysError)
      expect(error).toMatchObject({ code: 'ENOMEM' })
      return page
    }
  }
}

describe('a zone', () => {
  it('has the watermarks Linux would give it', async () => {
    // mm/page_alloc.c of 6.18, which gave the same formula's numbers on the Linux this was written on
    const expected = (lowmem: number, managed: number, high: boolean): object => {
      const minFree = Math.floor(Math.min(262144, Math.max(128, Math.floor(Math.sqrt(lowmem * 4 * 16)))) / 4)
      const share = Math.floor((minFree * managed) / lowmem)
      const distance = Math.max(Math.floor(share / 4), Math.floor((managed * 10) / 10000))
      const min = high ? Math.max(32, Math.min(128, Math.floor(managed / 1024))) : share
      return { min, low: min + distance, high: min + 2 * distance }
    }
    for (const memory of ['4MiB', '64MiB', '1GiB', '3.9GiB']) {
      const { zones } = await boot({ memory })
      expect(zones).toMatchObject([{ name: 'Normal', ...expected(zones[0]?.managed ?? 0, zones[0]?.managed ?? 0, false) }])
    }
    const [normal, high] = (await boot({ memory: '64GiB', contents: false })).zones
    expect(normal).toMatchObject(expected(normal?.managed ?? 0, normal?.managed ?? 0, false))
    expect(high).toMatchObject({ name: 'HighMem', min: 128, ...expected(normal?.managed ?? 0, high?.managed ?? 0, true) })
  })

  it('is given to users down to its lowest watermark, and to the kernel to the end', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', cpus: 1 })
    const { init } = machine
    const at = init.mmap(0, 16 * 2 ** 20, RW, PRIVATE | C.MAP_NORESERVE)
    writeAll(page => init.store32(at + page * PAGE, 1))
    const { min, free } = userZone(machine)
    expect(free).toBeLessThanOrEqual(min)
    expect(free).toBeGreaterThan(min - 8)
    const children = Array.from({ length: 3 }, () => init.fork())
    expect(userZone(machine).free).toBeLessThan(min - 8)
    machine.validate()
    for (const child of children) child.exit(0)
  })

  it('with watermarks that fall, or a frame in a wrong place, is found out', () => {
    const watermarks = bareKernel(8 * 2 ** 20)
    watermarks.view.setUint32(ZONES + ZoneLayout.low, 0, true)
    expect(watermarks.exports.machine_validate()).toBe(BROKEN_WATERMARKS)
    const lists = bareKernel(8 * 2 ** 20)
    const stack = CPUS + CPU_PCP
    lists.exports.frames_give(lists.exports.frames_take(0), 0)
    lists.view.setUint32(stack + PerCpuFramesLayout.SIZE, lists.view.getUint32(stack + PerCpuFramesLayout.SIZE + 4, true), true)
    expect(lists.exports.machine_validate()).toBe(BROKEN_CPU_LIST)
    const twice = bareKernel(8 * 2 ** 20)
    twice.exports.frames_give(twice.exports.frames_take(0), 0)
    twice.view.setUint32(stack + PerCpuFramesLayout.hot, twice.view.getUint32(stack + PerCpuFramesLayout.SIZE, true), true)
    expect(twice.exports.machine_validate()).toBe(BROKEN_CPU_LIST)
  })
})

describe("a CPU's stack of frames", () => {
  it('gives the frame that came back last, and keeps no more than four batches', () => {
    const kernel = bareKernel(64 * 2 ** 20)
    const { exports } = kernel
    const free = exports.machine_free_frames()
    const taken = Array.from({ length: 1000 }, () => exports.frames_take(0))
    expect(new Set(taken).size).toBe(1000)
    for (const frame of taken) {
      exports.frames_give(frame, 0)
      expect(readZones(kernel)[0]?.cpuFrames[0]).toBeLessThanOrEqual(252)
    }
    expect(exports.frames_take(0)).toBe(taken.at(-1))
    exports.frames_give(taken.at(-1) as number, 0)
    expect(exports.machine_validate()).toBe(0)
    expect(exports.machine_free_frames()).toBe(free)
  })

  it('holds at most a sixteenth of a small machine, all CPUs together', () => {
    const kernel = bareKernel(4 * 2 ** 20, true, 8)
    const [zone] = readZones(kernel)
    const batch = kernel.view.getUint32(CPUS + CPU_PCP + PerCpuFramesLayout.batch, true)
    expect(batch).toBe(1)
    expect(batch * 4 * 8).toBeLessThanOrEqual((zone?.managed ?? 0) / 16)
  })
})

describe('a machine without contents', () => {
  it('of 64 GiB maps and touches a sparse and a dense range, and has it all back', async () => {
    const machine = await boot({ memory: '64GiB', contents: false })
    const { init } = machine
    const free = machine.freeFrames
    expect(free).toBeGreaterThan(62 * 2 ** 18)
    const at = init.mmap(0, 60 * GIB, RW, PRIVATE)
    for (let i = 0; i < 30_000; i++) init.store32(at + i * 2 ** 21, 1)
    const dense = init.mmap(0, GIB / 2, RW, SHARED)
    for (let i = 0; i < 2 ** 17; i++) init.store32(dense + i * PAGE, 1)
    machine.validate()
    expect(free - machine.freeFrames).toBeGreaterThan(30_000 + 2 ** 17)
    expect(init.frameOf(at)).toBeGreaterThan(2 ** 32 / PAGE / 16)
    init.munmap(at, 60 * GIB)
    init.munmap(dense, GIB / 2)
    expectBalanced(machine, free)
  })

  it('loads zeros and drops stores', async () => {
    const machine = await boot({ memory: '64MiB', contents: false, target: 'debug' })
    const { init } = machine
    const at = init.mmap(0, 4 * PAGE, RW, PRIVATE)
    init.store32(at, 0xffffffff)
    init.write(at + PAGE - 8, new Uint8Array(16).fill(255))
    expect([init.load32(at), init.load64(at + PAGE), init.add32(at, 7), init.add32(at, 7), init.load8(at)]).toEqual([0, 0n, 0, 0, 0])
    expect(init.compareExchange32(at, 0, 5)).toBe(0)
    expect(init.compareExchange32(at, 5, 6)).toBe(0)
    expect(init.read(at, 3 * PAGE)).toEqual(new Uint8Array(3 * PAGE))
    machine.validate()
  })

  it('does all else as a machine with contents does', async () => {
    const runs = [true, false].map(async contents => {
      const machine = await boot({ memory: '64MiB', contents, target: 'debug' })
      const { init } = machine
      const before = machine.freeFrames
      const free: number[] = []
      const at = init.mmap(0, 64 * PAGE, RW, PRIVATE)
      const id = init.shmget(1, 32 * PAGE, C.IPC_CREAT | 0o600)
      const segment = init.shmat(id, 0, 0)
      for (let i = 0; i < 32; i++) init.store32(at + i * PAGE, 1)
      for (let i = 16; i < 48; i++) init.load32(at + i * PAGE)
      for (let i = 0; i < 32; i += 3) init.store8(segment + i * PAGE, 1)
      const child = init.fork()
      for (let i = 0; i < 64; i += 5) child.store32(at + i * PAGE, 1)
      for (let i = 0; i < 32; i += 2) child.store32(segment + i * PAGE, 1)
      for (let i = 0; i < 64; i += 3) init.store32(at + i * PAGE, 1)
      free.push(machine.freeFrames - before)
      expect(() => init.store8(at + 64 * PAGE, 1)).toThrow('SEGV')
      machine.validate()
      child.exit(0)
      init.munmap(at, 64 * PAGE)
      init.shmdt(segment)
      init.shmctl(id, C.IPC_RMID)
      init.wait()
      expectBalanced(machine, before)
      return { free, vmstat: machine.vmstat }
    })
    const [with_, without] = await Promise.all(runs)
    expect(without).toEqual(with_)
  })

  it('fills its users’ memory to the last frame before its tables run out', async () => {
    const machine = await boot({ memory: '256MiB', contents: false })
    const { init } = machine
    const { managed } = userZone(machine)
    const free = machine.freeFrames
    const at = init.mmap(0, 256 * 2 ** 20, RW, SHARED | C.MAP_NORESERVE)
    expect(writeAll(page => init.store8(at + page * PAGE, 1))).toBeGreaterThan(managed - 200)
    machine.validate()
    init.munmap(at, 256 * 2 ** 20)
    expect(machine.freeFrames).toBe(free)
  })

  it('is out of memory when sparse pages use its tables up, and goes on', async () => {
    const machine = await boot({ memory: '64MiB', contents: false, target: 'debug' })
    const { init } = machine
    const free = machine.freeFrames
    const at = init.mmap(0, 64 * GIB, RW, PRIVATE | C.MAP_NORESERVE)
    const pages = writeAll(page => init.store8(at + page * 2 ** 21, 1))
    expect(pages).toBeGreaterThan(256)
    expect(userZone(machine).free).toBeGreaterThan(userZone(machine).min)
    machine.validate()
    init.munmap(at, 64 * GIB)
    expectBalanced(machine, free)
  })

  it('is refused beyond what a linear memory can keep books on', async () => {
    expect(divideMemory(163 * GIB, false).frames).toBe((163 * GIB) / PAGE)
    await expect(boot({ memory: '164GiB', contents: false })).rejects.toThrow('the most is 163 GiB')
    await expect(boot({ memory: '2MiB', contents: false })).rejects.toThrow('too little memory for a machine without contents')
    await expect(boot({ memory: '4GiB' })).rejects.toThrow('the most is 4 GiB less 5 MiB')
  })
})
