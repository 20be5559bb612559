import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { boot, constants as C, type Machine, type Process, type WorkerProcess } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { moduleOf, until } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** A module for a thread: `self` is its process, `at` its workerData. */
function module(body: string): URL {
  return moduleOf(`const at = workerData
${body}`)
}

/** A spawned process that maps a page, clones `inner`, which knows it as `at`, and then does `body`, to which it is `page`. */
function spawnPair(machine: Machine, body: string, inner: string): Promise<WorkerProcess> {
  const source = `const page = self.mmap(0, 4096, 3, 0x22)
    const thread = await self.clone(new URL('${module(inner).href}'), { workerData: page })
    ${body}`
  return machine.spawn(module(source))
}

/** Does something on a machine for five threads beside init's; in the end all must be as it was. */
function withThreads(test: (machine: Machine, init: Process) => Promise<void>): Promise<void> {
  return withMachine(test, { cpus: 6 })
}

it('shares memory, descriptors, umask, limits, identity and number with the thread it clones', () =>
  withThreads(async (machine, init) => {
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    const thread = await init.clone(
      module(`const fd = self.memfd_create('x', 0)
        self.pwrite(fd, Uint8Array.of(65, 66), 0)
        self.umask(0o77)
        self.setrlimit(9, { soft: 2 ** 40, hard: 2 ** 41 })
        self.seteuid(7)
        const other = self.mmap(0, 4096, 3, 0x22)
        self.store32(other, 4711)
        self.store64(at + 8, BigInt(other))
        self.store32(at + 4, fd)
        self.store32(at, self.tid)
        self.notify(at)
        self.waitOn(at, self.tid)
        process.exit(self.pid)`),
      { workerData: at },
    )
    await until(() => init.load32(at) !== 0)
    expect([thread.pid, thread.tid, init.load32(at), init.tid]).toEqual([1, 2, 2, 1])
    const fd = init.load32(at + 4)
    expect([...init.pread(fd, 9, 0)]).toEqual([65, 66])
    expect([init.umask(0o22), init.geteuid(), init.getrlimit(9).soft]).toEqual([0o77, 7, 2 ** 40])
    const other = Number(init.load64(at + 8))
    expect(init.load32(other)).toBe(4711)
    init.seteuid(0)
    await until(() => machine.inspect().processes[0]?.threads[1]?.state === 'sleeping')
    expect(machine.inspect().processes[0]?.threads).toEqual([
      { tid: 1, cpu: 0, state: 'running' },
      { tid: 2, cpu: 1, state: 'sleeping' },
    ])
    expect(machine.proc('/proc/1/status')).toContain('Threads:\t2\n')
    machine.validate()
    init.store32(at, 0)
    init.notify(at)
    expect(await thread.exited).toBe(1)
    expect(machine.proc('/proc/1/status')).toContain('Threads:\t1\n')
    init.munmap(other, PAGE)
    init.munmap(at, PAGE)
    init.close(fd)
  }))

// the next ones as a program with pthreads does on Linux 6.18
it('lives on when its first thread ends', () =>
  withThreads(async machine => {
    const worker = await spawnPair(machine, 'process.exit(4)', 'for (;;) self.waitOn(at, 0)')
    const { pid } = worker
    const threadsOf = () =>
      machine
        .inspect()
        .processes.find(process => process.pid === pid)
        ?.threads.map(({ tid }) => tid)
    await until(() => threadsOf()?.[0] === pid + 1)
    machine.validate()
    expect(threadsOf()).toEqual([pid + 1])
    expect(machine.init.wait()).toBeUndefined()
    await worker.terminate()
    machine.init.kill(pid + 1, 'SIGTERM')
    expect(await worker.exited).toBe(128 + C.SIGTERM)
  }))

it('ends with what its last thread gives to exit(2)', () =>
  withThreads(async machine => {
    const worker = await spawnPair(machine, 'self.exitThread(4)', 'self.waitOn(at, 0, 50)\nself.exitThread(8)')
    expect(await worker.exited).toBe(8)
  }))

it('ends all its threads when one calls exit', () =>
  withThreads(async machine => {
    const worker = await spawnPair(machine, 'self.waitOn(page, 0)', 'self.exit(9)')
    expect(await worker.exited).toBe(9)
  }))

it('ends all its threads by a signal to any of them', () =>
  withThreads(async machine => {
    const loop = 'for (;;) self.store32(at, 1)'
    const worker = await spawnPair(machine, "self.kill(thread.tid, 'SIGTERM')", loop)
    expect(await worker.exited).toBe(128 + C.SIGTERM)
  }))

it('waits for children of another thread, not for threads', () =>
  withThreads(async (_, init) => {
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    const thread = await init.clone(module('const child = self.fork(); child.exit(3); self.store32(at, child.pid)'), { workerData: at })
    expect(() => init.wait({ pid: thread.tid })).toThrow('ECHILD')
    await until(() => init.load32(at) !== 0)
    expect(init.wait()).toEqual({ pid: init.load32(at), exitCode: 3, signal: undefined })
    await thread.exited
    init.munmap(at, PAGE)
  }))

it('forks the calling thread alone', () =>
  withThreads(async (machine, init) => {
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    const thread = await init.clone(module('self.waitOn(at, 0)'), { workerData: at })
    const child = init.fork()
    expect(machine.proc(`/proc/${child.pid}/status`)).toContain('Threads:\t1\n')
    child.store32(at, 1)
    child.exit(0)
    init.wait()
    expect(init.load32(at)).toBe(0)
    await until(() => init.notify(at) === 1)
    expect(await thread.exited).toBe(0)
    init.munmap(at, PAGE)
  }))

it('refuses what it cannot do, and leaves nothing of a thread that did not start', () =>
  withThreads(async (machine, init) => {
    await expect(init.clone('thread.js' as unknown as URL)).rejects.toThrow(TypeError)
    await expect(init.clone(module(''), { data: 1 } as object)).rejects.toThrow(TypeError)
    await expect(init.clone(module(''), { workerData: () => 1 })).rejects.toThrow('could not be cloned')
    expect(() => init.exitThread(0)).toThrow('EPERM')
    const failing = await init.clone(module("throw new RangeError('so it is')"))
    await expect(failing.exited).rejects.toThrow('so it is')
    machine.validate()
    const threads = await Promise.all(Array.from({ length: 5 }, () => init.clone(module('setInterval(() => {}, 1000)'))))
    await expect(init.clone(module(''))).rejects.toThrow('EAGAIN')
    expect(() => init.unshare(C.CLONE_NEWIPC)).toThrow('EINVAL')
    expect(machine.inspect().processes[0]?.threads).toHaveLength(6)
    await machine.shutdown()
    expect(await Promise.all(threads.map(({ exited }) => exited))).toEqual([1, 1, 1, 1, 1])
    machine.validate()
  }))

it('goes on in a snapshot without the threads, which are gone', () =>
  withThreads(async (machine, init) => {
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    const thread = await init.clone(module('self.store32(at, 5)\nself.waitOn(at, 5)'), { workerData: at })
    await until(() => init.load32(at) === 5 && machine.inspect().processes[0]?.threads[1]?.state === 'sleeping')
    const restored = await boot({ snapshot: machine.snapshot() })
    restored.validate()
    expect(restored.init.load32(at)).toBe(5)
    expect(restored.inspect().processes[0]?.threads).toHaveLength(1)
    init.store32(at, 0)
    init.notify(at)
    await thread.exited
    init.munmap(at, PAGE)
  }))

it.each([
  { threads: 2, target: 'debug' },
  { threads: 4, target: 'debug' },
  { threads: 4, target: 'release' },
])('$threads threads do everything at once to the memory they share, in the $target build', async ({ threads, target }) => {
  const command = fileURLToPath(new URL('../stress/run.mjs', import.meta.url))
  const args = [command, '--seconds', '3', '--threads', `${threads}`, '--seed', `${threads}`, '--target', target]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stderr).toBe('')
  expect(stdout).toContain('pgfault')
})
