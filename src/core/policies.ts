import { resolve } from 'node:path'
import { UsageError } from './errors.js'
import { nearest } from './nearest.js'
import { BUILTIN_POLICIES } from './policies.gen.js'
import type { PolicyInfo, PolicyParameter } from './policyInfo.js'
import type { UserPolicy } from './userPolicy.js'

/** A policy with a value for each of its parameters. */
export interface PolicyChoice {
  info: PolicyInfo
  /** The policy's number in its module. */
  index: number
  /** The parameters' values in order: a number, or the index of the chosen word. */
  values: number[]
  /** How it was asked for, such as `s3fifo:small=0.2`: its name in results. */
  label: string
  /** The module that holds the policy alone, for a user's own; built-in policies have none. */
  module?: WebAssembly.Module
  /** The file of a user's own policy, an absolute path. */
  file?: string
}

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
export function choosePolicy(spec: string, among: readonly PolicyInfo[] = BUILTIN_POLICIES): PolicyChoice {
  const [name = '', ...settings] = spec.split(':')
  const index = among.findIndex(policy => policy.name === name)
  const info = among[index]
  if (!info)
    throw new UsageError(
      `unknown policy '${name}'${nearest(
        name,
        among.map(p => p.name),
      )}`,
    )
  const values = info.parameters.map(p => (p.kind === 'number' ? p.default : 0))
  const given = new Set<string>()
  for (const setting of settings) {
    const [, key = '', text = ''] = /^([^=]*)=?(.*)$/s.exec(setting) ?? []
    const at = info.parameters.findIndex(p => p.name === key)
    const parameter = info.parameters[at]
    if (!parameter)
      throw new UsageError(
        `policy ${name} has no parameter '${key}'${nearest(
          key,
          info.parameters.map(p => p.name),
        )}`,
      )
    if (given.has(key)) throw new UsageError(`policy ${name}: ${key} is given twice`)
    given.add(key)
    values[at] = parseValue(parameter, text, name)
  }
  return { info, index, values, label: spec }
}

/** The value of a parameter: a number, or the index of the chosen word. Throws a UsageError if it is none. */
function parseValue(parameter: PolicyParameter, text: string, policy: string): number {
  if (parameter.kind === 'choice') {
    const index = parameter.choices.indexOf(text)
    if (index >= 0) return index
    throw new UsageError(`policy ${policy}: ${parameter.name} is one of ${parameter.choices.join(', ')}, not '${text}'`)
  }
  const { min, max, whole } = parameter
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  throw new UsageError(`policy ${policy}: ${parameter.name} is a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not '${text}'`)
}
