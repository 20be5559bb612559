// The names of signals.
import * as numbers from '../abi/signal.gen.js'
import { shown, whole } from './arguments.js'

/** The name of a signal: SIGKILL; SIG40 for one that has none. */
export type SignalName = `SIG${string}`

const NAMES = new Map(
  Object.entries(numbers).flatMap(([name, number]) => (/^SIG(?!RTMAX)/.test(name) ? [[number, name as SignalName]] : [])),
)

/** The name of a signal, by its number. */
export function signalName(signal: number): SignalName {
  return NAMES.get(signal) ?? `SIG${signal}`
}

/** The number of a signal, given by number or name. Throws a TypeError if there is none of that name. */
export function signalNumber(signal: number | SignalName): number {
  if (typeof signal === 'number') return whole(signal, 'signal')
  const [number] = [...NAMES].find(([, name]) => name === signal) ?? []
  if (number === undefined) throw new TypeError(`signal must be a number or a name such as 'SIGTERM', not ${shown(signal)}`)
  return number
}
