// Machines of tests: what a test does on one leaves nothing behind.
import { type BootOptions, boot, constants as C, type Ended, type Machine, type Process } from 'faultline'
import { afterEach, beforeEach, expect } from 'vitest'

/** Fails unless a machine's books balance, and as many frames are free as before. */
export function expectBalanced(machine: Machine, free: number): void {
  machine.validate()
  expect(machine.freeFrames).toBe(free)
}

/** Does something on a machine of the debug build, by default of 16 MiB; in the end its workers are ended, and all must be as it was once `prepare` was done with it. */
export async function withMachine(
  test: (machine: Machine, init: Process) => Promise<void> | void,
  options: Partial<BootOptions> = {},
  prepare: (machine: Machine) => void = () => {},
): Promise<void> {
  const machine = await boot({ memory: '16MiB', target: 'debug', ...options })
  prepare(machine)
  const free = machine.freeFrames
  await test(machine, machine.init)
  await machine.shutdown()
  expectBalanced(machine, free)
}

/**
 * Gives each test of a file a machine of the debug build, by default of 16 MiB: `begin` notes it. After the test `undo` takes back what the
 * test need not, init unmaps all, and the machine must be as it was before `begin`.
 */
export function onMachines(begin: (machine: Machine) => void, { undo = () => {}, memory = '16MiB' } = {}): void {
  let machine: Machine
  let free = 0
  beforeEach(async () => {
    machine = await boot({ memory, target: 'debug' })
    free = machine.freeFrames
    begin(machine)
  })
  afterEach(() => {
    machine.validate()
    undo()
    machine.init.munmap(0, 2 ** 47 - 4096)
    expectBalanced(machine, free)
  })
}

/** How a process's children ended that have ended, and that it had not waited for yet. */
export function reap(parent: Process): Ended[] {
  const children: Ended[] = []
  try {
    for (let child = parent.wait(); child; child = parent.wait()) children.push(child)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ECHILD' })
  }
  return children
}

/** Maps so many pages, and writes to each its number and one; returns their address. */
export function use(process: Process, pages: number, kind: number = C.MAP_PRIVATE | C.MAP_ANONYMOUS): number {
  const at = process.mmap(0, pages * 4096, C.PROT_READ | C.PROT_WRITE, kind)
  for (let page = 0; page < pages; page++) process.store32(at + page * 4096, page + 1)
  return at
}
