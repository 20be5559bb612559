// Programs on Linux and on the machine, side by side.
import type { Agent } from './agent.js'
import { runOnMachine } from './machine.js'
import type { Shown, Step } from './program.js'

/** What both sides answered, and the first step at which they differ; -1 if at none. */
export interface Comparison {
  linux: readonly Shown[]
  machine: readonly Shown[]
  differ: number
}

/** The first index at which two lists differ; -1 if they are equal. */
export function firstDifference(one: readonly Shown[], other: readonly Shown[]): number {
  const length = Math.max(one.length, other.length)
  for (let i = 0; i < length; i++) if (JSON.stringify(sorted(one[i])) !== JSON.stringify(sorted(other[i]))) return i
  return -1
}

/** The same with the fields of structs in order of their names. */
function sorted(shown: Shown | undefined): unknown {
  if (Array.isArray(shown)) return shown.map(sorted)
  if (typeof shown !== 'object') return shown
  return Object.entries(shown)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, value]) => [field, sorted(value)])
}

/** Runs a program on both sides; `checked` validates the machine after every step. */
export async function compare(agent: Agent, steps: readonly Step[], checked = false): Promise<Comparison> {
  const [linux, machine] = await Promise.all([agent.run(steps), runOnMachine(steps, checked, agent.pressed)])
  return { linux, machine, differ: firstDifference(linux, machine) }
}
