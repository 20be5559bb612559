// kswapd's thread, on the thread that booted the machine. It is no process: it has a CPU of its own that no other thread takes,
// and the way of all threads into calls and out of them. Whatever ends it, what it did is done in the threads that need it from then on.
import { SUPERBLOCK, ZONE_SIZE, ZONES } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { Kswapd as State, SuperblockLayout, ZoneLayout } from '../core/layout.gen.js'
import { newThread, type Worker } from '../host/threads.js'

/** How kswapd runs: in the threads that come below the low watermark, or in one of its own, which sleeps or reclaims. */
export type KswapdState = 'inline' | 'asleep' | 'awake'

const STATES: Readonly<Record<number, KswapdState>> = { [State.Inline]: 'inline', [State.Asleep]: 'asleep', [State.Awake]: 'awake' }
/** What the thread runs. */
const PROGRAM = new URL('../process/kswapd.js', import.meta.url)

/** A machine's kswapd. */
export class Kswapd {
  readonly #kernel: Kernel
  #thread: { cpu: number; worker: Worker } | undefined
  /** What waits for the thread's end. */
  #ending: Promise<void> | undefined
  /** Whether it was asked for again meanwhile. */
  #again = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** How it runs now. */
  get state(): KswapdState {
    const { view } = this.#kernel
    const zone = view.getUint32(SUPERBLOCK + SuperblockLayout.userZone, true)
    return STATES[view.getUint32(ZONES + zone * ZONE_SIZE + ZoneLayout.kswapd, true)] ?? 'inline'
  }

  /** Whether the machine reclaims memory. */
  get #isNeeded(): boolean {
    return !this.#kernel.panic && this.#kernel.view.getUint32(SUPERBLOCK + SuperblockLayout.aging, true) !== 0
  }

  /** Starts the thread, if there is a CPU for it, and none, and the machine reclaims memory. It begins some time later. */
  start(): void {
    this.#again = this.#ending !== undefined
    if (this.#thread || !this.#isNeeded) return
    const kernel = this.#kernel
    const cpu = kernel.exports.kswapd_take()
    if (cpu < 0) return
    const { memory, target, module } = kernel
    const swapStore = kernel.swap.share()
    try {
      // whatever modules and inspectors the program's own threads have, this one needs none
      const seat = { memory, target, module, swapStore, cpu, pid: 0, tid: 0, program: PROGRAM.href }
      const { worker, line, runs } = newThread(seat, { execArgv: [] })
      this.#thread = { cpu, worker }
      if (runs) kernel.watch(cpu, runs)
      // nobody's program goes on for its sake; in a browser none does for a worker's
      worker.unref?.()
      line.unref()
      // a panic is told by whoever calls next; without its thread, kswapd runs where it is needed
      worker.once('error', () => {})
      worker.once('exit', code => this.#leave(cpu, code))
    } catch {
      // so it does if the host has no thread to give
      this.#leave(cpu, 1)
    }
  }

  /** Takes back the CPU of the thread, which is gone. */
  #leave(cpu: number, code: number): void {
    this.#thread = undefined
    try {
      this.#kernel.leave(cpu, 0, code)
    } catch (error) {
      // a panic that this finds is told by who calls next
      if (!this.#kernel.panic) throw error
    }
  }

  /** Ends the thread, once the round that it is in, if it is in one, is broken off; resolves when it is gone. */
  end(): Promise<void> {
    this.#again = false
    if (this.#thread) this.#ending ??= this.#endNow(this.#thread)
    return this.#ending ?? Promise.resolve()
  }

  async #endNow({ cpu, worker }: { cpu: number; worker: Worker }): Promise<void> {
    while (this.#thread && this.#kernel.doom(cpu)) await new Promise(resolve => setTimeout(resolve, 1))
    await worker.terminate()
    this.#ending = undefined
    if (this.#again) this.start()
  }
}
