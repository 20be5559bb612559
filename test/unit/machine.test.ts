import { readFileSync } from 'node:fs'
import { boot, constants as C, FaultError, KernelPanic, type Process, SysError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { CPU_SIZE, CPUS, MAX_CPUS, SUPERBLOCK } from '#dist/abi/layout.gen.js'
import { Kernel } from '#dist/core/kernel.js'
import { SuperblockLayout } from '#dist/core/layout.gen.js'
import { parseSize } from '#dist/sys/size.js'
import { expectBalanced } from '../machines.ts'
import { errorOf } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** A kernel with a machine of its own, for what the public API does not show. */
function bareKernel(mebibytes = 4): Kernel {
  const memory = new WebAssembly.Memory({ initial: mebibytes * 16 + 1, maximum: 65536, shared: true })
  const kernel = new Kernel({ memory, target: 'debug' })
  kernel.build({ frames: mebibytes * 256, lowFrames: mebibytes * 256 }, 2)
  return kernel
}

function bytesOf(kernel: Kernel): Uint8Array {
  return new Uint8Array(kernel.memory.buffer).slice()
}

describe('a machine', () => {
  it('shares a segment between two processes, at different addresses, in the same frames', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const id = init.shmget(0x1234, 2 * PAGE, C.IPC_CREAT | 0o600)
    const child = init.fork()
    child.mmap(0, PAGE, RW, ANONYMOUS, -1, 0)
    const [here, there] = [init.shmat(id, 0, 0), child.shmat(id, 0, 0)]
    expect(here).not.toBe(there)
    init.store32(here + PAGE, 42)
    expect(child.load32(there + PAGE)).toBe(42)
    expect(child.frameOf(there + PAGE)).toBe(init.frameOf(here + PAGE))
    expect(child.frameOf(there)).toBeUndefined()
    expect(init.shmctl(id, C.IPC_STAT)).toMatchObject({
      segsz: 2 * PAGE,
      nattch: 2,
      cpid: 1,
      lpid: child.pid,
      perm: { key: 0x1234, mode: 0o600 },
    })
    expect(init.shmctl(0, C.SHM_INFO)).toMatchObject({ index: 0, used_ids: 1, shm_tot: 2, shm_rss: 1 })
    machine.validate()
  })

  it('copies private memory when a process writes after fork, and reuses the frame of its last owner', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const at = init.mmap(0, 4 * PAGE, RW, ANONYMOUS, -1, 0)
    init.store32(at, 1)
    const frame = init.frameOf(at)
    const child = init.fork()
    child.store32(at, 2)
    expect([init.load32(at), child.load32(at)]).toEqual([1, 2])
    expect(child.frameOf(at)).not.toBe(frame)
    init.store32(at, 3)
    expect(init.frameOf(at)).toBe(frame)
    expect(machine.vmstat).toMatchObject({ pgcopy: 1, pgreuse: 1 })
    machine.validate()
  })

  it('copies the entries of memory that was written, and leaves what was only read to the child', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const [read, written] = [init.mmap(0, PAGE, C.PROT_READ, ANONYMOUS), init.mmap(0, 2 * PAGE, RW, ANONYMOUS)]
    init.load32(read)
    init.store32(written, 1)
    const child = init.fork()
    expect([read, written, written + PAGE].map(at => child.frameOf(at) !== undefined)).toEqual([false, true, false])
    expect([child.load32(read), child.load32(written)]).toEqual([0, 1])
    machine.validate()
  })

  it('reads and writes across pages, at any alignment, in every width', async () => {
    const { init } = await boot({ memory: '16MiB', target: 'debug' })
    const at = init.mmap(0, 8 * PAGE, RW, ANONYMOUS, -1, 0)
    const bytes = Uint8Array.from({ length: 5 * PAGE }, (_, i) => (i * 7) & 255)
    init.write(at + 5, bytes)
    expect(init.read(at + 5, bytes.length)).toEqual(bytes)
    init.store64(at + PAGE - 3, 0x1122334455667788n)
    expect(init.load64(at + PAGE - 3)).toBe(0x1122334455667788n)
    init.store64(at, 0xffeeddccbbaa9988n)
    expect([init.load64(at), init.load32(at), init.load32(at + 1), init.load16(at + 6), init.load16(at + 5), init.load8(at + 7)]).toEqual([
      0xffeeddccbbaa9988n,
      0xbbaa9988,
      0xccbbaa99,
      0xffee,
      0xeedd,
      0xff,
    ])
    init.store16(at + 1, 0x1234)
    init.store32(at + 3, 0xdeadbeef)
    expect(init.load64(at)).toBe(0xffdeadbeef123488n)
    expect(init.add32(at + 8, 5)).toBe(init.compareExchange32(at + 8, init.load32(at + 8), 77) - 5)
    expect(init.load32(at + 8)).toBe(77)
  })

  it('says what went wrong as Node does', async () => {
    const { init } = await boot({ memory: '16MiB' })
    const error = errorOf(() => init.shmat(5, 0, 0)) as SysError
    expect(error).toBeInstanceOf(SysError)
    expect(error).toMatchObject({ errno: 22, code: 'EINVAL', syscall: 'shmat', message: 'EINVAL: invalid argument, shmat' })
    const fault = errorOf(() => init.store8(0x5000, 1)) as FaultError
    expect(fault).toBeInstanceOf(FaultError)
    expect(fault).toMatchObject({ signal: 'SIGSEGV', code: 'SEGV_MAPERR', address: 0x5000, access: 'write' })
    const readOnly = init.mmap(0, PAGE, C.PROT_READ, ANONYMOUS, -1, 0)
    expect(errorOf(() => init.store32(readOnly, 1))).toMatchObject({ code: 'SEGV_ACCERR', address: readOnly })
  })

  it('knows no address beyond 47 bits, whatever its TLB holds', async () => {
    const { init } = await boot({ memory: '16MiB', target: 'debug' })
    const at = init.mmap(0, PAGE, RW, ANONYMOUS, -1, 0)
    for (const process of [init, init.fork(), init.fork()]) {
      process.store32(at, 1)
      for (let high = 1; high < 64; high++) {
        const address = at + high * 2 ** 47
        expect(errorOf(() => process.load32(address))).toMatchObject({ code: 'SEGV_MAPERR', address })
      }
    }
  })

  it('refuses arguments that are no whole numbers', async () => {
    const { init } = await boot({ memory: '16MiB' })
    const calls: ((p: Process, bad: number) => unknown)[] = [
      (p, bad) => p.mmap(bad, PAGE, RW, ANONYMOUS, -1, 0),
      (p, bad) => p.munmap(0, bad),
      (p, bad) => p.mprotect(0, bad, 0),
      (p, bad) => p.shmget(bad, PAGE, 0),
      (p, bad) => p.shmat(bad, 0, 0),
      (p, bad) => p.shmdt(bad),
      (p, bad) => p.shmctl(bad, C.IPC_STAT),
      (p, bad) => p.load32(bad),
      (p, bad) => p.store16(bad, 1),
      (p, bad) => p.read(bad, 0),
      (p, bad) => p.setuid(bad),
    ]
    for (const bad of [Number.NaN, 0.5, Number.POSITIVE_INFINITY, '1', undefined, null, {}]) {
      for (const call of calls) expect(() => call(init, bad as number), `${call} ${String(bad)}`).toThrow(TypeError)
    }
  })

  it('keeps a process among its parent, children and identity', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    expect(errorOf(() => init.wait())).toMatchObject({ code: 'ECHILD' })
    const child = init.fork()
    const grandchild = child.fork()
    expect([child.pid, grandchild.pid]).toEqual([2, 3])
    expect(init.wait()).toBeUndefined()
    child.setuid(1000)
    expect(errorOf(() => child.setuid(0))).toMatchObject({ code: 'EPERM' })
    child.exit(258)
    expect(errorOf(() => child.fork())).toMatchObject({ code: 'ESRCH' })
    expect(init.wait()).toEqual({ pid: 2, exitCode: 2 })
    grandchild.exit(7)
    expect(init.wait()).toEqual({ pid: 3, exitCode: 7 })
    expect(init.fork().pid).toBe(4)
    expect(errorOf(() => init.exit(0))).toMatchObject({ code: 'EPERM' })
    machine.validate()
  })

  it('runs out of memory in good order, and has it all back', async () => {
    const machine = await boot({ memory: '4MiB', target: 'debug' })
    const { init } = machine
    const free = machine.freeFrames
    const at = init.mmap(0, 2 * free * PAGE, RW, ANONYMOUS | C.MAP_NORESERVE, -1, 0)
    expect(errorOf(() => init.mmap(0, 2 * free * PAGE, RW, ANONYMOUS, -1, 0))).toMatchObject({ code: 'ENOMEM' })
    let page = 0
    expect(
      errorOf(() => {
        for (; page < 2 * free; page++) init.store32(at + page * PAGE, page)
      }),
    ).toMatchObject({ code: 'ENOMEM' })
    expect(page).toBeGreaterThan(free * 0.8)
    machine.validate()
    for (let i = 0; i < page; i += 7) expect(init.load32(at + i * PAGE)).toBe(i)
    const child = init.fork()
    expect(errorOf(() => child.store32(at, 1))).toMatchObject({ code: 'ESRCH' })
    machine.validate()
    init.munmap(at, 2 * free * PAGE)
    expect(init.wait()).toEqual({ pid: child.pid, exitCode: 137, signal: 'SIGKILL' })
    expectBalanced(machine, free)
  })

  it('refuses sizes that make no sense', async () => {
    await expect(boot({ memory: '768KiB' })).rejects.toThrow(RangeError)
    await expect(boot({ memory: '4GiB' })).rejects.toThrow(RangeError)
    await expect(boot({ memory: 'much' })).rejects.toThrow(TypeError)
    const strange: readonly (readonly [object, string])[] = [
      [{ contents: 'x' }, 'contents must be true or false, not "x"'],
      [{ without: null }, 'without must be an array of names, not null'],
      [{ target: 'fast' }, "target must be 'release' or 'debug', not \"fast\""],
      [{ memory: '64M' }, `"64M" is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB`],
    ]
    for (const [options, message] of strange) await expect(boot({ memory: '16MiB', ...options })).rejects.toThrow(new TypeError(message))
    await expect(boot({ memory: '16MiB', cpus: MAX_CPUS + 1 })).rejects.toThrow(RangeError)
    await expect(boot({ memory: '16MiB', cpus: 0 })).rejects.toThrow(RangeError)
    expect(parseSize('1.5KiB')).toBe(1536)
  })
})

describe('the kernel', () => {
  it('leaves memory as it is when another thread instantiates it', () => {
    const kernel = bareKernel()
    const before = bytesOf(kernel)
    new Kernel(kernel)
    expect(Buffer.compare(bytesOf(kernel), before)).toBe(0)
  })

  it('refuses memory of another version, or without a machine', () => {
    const kernel = bareKernel()
    kernel.view.setUint32(SUPERBLOCK + SuperblockLayout.layoutHash, 99, true)
    expect(() => new Kernel(kernel).enter(1)).toThrow("this memory holds another version's machine")
    const memoryOf = (initial: number, shared: boolean): WebAssembly.Memory => new WebAssembly.Memory({ initial, maximum: 65536, shared })
    const enter = (memory: unknown): unknown =>
      errorOf(() => new Kernel({ memory: memory as WebAssembly.Memory, target: 'debug' }).enter(1))
    expect(enter(memoryOf(64, true))).toMatchObject({ name: 'InputError', message: 'this memory holds no machine' })
    expect(enter(memoryOf(1, true))).toMatchObject({ name: 'InputError', message: 'this memory is too small to hold a machine' })
    const message = 'a machine lives in a shared WebAssembly.Memory; this is none'
    for (const bad of [memoryOf(64, false), {}, undefined, new SharedArrayBuffer(2 ** 22)])
      expect(enter(bad)).toMatchObject({ name: 'InputError', message })
  })

  it("refuses another build's module, or none", () => {
    const { memory } = bareKernel()
    const core = new URL('../../dist/core/', import.meta.url)
    const bytes = readFileSync(new URL('kernel.wasm', core))
    const foreign = Buffer.from(bytes)
    foreign.writeUInt32LE(99, foreign.length - 4)
    const enter = (module: unknown): unknown =>
      errorOf(() => new Kernel({ memory, target: 'release', module: module as WebAssembly.Module }).enter(1))
    expect(enter(new WebAssembly.Module(bytes))).toBeUndefined()
    for (const strange of [foreign, readFileSync(new URL('replay.wasm', core))])
      expect(enter(new WebAssembly.Module(strange))).toMatchObject({
        name: 'InputError',
        message: expect.stringContaining("another build's kernel"),
      })
    expect(enter(bytes)).toMatchObject({ name: 'InputError', message: expect.stringContaining('this is none') })
  })

  it('is dead on every thread after a bug, and says which', () => {
    const kernel = bareKernel()
    const other = new Kernel(kernel)
    const { exports } = kernel
    const frame = exports.frames_take(0)
    exports.frames_give(frame, 0)
    expect(() => exports.frames_give(frame, 0)).toThrow(KernelPanic)
    for (const dead of [kernel, other]) expect(() => dead.exports.machine_free_frames()).toThrow(/PANIC_DOUBLE_FREE/)
  })

  it('names the lock that a dead thread left behind instead of waiting for ever', () => {
    const kernel = bareKernel()
    kernel.view.setUint32(CPUS + CPU_SIZE + 8, 1, true)
    expect(() => kernel.exports.cpu_leave(1, 0, 0)).toThrow(/PANIC_DEAD_THREAD/)
  })

  it('joins freed blocks of all orders into the blocks they were', () => {
    const { exports } = bareKernel(16)
    const free = exports.machine_free_frames()
    const taken: [number, number][] = []
    for (let order = 0; ; order = (order + 3) % 11) {
      const frame = exports.frames_take(order)
      if (frame === 0) break
      expect(frame % 2 ** order).toBe(0)
      taken.push([frame, order])
      expect(exports.machine_validate()).toBe(0)
    }
    expect(taken.length).toBeGreaterThan(10)
    for (const [frame, order] of taken.filter((_, i) => i % 2).concat(taken.filter((_, i) => i % 2 === 0))) {
      exports.frames_give(frame, order)
      expect(exports.machine_validate()).toBe(0)
    }
    expect(exports.machine_free_frames()).toBe(free)
    expect(exports.frames_take(10)).not.toBe(0)
  })

  it('finds a frame that a process maps and nobody counts', () => {
    const kernel = bareKernel()
    const { exports } = kernel
    const at = exports.mm_map(1, 0, PAGE, RW, ANONYMOUS, -1, 0)
    exports.store32(1, at, 1)
    exports.frames_give(exports.mm_frame(1, at), 0)
    expect(exports.machine_validate()).not.toBe(0)
  })
})
