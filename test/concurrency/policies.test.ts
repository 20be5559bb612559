// Workers and threads whose pages a policy of the registry evicts: it is told of all of them at once, and nothing is lost.
import { constants as C } from 'faultline'
import { describe, expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { moduleOf, until } from './workers.ts'

const PAGE = 4096

/** Writes to each of its pages which round it is, and finds what it wrote in the one before; adds to the shared page meanwhile, until that says so. */
const WRITER = moduleOf(`const { pages, id, own } = workerData
const shared = self.shmat(id, 0, 0)
const at = self.mmap(0, pages * 4096, 3, 0x22)
for (let round = 1; self.load32(shared) === 0; round++) {
  for (let page = 0; page < pages; page++) {
    if (round > 1 && self.load32(at + page * 4096) !== (round - 1) * 65536 + page) throw new Error('page ' + page + ' is lost')
    self.store32(at + page * 4096, round * 65536 + page)
  }
  const child = round % 4 === 0 ? self.fork() : undefined
  self.add32(shared + 4 + own * 4, 1)
  if (child) { child.exit(0); self.wait() }
}`)

describe('workers that have more pages than the policy keeps', () => {
  it.each(['clock', 'arc', 'lirs', '2q', 'wtinylfu'])('find all they wrote, under %s', { timeout: 120_000 }, policy =>
    withMachine(
      async (machine, init) => {
        machine.swapon({ size: '64MiB' })
        const id = init.shmget(C.IPC_PRIVATE, PAGE, C.IPC_CREAT | 0o600)
        const shared = init.shmat(id, 0, 0)
        const pages = Math.ceil((machine.policyFrames as number) * 0.7)
        const workers = await Promise.all([0, 1].map(own => machine.spawn(WRITER, { workerData: { pages, id, own } })))
        await until(() => init.load32(shared + 4) >= 6 && init.load32(shared + 8) >= 6)
        machine.validate()
        init.store32(shared, 1)
        expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0])
        expect(machine.vmstat.pswpin).toBeGreaterThan(pages)
        init.shmctl(id, C.IPC_RMID)
        init.shmdt(shared)
        machine.swapoff(0)
      },
      { memory: '8MiB', cpus: 3, policy },
    ),
  )
})
