// Random steps on a machine and its model at once.
import type { Machine } from 'faultline'
import { withMachine } from '../machines.ts'
import { xorshift } from '../policy/traces.ts'

/** Random numbers below a bound. */
export type Below = (bound: number) => number

/** Something that is done to a machine and a model, which must agree. */
export interface Twin {
  /** Does a random step to both; its name. */
  step(): string
  /** Takes back all that the steps left. */
  finish(): void
}

/** Takes random steps on a machine and its model, with balanced books after each. `prepare` gives the machine what stays. */
export function walk(
  seed: number,
  steps: number,
  newTwin: (machine: Machine, below: Below) => Twin,
  prepare?: (machine: Machine) => void,
): Promise<void> {
  return withMachine(
    machine => {
      const next = xorshift(seed)
      const twin = newTwin(machine, bound => next() % bound)
      for (let i = 0; i < steps; i++) {
        let step = ''
        try {
          step = twin.step()
          machine.validate()
        } catch (error) {
          throw new Error(`seed ${seed}, step ${i} (${step || 'thrown by the step'}): ${error}`, { cause: error })
        }
      }
      twin.finish()
    },
    { memory: '8MiB' },
    prepare,
  )
}
