// The bank of `faultline demo bank`: accounts in a shared segment, and a record written ahead of every transfer.
// Who holds the semaphore may be killed between any two of its stores. So a transfer is first written down as what
// will be true after it; from the store that makes the record valid on, it happens, and the next holder
// completes it: doing so twice gives the same. Before that store it has not begun, and nothing is to undo.
import { constants as C } from '../abi/constants.js'
import type { Process } from '../sys/process.js'

/** A worker's account book: where its transfers are counted. */
export const MAX_SLOTS = 31

/** The semaphore's value is 1 while nobody holds it. With SEM_UNDO the kernel gives back what a process held that ended. */
export const LOCK = [{ num: 0, op: -1, flg: C.SEM_UNDO }]
export const UNLOCK = [{ num: 0, op: 1, flg: C.SEM_UNDO }]

/** Words of the segment. */
const HOLDER = 0
const VALID = 4
const [FROM, FROM_AFTER, TO, TO_AFTER, SLOT, SLOT_AFTER, COUNT_AFTER] = [8, 12, 16, 20, 24, 28, 32]
const COUNT = 36
const COMPLETED = 40
const ABANDONED = 44
const CLOSED = 48
const NEVER = 52
const SLOTS = 64
const ACCOUNTS = SLOTS + 4 * (MAX_SLOTS + 1)

/** What a worker is to know. */
export interface BankOrder {
  segment: number
  semaphore: number
  accounts: number
  slot: number
  seed: number
  stream: number
  /** After how many transfers in all the bank closes. */
  transfers: number
}

/** A transfer to be made. */
export interface Transfer {
  slot: number
  from: number
  to: number
  amount: number
}

/** What the books say. */
export interface Books {
  sum: number
  transfers: number
  bySlot: number[]
  /** Transfers that the next holder of the semaphore completed. */
  completed: number
  /** How often a holder was gone, half-way or not. */
  abandoned: number
}

/** The accounts as one process sees them; every method but `isClosed`, `close` and `transfersOf` is for who holds the semaphore. */
export class Ledger {
  readonly #process: Process
  readonly #at: number
  readonly #accounts: number

  constructor(process: Process, at: number, accounts: number) {
    this.#process = process
    this.#at = at
    this.#accounts = accounts
  }

  /** The bytes of a segment for so many accounts. */
  static bytes(accounts: number): number {
    return ACCOUNTS + accounts * 4
  }

  #get(word: number): number {
    return this.#process.load32(this.#at + word)
  }

  #set(word: number, value: number): void {
    this.#process.store32(this.#at + word, value)
  }

  /** Gives every account its first money. */
  open(balance: number): void {
    for (let account = 0; account < this.#accounts; account++) this.#set(ACCOUNTS + account * 4, balance)
  }

  get isClosed(): boolean {
    return this.#get(CLOSED) !== 0
  }

  close(): void {
    this.#set(CLOSED, 1)
  }

  /** How many transfers a worker's place has made so far. */
  transfersOf(slot: number): number {
    return this.#get(SLOTS + slot * 4)
  }

  /** What a process does first that got the semaphore: completes what one left that was killed with it. */
  enter(): void {
    if (this.#get(HOLDER) !== 0) this.#set(ABANDONED, this.#get(ABANDONED) + 1)
    this.#set(HOLDER, this.#process.pid)
    if (this.#get(VALID) === 0) return
    this.#apply(() => {})
    this.#set(COMPLETED, this.#get(COMPLETED) + 1)
  }

  /** What it does last. */
  leave(): void {
    this.#set(HOLDER, 0)
  }

  /** Moves money, at most what there is; calls `pause` where being killed matters. Returns how many transfers there were so far. */
  transfer({ slot, from, to, amount }: Transfer, pause: () => void): number {
    const moved = Math.min(amount, this.#get(ACCOUNTS + from * 4))
    const count = this.#get(COUNT) + 1
    this.#set(FROM, from)
    this.#set(FROM_AFTER, this.#get(ACCOUNTS + from * 4) - moved)
    this.#set(TO, to)
    this.#set(TO_AFTER, this.#get(ACCOUNTS + to * 4) + moved)
    this.#set(SLOT, slot)
    this.#set(SLOT_AFTER, this.#get(SLOTS + slot * 4) + 1)
    this.#set(COUNT_AFTER, count)
    pause()
    this.#set(VALID, 1)
    this.#apply(pause)
    return count
  }

  /** Makes true what the record says, as often as it may be begun. */
  #apply(pause: () => void): void {
    this.#set(ACCOUNTS + this.#get(FROM) * 4, this.#get(FROM_AFTER))
    pause() // the money is in no account
    this.#set(ACCOUNTS + this.#get(TO) * 4, this.#get(TO_AFTER))
    this.#set(SLOTS + this.#get(SLOT) * 4, this.#get(SLOT_AFTER))
    this.#set(COUNT, this.#get(COUNT_AFTER))
    this.#set(VALID, 0)
  }

  /** Sleeps for a millisecond, on a word that nobody notifies. */
  dawdle(): void {
    this.#process.waitOn(this.#at + NEVER, 0, 1)
  }

  /** What the books say. */
  read(): Books {
    const words = (at: number, count: number): number[] => Array.from({ length: count }, (_, i) => this.#get(at + i * 4))
    return {
      sum: words(ACCOUNTS, this.#accounts).reduce((sum, balance) => sum + balance, 0),
      transfers: this.#get(COUNT),
      bySlot: words(SLOTS, MAX_SLOTS),
      completed: this.#get(COMPLETED),
      abandoned: this.#get(ABANDONED),
    }
  }
}
