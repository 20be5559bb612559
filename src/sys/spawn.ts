// Starting a worker thread as a process, and learning of its end.
import { setTimeout as delay } from 'node:timers/promises'
import { MessageChannel, type ResourceLimits, setEnvironmentData, Worker } from 'node:worker_threads'
import type { Kernel } from '../core/kernel.js'
import { PROCESS_KEY, type ProcessSeat } from '../process/seat.js'

/** How a worker process starts. */
export interface SpawnOptions {
  /** What the module finds as node:worker_threads' workerData. */
  workerData?: unknown
  /** The user that the process acts for; init's unless given. With a user or a group, it has no supplementary groups. */
  uid?: number
  /** The group that the process acts for; init's unless given. */
  gid?: number
  /** Limits of the thread's own JavaScript heap and stack, as node:worker_threads' Worker takes them. */
  resourceLimits?: ResourceLimits
}

/** The first module of every thread. */
const FIRST = new URL('../process/main.js', import.meta.url)

/** A process that runs in a worker thread, seen from the thread that started it. */
export interface WorkerProcess {
  readonly pid: number
  /** The thread. Its `terminate` waits for the end of a call as the one below does. */
  readonly worker: Worker
  /**
   * The process's exit code once the thread ended, 128 + the signal if one ended the process; rejects with what
   * the module threw, or a KernelPanic. As with any promise, a rejection that nobody handles ends the program.
   */
  readonly exited: Promise<number>
  /** Ends the thread, once the call that it is in, if it is in one, is over; after that it begins no more. */
  terminate(): Promise<void>
}

/** The thread that has the seat. Has the kernel watch it, as a thread that sleeps gets no events. */
function makeThread(
  kernel: Kernel,
  seat: Pick<ProcessSeat, 'cpu' | 'pid'>,
  module: URL,
  { workerData, resourceLimits = {} }: SpawnOptions,
): Worker {
  const { memory, target, module: core } = kernel
  const { port1: lifeline, port2 } = new MessageChannel()
  const given = { memory, target, module: core, ...seat, program: module.href, lifeline } satisfies ProcessSeat
  setEnvironmentData(PROCESS_KEY, given as never)
  try {
    const worker = new Worker(FIRST, { workerData, resourceLimits, transferList: [lifeline] })
    let runs = true
    port2.once('close', () => {
      runs = false
    })
    port2.unref()
    // it is false if there is nobody at the other end, which Node's documentation does not say; a test does
    kernel.watch(seat.cpu, () => runs && (port2.postMessage(0) as unknown) !== false)
    return worker
  } catch (error) {
    port2.close()
    kernel.leave(seat.cpu, seat.pid, 1)
    throw error
  } finally {
    setEnvironmentData(PROCESS_KEY, undefined as never)
  }
}

/** Starts the thread that has the seat; resolves when it runs. */
export async function startWorker(
  kernel: Kernel,
  seat: Pick<ProcessSeat, 'cpu' | 'pid'>,
  module: URL,
  options: SpawnOptions,
): Promise<WorkerProcess> {
  const worker = makeThread(kernel, seat, module, options)
  let gone = false
  let failure: { error: unknown } | undefined
  worker.once('error', error => {
    failure = { error }
  })
  const ended = new Promise<number>((resolve, reject) => {
    worker.once('exit', code => {
      gone = true
      try {
        const exitCode = kernel.leave(seat.cpu, seat.pid, code)
        if (failure === undefined) resolve(exitCode)
        else reject(failure.error)
      } catch (panic) {
        reject(panic)
      }
    })
  })
  await Promise.race([new Promise(resolve => worker.once('online', resolve)), ended])
  // a promise of its own, of which it is told whether anybody handles its rejection
  const exited = ended.then(exitCode => exitCode)
  const end = worker.terminate.bind(worker)
  // whoever has the thread, by process.on('worker') say, ends it as gently
  worker.terminate = async () => {
    while (!gone && !kernel.panic && kernel.exports.cpu_doom(seat.cpu)) await delay(1)
    return end()
  }
  const terminate = async (): Promise<void> => {
    await worker.terminate()
    await exited.catch(() => {})
  }
  void kernel.killed(seat.cpu).then(signal => {
    if (signal !== 0 && !gone) void terminate()
  })
  return { pid: seat.pid, worker, exited, terminate }
}
