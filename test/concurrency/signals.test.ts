import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { expectBalanced, reap } from '../machines.ts'
import { moduleOf, until } from './workers.ts'

const MEMORY = 'const at = self.mmap(0, 65536, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS); self.store32(at, 1);'

it.each([
  ['idle', 'setInterval(() => {}, 1000)'],
  ['making calls and taking no notice of errors', 'while (true) try { self.munmap(self.mmap(0, 65536, 3, 0x22), 65536) } catch {}'],
  [
    'faulting',
    'while (true) { for (let i = 0; i < 16; i++) self.store32(at + i * 4096, i); self.munmap(at, 65536); self.mmap(at, 65536, 3, 0x32) }',
  ],
  ['loading', 'while (true) self.load32(at)'],
  ['in a loop of its own', 'while (true) {}'],
  ['asleep on a word', 'self.waitOn(at, 1)'],
  ['waiting for what never comes', 'setInterval(() => {}, 1000); await new Promise(() => {})'],
])('ends the thread of a worker that is killed while %s', async (_, source) => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const worker = await machine.spawn(moduleOf(`${MEMORY} const child = self.fork(); child.store32(at, 2); ${source}`))
  await until(() => machine.freeFrames <= free - 10)
  machine.init.kill(worker.pid, C.SIGTERM)
  expect(await worker.exited).toBe(128 + C.SIGTERM)
  expect(() => machine.init.kill(worker.pid, 0)).toThrow('ESRCH')
  const orphan = machine.init.wait()
  expect(orphan).toBeDefined()
  expectBalanced(machine, free)
})

it('lets one worker kill another, and the main thread sleep until both have ended', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const { init } = machine
  const victim = await machine.spawn(moduleOf(`${MEMORY} while (true) self.load32(at)`), { uid: 7 })
  const stranger = await machine.spawn(
    moduleOf(`let code = 0; try { self.kill(workerData, C.SIGKILL) } catch (error) { code = error.errno } self.exit(code)`),
    { workerData: victim.pid, uid: 8 },
  )
  expect(init.wait({ pid: stranger.pid, block: true })).toEqual({ pid: stranger.pid, exitCode: 1 })
  const killer = await machine.spawn(moduleOf('self.kill(workerData, C.SIGKILL)'), { workerData: victim.pid, uid: 7 })
  const ended = [init.wait({ block: true }), init.wait({ block: true })].sort((a, b) => a.pid - b.pid)
  expect(ended).toEqual([
    { pid: victim.pid, exitCode: 137, signal: 'SIGKILL' },
    { pid: killer.pid, exitCode: 0 },
  ])
  expect(await Promise.all([victim.exited, stranger.exited, killer.exited])).toEqual([137, 1, 0])
  expectBalanced(machine, free)
})

it('ends a process of the main thread that a worker killed, when that thread next makes a call', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const { init } = machine
  const child = init.fork()
  child.store32(child.mmap(0, 4096, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS), 1)
  const killer = await machine.spawn(moduleOf('self.kill(workerData, C.SIGUSR2)'), { workerData: child.pid })
  expect(await killer.exited).toBe(0)
  expect(init.wait()).toEqual({ pid: child.pid, exitCode: 128 + C.SIGUSR2, signal: 'SIGUSR2' })
  expect(() => child.load32(0)).toThrow('ESRCH')
  expectBalanced(machine, free)
})

it('ends workers at shutdown that are in the middle of calls, with balanced books', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  for (let round = 0; round < 5; round++) {
    const busy = moduleOf(
      `${MEMORY} while (true) try { self.fork().exit(0); self.wait(); self.store32(self.mmap(0, 8192, 3, 0x22), 1) } catch {}`,
    )
    await Promise.all([machine.spawn(busy), machine.spawn(busy)])
    await new Promise(resolve => setTimeout(resolve, 20 * round))
    await machine.shutdown()
    // the workers' children are init's now
    reap(machine.init)
    expectBalanced(machine, free)
  }
})
