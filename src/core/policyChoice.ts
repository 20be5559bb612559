// Choosing a policy by its name and settings.
import { UsageError } from './errors.js'
import { BUILTIN_POLICIES } from './policies.gen.js'
import type { PolicyInfo, PolicyParameter } from './policyInfo.js'

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

/** What a message says of the names there are, behind one that there is not. */
export type Suggestion = (name: string, known: readonly string[]) => string

/**
 * Resolves `name` or `name:parameter=value:parameter=value`.
 *
 * Throws a UsageError for an unknown name, parameter or value.
 */
export function resolvePolicy(spec: string, suggest: Suggestion, among: readonly PolicyInfo[] = BUILTIN_POLICIES): PolicyChoice {
  const [name = '', ...settings] = spec.split(':')
  const index = among.findIndex(policy => policy.name === name)
  const info = among[index]
  if (!info)
    throw new UsageError(
      `unknown policy '${name}'${suggest(
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
    if (info.parameters.length === 0) throw new UsageError(`policy ${name} has no parameter '${key}': it has none`)
    if (!parameter)
      throw new UsageError(
        `policy ${name} has no parameter '${key}'${suggest(
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
