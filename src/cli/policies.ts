import { styleText } from 'node:util'
import { Command } from 'commander'
import { policies } from '../core/policies.js'
import type { PolicyInfo, PolicyParameter } from '../core/policyInfo.js'

/** Columns of the name, and of a line where the terminal does not say. */
const NAME_WIDTH = 11
const DEFAULT_WIDTH = 100

/** `faultline policies`: the list of policies. */
export function policiesCommand(): Command {
  return new Command('policies')
    .description('list the replacement policies: what each sees, its parameters, its paper')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) => {
      const { isTTY, columns } = process.stdout
      if (options.json) process.stdout.write(`${JSON.stringify(policies, null, 2)}\n`)
      else process.stdout.write(renderPolicies(policies, columns ?? DEFAULT_WIDTH, isTTY && process.stdout.hasColors()))
    })
}

/** The list as text, lines at most `width` wide where words allow. */
export function renderPolicies(list: readonly PolicyInfo[], width: number, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string => (colour ? styleText(style, text) : text)
  return list
    .map(({ name, description, sees, parameters, paper }) => {
      const lines = [
        ...wrap(`${description} Sees ${sees}.`, width - NAME_WIDTH),
        ...parameters.flatMap(parameter => wrap(describe(parameter), width - NAME_WIDTH, '    ')),
        ...wrap(paper, width - NAME_WIDTH).map(line => paint('dim', line)),
      ]
      return lines.map((line, i) => (i === 0 ? paint('bold', name.padEnd(NAME_WIDTH)) : ' '.repeat(NAME_WIDTH)) + line).join('\n')
    })
    .join('\n\n')
    .concat('\n')
}

/** A parameter as it is set, with its default, and what may be set. */
function describe(parameter: PolicyParameter): string {
  const { name, description } = parameter
  const range =
    parameter.kind === 'number' ? `${parameter.whole ? 'whole, ' : ''}${parameter.min} to ${parameter.max}` : parameter.choices.join(' or ')
  return `:${name}=${parameter.default}  ${description} (${range})`
}

/** Breaks a text into lines; those after the first are indented. */
function wrap(text: string, width: number, indent = ''): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line.trim() !== '' && line.length + 1 + word.length > width) lines.push(indent + word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
