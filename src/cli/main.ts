#!/usr/bin/env node
// The command line: a table of commands, one file each.
import { realpathSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { UsageError } from '../core/errors.js'
import { policiesCommand } from './policies.js'

/** Every command, in the order of the help. */
const COMMANDS: readonly (() => Command)[] = [policiesCommand]

/** Runs the command line and returns the exit code: 0, 1 for failures, 2 for usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('faultline')
    .description('Replays page traces through replacement policies: exact misses, fast.')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  for (const command of COMMANDS)
    program.addCommand(
      command()
        .exitOverride()
        .configureOutput({ outputError: () => {} }),
    )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (!(error instanceof Error)) throw error
    const message = error.message.replace(/^error: /, '')
    if (message !== '(outputHelp)') process.stderr.write(`faultline: ${message}\n`)
    return error instanceof UsageError || error instanceof CommanderError ? 2 : 1
  }
}

if (process.argv[1] && import.meta.filename === realpathSync(process.argv[1])) {
  process.exitCode = await main(process.argv.slice(2))
}
