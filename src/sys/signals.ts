// The names of signals.
import * as numbers from '../abi/signal.gen.js'

/** The name of a signal: SIGKILL; SIG40 for one that has none. */
export type SignalName = `SIG${string}`

const NAMES = new Map(
  Object.entries(numbers).flatMap(([name, number]) => (/^SIG(?!RTMAX)/.test(name) ? [[number, name as SignalName]] : [])),
)

/** The name of a signal, by its number. */
export function signalName(signal: number): SignalName {
  return NAMES.get(signal) ?? `SIG${signal}`
}
