// What `faultline demo bank` shows: a table that changes in its place on a terminal, else a line a second and the last table.
import { clearScreenDown, moveCursor } from 'node:readline'
import Table from 'cli-table3'
import type { BankState } from './demoBank.js'
import { grouped } from './format.js'
import { BORDERS, painter } from './table.js'

/** Shows a bank while it is open. */
export class BankView {
  readonly #stream: NodeJS.WriteStream
  #height = 0
  #lastLine = 0

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  /** What is so now. */
  show(state: BankState): void {
    if (this.#stream.isTTY) {
      this.#paint(state)
      return
    }
    if (Math.floor(state.seconds) === this.#lastLine) return
    this.#lastLine = Math.floor(state.seconds)
    this.#stream.write(`${this.#lastLine} s: ${summary(state).join(', ')}\n`)
  }

  #paint(state: BankState): void {
    this.stop()
    const text = render(state, this.#stream.hasColors?.() ?? false)
    this.#height = text.split('\n').length - 1
    this.#stream.write(text)
  }

  /** The last table, which stays. */
  finish(state: BankState): void {
    if (!this.#stream.isTTY) this.#stream.write('\n')
    this.#paint(state)
    this.#height = 0
  }

  /** Takes away the table that is shown. */
  stop(): void {
    if (this.#height === 0) return
    moveCursor(this.#stream, 0, -this.#height)
    clearScreenDown(this.#stream)
    this.#height = 0
  }
}

function killed({ tellers }: BankState): number {
  return tellers.reduce((sum, teller) => sum + teller.killed, 0)
}

/** The facts, one by one. */
function summary(state: BankState): string[] {
  const { books, total } = state
  return [
    `${grouped(books.transfers)} transfers`,
    `${grouped(killed(state))} workers killed`,
    `${grouped(books.abandoned)} with the semaphore`,
    `${grouped(books.completed)} half-way`,
    `the accounts have ${grouped(books.sum)} of ${grouped(total)}`,
  ]
}

/** The table, and what the books say. */
function render(state: BankState, colour: boolean): string {
  const { tellers, books, total, seconds } = state
  const paint = painter(colour)
  const table = new Table({
    head: ['worker', 'process', 'transfers', 'killed'].map(text => paint('bold', text)),
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
    chars: BORDERS,
  })
  for (const [slot, { worker, killed }] of tellers.entries())
    table.push([String(slot + 1), worker ? String(worker.pid) : '-', grouped(books.bySlot[slot] ?? 0), grouped(killed)])
  const rows: [string, string][] = [
    ['seconds', seconds.toFixed(1)],
    ['transfers', `${grouped(books.transfers)} (${grouped(Math.round(books.transfers / seconds))} a second)`],
    ['workers killed', grouped(killed(state))],
    ['  with the semaphore', `${grouped(books.abandoned)}, which SEM_UNDO gave back`],
    ['  half-way', `${grouped(books.completed)}, which the next holder completed`],
    ['all accounts', `${grouped(books.sum)} of ${grouped(total)}: ${paint(['bold', 'green'], 'the sum holds')}`],
  ]
  return `${table.toString()}\n\n${rows.map(([name, value]) => ` ${name.padEnd(21)} ${value}`).join('\n')}\n`
}
