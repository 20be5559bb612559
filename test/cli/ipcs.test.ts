import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boot, constants as C, ipcs } from 'faultline'
import { beforeAll, expect, it } from 'vitest'
import { faultline, scratch } from './run.ts'

const directory = scratch()
let snapshot: Uint8Array

beforeAll(async () => {
  const machine = await boot({ memory: '16MiB' })
  const { init } = machine
  init.shmget(0x1234, 8192, C.IPC_CREAT | 0o600)
  init.semget(5, 3, C.IPC_CREAT | 0o600)
  init.msgsnd(init.msgget(6, C.IPC_CREAT | 0o600), { type: 1, text: new Uint8Array(2000) })
  snapshot = machine.snapshot()
  writeFileSync(join(directory, 'machine.snapshot'), snapshot)
  writeFileSync(join(directory, 'damaged.snapshot'), snapshot.subarray(0, -9))
})

it('prints what the library does; the last of several views counts, and -a is all', () => {
  const run = (...args: string[]): string => {
    const { code, stdout, stderr } = faultline(directory, 'ipcs', 'machine.snapshot', ...args)
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }
  expect(run()).toBe(ipcs(snapshot))
  expect(run('-mq', '--human')).toBe(ipcs(snapshot, { resources: ['queues', 'shmems'], sizes: 'human' }))
  expect(run('-s', '--all', '-l', '-t', '-u', '-b')).toBe(ipcs(snapshot, { view: 'summary', sizes: 'bytes' }))
  expect(run('-p', '-c')).toBe(ipcs(snapshot, { view: 'creator' }))
  expect(run('-q', '-i', '0')).toBe(ipcs(snapshot, { resources: ['queues'], id: 0 }))
})

const cases: [args: string, code: 1 | 2, message: string][] = [
  ['', 2, "missing required argument 'snapshot'"],
  ['none', 1, 'none: there is no such file'],
  ['damaged.snapshot', 1, 'this snapshot is truncated or damaged'],
  ['machine.snapshot -i 0', 2, 'when using an ID, a single resource must be specified'],
  ['machine.snapshot -m -s -i 0', 2, 'when using an ID, a single resource must be specified'],
  ['machine.snapshot -a -i 0', 2, 'when using an ID, a single resource must be specified'],
  ['machine.snapshot -m -i x', 2, "an id is a whole number from 0 to 2147483647, not 'x'"],
  ['machine.snapshot -m -i 77', 1, 'id 77 not found'],
]

it.each(cases)('ipcs %s: exit code %i', (args, code, message) => {
  const result = faultline(directory, 'ipcs', ...args.split(' ').filter(Boolean))
  expect(result).toEqual({ code, stdout: '', stderr: `faultline: ${message}\n` })
})
