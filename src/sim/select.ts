// Which policies a replay runs.
import { UsageError } from '../core/errors.js'
import { checkPolicyObject, type PolicyObject } from '../core/objectReplayer.js'
import { choosePolicies, type PolicyChoice, policies } from '../core/policies.js'

/** The policies that are replayed when none is named; `opt` is the bound. */
const MAIN_POLICIES = ['lru', 'clock', 'fifo', 'arc', 'sieve', 's3fifo', 'lirs', 'wtinylfu', '2q', 'twolist', 'opt']

/** Policies as they are asked for: names and files with parameters, `all`, or objects; one string may hold several with commas between them. */
export type PolicySpec = string | PolicyObject | readonly (string | PolicyObject)[]

/** A policy that can be replayed: one in the core's language, or an object. */
export type Policy = PolicyChoice | PolicyObject

/** A policy's name in results. */
export function labelOf(policy: Policy): string {
  return 'info' in policy ? policy.label : policy.name
}

/** Whether a policy is told when pages are referenced next. */
export function seesFuture(policy: Policy): boolean {
  return 'info' in policy ? policy.info.sees === 'the future' : policy.seesFuture === true
}

/**
 * Resolves policies in their order, each once; the main ones if none are asked for.
 *
 * Throws a UsageError for an empty list, for what is unknown, and for two policies of one name;
 * an InputError for a policy's file that cannot be read or compiled.
 */
export async function selectPolicies(spec?: PolicySpec): Promise<Policy[]> {
  const known = policies.map(policy => policy.name)
  const parts = spec === undefined ? MAIN_POLICIES.filter(name => known.includes(name)) : isList(spec) ? spec : [spec]
  const chosen = new Map<string, Policy>()
  for (const part of parts) {
    if (typeof part !== 'string') checkPolicyObject(part)
    const selected = typeof part === 'string' ? await choosePolicies(part.split(',').map(name => name.trim())) : [part]
    for (const policy of selected) {
      const label = labelOf(policy)
      const other = chosen.get(label)
      if (other && !isSame(other, policy)) {
        throw new UsageError(`there are two policies named '${label}'; give yours another name`)
      }
      chosen.set(label, other ?? policy)
    }
  }
  if (chosen.size === 0) throw new UsageError('no policy given: policies is an empty list')
  return [...chosen.values()]
}

/** Whether two policies of one name are one: a built-in policy, a file, or an object, named twice. */
function isSame(one: Policy, other: Policy): boolean {
  return one === other || ('info' in one && 'info' in other && one.file === other.file)
}

function isList(spec: PolicySpec): spec is readonly (string | PolicyObject)[] {
  return Array.isArray(spec)
}
