import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { SysError } from '../abi/errors.js'
import { InputError, UsageError } from '../core/errors.js'
import type { IpcsOptions, IpcsResource, IpcsView } from '../proc/ipcs.js'
import { ipcs } from '../sys/ipcs.js'
import { whole } from './options.js'

interface Flags {
  id?: number
  shmems?: true
  queues?: true
  semaphores?: true
  all?: true
  human?: true
  bytes?: true
}

/** The bytes of a file. Throws an InputError if it cannot be read. */
function read(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new InputError(
      `${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`,
    )
  }
}

/** The resources that are asked for; undefined for all of them. */
function resourcesOf({ all, ...flags }: Flags): IpcsResource[] | undefined {
  const chosen = (['shmems', 'queues', 'semaphores'] as const).filter(resource => flags[resource])
  return all || chosen.length === 0 ? undefined : chosen
}

/** What ipcs prints of a snapshot in a file. Throws an InputError if it is none, or has nothing with the id. */
function render(file: string, options: IpcsOptions): string {
  try {
    return ipcs(read(file), options)
  } catch (error) {
    if (error instanceof SysError) throw new InputError(`id ${options.id} not found`)
    throw error
  }
}

/** `faultline ipcs`: the IPC objects of a machine's snapshot, as util-linux's ipcs prints those of a Linux. */
export function ipcsCommand(): Command {
  let view: IpcsView | undefined
  const command = new Command('ipcs')
    .description("the IPC objects in a machine's snapshot, as the ipcs of util-linux prints those of a Linux")
    .argument('<snapshot>', 'a file with the bytes that machine.snapshot() gave')
    .option('-i, --id <id>', 'details on the resource with this id', whole('an id', 0, 2 ** 31 - 1))
    .option('-m, --shmems', 'shared memory segments')
    .option('-q, --queues', 'message queues')
    .option('-s, --semaphores', 'semaphores')
    .option('-a, --all', 'all (default)')
    .option('-t, --time', 'show attach, detach and change times')
    .option('-p, --pid', 'show PIDs of creator and last operator')
    .option('-c, --creator', 'show creator and owner')
    .option('-l, --limits', 'show resource limits')
    .option('-u, --summary', 'show status summary')
    .option('--human', 'show sizes in human-readable format')
    .option('-b, --bytes', 'show sizes in bytes')
    .action((file: string, flags: Flags) => {
      const resources = resourcesOf(flags)
      const sizes: { sizes?: 'human' | 'bytes' } = flags.human ? { sizes: 'human' } : flags.bytes ? { sizes: 'bytes' } : {}
      if (flags.id !== undefined && resources?.length !== 1) throw new UsageError('when using an ID, a single resource must be specified')
      const options = { ...(resources && { resources }), ...(view && { view }), ...sizes }
      process.stdout.write(render(file, flags.id === undefined ? options : { ...options, id: flags.id }))
    })
  // of several views the last one counts
  for (const name of ['time', 'pid', 'creator', 'limits', 'summary'] as const) {
    command.on(`option:${name}`, () => {
      view = name
    })
  }
  return command
}
