#!/usr/bin/env node
// The command line: a table of commands, one file each, and what happens to their errors.
import { readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { Command, CommanderError } from 'commander'
import { InputError, UsageError } from '../core/errors.js'
import { demoCommand } from './demo.js'
import { ipcsCommand } from './ipcs.js'
import { mrcCommand } from './mrc.js'
import { newPolicyCommand } from './newPolicy.js'
import { policiesCommand } from './policies.js'
import { recordCommand } from './record.js'
import { replayCommand } from './replay.js'
import { runCommand } from './run.js'
import { traceCommand } from './trace.js'

/** Every command, in the order of the help. */
const COMMANDS: readonly (() => Command)[] = [
  replayCommand,
  mrcCommand,
  runCommand,
  traceCommand,
  recordCommand,
  policiesCommand,
  newPolicyCommand,
  demoCommand,
  ipcsCommand,
]

/** Exit codes: of failures, of usage that makes no sense, and of a bug in this program (EX_SOFTWARE). */
const FAILURE = 1
const USAGE = 2
const BUG = 70

/** Runs the command line and returns the exit code: 0 or what the command says, 1 for failures, 2 for usage, 70 for bugs. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('faultline')
    .description(
      "Linux's memory subsystem as an engine: replays page traces through page replacement policies, exactly and fast; executes them in a machine; shows shared memory at work.",
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      '\nEach command has its own help: faultline replay --help\nExit codes: 0 done, 1 failure, 2 usage, 70 a bug in faultline',
    )
  for (const command of COMMANDS) program.addCommand(command())
  throwErrors(program)
  if (argv.length === 0) {
    process.stdout.write(program.helpInformation())
    return 0
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return report(error)
  }
}

/** Makes a command and those below it throw what they have to complain of, instead of printing it. */
function throwErrors(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) throwErrors(child)
}

/** Prints an error, one line unless it is a bug of ours, and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  // A command that only has commands below it, named alone: its help is printed already.
  if (error instanceof CommanderError && error.code === 'commander.help') return USAGE
  const code = exitCode(error)
  const text = error instanceof Error ? error.message : String(error)
  const line = text
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, "; did you mean '$1'?")
    .trim()
  const stack = error instanceof Error && (code === BUG || process.env.FAULTLINE_DEBUG) ? `\n${error.stack}` : ''
  process.stderr.write(`faultline: ${code === BUG ? 'this is a bug in faultline: ' : ''}${line}${stack}\n`)
  return code
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError || error instanceof CommanderError) return USAGE
  if (error instanceof InputError) return FAILURE
  // What the operating system refuses and nobody has put in better words, such as a full disk.
  if (error instanceof Error && 'syscall' in error) return FAILURE
  return BUG
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

/** Ends quietly when the reader of our output has gone, and at once, but tidily, on Ctrl-C and the like. */
function handleEnds(): void {
  // What is thrown outside a command's own promise.
  process.once('uncaughtException', error => process.exit(report(error)))
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      if (process.stderr.isTTY) process.stderr.write('\n')
      process.exit(128 + constants.signals[signal])
    })
  }
}

if (process.argv[1] && import.meta.filename === realpathSync(process.argv[1])) {
  handleEnds()
  process.exitCode = await main(process.argv.slice(2))
}
