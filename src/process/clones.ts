// In a worker thread: how the threads that its processes clone are started and heard of.
import type { MessagePort } from 'node:worker_threads'
import type { ClonedThread, ThreadStarter } from '../core/kernel.js'
import type { ThreadAnswer, ThreadRequest } from './seat.js'

/** A promise, and what settles it. */
interface Pending<Value> {
  promise: Promise<Value>
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

function pending<Value>(): Pending<Value> {
  const parts: Partial<Pending<Value>> = {}
  const promise = new Promise<Value>((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return { ...(parts as Pending<Value>), promise }
}

/** Asks through the port. This thread does not end by itself while threads that it started run. */
export function startThrough(port: MessagePort): ThreadStarter {
  const threads = new Map<number, { started: Pending<void>; exited: Pending<number> }>()
  const forget = (tid: number): void => {
    threads.delete(tid)
    if (threads.size === 0) port.unref()
  }
  port.on('message', (answer: ThreadAnswer | 0) => {
    const thread = answer === 0 ? undefined : threads.get(answer.tid)
    if (answer === 0 || !thread) return
    if ('runs' in answer) thread.started.resolve()
    else if ('exitCode' in answer) thread.exited.resolve(answer.exitCode)
    else {
      const { code, ...failure } = answer.failure
      thread.exited.reject(Object.assign(new Error(failure.message), failure, code === undefined ? {} : { code }))
    }
    if (!('runs' in answer)) forget(answer.tid)
  })
  port.unref()
  return async (seat, module, workerData): Promise<ClonedThread> => {
    const { pid, tid } = seat
    port.postMessage({ seat, module: module.href, workerData } satisfies ThreadRequest)
    const thread = { started: pending<void>(), exited: pending<number>() }
    threads.set(tid, thread)
    port.ref()
    await Promise.race([thread.started.promise, thread.exited.promise])
    // a promise of its own, of which it is told whether anybody handles its rejection
    return { pid, tid, exited: thread.exited.promise.then(code => code) }
  }
}
