import { resolve } from 'node:path'
import { UsageError } from './errors.js'
import { nearest } from './nearest.js'
import { BUILTIN_POLICIES } from './policies.gen.js'
import { type PolicyChoice, resolvePolicy } from './policyChoice.js'
import type { PolicyInfo } from './policyInfo.js'
import type { UserPolicy } from './userPolicy.js'

export type { PolicyChoice } from './policyChoice.js'

/** A policy in a file: its path and its settings. */
const OWN = /^(.*\.ts|.*[\\/][^:]*)((?::.*)?)$/

/** The built-in policies: names, what each sees, parameters and papers. */
export const policies: readonly PolicyInfo[] = BUILTIN_POLICIES

/**
 * Resolves policies as the command line and the library name them: `name`, `file.ts` with a
 * policy of the user's own, both with `:parameter=value` behind, or `all` for every built-in
 * policy. A file is compiled once, however often it is named.
 *
 * Throws a UsageError for what `choosePolicy` refuses and for a file's wrong doc comment, and an
 * InputError for a file that cannot be read or compiled.
 */
export async function choosePolicies(specs: readonly string[]): Promise<PolicyChoice[]> {
  const own = new Map<string, UserPolicy>()
  const choices: PolicyChoice[] = []
  for (const spec of specs) {
    const [, path, settings] = OWN.exec(spec) ?? []
    if (spec === 'all') choices.push(...policies.map(({ name }) => choosePolicy(name)))
    else if (path === undefined) choices.push(choosePolicy(spec))
    else {
      const file = resolve(path)
      const { info, module } = own.get(file) ?? (await loadOwn(path))
      own.set(file, { info, module })
      if (policies.some(({ name }) => name === info.name)) {
        throw new UsageError(`${path}: '${info.name}' is a built-in policy; give yours another name in its @policy tag`)
      }
      choices.push({ ...choosePolicy(info.name + settings, [info]), module, file })
    }
  }
  return choices
}

/** Loads a user's policy, and with it the compiler, which nothing else needs. */
async function loadOwn(path: string): Promise<UserPolicy> {
  const { loadUserPolicy } = await import('./userPolicy.js')
  return loadUserPolicy(path)
}

/**
 * Resolves `name` or `name:parameter=value:parameter=value`.
 *
 * Throws a UsageError for an unknown name (suggesting the nearest), parameter or value.
 */
export function choosePolicy(spec: string, among?: readonly PolicyInfo[]): PolicyChoice {
  return resolvePolicy(spec, nearest, among)
}
