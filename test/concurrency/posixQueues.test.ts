// POSIX message queues between processes and threads, and when they die.
import { boot, constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome, settled } from '../outcome.ts'
import { moduleOf, untilAsleep } from './workers.ts'

const MAKE = C.O_RDWR | C.O_CREAT

/** Does something with a queue on a machine; in the end all must be as it was. */
function withQueue(test: (machine: Machine, init: Process, fd: number) => Promise<void> | void, maxmsg = 2): Promise<void> {
  return withMachine(
    async (machine, init) => {
      const fd = init.mq_open('/q', MAKE, 0o600, { maxmsg, msgsize: 9000 })
      await test(machine, init, fd)
      init.close(fd)
      init.mq_unlink('/q')
    },
    { cpus: 6 },
  )
}

/** A message of so many bytes. */
function bytes(length: number, value = 7): Uint8Array {
  return new Uint8Array(length).fill(value)
}

it('brings each message from one of several senders to one of several receivers, whole', () =>
  withQueue(async (machine, init, fd) => {
    const each = 100
    const sender = moduleOf(`const fd = self.mq_open('/q', C.O_WRONLY)
      for (let i = 0; i < ${each}; i++) self.mq_send(fd, new Uint8Array(1 + (i * 61) % 9000).fill(i), 1 + i % 3)`)
    const receiver = moduleOf(`const fd = self.mq_open('/q', C.O_RDONLY)
      const sums = self.mq_open('/sums', C.O_WRONLY)
      let sum = 0
      while (true) {
        const { priority, text } = self.mq_receive(fd, 9000)
        if (priority === 0) break
        if (!text.every(byte => byte === text[0])) throw new Error('a message is torn')
        sum += text[0]
      }
      self.mq_send(sums, new Uint8Array(new Uint32Array([sum]).buffer))`)
    const sums = init.mq_open('/sums', MAKE, 0o600)
    const senders = await Promise.all([0, 1].map(() => machine.spawn(sender)))
    const receivers = await Promise.all([0, 1].map(() => machine.spawn(receiver)))
    expect(await Promise.all(senders.map(({ exited }) => exited))).toEqual([0, 0])
    machine.validate()
    // the lowest priority comes last
    for (const _ of receivers) await init.mq_sendAsync(fd, bytes(0), 0)
    let sum = 0
    for (const _ of receivers) sum += new Uint32Array((await init.mq_receiveAsync(sums, 8192)).text.buffer)[0] as number
    expect(await Promise.all(receivers.map(({ exited }) => exited))).toEqual([0, 0])
    expect(sum).toBe(each * (each - 1))
    expect(init.mq_getattr(fd)).toEqual({ flags: 0, maxmsg: 2, msgsize: 9000, curmsgs: 0 })
    init.close(sums)
    init.mq_unlink('/sums')
  }))

it('forgets who waited, and what it would have sent, when a worker is killed or gone', () =>
  withQueue(async (machine, init, fd) => {
    for (let i = 0; i < 2; i++) init.mq_send(fd, bytes(9000), 1)
    const empty = init.mq_open('/empty', MAKE, 0o600)
    const waiting = [
      `self.mq_send(self.mq_open('/q', C.O_WRONLY), new Uint8Array(9000), 9)`,
      `self.mq_receive(self.mq_open('/empty', C.O_RDONLY), 8192)`,
    ]
    for (const end of ['kill', 'terminate'] as const) {
      for (const body of waiting) {
        const held = await machine.spawn(moduleOf(body))
        await untilAsleep(machine, held)
        machine.validate()
        if (end === 'kill') init.kill(held.pid, C.SIGKILL)
        else await held.terminate()
        await held.exited
        machine.validate()
      }
    }
    expect(init.mq_receive(fd, 9000).priority).toBe(1)
    expect(init.mq_getattr(fd).curmsgs).toBe(1)
    init.close(empty)
    init.mq_unlink('/empty')
  }))

it('holds an open queue for who waits there, though its descriptor is closed', () =>
  withMachine(async (machine, init) => {
    const free = machine.freeFrames
    const fd = init.mq_open('/q', MAKE, 0o600)
    const waiting = settled(init.mq_receiveAsync(fd, 8192))
    const other = init.mq_open('/q', C.O_WRONLY)
    init.mq_unlink('/q')
    init.close(fd)
    machine.validate()
    init.mq_send(other, bytes(5000), 3)
    init.close(other)
    machine.validate()
    expect(await waiting).toEqual({ priority: 3, text: bytes(5000) })
    machine.validate()
    expect(machine.freeFrames).toBe(free)
  }))

it('frees the messages of a queue that nobody can reach, with the namespace too', () =>
  withMachine((machine, init) => {
    const child = init.fork()
    child.unshare(C.CLONE_NEWIPC)
    const fd = child.mq_open('/q', MAKE, 0o600)
    for (let i = 0; i < 5; i++) child.mq_send(fd, bytes(8192), i)
    // open still when its namespace goes, with a name and without
    const heir = child.fork()
    heir.mq_open('/unnamed', MAKE, 0o600)
    heir.mq_unlink('/unnamed')
    heir.unshare(C.CLONE_NEWIPC)
    child.exit(0)
    init.wait()
    machine.validate()
    expect(heir.mq_receive(fd, 8192).priority).toBe(4)
    expect(outcome(() => heir.mq_open('/q', C.O_RDWR))).toBe('ENOENT')
    heir.exit(0)
    init.wait()
    // a name alone keeps a queue
    const maker = init.fork()
    maker.unshare(C.CLONE_NEWIPC)
    maker.mq_send(maker.mq_open('/q', MAKE, 0o600), bytes(8192))
    maker.exit(0)
    init.wait()
    machine.validate()
  }))

it('ends waits by their time and with the process, and waits for nobody in vain', () =>
  withQueue(async (machine, init, fd) => {
    expect(outcome(() => init.mq_receive(fd, 9000))).toBe('EDEADLK')
    expect(outcome(() => init.mq_timedreceive(fd, 9000, Date.now() / 1000 + 0.02))).toBe('ETIMEDOUT')
    expect(await settled(init.mq_receiveAsync(fd, 9000, Date.now() / 1000 + 0.02))).toBe('ETIMEDOUT')
    const child = init.fork()
    const waiting = settled(child.mq_receiveAsync(fd, 9000))
    machine.validate()
    child.exit(0)
    init.wait()
    expect(await waiting).toBe('ESRCH')
    for (let i = 0; i < 2; i++) init.mq_send(fd, bytes(9000), 1)
    expect(outcome(() => init.mq_send(fd, bytes(9000), 1))).toBe('EDEADLK')
    expect(outcome(() => init.mq_timedsend(fd, bytes(9000), 1, 0))).toBe('ETIMEDOUT')
    expect(await settled(init.mq_sendAsync(fd, bytes(9000), 1, 0))).toBe('ETIMEDOUT')
    machine.validate()
  }))

it('serves those that wait in the order of coming, and goes on in a restored machine', () =>
  withQueue(async (machine, init, fd) => {
    const receivers = [1, 2, 3].map(() => init.mq_receiveAsync(fd, 9000))
    for (const value of [1, 2, 3]) init.mq_send(fd, bytes(3, value), value)
    expect((await Promise.all(receivers)).map(({ priority }) => priority)).toEqual([1, 2, 3])
    for (const priority of [1, 1]) init.mq_send(fd, bytes(4), priority)
    const senders = [5, 4, 9].map(priority => init.mq_sendAsync(fd, bytes(priority), priority))
    const restored = await boot({ snapshot: machine.snapshot() })
    expect(restored.init.mq_receive(fd, 9000)).toEqual({ priority: 1, text: bytes(4) })
    restored.validate()
    expect([1, 2, 3, 4, 5].map(() => init.mq_receive(fd, 9000).priority)).toEqual([1, 5, 4, 9, 1])
    await Promise.all(senders)
    expect(machine.inspect().inodes.find(({ use }) => use === 'queue')).toMatchObject({ size: 80 })
  }))

it('takes names, numbers, bytes and times only', () =>
  withQueue((_, init, fd) => {
    for (const bad of [Number.NaN, 0.5, '1', null, {}] as number[]) {
      expect(() => init.mq_open('/q', bad)).toThrow(TypeError)
      expect(() => init.mq_open('/q', 0, 0, { maxmsg: bad, msgsize: 1 })).toThrow(TypeError)
      expect(() => init.mq_send(bad, bytes(1))).toThrow(TypeError)
      expect(() => init.mq_send(fd, bytes(1), bad)).toThrow(TypeError)
      expect(() => init.mq_send(fd, bad as unknown as Uint8Array)).toThrow(TypeError)
      expect(() => init.mq_receive(fd, bad)).toThrow(TypeError)
      expect(() => init.mq_getattr(bad)).toThrow(TypeError)
      expect(() => init.mq_setattr(fd, bad)).toThrow(TypeError)
    }
    expect(() => init.mq_open(1 as never, 0)).toThrow(TypeError)
    expect(() => init.mq_open('/q', 0, 0, { maxmsg: 1 } as never)).toThrow(TypeError)
    expect(() => init.mq_timedreceive(fd, 9000, '1' as never)).toThrow(TypeError)
  }))
