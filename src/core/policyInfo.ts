/** What a policy can see of the references to a page. */
export type Sees = 'every access' | 'accessed bits' | 'the future'

/** A parameter of a policy: a number in a range, whole or not, or one of a few words. */
export type PolicyParameter =
  | { name: string; kind: 'number'; default: number; min: number; max: number; whole: boolean; description: string }
  | { name: string; kind: 'choice'; default: string; choices: string[]; description: string }

/** What a policy's doc comment says of it. */
export interface PolicyInfo {
  /** The name on the command line and in results. */
  name: string
  /** The name of the class in the core. */
  className: string
  /** The source file's name, without directory and extension. */
  file: string
  /** The first sentence: which page it evicts. */
  description: string
  sees: Sees
  /** Where the policy is defined: the paper, or the kernel's source. */
  paper: string
  parameters: PolicyParameter[]
}

const PARAMETER = /^(\w+) (\S+?)(?: in (\S+)\.\.(\S+))?: (.+)$/

/**
 * Reads the doc comment of the policy class in an AssemblyScript source.
 *
 * Throws an Error that names the file and what is missing.
 */
export function describePolicy(source: string, file: string): PolicyInfo {
  const match = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*(?:@\w+\s+)*export class (\w+) extends Policy\b/.exec(source)
  if (!match) throw new Error(`${file}: no exported class with a doc comment extends Policy`)
  const [, comment, className] = match as unknown as [string, string, string]
  const text = comment.replace(/^\s*\* ?/gm, '').trim()
  const [prose = '', ...tags] = text.split(/^@/m)
  const fields = tags.map(tag => /^(\w+) (.*)$/.exec(tag.trim().replace(/\s+/g, ' ')))
  const values = (name: string): string[] => fields.filter(f => f?.[1] === name).map(f => f?.[2] ?? '')
  const one = (name: string): string => {
    const [value, more] = values(name)
    if (value === undefined || more !== undefined) throw new Error(`${file}: the doc comment of ${className} needs one @${name} tag`)
    return value
  }
  const sees = one('sees')
  if (sees !== 'every access' && sees !== 'accessed bits' && sees !== 'the future') {
    throw new Error(`${file}: @sees is 'every access', 'accessed bits' or 'the future', not '${sees}'`)
  }
  return {
    name: one('policy'),
    className,
    file: file.replace(/^.*\//, '').replace(/\.ts$/, ''),
    description: prose
      .trim()
      .replace(/\s+/g, ' ')
      .replace(/^(.*?\.)( .*)?$/, '$1'),
    sees,
    paper: one('paper'),
    parameters: values('param').map(value => describeParameter(value, file)),
  }
}

function describeParameter(text: string, file: string): PolicyParameter {
  const match = PARAMETER.exec(text)
  if (!match)
    throw new Error(`${file}: write '@param NAME DEFAULT in MIN..MAX: what' or '@param NAME FIRST|SECOND: what', not '@param ${text}'`)
  const [, name = '', value = '', min, max, description = ''] = match
  if (min === undefined) {
    const choices = value.split('|')
    return { name, kind: 'choice', default: choices[0] ?? '', choices, description }
  }
  // One decimal point among them says that fractions make sense.
  const whole = ![value, min, max as string].some(number => number.includes('.'))
  return { name, kind: 'number', default: Number(value), min: Number(min), max: Number(max), whole, description }
}
