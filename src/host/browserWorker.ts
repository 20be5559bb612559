// What every worker of a browser runs first: it takes what it was given, and loads its module. The worker ends when
// that has run, or by exitThread: a browser does not say that there is nothing left to do.
import type { WorkerOrder, WorkerReport } from './browserThread.js'
import { begin, exitThread } from './thread.js'

const { navigator, postMessage } = globalThis as unknown as {
  navigator: { locks: { request(name: string, held: () => unknown): Promise<unknown> } }
  postMessage: (report: WorkerReport) => void
}

/** Tells what was thrown, or its text if that cannot be cloned, and ends the worker. */
function fail(error: unknown): void {
  try {
    postMessage({ error })
  } catch {
    postMessage({ error: new Error(String(error)) })
  }
  exitThread(1)
}

async function run({ lock, module, workerData, environment }: WorkerOrder): Promise<void> {
  begin(workerData, environment)
  await new Promise<void>(held => {
    void navigator.locks.request(lock, () => {
      held()
      return new Promise(() => {})
    })
  })
  postMessage({ online: true })
  try {
    await import(module)
    exitThread(0)
  } catch (error) {
    fail(error)
  }
}

addEventListener('message', event => void run((event as MessageEvent<WorkerOrder>).data), { once: true })
addEventListener('error', event => fail((event as ErrorEvent).error))
addEventListener('unhandledrejection', event => fail((event as PromiseRejectionEvent).reason))
