// How a machine reclaims memory: the policy by its name, and what is left out of it.
import * as mechanisms from '../abi/mechanism.gen.js'
import { UsageError } from '../core/errors.js'
import type { Kernel } from '../core/kernel.js'
import { BUILTIN_POLICIES } from '../core/policies.gen.js'
import { type PolicyChoice, resolvePolicy } from '../core/policyChoice.js'
import { shown } from './arguments.js'

type Hyphened<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}-${Hyphened<Tail>}` : Name

/** A part of linux-6.12 or linux-6.12-mglru that can be left out. */
export type Mechanism = Lowercase<Hyphened<keyof typeof mechanisms>>

/** Linux's ways to reclaim memory, by the kernel they are of. */
export type LinuxPolicy = 'linux-6.12' | 'linux-6.12-mglru'

/** A policy of reclaim: Linux's, or one that `policies` names, with its settings as in `s3fifo:small=0.2`. */
export type ReclaimPolicy = LinuxPolicy | (string & {})

/** How a machine is to reclaim memory. */
export interface ReclaimOptions {
  /**
   * Which pages are evicted: `linux-6.12`, Linux's two lists, unless given; `linux-6.12-mglru` is its multi-generational LRU. Lists are kept from the start if that is
   * given, and else from the first swap area on. Any other policy but `opt`, which sees the future, is told of every access, in a cache
   * of the frames that users' pages have when the first swap area comes.
   */
  policy?: ReclaimPolicy
  /** Mechanisms that are left out of the policy. */
  without?: readonly Mechanism[]
}

/** The parts of Linux's policies that can be left out, by name. */
export const MECHANISMS: ReadonlyMap<string, number> = new Map(
  Object.entries(mechanisms).map(([name, bit]) => [name.toLowerCase().replaceAll('_', '-'), bit]),
)
/** What each of Linux's policies is made of. */
const PARTS: Readonly<Record<LinuxPolicy, number>> = {
  'linux-6.12':
    mechanisms.BATCHES |
    mechanisms.REFAULT_DISTANCE |
    mechanisms.WORKINGSET_RESTORE |
    mechanisms.ACTIVE_LIST |
    mechanisms.DEACTIVATION |
    mechanisms.ACCESSED_BITS |
    mechanisms.COST_BALANCE |
    mechanisms.CACHE_TRIM |
    mechanisms.KSWAPD |
    mechanisms.FAULT_AROUND |
    mechanisms.VMA_READAHEAD,
  'linux-6.12-mglru':
    mechanisms.BATCHES |
    mechanisms.ACCESSED_BITS |
    mechanisms.KSWAPD |
    mechanisms.FAULT_AROUND |
    mechanisms.VMA_READAHEAD |
    mechanisms.PAGE_TABLE_WALK |
    mechanisms.BLOOM_FILTER |
    mechanisms.LOOK_AROUND |
    mechanisms.TIERS |
    mechanisms.PID |
    mechanisms.IN_FAULT,
}
const POLICIES: readonly string[] = Object.keys(PARTS)

/** A policy in a file, as a replay takes it. */
const OWN_FILE = /\.ts(:|$)|[\\/]/

/** Bits of mechanisms of a policy by their names. */
function bitsOf(names: readonly string[], policy: LinuxPolicy): number {
  if (!Array.isArray(names)) throw new TypeError(`without must be an array of names, not ${shown(names)}`)
  let bits = 0
  for (const name of names) {
    const bit = MECHANISMS.get(name)
    if (bit === undefined || (bit & PARTS[policy]) === 0) {
      const parts = [...MECHANISMS].filter(([, each]) => (each & PARTS[policy]) !== 0).map(([each]) => each)
      throw new TypeError(`without: ${shown(name)} is no mechanism of ${policy}; there are ${parts.join(', ')}`)
    }
    bits |= bit
  }
  return bits
}

/** The policy that is not Linux's, if one is asked for. Throws a TypeError for one that there is not, as there is none that sees the future. */
export function ownPolicy({ policy, without }: ReclaimOptions): PolicyChoice | undefined {
  if (policy === undefined || POLICIES.includes(policy)) return undefined
  if (typeof policy !== 'string') throw new TypeError(`policy must be a name, not ${shown(policy)}`)
  if (without !== undefined) throw new TypeError(`without: nothing can be left out of ${shown(policy)}, only of ${POLICIES.join(', ')}`)
  if (OWN_FILE.test(policy)) throw new TypeError(`policy: own policies run in a replay only, not ${shown(policy)}`)
  const [name = '', ...settings] = policy.split(':')
  const info = BUILTIN_POLICIES.find(each => each.name === name)
  if (info?.sees === 'the future') throw new TypeError(`policy: ${name} sees the future, which a machine cannot`)
  if (info?.parameters.length === 0 && settings.length > 0) throw new TypeError(`policy: ${name} has no parameters`)
  const own = BUILTIN_POLICIES.filter(({ sees }) => sees !== 'the future').map(({ name }) => name)
  if (!own.includes(name)) throw new TypeError(`policy: ${shown(policy)} is none; there are ${[...POLICIES, ...own].join(', ')}`)
  try {
    return resolvePolicy(policy, (_, known) => `; there are ${known.join(', ')}`)
  } catch (error) {
    if (error instanceof UsageError) throw new TypeError(`policy: ${error.message}`, { cause: error })
    throw error
  }
}

/** Has a machine that nothing runs in yet reclaim in Linux's ways. Throws a TypeError for mechanisms that there are not, a RangeError if the memory is too little. */
export function setPolicy(kernel: Kernel, { policy, without }: ReclaimOptions): void {
  const name = (policy ?? 'linux-6.12') as LinuxPolicy
  const bits = without === undefined ? 0 : bitsOf(without, name)
  if (policy === undefined && without === undefined) return
  if (kernel.exports.policy_set(bits, Number(name === 'linux-6.12-mglru')) < 0) throw new RangeError(`the memory is too little for ${name}`)
}
