// Starting a worker thread as a process or as a thread of one, and learning of its end.
import type { MessagePort, ResourceLimits } from 'node:worker_threads'
import type { Kernel, ThreadSeat } from '../core/kernel.js'
import { MODULE_PROTOCOLS, newThread, type Worker } from '../host/threads.js'
import type { ThreadAnswer, ThreadRequest } from '../process/seat.js'
import { shown } from './arguments.js'

/** How a worker process starts. */
export interface SpawnOptions {
  /** What the module finds as faultline/process's workerData, and in Node as node:worker_threads' too. */
  workerData?: unknown
  /** The user that the process acts for; init's unless given. With a user or a group, it has no supplementary groups. */
  uid?: number
  /** The group that the process acts for; init's unless given. */
  gid?: number
  /** Limits of the thread's own JavaScript heap and stack, as node:worker_threads' Worker takes them; a browser has none. */
  resourceLimits?: ResourceLimits
}

/** A process that runs in a worker thread, seen from the thread that started it. */
export interface WorkerProcess {
  readonly pid: number
  /** The thread; in a browser it has `once` and `terminate` alone. Its `terminate` waits for the end of a call as the one below does. */
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
  if (!MODULE_PROTOCOLS.includes(module.protocol))
    throw new TypeError(
      `a worker's module is a ${MODULE_PROTOCOLS.slice(0, -1).join(', ')} or ${MODULE_PROTOCOLS.at(-1)} URL, not ${module.protocol}`,
    )
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
function makeThread(kernel: Kernel, seat: ThreadSeat, module: URL, options: SpawnOptions): { worker: Worker; line: MessagePort } {
  const { memory, target, module: core } = kernel
  const swapStore = kernel.swap.share()
  const { worker, line, runs } = newThread({ memory, target, module: core, swapStore, ...seat, program: module.href }, options)
  if (runs) kernel.watch(seat.cpu, runs)
  return { worker, line }
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
    while (!gone && kernel.doom(seat.cpu)) await new Promise(resolve => setTimeout(resolve, 1))
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
