// Workers that cannot start, or are given what is no machine: each is a clear error, and nothing of them stays.
import { setEnvironmentData, Worker } from 'node:worker_threads'
import { boot, type Machine, type SpawnOptions } from 'faultline'
import { afterAll, expect, it } from 'vitest'
import { PROCESS_KEY } from '#dist/process/seat.js'
import { moduleOf, SELF, textModule } from './workers.ts'

const IDLE = moduleOf('setInterval(() => self.pid, 1000)')

const machine = await boot({ memory: '16MiB', cpus: 2, target: 'debug' })
afterAll(() => machine.shutdown())

/** How a spawn, or the worker that it starts, fails; its exit code if it does not. */
async function outcome(on: Machine, module: unknown, options?: SpawnOptions): Promise<unknown> {
  try {
    return await (await on.spawn(module as URL, options)).exited
  } catch (error) {
    return error
  }
}

/** Does something that must leave the machine as it was: frames, CPUs, pids. */
async function balanced(on: Machine, what: () => Promise<void>): Promise<void> {
  const state = (): unknown => [on.freeFrames, on.inspect().processes.map(({ pid }) => pid)]
  const before = state()
  await what()
  on.validate()
  expect(state()).toEqual(before)
  expect(await outcome(on, textModule('')), 'its CPU is free').toBe(0)
}

const BAD_URLS: readonly (readonly [string, unknown, object])[] = [
  [
    'a file that is not there',
    new URL('nowhere.mjs', import.meta.url),
    { message: expect.stringMatching(/Cannot find module .*nowhere\.mjs/) },
  ],
  ['a folder', new URL('.', import.meta.url), { code: 'ERR_UNSUPPORTED_DIR_IMPORT' }],
  ['http', new URL('http://localhost/x.js'), { name: 'TypeError', message: "a worker's module is a file: or data: URL, not http:" }],
  ['a built-in module', new URL('node:fs'), { name: 'TypeError', message: "a worker's module is a file: or data: URL, not node:" }],
  ['a path', './x.js', { name: 'TypeError', message: expect.stringMatching(/must be a URL.*not "\.\/x\.js"/) }],
  ['nothing', undefined, { name: 'TypeError', message: expect.stringMatching(/must be a URL.*not undefined/) }],
]

it.each(BAD_URLS)('refuses to start %s', async (_, module, error) => {
  await balanced(machine, async () => expect(await outcome(machine, module)).toMatchObject(error))
})

it.each([
  ['syntax that is wrong', 'let let = (', { name: 'SyntaxError' }],
  ['an import that is not there', "import 'file:///nowhere/at-all.mjs'", { code: 'ERR_MODULE_NOT_FOUND' }],
  ['a throw', "throw new RangeError('out of luck')", { name: 'RangeError', message: 'out of luck' }],
  ['a throw of what is no error', 'throw { luck: 0 }', { luck: 0 }],
  ['a throw of nothing', 'throw undefined', undefined],
  ['a rejection', "await Promise.reject(new RangeError('later'))", { message: 'later' }],
  ['a rejection that nobody handles', "Promise.reject(new RangeError('aside'))", { message: 'aside' }],
  ['another exit code', 'process.exit(3)', 3],
])('says what happened to a module with %s, before and after it became a process', async (_, source, error) => {
  for (const head of ['', `import { self } from '${SELF}'; self.store32(self.mmap(0, 4096, 3, 0x22), 1)\n`]) {
    await balanced(machine, async () => {
      const result = await outcome(machine, textModule(head + source))
      if (typeof error === 'object') expect(result).toMatchObject(error)
      else expect(result).toBe(error)
    })
  }
})

it('refuses options that make no sense', async () => {
  await balanced(machine, async () => {
    for (const bad of [() => 1, Symbol('x')])
      expect(await outcome(machine, IDLE, { workerData: bad })).toMatchObject({ name: 'DataCloneError' })
    for (const uid of ['root', 0.5, Number.NaN]) expect(await outcome(machine, IDLE, { uid: uid as number })).toBeInstanceOf(TypeError)
    expect(await outcome(machine, IDLE, { workerdata: 1 } as SpawnOptions)).toMatchObject({
      message: expect.stringContaining('"workerdata"'),
    })
    expect(await outcome(machine, IDLE, null as unknown as SpawnOptions)).toBeInstanceOf(TypeError)
  })
})

it('gives a thread no more memory than it is told to', async () => {
  const hog = textModule('const all = []; while (true) all.push(new Array(1000).fill(0))')
  await balanced(machine, async () => {
    const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 4 }
    expect(await outcome(machine, hog, { resourceLimits: limits })).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
  })
})

it('says so where all CPUs or pids are taken', async () => {
  const full = await boot({ memory: '16MiB', cpus: 3, target: 'debug', sysctl: { 'kernel.pid_max': 301 } })
  await balanced(full, async () => {
    const workers = await Promise.all([full.spawn(IDLE), full.spawn(IDLE)])
    expect(await outcome(full, IDLE)).toMatchObject({ code: 'EAGAIN', message: expect.stringMatching(/all 3 CPUs are taken.*option cpus/) })
    for (const worker of workers) await worker.terminate()
  })
  const children = Array.from({ length: 300 }, () => full.init).flatMap(init => {
    try {
      return [init.fork()]
    } catch {
      return []
    }
  })
  expect(await outcome(full, IDLE)).toMatchObject({ code: 'EAGAIN', message: expect.stringMatching(/no pid is free/) })
  for (const child of children) {
    child.exit(0)
    full.init.wait({ pid: child.pid })
  }
  full.validate()
  expect(await outcome(full, textModule(''))).toBe(0)
})

it('refuses a machine that is none, in the worker that was given it', async () => {
  const shared = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true })
  const seats: [unknown, RegExp][] = [
    [undefined, /only in a worker that machine.spawn or clone started/],
    [{ memory: shared, target: 'release', cpu: 1, pid: 2 }, /holds no machine/],
    [{ memory: new WebAssembly.Memory({ initial: 64 }).buffer, target: 'release', cpu: 1, pid: 2 }, /shared WebAssembly.Memory/],
    [{}, /shared WebAssembly.Memory/],
  ]
  for (const [seat, message] of seats) {
    setEnvironmentData(PROCESS_KEY, seat as never)
    const worker = new Worker(IDLE)
    setEnvironmentData(PROCESS_KEY, undefined as never)
    await expect(new Promise((_, reject) => worker.once('error', reject))).rejects.toThrow(message)
  }
})
