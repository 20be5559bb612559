import { Command } from 'commander'
import { policies } from '../core/policies.js'

/** `faultline policies`: the list of policies. */
export function policiesCommand(): Command {
  return new Command('policies')
    .description('list the replacement policies: what each sees, its parameters, its paper')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) => {
      if (options.json) console.log(JSON.stringify(policies, null, 2))
      else for (const { name, description } of policies) console.log(`${name.padEnd(10)} ${description}`)
    })
}
