import { Command } from 'commander'
import { bankCommand } from './demoBank.js'
import { renderDemo } from './demoDiagram.js'
import { type Demo, runDemo } from './demoShm.js'

/** `faultline demo`: small machines to look at. */
export function demoCommand(): Command {
  const shm = new Command('shm')
    .description('two processes with one System V segment: from their addresses to the frames, and back')
    .option('--json', 'print one JSON object: the calls, and all that machine.inspect() shows')
    .action(async ({ json = false }: { json?: boolean }) => {
      const demo: Demo = await runDemo()
      process.stdout.write(json ? `${JSON.stringify(demo, null, 2)}\n` : renderDemo(demo))
    })
  return new Command('demo').description('small machines to look at').addCommand(shm).addCommand(bankCommand())
}
