// What tests of worker processes have in common: the workers' modules, memory they share with init, and waiting for them.
import { Worker } from 'node:worker_threads'
import { type BootOptions, constants as C, type Machine, type Process, type WorkerProcess } from 'faultline'
import type { Kernel } from '#dist/core/kernel.js'
import { withMachine } from '../machines.ts'

export const SELF = new URL('../../dist/process/self.js', import.meta.url)
export const LIBRARY = new URL('../../dist/index.js', import.meta.url)

/** The key of the segment that `withSegment` makes. */
export const KEY = 77
/** Attaches that segment in a worker, as `at`. */
export const ATTACH = `const at = self.shmat(self.shmget(${KEY}, 0, 0), 0, 0)\n`

/** A module with this text. */
export function textModule(source: string): URL {
  // quotes too, since modules stand in others' text
  return new URL(`data:text/javascript,${encodeURIComponent(source).replaceAll("'", '%27')}`)
}

/** A worker's module with this text, which knows its process as `self`, `workerData`, and the constants as `C`. */
export function moduleOf(source: string): URL {
  const head = `import { self } from '${SELF}'; import { constants as C } from '${LIBRARY}'; import { workerData } from 'node:worker_threads';`
  return textModule(`${head}\n${source}`)
}

/** Does something on a machine whose init has attached a segment of some pages at `at`; in the end all must be as it was. */
export function withSegment(
  test: (machine: Machine, init: Process, at: number) => Promise<void>,
  { pages = 1, ...options }: Partial<BootOptions> & { pages?: number } = {},
): Promise<void> {
  return withMachine(async (machine, init) => {
    const id = init.shmget(KEY, pages * 4096, C.IPC_CREAT | 0o600)
    const at = init.shmat(id, 0, 0)
    await test(machine, init, at)
    init.shmdt(at)
    init.shmctl(id, C.IPC_RMID)
  }, options)
}

/** Resolves a little later. */
export function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1))
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause()
}

/** Resolves when a process sleeps in a call. */
export function untilAsleep(machine: Machine, { pid }: { pid: number }): Promise<void> {
  return until(() => machine.proc(`/proc/${pid}/status`).includes('State:\tS (sleeping)'))
}

/** Ends a worker's thread as Node does if nobody minds the machine. */
export function endAbruptly({ worker }: WorkerProcess): Promise<number> {
  return Worker.prototype.terminate.call(worker)
}

/** The kernel of a process, which the public API does not show. */
export function kernelOf(process: Process): Kernel {
  return (process as unknown as { kernel: Kernel }).kernel
}
