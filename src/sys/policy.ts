// How a machine reclaims memory: the policy by its name, and what is left out of it.
import * as mechanisms from '../abi/mechanism.gen.js'
import type { Kernel } from '../core/kernel.js'
import { shown } from './arguments.js'

type Hyphened<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}-${Hyphened<Tail>}` : Name

/** A part of linux-6.12 that can be left out. */
export type Mechanism = Lowercase<Hyphened<keyof typeof mechanisms>>

/** A policy of reclaim. */
export type ReclaimPolicy = 'linux-6.12'

/** How a machine is to reclaim memory. */
export interface ReclaimOptions {
  /**
   * Which pages are evicted: `linux-6.12`, Linux's two lists, unless given. Lists are kept from the start if it is
   * given, and else from the first swap area on.
   */
  policy?: ReclaimPolicy
  /** Mechanisms that are left out of the policy. */
  without?: readonly Mechanism[]
}

/** The parts of linux-6.12 that can be left out, by name. */
export const MECHANISMS: ReadonlyMap<string, number> = new Map(
  Object.entries(mechanisms).map(([name, bit]) => [name.toLowerCase().replaceAll('_', '-'), bit]),
)
const POLICIES: readonly string[] = ['linux-6.12'] satisfies ReclaimPolicy[]

/** Bits of mechanisms by their names. */
function bitsOf(names: readonly string[]): number {
  if (!Array.isArray(names)) throw new TypeError(`without must be an array of names, not ${shown(names)}`)
  let bits = 0
  for (const name of names) {
    const bit = MECHANISMS.get(name)
    if (bit === undefined) throw new TypeError(`without: ${shown(name)} is no mechanism; there are ${[...MECHANISMS.keys()].join(', ')}`)
    bits |= bit
  }
  return bits
}

/** Has a machine that nothing runs in yet reclaim so. Throws a TypeError for names that there are not. */
export function setPolicy(kernel: Kernel, { policy, without }: ReclaimOptions): void {
  if (policy !== undefined && !POLICIES.includes(policy))
    throw new TypeError(`policy: ${shown(policy)} is none; there is ${POLICIES.join(', ')}`)
  const bits = bitsOf(without ?? [])
  if (policy !== undefined || without !== undefined) kernel.exports.policy_set(bits)
}
