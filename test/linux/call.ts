// What an entry of the table of calls is. A new call is one entry, in one of the files of calls/.
import type { Process } from 'faultline'
import type { Argument, Shown } from './program.js'
import type { World } from './world.js'

/** How agent.py does a step, see there: a way, and arguments. */
export type AgentStep = readonly [how: string, ...(number | string)[]]

/** A call on both sides. */
export interface Call {
  /** The step of the agent, whose arguments are constants or results of steps. */
  linux: (args: readonly (number | string)[]) => AgentStep
  /** What is shown of the agent's answer where that is a list, such as a result and the bytes of a buffer as hex. */
  decode?: (answer: readonly Shown[], args: readonly (number | string)[]) => Shown
  /**
   * The call on the machine, its numbers and its texts apart: its result, and what is shown of it
   * if that is more. Missing where the machine does not have the call yet.
   */
  machine?: (process: Process, args: readonly number[], texts: readonly string[]) => number | undefined | readonly [number, Shown]
  /** The same for a call that may wait, as a promise. */
  later?: (process: Process, args: readonly number[], texts: readonly string[]) => Promise<undefined | readonly [number, Shown]>
  /** Arguments for the fuzzer, undefined if this is not the time for the call. */
  generate?: (world: World) => Argument[] | undefined
  /** Its result is an address, which is shown by its distance from where the kernel places memory. */
  address?: true
  /** How often the fuzzer calls it, among the others. */
  weight?: number
}

export type Calls = Readonly<Record<string, Call>>

/** The bytes that a call wrote into a buffer. */
export function bytesOf([, hex]: readonly Shown[]): Buffer {
  return Buffer.from(hex as string, 'hex')
}

/** The system call with a number, its arguments as they are. */
export function syscall(number: number): Call['linux'] {
  return args => ['syscall', number, ...args]
}
