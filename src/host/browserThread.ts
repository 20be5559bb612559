// Workers of a browser, as node:worker_threads has them as far as the machine needs: what they are given at the
// start, and that they tell how they ended. A browser says neither when a worker ends by itself nor when terminate
// is done; but a worker holds a lock of navigator.locks, which is free once it is gone, whatever ended it.

/** What a worker is given: browserWorker.ts. */
export interface WorkerOrder {
  lock: string
  module: string
  workerData: unknown
  environment: [string, unknown][]
}

/** What it tells. */
export type WorkerReport = { online: true } | { exit: number } | { error: unknown }

type Listener = (value: never) => void

/** What this file needs of a browser's Worker. */
interface Underneath {
  onmessage: ((event: { data: WorkerReport }) => void) | null
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | null
  postMessage(value: unknown, transfer: unknown[]): void
  terminate(): void
}

const { Worker: NativeWorker, navigator } = globalThis as unknown as {
  Worker: new (url: URL, options: { type: 'module' }) => Underneath
  navigator: { locks: { request(name: string, held: () => unknown): Promise<unknown> } }
}

/** A worker whose module has not ended. */
export class BrowserWorker {
  readonly #worker: Underneath
  readonly #listeners = new Map<string, Listener[]>()
  readonly #exited: Promise<void>
  #exit: () => void = () => {}
  #code = 1
  #isOnline = false

  /** Starts a worker. Throws a DataCloneError if what it is given cannot be cloned. */
  constructor(module: string, workerData: unknown, environment: WorkerOrder['environment'], transferList: unknown[]) {
    this.#exited = new Promise(resolve => {
      this.#exit = resolve
    })
    const lock = `faultline ${crypto.randomUUID()}`
    this.#worker = new NativeWorker(new URL('./browserWorker.js', import.meta.url), { type: 'module' })
    this.#worker.onmessage = ({ data }) => this.#hear(data, lock)
    this.#worker.onerror = event => {
      event.preventDefault()
      this.#fail(new Error(event.message ?? 'the worker could not be started'))
      // it has no lock yet by which to know its end, and no part of the machine either
      if (!this.#isOnline) this.#end()
    }
    try {
      this.#worker.postMessage({ lock, module, workerData, environment } satisfies WorkerOrder, transferList)
    } catch (error) {
      this.#worker.terminate()
      throw error
    }
  }

  #hear(report: WorkerReport, lock: string): void {
    if ('error' in report) this.#fail(report.error)
    else if ('exit' in report) this.#code = report.exit
    else {
      this.#isOnline = true
      void navigator.locks.request(lock, () => this.#end())
      this.#emit('online', undefined)
    }
  }

  #fail(error: unknown): void {
    this.#emit('error', error)
  }

  #end(): void {
    this.#worker.terminate()
    this.#emit('exit', this.#code)
    this.#exit()
  }

  #emit(event: string, value: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value as never)
    this.#listeners.delete(event)
  }

  /** Calls a listener once: of 'online'; of 'error' with what was thrown; of 'exit' with the exit code. */
  once(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }

  /** Ends the worker; resolves once it is gone. */
  async terminate(): Promise<number> {
    this.#worker.terminate()
    // one that is not online yet holds no lock
    if (!this.#isOnline) this.#end()
    await this.#exited
    return this.#code
  }
}
