// What the host adds to the core: arguments in their JavaScript forms, errors that say what they are about, workers in flight.
import { boot, constants as C } from 'faultline'
import { expect, it } from 'vitest'
import { errorOf } from '../outcome.ts'

const idle = new URL(`data:text/javascript,${encodeURIComponent('setInterval(() => {}, 1000)')}`)

it('names the file that a call was about, as Node does', async () => {
  const { init, ...machine } = await boot({ memory: '16MiB' })
  expect(machine).toBeDefined()
  expect(errorOf(() => init.open('/dev/shm/none', C.O_RDONLY))).toMatchObject({ code: 'ENOENT', errno: 2, path: '/dev/shm/none' })
  expect(errorOf(() => init.shm_unlink('/none'))).toMatchObject({ message: "ENOENT: no such file or directory, shm_unlink '/none'" })
  expect(errorOf(() => init.close(99))).toMatchObject({ code: 'EBADF', path: undefined })
})

it('takes signals by number and by name', async () => {
  const { init } = await boot({ memory: '16MiB' })
  const [first, second] = [init.fork(), init.fork()]
  init.kill(first.pid, 'SIGTERM')
  init.kill(second.pid, C.SIGKILL)
  expect(init.wait({ pid: first.pid })?.signal).toBe('SIGTERM')
  expect(init.wait({ pid: second.pid })?.signal).toBe('SIGKILL')
  expect(() => init.kill(1, 'SIGNOTHING')).toThrow(TypeError)
  const handler = (): void => {}
  expect(init.sigaction(C.SIGSEGV, handler)).toBeUndefined()
  expect(init.sigaction('SIGSEGV')).toBe(handler)
})

it.each<[string, () => unknown, RegExp]>([
  ['no options', () => boot(undefined as never), /boot's options must be an object/],
  ['no memory', () => boot({} as never), /memory must be given/],
  ['an option that there is not', () => boot({ memory: '16MiB', size: 1 } as never), /have no "size"/],
  ['a size beside a snapshot', () => boot({ snapshot: new Uint8Array(), memory: 1 } as never), /have no "memory"/],
  ['a machine of 64 bytes', () => boot({ memory: 64 }), /64 bytes are too little/],
  ['a text for a number', () => boot({ memory: '16MiB', cpus: '4' as never }), /not "4"/],
])('says what is wrong with %s', async (_, call, message) => {
  await expect(async () => call()).rejects.toThrow(message)
})

it('says what is wrong with the options of a call', async () => {
  const machine = await boot({ memory: '16MiB' })
  expect(() => machine.init.wait(2 as never)).toThrow("wait's options must be an object, not 2")
  expect(() => machine.events({ from: 0 } as never)).toThrow('have no "from"')
  expect(() => machine.init.munmap(0n as never, 4096)).toThrow('not the bigint 0n')
})

it('says what it got in place of bytes, lists and numbers, but not all that is in it', async () => {
  const { init } = await boot({ memory: '16MiB' })
  expect(() => init.write(0, new Uint16Array(9) as never)).toThrow('bytes must be a Uint8Array, not [object Uint16Array]')
  expect(() => init.pwrite(0, 'text' as never, 0)).toThrow('bytes must be a Uint8Array, not "text"')
  expect(() => init.semop(0, { num: 0, op: 1 } as never)).toThrow('operations must be an array, not [object Object]')
  expect(() => init.setgroups(5 as never)).toThrow('groups must be an array, not 5')
  expect(() => init.waitOn(0, 0, '10' as never)).toThrow('timeout must be a number, not "10"')
  expect(() => init.kill(Object.create(null) as never, 9)).toThrow('pid must be a whole number, not [object Object]')
  await expect(boot({ snapshot: 'machine.snapshot' as never })).rejects.toThrow('a snapshot is a Uint8Array, not "machine.snapshot"')
})

it('says why a call that would sleep for ever does not, and what to call instead', async () => {
  const { init } = await boot({ memory: '16MiB' })
  const semaphores = init.semget(C.IPC_PRIVATE, 1, 0o600)
  const error = errorOf(() => init.semop(semaphores, [{ num: 0, op: -1 }]))
  expect(error).toMatchObject({ code: 'EDEADLK', message: expect.stringMatching(/no other thread .* semopAsync/) })
})

it('takes no snapshot while a worker is being started, and shuts it down', async () => {
  const machine = await boot({ memory: '16MiB' })
  const spawning = machine.spawn(idle)
  expect(errorOf(() => machine.snapshot())).toMatchObject({ code: 'EBUSY' })
  await machine.shutdown()
  await (await spawning).exited
  machine.validate()
})

it('prints a process as little more than its numbers', async () => {
  const { inspect } = await import('node:util')
  const { init } = await boot({ memory: '16MiB' })
  expect(inspect(init)).toBe('Process { pid: 1, tid: 1 }')
})

it('prints the largest limit of segments as Linux does', async () => {
  const machine = await boot({ memory: '16MiB' })
  expect(machine.proc('/proc/sys/kernel/shmmax')).toBe('18446744073692774399\n')
  const message = "ENOENT: no such file or directory, open '/proc/nothing'"
  expect(errorOf(() => machine.proc('/proc/nothing'))).toMatchObject({ message })
})
