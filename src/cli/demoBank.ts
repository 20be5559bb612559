// `faultline demo bank`: processes that move money in a shared segment, under a semaphore, while they are killed.
import { setTimeout as delay } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { constants as C } from '../abi/constants.js'
import { boot, type Machine } from '../sys/machine.js'
import type { WorkerProcess } from '../sys/spawn.js'
import { Random } from '../trace/random.js'
import { type BankOrder, type Books, Ledger, LOCK, MAX_SLOTS, UNLOCK } from './bankLedger.js'
import { BankView } from './bankView.js'
import { whole } from './options.js'

/** What the command is told. */
export interface BankOptions {
  workers: number
  accounts: number
  seconds: number
  transfers: number
  /** Milliseconds between kills, on average; 0 for none. */
  killEvery: number
  seed: number
}

/** Who moves money: a process, and after it is killed the next in its place. */
export interface Teller {
  worker: WorkerProcess | undefined
  killed: number
  /** The transfers made in its place before the process was started. */
  before: number
}

/** What is shown while the bank is open, and in the end. */
export interface BankState {
  options: BankOptions
  tellers: readonly Teller[]
  books: Books
  /** What the accounts had at first. */
  total: number
  /** Since the first worker was started. */
  seconds: number
}

const BALANCE = 1000
/** Milliseconds between two looks at the books. */
const AUDIT = 200
const FOREVER = 2 ** 32 - 1

/** The bank: a machine, its segment and its semaphore. */
class Bank {
  readonly #machine: Machine
  readonly #options: BankOptions
  readonly #segment: number
  readonly #semaphore: number
  readonly #ledger: Ledger
  readonly #tellers: Teller[]
  readonly #start = performance.now()
  #isOpen = true

  constructor(machine: Machine, options: BankOptions) {
    const { init } = machine
    this.#machine = machine
    this.#options = options
    this.#segment = init.shmget(C.IPC_PRIVATE, Ledger.bytes(options.accounts), 0o600)
    this.#semaphore = init.semget(C.IPC_PRIVATE, 1, 0o600)
    init.semctl(this.#semaphore, 0, C.SETVAL, 1)
    this.#ledger = new Ledger(init, init.shmat(this.#segment, 0, 0), options.accounts)
    this.#ledger.open(BALANCE)
    this.#tellers = Array.from({ length: options.workers }, () => ({ worker: undefined, killed: 0, before: 0 }))
  }

  /** A process after another in one place, until the bank is closed. */
  async #serve(slot: number, teller: Teller): Promise<void> {
    const { accounts, seed, transfers } = this.#options
    while (this.#isOpen) {
      const stream = 1 + slot + teller.killed * MAX_SLOTS
      const order: BankOrder = { segment: this.#segment, semaphore: this.#semaphore, accounts, slot, seed, stream, transfers }
      teller.before = this.#ledger.transfersOf(slot)
      teller.worker = await this.#machine.spawn(new URL('bankWorker.js', import.meta.url), { workerData: order })
      const code = await teller.worker.exited
      teller.worker = undefined
      if (code === 0) return
      if (code !== 128 + C.SIGKILL) throw new Error(`a worker ended with ${code}`)
      teller.killed++
    }
  }

  /** Kills one of those who have moved money, now and then: on a busy machine a thread may take longer to start than it is given. */
  async #kill(): Promise<void> {
    const { killEvery, seed } = this.#options
    const random = new Random(seed)
    while (this.#isOpen && killEvery > 0) {
      await delay(killEvery * (0.5 + random.fraction()))
      const atWork = this.#tellers.flatMap(({ worker, before }, slot) => (this.#ledger.transfersOf(slot) > before && worker) || [])
      const victim = atWork[random.below(Math.max(1, atWork.length))]
      if (victim && this.#isOpen) this.#machine.init.kill(victim.pid, 'SIGKILL')
    }
  }

  /** What the books say, once nobody else holds the semaphore; throws if the sum does not hold. */
  async audit(): Promise<BankState> {
    const { init } = this.#machine
    await init.semopAsync(this.#semaphore, LOCK)
    this.#ledger.enter()
    const books = this.#ledger.read()
    this.#ledger.leave()
    init.semop(this.#semaphore, UNLOCK)
    const total = this.#options.accounts * BALANCE
    if (books.sum !== total) throw new Error(`the accounts have ${books.sum}, not ${total}`)
    const counted = books.bySlot.reduce((sum, count) => sum + count, 0)
    if (counted !== books.transfers) throw new Error(`the workers counted ${counted} transfers, the bank ${books.transfers}`)
    return { options: this.#options, tellers: this.#tellers, books, total, seconds: (performance.now() - this.#start) / 1000 }
  }

  /** Shows the books until it is time to close, counted from the first transfers: how long threads take to start depends on the machine. */
  async #watch(show: (state: BankState) => void): Promise<void> {
    let end = Number.POSITIVE_INFINITY
    while (this.#isOpen) {
      const state = await this.audit()
      show(state)
      if (state.books.transfers > 0) end = Math.min(end, state.seconds + this.#options.seconds)
      if (state.seconds >= end) this.#ledger.close()
      this.#isOpen = !this.#ledger.isClosed
      if (this.#isOpen) await delay(Math.min(AUDIT, Math.max(1, (end - state.seconds) * 1000)))
    }
  }

  /** Opens the bank until it is time to close; returns what the books say then. */
  async run(show: (state: BankState) => void): Promise<BankState> {
    try {
      await Promise.all([...this.#tellers.map((teller, slot) => this.#serve(slot, teller)), this.#kill(), this.#watch(show)])
      return await this.audit()
    } finally {
      this.#isOpen = false
    }
  }
}

/** Runs the bank; throws if money was lost or the machine's own books do not balance. */
export async function runBank(options: BankOptions, show: (state: BankState) => void = () => {}): Promise<BankState> {
  const machine = await boot({ memory: '16MiB', cpus: options.workers + 1 })
  try {
    const state = await new Bank(machine, options).run(show)
    machine.validate()
    return state
  } finally {
    await machine.shutdown()
  }
}

/** What --json prints. */
function facts({ options, tellers, books, total, seconds }: BankState): object {
  const { sum, transfers, abandoned, completed, bySlot } = books
  const { transfers: limit, ...told } = options
  return {
    options: { ...told, transfers: limit === FOREVER ? null : limit },
    seconds,
    total,
    sum,
    transfers,
    abandoned,
    completed,
    workers: tellers.map(({ killed }, slot) => ({ transfers: bySlot[slot] ?? 0, killed })),
  }
}

const EXPLANATION = `
How a process is killed half-way through a transfer, and no money is lost:
  1. Who holds the semaphore writes into the segment what will be true after the transfer, then marks that record
     as valid, then changes the accounts, then takes the mark away.
  2. Killed, it no longer holds the semaphore: its semop said SEM_UNDO, and the kernel undoes it.
  3. Who gets the semaphore next looks at the record first. If it is valid, the accounts are made to be as it says,
     which may be done twice. If it is not, no account was touched.`

/** `faultline demo bank`. */
export function bankCommand(): Command {
  return new Command('bank')
    .description('processes move money in shared memory under a semaphore and are killed at it; the sum holds')
    .option('-w, --workers <count>', 'processes, each a worker thread', whole('the number of workers', 1, MAX_SLOTS), 3)
    .option('-a, --accounts <count>', 'accounts in the shared segment', whole('the number of accounts', 2, 100_000), 16)
    .option('-s, --seconds <number>', 'how long the bank is open', whole('the number of seconds', 1, 1_000_000), 5)
    .addOption(
      new Option('-t, --transfers <count>', 'close after so many transfers, if that comes first')
        .argParser(whole('the number of transfers', 1, FOREVER))
        .default(FOREVER, 'no limit'),
    )
    .option(
      '-k, --kill-every <ms>',
      'milliseconds between kills, on average; 0 for none',
      whole('the number of milliseconds', 0, 1_000_000),
      200,
    )
    .option('--seed <number>', 'of what workers choose and who is killed', whole('the seed', 0, 2 ** 32 - 1), 1)
    .option('--json', 'print one JSON object when the bank has closed')
    .addHelpText('after', `${EXPLANATION}\n\nThe exit code is 0 only if the sum holds and the machine's own books balance.`)
    .action(async ({ json = false, ...options }: BankOptions & { json?: boolean }) => {
      if (json) {
        process.stdout.write(`${JSON.stringify(facts(await runBank(options)), null, 2)}\n`)
        return
      }
      const view = new BankView(process.stdout)
      try {
        view.finish(await runBank(options, state => view.show(state)))
      } finally {
        view.stop()
      }
      process.stdout.write(`${EXPLANATION}\n`)
    })
}
