// ipcs against what the ipcs of a real Linux printed of the same objects: fixtures/ipcs.txt, by fixtures/ipcs.py.
import { readFileSync } from 'node:fs'
import { boot, constants as C, type IpcsOptions, ipcs, type Machine } from 'faultline'
import { expect, it } from 'vitest'

const FIXTURE = new URL('../fixtures/ipcs.txt', import.meta.url)

/** What Linux's ipcs printed, by its options. */
const PRINTED = new Map(
  readFileSync(FIXTURE, 'utf8')
    .split(/^\$ /m)
    .slice(1)
    .map(text => [text.slice('ipcs'.length, text.indexOf('\n')).trim(), text.slice(text.indexOf('\n') + 1)]),
)

/** A text whose times are all the same. */
function timeless(text: string): string {
  return text
    .replace(/\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}/g, 'WWW MMM DD HH:MM:SS YYYY')
    .replace(/\w{3} [ \d]\d [\d:]{8}/g, 'MMM DD HH:MM:SS')
}

/** The objects that fixtures/ipcs.py makes. */
async function makeMachine(): Promise<Machine> {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const p = machine.init
  const segment = p.shmget(0x1234, 8192, C.IPC_CREAT | 0o640)
  p.store8(p.shmat(segment, 0, 0), 1)
  const other = p.shmget(C.IPC_PRIVATE, 10_000_000, 0o600)
  p.shmctl(other, C.IPC_SET, { uid: 4242, gid: 4243, mode: 0o604 })
  p.shmctl(other, C.SHM_LOCK)
  const doomed = p.shmget(-2, 100, C.IPC_CREAT | 0o7)
  p.shmat(doomed, 0, 0)
  p.shmctl(doomed, C.IPC_RMID)
  const semaphores = p.semget(5, 3, C.IPC_CREAT | 0o600)
  p.semctl(semaphores, 0, C.SETALL, [7, 0, 32767])
  p.semop(semaphores, [{ num: 0, op: -2 }])
  p.semctl(p.semget(C.IPC_PRIVATE, 250, 0o20), 0, C.IPC_SET, { uid: 4242, gid: 0, mode: 0 })
  const queue = p.msgget(0x7fffffff, C.IPC_CREAT | 0o622)
  for (const size of [23, 1500, 0]) p.msgsnd(queue, { type: 1, text: new Uint8Array(size) })
  p.msgrcv(queue, 2000)
  p.msgctl(p.msgget(C.IPC_PRIVATE, 0o700), C.IPC_SET, { uid: 4242, gid: 0, mode: 0o7, qbytes: 9000 })
  return machine
}

const LETTERS: Readonly<Record<string, IpcsOptions>> = {
  '-t': { view: 'time' },
  '-p': { view: 'pid' },
  '-c': { view: 'creator' },
  '-l': { view: 'limits' },
  '-u': { view: 'summary' },
  '-b': { sizes: 'bytes' },
  '--human': { sizes: 'human' },
}
const RESOURCES = { '-m': 'shmems', '-q': 'queues', '-s': 'semaphores' } as const

/** The options that a command line stands for. */
function optionsOf(line: string): IpcsOptions {
  const words = line.split(' ').filter(Boolean)
  const options: IpcsOptions = Object.assign({}, ...words.map(word => LETTERS[word] ?? {}))
  const resources = Object.entries(RESOURCES).flatMap(([letter, resource]) => (words.includes(letter) ? [resource] : []))
  if (resources.length > 0 && !words.includes('-a')) options.resources = resources
  if (words.includes('-i')) options.id = Number(words[words.indexOf('-i') + 1])
  return options
}

it('prints what the ipcs of Linux prints, of a machine and of its snapshot', async () => {
  const machine = await makeMachine()
  const snapshot = machine.snapshot()
  expect(PRINTED.size).toBeGreaterThan(20)
  for (const [line, text] of PRINTED) {
    const expected = timeless(text)
    expect(timeless(machine.ipcs(optionsOf(line))), line).toBe(expected)
    expect(timeless(ipcs(snapshot, optionsOf(line))), line).toBe(expected)
  }
})

it('shows who waits, and a snapshot as it was taken', async () => {
  const machine = await boot({ memory: '16MiB' })
  const p = machine.init
  const id = p.semget(1, 2, C.IPC_CREAT | 0o600)
  const waits = [p.semopAsync(id, [{ num: 1, op: -1 }]), p.semopAsync(id, [{ num: 1, op: -3 }])]
  p.semctl(id, 0, C.SETVAL, 5)
  const waiting = p.fork().semopAsync(id, [{ num: 0, op: 0 }])
  const details = machine.ipcs({ resources: ['semaphores'], id })
  expect(details).toContain(
    '\n0          5          0          1          1         \n1          0          2          0          0         \n',
  )
  const snapshot = machine.snapshot()
  p.semctl(id, 0, C.IPC_RMID)
  await Promise.allSettled([...waits, waiting])
  expect(ipcs(snapshot, { resources: ['semaphores'], id })).toBe(details)
  expect(machine.ipcs({ resources: ['semaphores'] })).toBe(
    '\n------ Semaphore Arrays --------\nkey        semid      owner      perms      nsems     \n\n',
  )
})

it('rounds sizes as util-linux does', async () => {
  const machine = await boot({ memory: '16MiB' })
  const sizes = [1, 1023, 1024, 1075, 1076, 1536, 10_000, 1_048_575, 1_048_576, 3_000_000]
  const ids = sizes.map(size => machine.init.shmget(C.IPC_PRIVATE, size, 0o600))
  const shown = ids.map(id => /size=(\S+)/.exec(machine.ipcs({ resources: ['shmems'], id, sizes: 'human' }))?.[1])
  expect(shown).toEqual(['1B', '1023B', '1K', '1K', '1.1K', '1.5K', '9.8K', '1024K', '1M', '2.9M'])
})

it('takes known options only', async () => {
  const machine = await boot({ memory: '16MiB' })
  const bad = [{ view: 'x' }, { resources: ['x'] }, { sizes: 1 }, { verbose: true }, { id: 1 }, { id: '1', resources: ['shmems'] }]
  for (const options of bad) expect(() => machine.ipcs(options as IpcsOptions)).toThrow(TypeError)
  expect(() => machine.ipcs({ resources: ['queues'], id: 7 })).toThrow('EINVAL')
  expect(() => ipcs(new Uint8Array(40))).toThrow('no snapshot')
})
