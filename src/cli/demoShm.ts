// What `faultline demo shm` does: two processes attach one segment at different addresses, and share private
// pages by fork, one of which the child writes.
import { constants as C } from '../abi/constants.js'
import type { Inspection } from '../proc/inspection.js'
import { boot } from '../sys/machine.js'
import type { Process } from '../sys/process.js'

/** One call, as it would be written, and what it gave. */
export interface Step {
  pid: number
  call: string
  result: string
}

/** What happened, and the machine after it. */
export interface Demo {
  steps: Step[]
  inspection: Inspection
}

const PAGE = 4096

/** Boots a machine and lets its processes share memory. */
export async function runDemo(): Promise<Demo> {
  const machine = await boot({ memory: '16MiB' })
  const steps: Step[] = []
  const log = <Result>({ pid }: Process, call: string, result: Result, text = shown(result)): Result => {
    steps.push({ pid, call, result: text })
    return result
  }
  const p = machine.init
  const own = log(
    p,
    'mmap(0, 8192, RW, PRIVATE | ANONYMOUS)',
    p.mmap(0, 2 * PAGE, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS),
  )
  log(p, `store32(${hex(own)}, 1)`, p.store32(own, 1))
  log(p, `store32(${hex(own + PAGE)}, 2)`, p.store32(own + PAGE, 2))
  const child = p.fork()
  log(p, 'fork()', child.pid, String(child.pid))
  log(child, `store32(${hex(own + PAGE)}, 3)`, child.store32(own + PAGE, 3))
  const id = p.shmget(0x1234, 3 * PAGE, C.IPC_CREAT | 0o600)
  log(p, 'shmget(0x1234, 12288, IPC_CREAT | 0600)', id, String(id))
  const here = log(p, `shmat(${id}, 0, 0)`, p.shmat(id, 0, 0))
  const there = log(child, `shmat(${id}, 0x600000000000, 0)`, child.shmat(id, 0x600000000000, 0))
  log(p, `store32(${hex(here)}, 42)`, p.store32(here, 42))
  log(child, `load32(${hex(there)})`, child.load32(there), String(child.load32(there)))
  log(child, `store32(${hex(there + 2 * PAGE)}, 43)`, child.store32(there + 2 * PAGE, 43))
  return { steps, inspection: machine.inspect() }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`
}

/** A result as it is printed: an address, or nothing. */
function shown(result: unknown): string {
  return typeof result === 'number' ? hex(result) : ''
}
