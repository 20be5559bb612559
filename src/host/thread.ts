// The worker thread that this is, in Node and in a browser: what it was given, and its end.
import type * as threads from 'node:worker_threads'
import { builtin, isNode } from './builtin.js'

const node = isNode ? builtin('node:worker_threads', 'this') : undefined

/** Of a browser. */
const environment = new Map<string, unknown>()
const atExit: ((code: number) => void)[] = []
let data: unknown
let ended = false

/** Of a browser: notes what the worker was given. */
export function begin(workerData: unknown, entries: Iterable<[string, unknown]>): void {
  data = workerData
  for (const [key, value] of entries) environment.set(key, value)
}

/** Sets what the thread was given, and in Node gives to those that it starts; undefined forgets it. */
export const setEnvironmentData: (key: string, value: unknown) => void = node
  ? (key, value) => node.setEnvironmentData(key, value as threads.Serializable)
  : (key, value) => void (value === undefined ? environment.delete(key) : environment.set(key, value))

/** What was set where the worker was started, or here. */
export const getEnvironmentData: (key: string) => unknown = node ? key => node.getEnvironmentData(key) : key => environment.get(key)

/** What the worker was given as its workerData. */
export function ownWorkerData(): unknown {
  return node ? node.workerData : data
}

/** Has something done when the thread ends by itself. */
export function onThreadExit(action: (code: number) => void): void {
  if (isNode) process.on('exit', action)
  else atExit.push(action)
}

/** Ends the thread. In a browser what runs goes on until it returns to its event loop, or whoever started the thread ends it. */
export function exitThread(code: number): void {
  if (isNode) process.exit(code)
  if (ended) return
  ended = true
  for (const action of atExit) action(code)
  const worker = globalThis as unknown as { postMessage(report: { exit: number }): void; close(): void }
  worker.postMessage({ exit: code })
  worker.close()
}
