// Which policies a replay runs.
import { UsageError } from '../core/errors.js'
import { choosePolicy, type PolicyChoice, policies } from '../core/policies.js'

/** The policies that are replayed when none is named; `opt` is the bound. */
const MAIN_POLICIES = ['lru', 'clock', 'fifo', 'arc', 'sieve', 's3fifo', 'lirs', 'wtinylfu', '2q', 'twolist', 'opt']

/**
 * Resolves a list of policies, or one string with commas between them: names with parameters
 * (`s3fifo:small=0.2`), `all` for every policy; the main ones if there is no list. Each comes once.
 *
 * Throws a UsageError for an unknown policy or parameter, and for an empty list.
 */
export function selectPolicies(spec?: string | readonly string[]): PolicyChoice[] {
  const known = policies.map(policy => policy.name)
  const list =
    typeof spec === 'string' ? spec.split(',').map(name => name.trim()) : (spec ?? MAIN_POLICIES.filter(name => known.includes(name)))
  const labels = new Set(list.flatMap(label => (label === 'all' ? known : [label])))
  if (labels.size === 0) throw new UsageError('no policy given: policies is an empty list')
  return [...labels].map(label => choosePolicy(label))
}
