// Starting worker threads as processes, in Node and in a browser.
import type * as threads from 'node:worker_threads'
import { PROCESS_KEY, type ProcessSeat } from '../process/seat.js'
import { BrowserWorker } from './browserThread.js'
import { builtin, isNode } from './builtin.js'
import { asPort } from './ports.js'

/** A worker thread; in a browser it has `once` and `terminate` alone. */
export type Worker = threads.Worker

/** The protocols of URLs that a worker's module may have. */
export const MODULE_PROTOCOLS: readonly string[] = isNode ? ['file:', 'data:'] : ['http:', 'https:', 'blob:', 'data:']

/** What else a thread is given. */
interface ThreadOptions {
  workerData?: unknown
  resourceLimits?: threads.ResourceLimits
  /** Of Node: its own options; those of this thread unless given. */
  execArgv?: string[]
}

/** A thread, this end of its lifeline, and, where that can be found out while this thread sleeps, whether it still runs. */
interface Thread {
  worker: Worker
  line: threads.MessagePort
  runs?: () => boolean
}

/** Starts the thread that has a seat, as its program. Throws what node:worker_threads' Worker throws. */
export function newThread(seat: Omit<ProcessSeat, 'lifeline'>, options: ThreadOptions): Thread {
  if (isNode) return newNodeThread(seat, options)
  const { port1: lifeline, port2 } = new MessageChannel()
  const worker = new BrowserWorker(seat.program, options.workerData, [[PROCESS_KEY, { ...seat, lifeline }]], [lifeline])
  return { worker: worker as unknown as Worker, line: asPort(port2 as unknown as threads.MessagePort) }
}

/** The first module of every thread of Node. */
const FIRST = new URL('../process/main.js', import.meta.url)

function newNodeThread(seat: Omit<ProcessSeat, 'lifeline'>, { workerData, resourceLimits = {}, execArgv }: ThreadOptions): Thread {
  const { MessageChannel, setEnvironmentData, Worker } = builtin('node:worker_threads', 'this')
  const { port1: lifeline, port2: line } = new MessageChannel()
  setEnvironmentData(PROCESS_KEY, { ...seat, lifeline } satisfies ProcessSeat as never)
  try {
    const worker = new Worker(FIRST, { workerData, resourceLimits, transferList: [lifeline], ...(execArgv && { execArgv }) })
    let runs = true
    line.once('close', () => {
      runs = false
    })
    // it is false if there is nobody at the other end, which Node's documentation does not say; a test does
    return { worker, line, runs: () => runs && (line.postMessage(0) as unknown) !== false }
  } catch (error) {
    line.close()
    throw error
  } finally {
    setEnvironmentData(PROCESS_KEY, undefined as never)
  }
}
