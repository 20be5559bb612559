import { constants as C, type Machine } from 'faultline'
import { describe, expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { explain, type History, type Model } from './checker.ts'
import { frameAllocator, idTable, semaphoreSet } from './models.ts'

const WORKERS = 3
const CALLS = 300
const SEEDS = [1, 2]

/** What workers that call an object at the same time noted. */
async function record(machine: Machine, object: string, seed: number): Promise<History<never, number>> {
  const shared = new SharedArrayBuffer(8)
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, (_, i) =>
      machine.spawn(new URL('worker.mjs', import.meta.url), {
        workerData: { object, seed: seed * WORKERS + i + 1, calls: CALLS, workers: WORKERS, shared },
      }),
    ),
  )
  return Promise.all(
    workers.map(async ({ worker, exited }) => {
      const [operations] = await Promise.all([new Promise(resolve => worker.once('message', resolve)), exited])
      return operations as History<never, number>[number]
    }),
  )
}

const OBJECTS: readonly (readonly [string, Model<never, never, number>, (machine: Machine) => void, (machine: Machine) => void])[] = [
  ['ids', idTable as Model<never, never, number>, () => {}, removeSegments],
  ['frames', frameAllocator as Model<never, never, number>, () => {}, () => {}],
  [
    'semaphores',
    semaphoreSet(2) as Model<never, never, number>,
    ({ init }) => void init.semget(1, 2, C.IPC_CREAT | 0o600),
    ({ init }) => void init.semctl(0, 0, C.IPC_RMID),
  ],
]

function removeSegments({ init }: Machine): void {
  for (let index = init.shmctl(0, C.SHM_INFO).index; index >= 0; index--) {
    try {
      init.shmctl(init.shmctl(index, C.SHM_STAT).id, C.IPC_RMID)
    } catch {
      // there is none at that index
    }
  }
}

describe.each(OBJECTS)('%s, called by workers at the same time,', (object, model, before, after) => {
  it.each(SEEDS)('answer as if by one after the other, seed %i', seed =>
    withMachine(
      async machine => {
        before(machine)
        expect(explain(model, await record(machine, object, seed))).toBeUndefined()
        machine.validate()
        after(machine)
      },
      { memory: '8MiB' },
    ),
  )
})
