import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { expectBalanced, reap } from '../machines.ts'
import { moduleOf } from './workers.ts'

const here = (name: string): URL => new URL(name, import.meta.url)

it('lets two workers meet in a segment, at different addresses, in the same frames', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const free = machine.freeFrames
  const id = init.shmget(7, 4096, C.IPC_CREAT | 0o600)
  const rounds = 20_000
  const workers = await Promise.all([0, 8192].map(before => machine.spawn(here('meet.mjs'), { workerData: { key: 7, rounds, before } })))
  expect(await Promise.all(workers.map(worker => worker.exited))).toEqual(workers.map(worker => worker.pid))
  const at = init.shmat(id, 0, C.SHM_RDONLY)
  expect(init.load32(at)).toBe(2 * rounds)
  const addresses = workers.map(worker => init.load64(at + 8 * worker.pid))
  expect(addresses[0]).not.toBe(addresses[1])
  expect(init.shmctl(id, C.IPC_STAT).nattch).toBe(1)
  init.shmctl(id, C.IPC_RMID)
  init.shmdt(at)
  expectBalanced(machine, free)
})

it('keeps its books while workers map, fork, attach and remove at once', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const workers = await Promise.all(
    [11, 22, 33].map(seed => machine.spawn(here('churn.mjs'), { workerData: { seed, milliseconds: 2000 } })),
  )
  expect(await Promise.all(workers.map(worker => worker.exited))).toEqual([0, 0, 0])
  machine.validate()
  for (let key = 1; key <= 3; key++) machine.init.shmctl(machine.init.shmget(key, 4096, C.IPC_CREAT | 0o600), C.IPC_RMID)
  expectBalanced(machine, free)
})

it('takes back what a worker had that ends without exit, or throws', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const source = `const at = self.mmap(0, 65536, 3, 0x22)
    self.store32(at, 1)
    self.fork().store32(at, 2)`
  expect(await (await machine.spawn(moduleOf(source))).exited).toBe(0)
  reap(machine.init)
  expectBalanced(machine, free)
  const thrower = await machine.spawn(moduleOf(`${source}\nthrow new Error('out of luck')`))
  await expect(thrower.exited).rejects.toThrow('out of luck')
  reap(machine.init)
  expectBalanced(machine, free)
  const missing = async (): Promise<number> => (await machine.spawn(here('nowhere.mjs'))).exited
  await expect(missing()).rejects.toThrow(/Cannot find module/)
  expectBalanced(machine, free)
})

it('starts a worker for a user and a group, without other groups', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const free = machine.freeFrames
  const { init } = machine
  init.setgroups([5])
  const source = `self.exit(self.getresuid().concat(self.getresgid()).every(id => id === 7) && self.getgroups().length === 0 ? 0 : 1)`
  expect(await (await machine.spawn(moduleOf(source), { uid: 7, gid: 7 })).exited).toBe(0)
  await expect(machine.spawn(moduleOf(source), { uid: -1 })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'spawn' })
  await expect(machine.spawn(moduleOf(source), { gid: 0.5 })).rejects.toThrow(TypeError)
  const zombie = init.fork()
  zombie.exit(3)
  init.seteuid(1000)
  await expect(machine.spawn(moduleOf(source), { gid: 7 })).rejects.toMatchObject({ code: 'EPERM', syscall: 'spawn' })
  expect(init.wait()).toEqual({ pid: zombie.pid, exitCode: 3 })
  expectBalanced(machine, free)
})

it('has as many workers as CPUs, and ends them at shutdown', async () => {
  const machine = await boot({ memory: '16MiB', cpus: 2, target: 'debug' })
  const free = machine.freeFrames
  const idle = moduleOf(`setInterval(() => self.pid, 1000)`)
  await machine.spawn(idle)
  await expect(machine.spawn(idle)).rejects.toMatchObject({ code: 'EAGAIN', syscall: 'spawn' })
  await machine.shutdown()
  expectBalanced(machine, free)
  await machine.spawn(idle)
  await machine.shutdown()
  expectBalanced(machine, free)
})
