import { boot, constants as C, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { Ledger } from '#dist/cli/bankLedger.js'
import { faultline } from './run.ts'

const ACCOUNTS = 3

it('demo bank loses no money while its workers are killed', () => {
  const { code, stdout, stderr } = faultline(
    '.',
    'demo',
    'bank',
    '--seconds',
    '3',
    '--kill-every',
    '40',
    '--workers',
    '2',
    '--accounts',
    '5',
  )
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\d+ s: .* transfers, .* workers killed, .* the accounts have 5,000 of 5,000$/m)
  expect(stdout).toMatch(/all accounts +5,000 of 5,000: the sum holds/)
  expect(Number(/workers killed +(\d+)/.exec(stdout)?.[1])).toBeGreaterThan(0)
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120)
})

it('demo bank closes after so many transfers, and kills nobody unless told to', () => {
  const { code, stdout } = faultline('.', 'demo', 'bank', '--seconds', '1000', '--transfers', '300', '--kill-every', '0')
  expect(code).toBe(0)
  const transfers = Number(/^ transfers +(\d+)/m.exec(stdout)?.[1])
  expect(transfers).toBeGreaterThanOrEqual(300)
  // those that were at it, one each
  expect(transfers).toBeLessThanOrEqual(303)
  expect(stdout).toMatch(/workers killed +0$/m)
})

it('demo bank prints its books as JSON', () => {
  const { code, stdout, stderr } = faultline('.', 'demo', 'bank', '--json', '--transfers', '100', '--kill-every', '0', '--workers', '2')
  expect([code, stderr]).toEqual([0, ''])
  const { options, seconds, workers, ...books } = JSON.parse(stdout)
  expect(options).toEqual({ workers: 2, accounts: 16, seconds: 5, transfers: 100, killEvery: 0, seed: 1 })
  expect(books).toEqual({ total: 16_000, sum: 16_000, transfers: expect.any(Number), abandoned: 0, completed: 0 })
  expect(seconds).toBeGreaterThan(0)
  expect(workers).toHaveLength(2)
  expect(workers[0].transfers + workers[1].transfers).toBe(books.transfers)
  expect(workers[0].killed + workers[1].killed).toBe(0)
})

it.each([
  [['--workers', '0'], "the number of workers is a whole number from 1 to 31, not '0'"],
  [['--accounts', '1'], "the number of accounts is a whole number from 2 to 100000, not '1'"],
  [['--seconds', 'x'], "the number of seconds is a whole number from 1 to 1000000, not 'x'"],
  [['--kill-every', '-1'], "the number of milliseconds is a whole number from 0 to 1000000, not '-1'"],
  [['--tellers', '3'], "unknown option '--tellers'"],
])('demo bank refuses %s', (args, message) => {
  expect(faultline('.', 'demo', 'bank', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

/** A process whose life ends at its store number `last`, which is not done any more. */
function mortal(process: Process, last: number): Process {
  let stores = 0
  const store32 = (address: number, value: number): void => {
    if (++stores >= last) throw new Error('killed')
    process.store32(address, value)
  }
  return { pid: process.pid, load32: (address: number) => process.load32(address), store32 } as Process
}

/** Lets a process begin something and be killed at a store; says whether it was. */
function dies(action: () => void): boolean {
  try {
    action()
    return false
  } catch (error) {
    if ((error as Error).message === 'killed') return true
    throw error
  }
}

it('completes or leaves a transfer whose process is killed at any store, and a completion that is killed too', async () => {
  const { init } = await boot({ memory: '16MiB', target: 'debug' })
  const at = init.shmat(init.shmget(C.IPC_PRIVATE, Ledger.bytes(ACCOUNTS), 0o600), 0, 0)
  const next = new Ledger(init, at, ACCOUNTS)
  const outcomes = new Set<string>()
  const deaths = { transfers: 0, completions: 0 }
  for (let first = 1; ; first++) {
    let completing = true
    let killed = false
    for (let second = 1; completing; second++) {
      init.fill(at, 0, Ledger.bytes(ACCOUNTS))
      next.open(100)
      const victim = new Ledger(mortal(init, first), at, ACCOUNTS)
      killed = dies(() => {
        victim.enter()
        victim.transfer({ slot: 1, from: 0, to: 2, amount: 30 }, () => {})
        victim.leave()
      })
      completing = dies(() => new Ledger(mortal(init, second), at, ACCOUNTS).enter())
      if (completing) deaths.completions++
      next.enter()
      next.leave()
      const { sum, transfers, bySlot, completed } = next.read()
      expect([sum, bySlot[1]]).toEqual([100 * ACCOUNTS, transfers])
      outcomes.add(`${transfers} ${completed}`)
    }
    if (!killed) break
    deaths.transfers++
  }
  // nothing begun; completed by the next; done before the end. Killed as it counts, who completes is not counted
  expect([...outcomes].sort()).toEqual(['0 0', '1 0', '1 1'])
  expect(deaths.transfers).toBeGreaterThan(10)
  expect(deaths.completions).toBeGreaterThan(20)
})
