// Message queues where one process waits for another, and what cases of one program do not reach. The answers to
// calls that do not wait are in test/conformance/cases/msg.json.
import { boot, constants as C, type Machine, type MsgBuf, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { outcome, settled } from '../outcome.ts'

const MAKE = C.IPC_CREAT | 0o600

/** Does something on a machine, and removes the queues that init has then; all must be as it was. */
function withQueues(test: (machine: Machine, init: Process) => Promise<void> | void): Promise<void> {
  return withMachine(async (machine, init) => {
    await test(machine, init)
    machine.validate()
    for (let index = init.msgctl(0, C.MSG_INFO).index; index >= 0; index--) {
      const id = outcome(() => init.msgctl(index, C.MSG_STAT).id)
      if (typeof id === 'number') init.msgctl(id, C.IPC_RMID)
    }
  })
}

const message = (type: number, size: number, first = 0): MsgBuf => ({ type, text: Uint8Array.from({ length: size }, (_, i) => first + i) })

it('carries messages of any size, byte for byte', () =>
  withQueues((machine, init) => {
    machine.sysctl('kernel.msgmax', 300_000)
    machine.sysctl('kernel.msgmnb', 400_000)
    const id = init.msgget(1, MAKE)
    const sizes = [0, 1, 4067, 4068, 4069, 4096, 4097, 8159, 8160, 8161, 8192, 8193, 12_251, 12_253, 300_000]
    for (const size of sizes) {
      const { text } = message(1, size, size)
      init.msgsnd(id, { type: 2 ** 53 - 1, text })
      machine.validate()
      const copy = init.msgrcv(id, size, 0, C.MSG_COPY | C.IPC_NOWAIT)
      const cut = init.msgrcv(id, size >> 1, 0, C.MSG_NOERROR)
      expect([copy.type, cut.type]).toEqual([2 ** 53 - 1, 2 ** 53 - 1])
      expect(Buffer.compare(copy.text, text)).toBe(0)
      expect(Buffer.compare(cut.text, text.subarray(0, size >> 1))).toBe(0)
    }
  }))

it('says what is wrong before it takes memory, and keeps none where there is none', () =>
  withQueues((machine, init) => {
    const id = init.msgget(1, MAKE)
    const huge = new Uint8Array(9 << 20)
    expect(outcome(() => init.msgsnd(id, { type: 1, text: huge }))).toBe('EINVAL')
    machine.sysctl('kernel.msgmax', 2 ** 31 - 1)
    machine.sysctl('kernel.msgmnb', 2 ** 31 - 1)
    const large = init.msgget(2, MAKE)
    expect(outcome(() => init.msgsnd(large, { type: 1, text: huge }))).toBe('ENOMEM')
    let sent = 0
    while (outcome(() => init.msgsnd(large, { type: 1, text: huge.subarray(0, 100_000) })) === undefined) sent++
    expect(sent).toBeGreaterThan(100)
    machine.validate()
    expect(init.msgrcv(large, 100_000).text.length).toBe(100_000)
    init.msgctl(large, C.IPC_RMID)
  }))

it('hands a message to whoever waits for such first', () =>
  withQueues(async (machine, init) => {
    const id = init.msgget(1, MAKE)
    const receivers = [
      settled(init.msgrcvAsync(id, 100, 2)),
      settled(init.msgrcvAsync(id, 3, 0)),
      settled(init.msgrcvAsync(id, 3, -1, C.MSG_NOERROR)),
      settled(init.msgrcvAsync(id, 100, 1, C.MSG_EXCEPT)),
      settled(init.msgrcvAsync(id, 100, -9)),
    ]
    machine.validate()
    init.msgsnd(id, message(1, 5))
    machine.validate()
    init.msgsnd(id, message(2, 5, 7))
    init.msgsnd(id, message(9, 4))
    machine.validate()
    expect(init.msgctl(id, C.IPC_STAT)).toMatchObject({ qnum: 0, cbytes: 0, lrpid: 1 })
    expect(await receivers[1]).toBe('E2BIG')
    expect(await receivers[2]).toEqual(message(1, 3))
    expect(await receivers[0]).toEqual(message(2, 5, 7))
    expect(await receivers[3]).toEqual(message(9, 4))
    init.msgsnd(id, message(8, 6000))
    expect(await receivers[4]).toBe('E2BIG')
    expect(init.msgrcv(id, 6000)).toEqual(message(8, 6000))
  }))

it('lets senders go on in the order of coming, as far as they fit', () =>
  withQueues(async (machine, init) => {
    const id = init.msgget(1, MAKE)
    for (const first of [1, 2]) init.msgsnd(id, message(first, 8192))
    const senders = [init.msgsndAsync(id, message(3, 8192)), init.msgsndAsync(id, message(4, 100)), init.msgsndAsync(id, message(5, 100))]
    machine.validate()
    // what arrives without room is handed over where somebody waits for it
    init.msgrcv(id, 8192, 1)
    expect(init.msgctl(id, C.IPC_STAT)).toMatchObject({ qnum: 2, cbytes: 16384 })
    await senders[0]
    init.msgrcv(id, 8192, 2)
    await Promise.all(senders)
    expect([3, 4, 5].map(() => init.msgrcv(id, 8192).type)).toEqual([3, 4, 5])
    const waiting = init.msgrcvAsync(id, 100, 7)
    for (const first of [1, 2]) init.msgsnd(id, message(first, 8192))
    const sender = init.msgsndAsync(id, message(7, 100))
    init.msgrcv(id, 8192)
    await sender
    expect(await waiting).toEqual(message(7, 100))
  }))

it('ends a wait with the queue, the rights, the process or its namespace', () =>
  withQueues(async (machine, init) => {
    const id = init.msgget(1, C.IPC_CREAT | 0o666)
    const [first, second, other] = [init.fork(), init.fork(), init.fork()]
    other.setuid(1000)
    init.msgsnd(id, message(1, 8192))
    const waits = [
      settled(first.msgrcvAsync(id, 100, 5)),
      settled(second.msgsndAsync(id, message(2, 8193 - 1))),
      settled(other.msgrcvAsync(id, 100, 5)),
    ]
    waits.push(settled(other.msgsndAsync(id, message(6, 8192))), settled(init.msgrcvAsync(id, 100, 9)))
    machine.validate()
    first.exit(0)
    second.unshare(C.CLONE_NEWIPC)
    machine.validate()
    init.msgctl(id, C.IPC_SET, { uid: 0, gid: 0, mode: 0o600, qbytes: 16384 })
    expect(await Promise.all(waits.slice(0, 3))).toEqual(['ESRCH', undefined, 'EACCES'])
    // who no longer may send learns of it when there would be room
    init.msgrcv(id, 8192)
    expect(await waits[3]).toBe('EACCES')
    init.msgctl(id, C.IPC_RMID)
    expect(await waits[4]).toBe('EIDRM')
    for (const child of [second, other]) child.exit(0)
    for (let i = 0; i < 3; i++) init.wait()
  }))

it('makes room where IPC_SET says so, for root beyond kernel.msgmnb', () =>
  withQueues(async (_, init) => {
    const id = init.msgget(1, MAKE)
    init.msgsnd(id, message(1, 8192))
    init.msgsnd(id, message(1, 8192))
    const waiting = init.msgsndAsync(id, message(2, 8192))
    init.msgctl(id, C.IPC_SET, { uid: 7, gid: 7, mode: 0o600, qbytes: 3 * 8192 })
    await waiting
    expect(init.msgctl(id, C.IPC_STAT)).toMatchObject({ qnum: 3, qbytes: 3 * 8192, cbytes: 3 * 8192, perm: { uid: 7, gid: 7 } })
    const owner = init.fork()
    owner.setuid(7)
    expect(outcome(() => owner.msgctl(id, C.IPC_SET, { uid: 7, gid: 7, mode: 0, qbytes: 16385 }))).toBe('EPERM')
    owner.exit(0)
    init.wait()
  }))

it('does not wait where nobody could end it', () =>
  withQueues((_, init) => {
    const id = init.msgget(1, MAKE)
    expect(outcome(() => init.msgrcv(id, 100))).toBe('EDEADLK')
    init.msgctl(id, C.IPC_SET, { uid: 0, gid: 0, mode: 0o600, qbytes: 4 })
    expect(outcome(() => init.msgsnd(id, message(1, 5)))).toBe('EDEADLK')
    expect(init.msgctl(0, C.MSG_INFO)).toMatchObject({ msgpool: 1, msgmap: 0, msgtql: 0 })
  }))

it('belongs to an IPC namespace, with limits of its own', () =>
  withQueues((machine, init) => {
    machine.sysctl('kernel.msgmax', 10)
    machine.sysctl('kernel.msgmnb', 100)
    machine.sysctl('kernel.msgmni', 1)
    const id = init.msgget(1, MAKE)
    expect(outcome(() => init.msgget(2, MAKE))).toBe('ENOSPC')
    expect(init.msgctl(id, C.IPC_STAT).qbytes).toBe(100)
    expect(outcome(() => init.msgsnd(id, message(1, 11)))).toBe('EINVAL')
    const child = init.fork()
    child.unshare(C.CLONE_NEWIPC)
    expect(outcome(() => child.msgctl(id, C.IPC_STAT))).toBe('EINVAL')
    child.msgsnd(child.msgget(1, MAKE), message(1, 8192))
    expect(child.msgctl(0, C.MSG_INFO)).toMatchObject({ msgmni: 32000, msgpool: 1, msgmap: 1, msgtql: 8192 })
    machine.validate()
    // the queue and its message go with the namespace
    child.exit(0)
    init.wait()
    expect(outcome(() => machine.sysctl('kernel.msgmni', 32769))).toBe('EINVAL')
    expect(outcome(() => machine.sysctl('kernel.msgmax', -1))).toBe('EINVAL')
  }))

it('is shown in /proc/sysvipc/msg as Linux shows it', () =>
  withQueues((machine, init) => {
    init.msgsnd(init.msgget(5, MAKE), message(1, 23))
    init.msgget(-7, C.IPC_CREAT | 0o777)
    const [first, second] = [0, 1].map(index => init.msgctl(index, C.MSG_STAT))
    expect(machine.proc('/proc/sysvipc/msg')).toBe(
      [
        '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime',
        `         5          0   600          23          1     1     0     0     0     0     0 ${first?.stime}          0 ${first?.ctime}`,
        `        -7          1   777           0          0     0     0     0     0     0     0          0          0 ${second?.ctime}`,
        '',
      ].join('\n'),
    )
  }))

it('goes on in a restored machine, but for promises, which are gone', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const id = init.msgget(1, MAKE)
  for (const type of [1, 2]) init.msgsnd(id, message(type, 8192, type))
  const gone = init.msgsndAsync(id, message(3, 8192))
  const restored = await boot({ snapshot: machine.snapshot() })
  restored.validate()
  expect(restored.init.msgrcv(id, 8192)).toEqual(message(1, 8192, 1))
  expect(restored.init.msgctl(id, C.IPC_STAT).qnum).toBe(1)
  restored.validate()
  init.msgctl(id, C.IPC_RMID)
  await expect(gone).rejects.toThrow('EIDRM')
})

it('takes nothing but numbers and bytes', () =>
  withQueues((_, init) => {
    const id = init.msgget(1, MAKE)
    for (const bad of [Number.NaN, 0.5, '1', null, {}] as number[]) {
      expect(() => init.msgget(bad, 0)).toThrow(TypeError)
      expect(() => init.msgsnd(bad, message(1, 1))).toThrow(TypeError)
      expect(() => init.msgsnd(id, { type: bad, text: new Uint8Array(1) })).toThrow(TypeError)
      expect(() => init.msgsnd(id, { type: 1, text: bad as unknown as Uint8Array })).toThrow(TypeError)
      expect(() => init.msgsnd(id, bad as unknown as MsgBuf)).toThrow(TypeError)
      expect(() => init.msgrcv(id, bad)).toThrow(TypeError)
      expect(() => init.msgctl(id, bad)).toThrow(TypeError)
    }
    expect(() => init.msgctl(id, C.IPC_SET, undefined as never)).toThrow(TypeError)
    expect(() => init.msgsnd(id, { type: 1, text: new Uint8Array(1), mtype: 1 } as MsgBuf)).toThrow(TypeError)
  }))
