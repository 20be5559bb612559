// Looking at a machine whose worker processes run: they stand still, and notice nothing.
import { boot, constants as C, type Machine, type WorkerProcess } from 'faultline'
import { expect, it } from 'vitest'
import { reap } from '../machines.ts'
import { pause, until } from './workers.ts'

const ROUNDS = 25

/** A machine with workers that are at work, and where they count their rounds. */
async function busyMachine(workers: number): Promise<{ machine: Machine; started: WorkerProcess[]; counter: number }> {
  const machine = await boot({ memory: '32MiB', cpus: workers + 1, target: 'debug', trace: true })
  const { init } = machine
  const counter = init.shmat(init.shmget(0x55, 4 * 4096, C.IPC_CREAT | 0o666), 0, 0)
  const module = new URL('./busy.mjs', import.meta.url)
  const started = await Promise.all(
    Array.from({ length: workers }, (_, index) => machine.spawn(module, { workerData: { slot: index + 1 } })),
  )
  await until(() => init.load32(counter) >= workers)
  return { machine, started, counter }
}

it('inspect, validate and /proc are consistent while two workers map, fork and attach', { timeout: 60_000 }, async () => {
  const { machine, started, counter } = await busyMachine(2)
  const { init } = machine
  for (let round = 0; round < ROUNDS; round++) {
    machine.validate()
    const { processes, frames, segments } = machine.inspect()
    const mapped = processes.flatMap(({ mm }) => mm?.vmas.flatMap(({ pages }) => pages) ?? []).length
    expect(frames.flatMap(({ mappings }) => mappings)).toHaveLength(mapped)
    const attached = processes.flatMap(({ mm }) => mm?.vmas ?? []).filter(({ segment }) => segment !== null).length
    // an attachment that is being made counts, and has no VMA yet
    expect(segments[0]?.nattch).toBe(attached)
    for (const { pid } of started) expect(machine.proc(`/proc/${pid}/maps`)).toContain('/SYSV00000055 (deleted)\n')
    const { events } = machine.events()
    for (const cpu of [1, 2]) {
      const numbers = events.filter(event => event.cpu === cpu).map(({ sequence }) => sequence)
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index))
    }
    await pause()
  }
  const before = [1, 2].map(slot => init.load32(counter + slot * 4))
  // they go on: else this never ends
  await until(() => before.every((rounds, index) => init.load32(counter + (index + 1) * 4) > rounds))
  await machine.shutdown()
  machine.validate()
})

it('a snapshot of a machine with workers is whole, and in the restored one they were killed', { timeout: 60_000 }, async () => {
  const { machine, started, counter } = await busyMachine(2)
  for (let round = 0; round < 5; round++) {
    const restored = await boot({ snapshot: machine.snapshot() })
    restored.validate()
    // their children, if they had any just then, are init's now
    const ended = reap(restored.init)
    for (const { pid } of started) expect(ended).toContainEqual({ pid, exitCode: 137, signal: 'SIGKILL' })
    expect(restored.inspect().processes.map(({ pid }) => pid)).toEqual([1])
    restored.validate()
  }
  // the CPUs of those that are gone are free again
  const restored = await boot({ snapshot: machine.snapshot() })
  const counted = restored.init.load32(counter + 4)
  await restored.spawn(new URL('./busy.mjs', import.meta.url), { workerData: { slot: 1 } })
  await restored.spawn(new URL('./busy.mjs', import.meta.url), { workerData: { slot: 1 } })
  await until(() => restored.init.load32(counter + 4) >= counted + 3)
  await restored.shutdown()
  restored.validate()
  await machine.shutdown()
  machine.validate()
})
