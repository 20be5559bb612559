// Shrinking a program that fails to a short one that still fails: delta debugging. A. Zeller,
// R. Hildebrandt: Simplifying and Isolating Failure-Inducing Input. IEEE TSE, 2002.
import { callOf, reference, type Step } from './program.js'

/** The program of the steps that are kept; a step that needs one that is not kept goes too. */
function keep(steps: readonly Step[], kept: (index: number) => boolean): Step[] {
  const numbers = new Map<number, number>()
  const processes = new Set([0])
  const result: Step[] = []
  steps.forEach((step, index) => {
    const { process, name } = callOf(step)
    const references = step.slice(1).map(reference)
    const whole = references.every(referred => !referred || numbers.has(referred.step))
    if (!kept(index) || !processes.has(process) || !whole) return
    if (name === 'fork') processes.add(Number(step[1]))
    numbers.set(index, result.length)
    const args = step.slice(1).map((argument, i) => {
      const referred = references[i]
      return referred ? `$${numbers.get(referred.step)}${referred.plus === 0 ? '' : `+${referred.plus}`}` : argument
    })
    result.push([step[0], ...args])
  })
  return result
}

/** A program from which no step can be left out, if `fails` is true of the program given. */
export async function shrink(steps: readonly Step[], fails: (steps: readonly Step[]) => Promise<boolean>): Promise<readonly Step[]> {
  let least = steps
  for (let part = Math.ceil(least.length / 2); part >= 1; ) {
    let shorter: readonly Step[] | undefined
    // from the end, where what does not matter is most
    for (let end = least.length; end > 0 && !shorter; end -= part) {
      const candidate = keep(least, index => index < end - part || index >= end)
      if (candidate.length < least.length && (await fails(candidate))) shorter = candidate
    }
    if (shorter) least = shorter
    if (!shorter && part === 1) return least
    part = Math.min(shorter ? part : Math.ceil(part / 2), Math.ceil(least.length / 2))
  }
  return least
}
