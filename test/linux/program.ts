// Programs: steps of calls in processes, and what a step answers. The notation is that of the cases
// in test/conformance: ["2:mmap", "$3+4096", 8192, "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0].
import { NAMES } from './names.js'

/**
 * An argument: a number; names and numbers joined by "|"; "$n" or "$n+bytes", the result of step n,
 * counted from 0; or a text behind an apostrophe.
 */
export type Argument = number | string

/**
 * A call's name, behind the number of its process and a colon unless that is 0, and its arguments. With "&" behind the name, the
 * program goes on although the call waits, which the step then answers; the process's next step is "join", which answers what
 * the call came to.
 */
export type Step = readonly [call: string, ...Argument[]]

/** What a step answers: its result; the name of an errno, or the code of a signal; what a struct holds. */
export type Shown = number | string | readonly Shown[] | { readonly [field: string]: Shown }

/** Process and name of a step's call, and whether it may wait. */
export function callOf([call]: Step): { process: number; name: string; waits: boolean } {
  const waits = call.endsWith('&')
  const [first = '', second] = (waits ? call.slice(0, -1) : call).split(':')
  return second === undefined ? { process: 0, name: first, waits } : { process: Number(first), name: second, waits }
}

/** The step that an argument stands for the result of, and what to add; undefined if it does not. */
export function reference(argument: Argument): { step: number; plus: number } | undefined {
  if (typeof argument !== 'string' || !argument.startsWith('$')) return undefined
  const [step = '', plus = '0'] = argument.slice(1).split('+')
  return { step: Number(step), plus: Number(plus) }
}

/** The number that an argument is by itself. Throws an Error if it names what is no constant. */
export function constant(argument: Argument): number {
  if (typeof argument === 'number') return argument
  return argument.split('|').reduce((sum, word) => {
    const value = NAMES[word] ?? Number(word)
    if (Number.isNaN(value) || word === '') throw new Error(`${JSON.stringify(argument)} is no argument`)
    return sum + value
  }, 0)
}

/** Whether an argument is a text. */
export function isText(argument: Argument): argument is string {
  return typeof argument === 'string' && argument.startsWith("'")
}

/** Addresses above this were chosen from the top down. */
const HIGH = 2 ** 46

/** Where the machine chooses addresses from, downwards. */
export const TOP = 0x7ffff7fff000

/** Where a side places memory: where it chooses addresses from, downwards, and where brk begins. */
export interface Places {
  top: number
  brk: number
}

/** The most that a program's brk moves, in bytes. */
const BRK_RANGE = 2 ** 26

/** A result: an address that the kernel chose is told by its distance from where it chooses from, one of brk's from where that began. */
export function showNumber(result: number, { top, brk }: Places): Shown {
  if (result >= brk && result < brk + BRK_RANGE) return `brk+${result - brk}`
  return result >= HIGH && result < top ? `top-${top - result}` : result
}

/** A program as text, a step a line, which is also JSON; with the answers of both sides if they are given. */
export function print(steps: readonly Step[], answers: { linux: readonly Shown[]; machine: readonly Shown[] } | undefined): string {
  const lines = steps.map((step, i) => {
    const text = `  ${JSON.stringify(step)}${i < steps.length - 1 ? ',' : ''}`
    if (!answers) return text
    const [linux, machine] = [JSON.stringify(answers.linux[i]), JSON.stringify(answers.machine[i])]
    return linux === machine ? `${text}  // $${i}: ${linux}` : `${text}  // $${i}: Linux ${linux}, the machine ${machine}`
  })
  return `[\n${lines.join('\n')}\n]`
}
