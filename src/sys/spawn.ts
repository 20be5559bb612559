// Starting a worker thread as a process or as a thread of one, and learning of its end.
import { setTimeout as delay } from 'node:timers/promises'
import { MessageChannel, type MessagePort, type ResourceLimits, setEnvironmentData, Worker } from 'node:worker_threads'
import type { Kernel, ThreadSeat } from '../core/kernel.js'
import { PROCESS_KEY, type ProcessSeat, type ThreadAnswer, type ThreadRequest } from '../process/seat.js'
import { shown } from './arguments.js'

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
   * The process's exit code once its threads have ended, 128 + the signal if one ended the process; rejects with what
   * the module threw, or a KernelPanic. As with any promise, a rejection that nobody handles ends the program.
   */
  readonly exited: Promise<number>
  /** Ends the thread, once the call that it is in, if it is in one, is over; after that it begins no more. Others of the process go on. */
  terminate(): Promise<void>
}

/** Throws a TypeError unless a worker can be started from it. */
export function checkUrl(module: URL): void {
  if (!(module instanceof URL))
    throw new TypeError(`the module must be a URL: new URL('./worker.js', import.meta.url), not ${shown(module)}`)
  if (module.protocol !== 'file:' && module.protocol !== 'data:')
    throw new TypeError(`a worker's module is a file: or data: URL, not ${module.protocol}`)
}

/** How a thread ended: what it gave to Node's process.exit, and the exit code of its process if it was the last of that. */
export interface ThreadEnd {
  code: number
  processCode: number | undefined
}

/** A worker thread of the machine. */
export interface WorkerThread {
  readonly seat: ThreadSeat
  readonly worker: Worker
  /** Rejects with what the module threw, or a KernelPanic. */
  readonly ended: Promise<ThreadEnd>
  terminate(): Promise<void>
}

/** The thread that has the seat, and this end of its lifeline. Has the kernel watch it, as a thread that sleeps gets no events. */
function makeThread(
  kernel: Kernel,
  seat: ThreadSeat,
  module: URL,
  { workerData, resourceLimits = {} }: SpawnOptions,
): { worker: Worker; line: MessagePort } {
  const { memory, target, module: core } = kernel
  const { port1: lifeline, port2: line } = new MessageChannel()
  const given = { memory, target, module: core, ...seat, program: module.href, lifeline } satisfies ProcessSeat
  setEnvironmentData(PROCESS_KEY, given as never)
  try {
    const worker = new Worker(FIRST, { workerData, resourceLimits, transferList: [lifeline] })
    let runs = true
    line.once('close', () => {
      runs = false
    })
    // it is false if there is nobody at the other end, which Node's documentation does not say; a test does
    kernel.watch(seat.cpu, () => runs && (line.postMessage(0) as unknown) !== false)
    return { worker, line }
  } catch (error) {
    line.close()
    throw error
  } finally {
    setEnvironmentData(PROCESS_KEY, undefined as never)
  }
}

/** What answers a thread's requests. */
export type RequestHandler = (request: ThreadRequest, answer: (answer: ThreadAnswer) => void) => void

/** Starts the thread that has the seat; resolves when it runs. Rejects if there is none, and the seat is the caller's still. */
export async function startThread(
  kernel: Kernel,
  seat: ThreadSeat,
  module: URL,
  options: SpawnOptions,
  onRequest: RequestHandler,
): Promise<WorkerThread> {
  const { worker, line } = makeThread(kernel, seat, module, options)
  line.on('message', (request: ThreadRequest) => onRequest(request, answer => line.postMessage(answer)))
  line.unref()
  let gone = false
  let failure: { error: unknown } | undefined
  worker.once('error', error => {
    failure = { error }
  })
  const ended = new Promise<ThreadEnd>((resolve, reject) => {
    worker.once('exit', code => {
      gone = true
      try {
        const processCode = kernel.leave(seat.cpu, seat.pid, code)
        if (failure === undefined) resolve({ code, processCode })
        else reject(failure.error)
      } catch (panic) {
        reject(panic)
      }
    })
  })
  await Promise.race([new Promise(resolve => worker.once('online', resolve)), ended])
  const end = worker.terminate.bind(worker)
  // whoever has the thread, by process.on('worker') say, ends it as gently
  worker.terminate = async () => {
    while (!gone && !kernel.panic && kernel.exports.cpu_doom(seat.cpu)) await delay(1)
    return end()
  }
  const terminate = async (): Promise<void> => {
    await worker.terminate()
    await ended.catch(() => {})
  }
  void kernel.killed(seat.cpu).then(signal => {
    if (signal !== 0 && !gone) void terminate()
  })
  return { seat, worker, ended, terminate }
}
