import { Command } from 'commander'
import { convertCommand } from './traceConvert.js'
import { generateCommand } from './traceGenerate.js'
import { headCommand } from './traceHead.js'
import { infoCommand } from './traceInfo.js'

/** `faultline trace`: commands on trace files. */
export function traceCommand(): Command {
  const command = new Command('trace').description('look into, convert and generate traces')
  for (const child of [infoCommand, headCommand, convertCommand, generateCommand]) command.addCommand(child())
  return command
}
