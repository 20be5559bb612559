// IPC_SET of segments, sets of semaphores and message queues.
import { boot, constants as C, type ShmSettings } from 'faultline'
import { expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { outcome } from '../outcome.ts'

const MAKE = C.IPC_CREAT | 0o640

it('changes what it is given, and leaves the rest', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const free = machine.freeFrames
  const [shm, sem, msg] = [init.shmget(1, 4096, MAKE), init.semget(1, 2, MAKE), init.msgget(1, MAKE)]
  const kinds = [
    {
      set: (settings: ShmSettings) => init.shmctl(shm, C.IPC_SET, settings),
      perm: () => init.shmctl(shm, C.IPC_STAT).perm,
    },
    {
      set: (settings: ShmSettings) => init.semctl(sem, 0, C.IPC_SET, settings),
      perm: () => init.semctl(sem, 0, C.IPC_STAT).perm,
    },
    {
      set: (settings: ShmSettings) => init.msgctl(msg, C.IPC_SET, settings),
      perm: () => init.msgctl(msg, C.IPC_STAT).perm,
    },
  ]
  for (const { set, perm } of kinds) {
    expect(perm()).toMatchObject({ uid: 0, gid: 0, mode: 0o640 })
    set({ mode: 0o600 })
    expect(perm()).toMatchObject({ uid: 0, gid: 0, mode: 0o600 })
    set({ uid: 1000 })
    set({ gid: 2 ** 32 - 2 })
    set({})
    expect(perm()).toMatchObject({ uid: 1000, gid: 2 ** 32 - 2, mode: 0o600, cuid: 0, cgid: 0 })
    // -1 is nobody's id
    expect(outcome(() => set({ gid: 5, uid: -1 }))).toBe('EINVAL')
    expect(perm()).toMatchObject({ uid: 1000, gid: 2 ** 32 - 2 })
    expect(() => set({ mode: Number.NaN })).toThrow(TypeError)
    expect(() => set({ owner: 1 } as ShmSettings)).toThrow('IPC_SET\'s settings have no "owner"')
  }
  init.msgctl(msg, C.IPC_SET, { qbytes: 77 })
  expect(init.msgctl(msg, C.IPC_STAT)).toMatchObject({ qbytes: 77, perm: { uid: 1000, mode: 0o600 } })
  init.msgctl(msg, C.IPC_SET, { mode: 0o666 })
  expect(init.msgctl(msg, C.IPC_STAT)).toMatchObject({ qbytes: 77, perm: { mode: 0o666 } })
  init.shmctl(shm, C.IPC_RMID)
  init.semctl(sem, 0, C.IPC_RMID)
  init.msgctl(msg, C.IPC_RMID)
  expectBalanced(machine, free)
})
