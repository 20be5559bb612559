// The worker threads of a machine, on the thread that booted it: all are started here, those that other threads
// ask for too, because whoever starts a thread learns of its end, and dies not before it.
import type { ClonedThread, Kernel, ThreadSeat } from '../core/kernel.js'
import type { ThreadAnswer, ThreadFailure, ThreadRequest } from '../process/seat.js'
import { Kswapd } from './kswapd.js'
import { type SpawnOptions, startThread, type WorkerProcess, type WorkerThread } from './spawn.js'

/** What was thrown, as it can be sent: an error that came from a thread loses all it has where it is sent on. */
function failureOf(thrown: unknown): ThreadFailure {
  const { name, message, stack = '', code } = (thrown instanceof Error ? thrown : new Error(String(thrown))) as NodeJS.ErrnoException
  return { name, message, stack, code }
}

/** The threads that were started and have not ended. */
export class Workers {
  readonly #kernel: Kernel
  readonly #running = new Set<WorkerThread>()
  readonly #starting = new Set<Promise<WorkerThread>>()
  /** By pid, what is to be told the exit code of a process that was spawned. */
  readonly #processes = new Map<number, (exitCode: number) => void>()

  readonly kswapd: Kswapd
  /** Whether kswapd has its thread while there are no others, too: until they are ended. */
  #always: boolean

  /** Has the kernel start here what its processes clone. kswapd has its thread while there are others, or, if it is not to be deterministic, `always`. */
  constructor(kernel: Kernel, always: boolean) {
    this.#kernel = kernel
    this.kswapd = new Kswapd(kernel)
    this.#always = always
    this.tendKswapd()
    kernel.startThread = (seat, module, workerData) => this.#clone(seat, module, workerData)
  }

  /** Whether a thread is being started. */
  get areStarting(): boolean {
    return this.#starting.size > 0
  }

  /** Starts kswapd's thread, or ends it, as the machine needs one. */
  tendKswapd(): void {
    if (this.#always || this.#starting.size + this.#running.size > 0) this.kswapd.start()
    else void this.kswapd.end()
  }

  /** Starts the first thread of a process; resolves when it runs. */
  async spawn(seat: ThreadSeat, module: URL, options: SpawnOptions): Promise<WorkerProcess> {
    const ended = new Promise<number>(resolve => this.#processes.set(seat.pid, resolve))
    const thread = await this.#start(seat, module, options)
    // the process may outlive its first thread, but not what that threw
    const exited = thread.ended.then(() => ended)
    return { pid: seat.pid, worker: thread.worker, exited, terminate: thread.terminate }
  }

  /** Ends the threads that run or are being started, each once the call it is in is over, kswapd's last, and waits for them. */
  async terminate(): Promise<void> {
    this.#always = false
    while (this.#starting.size + this.#running.size > 0) {
      await Promise.allSettled(this.#starting)
      await Promise.allSettled([...this.#running].map(thread => thread.terminate()))
    }
    await this.kswapd.end()
  }

  async #start(seat: ThreadSeat, module: URL, options: SpawnOptions): Promise<WorkerThread> {
    const starting = startThread(this.#kernel, seat, module, options, (request, answer) => void this.#serve(request, answer))
    this.#starting.add(starting)
    this.tendKswapd()
    try {
      const thread = await starting
      this.#running.add(thread)
      void this.#await(thread)
      return thread
    } catch (error) {
      this.#end(seat.pid, this.#kernel.leave(seat.cpu, seat.pid, 1))
      throw error
    } finally {
      this.#starting.delete(starting)
      this.tendKswapd()
    }
  }

  /** Forgets a thread once it has ended, and its process if that has. */
  async #await(thread: WorkerThread): Promise<void> {
    const end = await thread.ended.catch(() => undefined)
    this.#running.delete(thread)
    this.tendKswapd()
    this.#end(thread.seat.pid, end?.processCode)
  }

  /** Notes that a process has ended, if there is an exit code. */
  #end(pid: number, exitCode: number | undefined): void {
    if (exitCode === undefined) return
    this.#processes.get(pid)?.(exitCode)
    this.#processes.delete(pid)
  }

  async #clone(seat: ThreadSeat, module: URL, workerData: unknown): Promise<ClonedThread> {
    const { ended } = await this.#start(seat, module, { workerData })
    return { pid: seat.pid, tid: seat.tid, exited: ended.then(({ code, processCode }) => processCode ?? code) }
  }

  /** Starts what another thread asks for, and tells it how that goes. */
  async #serve({ seat, module, workerData }: ThreadRequest, answer: (answer: ThreadAnswer) => void): Promise<void> {
    const { tid } = seat
    try {
      const { exited } = await this.#clone(seat, new URL(module), workerData)
      answer({ tid, runs: true })
      answer({ tid, exitCode: await exited })
    } catch (error) {
      answer({ tid, failure: failureOf(error) })
    }
  }
}
