// Processes.
import { type Calls, syscall } from '../call.js'

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
  wait: {
    linux: args => ['wait', ...args],
    decode: ([pid = 0, status]) => [pid, Number(status) >> 8],
    machine: p => {
      const ended = p.wait()
      return ended ? [ended.pid, [ended.pid, ended.exitCode]] : [0, [0, 0]]
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
