// Processes.
import { type Calls, syscall } from '../call.js'
import type { Argument, Shown } from '../program.js'
import type { World } from '../world.js'

/** A status of waitpid: the exit code, or the signal that ended the process. */
function showStatus(status: number): Shown {
  return (status & 127) === 0 ? status >> 8 : `signal ${status & 127}`
}

/** Signals that end a process, that do nothing, and numbers of none. Those that stop one, the machine does not have. */
const HARMLESS = [17, 18, 23, 28, 0, 0, 0, 65, -1]
const SIGNALS = [1, 2, 9, 9, 10, 13, 14, 15, 15, 6, 11, 3, 32, 40, 64, ...HARMLESS]

/** A signal to one process, or to many: then it ends at most one of them, as several would end in any order on Linux. */
function signalTo(world: World): Argument[] {
  const pid = world.pid()
  const others = world.processes.length - 1
  const reached = pid === 0 ? others + 1 : pid === -1 ? others : 1
  return [pid, world.pick(reached > 1 ? HARMLESS : SIGNALS)]
}

export const processCalls: Calls = {
  fork: {
    linux: args => ['fork', ...args],
    // the runner knows the child by its number
    machine: () => undefined,
    generate: world => world.newProcess(),
    weight: 2,
  },
  exit: {
    linux: args => ['exit', ...args],
    machine: (p, [code = 0]) => void p.exit(code),
    generate: world => world.endProcess(),
    weight: 1,
  },
  kill: {
    linux: args => ['kill', ...args],
    machine: (p, [pid = 0, signal = 0]) => void p.kill(pid, signal),
    generate: signalTo,
    weight: 1,
  },
  join: {
    linux: () => ['join'],
    // the runner knows what the process began
    machine: () => undefined,
  },
  wait: {
    linux: args => ['wait', ...args],
    decode: ([pid = 0, status]) => [pid, showStatus(Number(status))],
    machine: p => {
      const ended = p.wait()
      if (!ended) return [0, [0, 0]]
      return [ended.pid, [ended.pid, ended.signal ? `signal ${ended.exitCode - 128}` : ended.exitCode]]
    },
    generate: () => [],
    weight: 2,
  },
  unshare: {
    linux: syscall(272),
    machine: (p, [flags = 0]) => void p.unshare(flags),
    generate: world => (world.oneIn(4) ? ['CLONE_NEWIPC'] : undefined),
    weight: 1,
  },
  sysctl: {
    linux: args => ['sysctl', ...args],
    // the runner asks the machine, not a process
    machine: () => undefined,
  },
}
