import { constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { moduleOf, untilAsleep } from './workers.ts'

const KEY = 78

/** A worker that finds the queue `id`, and does something. */
function worker(body: string): URL {
  return moduleOf(`const id = self.msgget(${KEY}, 0)
${body}`)
}

/** Does something on a machine with a queue; in the end all must be as it was. */
function withQueue(test: (machine: Machine, init: Process, id: number) => Promise<void>): Promise<void> {
  return withMachine(
    async (machine, init) => {
      const id = init.msgget(KEY, C.IPC_CREAT | 0o600)
      await test(machine, init, id)
      init.msgctl(id, C.IPC_RMID)
    },
    { cpus: 6 },
  )
}

it('brings each message from one of several senders to one of several receivers, whole', async () => {
  await withQueue(async (machine, init, id) => {
    const each = 150
    // bytes: who sent it, then its number, over and over
    const sender = (name: number): URL =>
      worker(`for (let i = 0; i < ${each}; i++) {
        const text = new Uint8Array(2 + (i * 61) % 5000).fill(i)
        text[0] = ${name}
        self.msgsnd(id, { type: 1 + i % 3, text })
      }`)
    const receiver = worker(`
      let sum = 0
      while (true) {
        const { type, text } = self.msgrcv(id, 8192, -3)
        if (type === 3 && text.length === 0) break
        const number = text[1]
        if (!text.subarray(1).every(byte => byte === number)) throw new Error('a message is torn')
        sum += number
      }
      self.msgsnd(id, { type: 9, text: new Uint8Array(new Uint32Array([sum]).buffer) })`)
    const senders = await Promise.all([0, 1].map(name => machine.spawn(sender(name))))
    const receivers = await Promise.all([0, 1].map(() => machine.spawn(receiver)))
    expect(await Promise.all(senders.map(({ exited }) => exited))).toEqual([0, 0])
    machine.validate()
    // the lowest type comes first, so these are the last
    for (let i = 0; i < 2; i++) await init.msgsndAsync(id, { type: 3, text: new Uint8Array() })
    let sum = 0
    for (let i = 0; i < 2; i++) sum += new Uint32Array((await init.msgrcvAsync(id, 4, 9)).text.buffer)[0] as number
    expect(await Promise.all(receivers.map(({ exited }) => exited))).toEqual([0, 0])
    expect(sum).toBe(each * (each - 1))
    expect(init.msgctl(id, C.IPC_STAT)).toMatchObject({ qnum: 0, cbytes: 0 })
  })
})

it('forgets who waited, and what it would have sent, when a worker is killed or gone', async () => {
  await withQueue(async (machine, init, id) => {
    const full = new Uint8Array(8192)
    for (let i = 0; i < 2; i++) init.msgsnd(id, { type: 1, text: full })
    const waiting = [worker(`self.msgsnd(id, { type: 2, text: new Uint8Array(8000) })`), worker(`self.msgrcv(id, 100, 5)`)]
    for (const end of ['kill', 'terminate'] as const) {
      for (const module of waiting) {
        const held = await machine.spawn(module)
        await untilAsleep(machine, held)
        machine.validate()
        if (end === 'kill') init.kill(held.pid, C.SIGKILL)
        else await held.terminate()
        await held.exited
        machine.validate()
      }
    }
    // neither is there any more
    init.msgrcv(id, 8192)
    expect(init.msgctl(id, C.IPC_STAT)).toMatchObject({ qnum: 1, cbytes: 8192 })
  })
})
