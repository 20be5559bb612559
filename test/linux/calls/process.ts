// Processes.
import type { Calls } from '../call.js'

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
}
