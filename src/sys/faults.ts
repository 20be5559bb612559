// Bad accesses, and the handlers of a process that may mend them.
import { EINVAL } from '../abi/errno.gen.js'
import { FaultError } from '../abi/errors.js'
import { type SignalName, signalName, signalNumber } from './signals.js'
import { WaitingCalls } from './waits.js'

/** What a bad access sends. */
export type FaultSignal = FaultError['signal']

/** Called at a bad access. It may mend it, and return; or throw, which ends the access. */
export type FaultHandler = (fault: FaultError) => void

/** How often a handler may return without an access getting any further. */
const PATIENCE = 100

const SIGNALS: readonly string[] = ['SIGSEGV', 'SIGBUS'] satisfies FaultSignal[]

/** Signals of bad accesses. */
export class Faults extends WaitingCalls {
  readonly #handlers = new Map<string, FaultHandler>()
  /** Signals whose handler runs: they are blocked, as in Linux. */
  readonly #blocked = new Set<string>()

  /**
   * Sets what is called at a bad access, of SIGSEGV or SIGBUS by name or number, instead of throwing its FaultError; undefined sets that again. Returns what
   * was set before. Children that are forked later have the same handlers.
   *
   * When the handler returns, the access is repeated: so it may map memory or give rights, and the program goes on. If it
   * returns a hundred times and the same access still fails, the FaultError is thrown; Linux would go round for ever. So it
   * is if the handler itself causes the same signal. Running out of memory is no signal: it throws SysError ENOMEM.
   *
   * Throws a SysError EINVAL for other signals.
   */
  sigaction(which: FaultSignal | number, handler?: FaultHandler): FaultHandler | undefined {
    const signal = signalName(signalNumber(which as SignalName))
    if (!SIGNALS.includes(signal)) this.fail(EINVAL, 'sigaction')
    if (handler !== undefined && typeof handler !== 'function') throw new TypeError('the handler must be a function or undefined')
    const before = this.#handlers.get(signal)
    if (handler) this.#handlers.set(signal, handler)
    else this.#handlers.delete(signal)
    return before
  }

  /** Takes over the handlers of the process that forked this one. */
  protected inheritHandlers(parent: Faults): void {
    for (const [signal, handler] of parent.#handlers) this.#handlers.set(signal, handler)
  }

  /**
   * Handles the bad access that the core has noted, one of a run's references if `index` is given: returns if a handler
   * did, and throws otherwise. `tries` is how often the access has been repeated in vain.
   */
  protected fault(tries: number, index?: number): void {
    const { kernel } = this
    const access = kernel.view.getUint32(kernel.cpuField('faultWrite'), true) === 0 ? 'read' : 'write'
    const code = kernel.view.getInt32(kernel.cpuField('faultCode'), true)
    if (code < 0) this.fail(-code, index === undefined ? access : 'run', undefined, index)
    const fault = new FaultError(code, kernel.view.getFloat64(kernel.cpuField('faultAddress'), true), access, index)
    const handler = this.#handlers.get(fault.signal)
    if (!handler || this.#blocked.has(fault.signal) || tries >= PATIENCE) throw fault
    this.#blocked.add(fault.signal)
    try {
      handler(fault)
    } finally {
      this.#blocked.delete(fault.signal)
    }
  }

  /** Repeats a failed access, and returns its result, below 0 while it fails, once a handler has mended it. */
  protected repeat(call: (...args: number[]) => number, ...args: number[]): number {
    for (let tries = 0; ; tries++) {
      this.fault(tries)
      const result = call(...args)
      if (result >= 0) return result
    }
  }

  /** Does `length` bytes of something, of which `part(done)` does some more and returns how many; fewer than `most` if an access fails. */
  protected proceed(length: number, part: (done: number, bytes: number) => number, most = length): void {
    let tries = 0
    for (let done = 0; done < length; ) {
      const wanted = Math.min(most, length - done)
      const more = part(done, wanted)
      done += more
      tries = more > 0 ? 0 : tries
      if (more < wanted) this.fault(tries++)
    }
  }
}
