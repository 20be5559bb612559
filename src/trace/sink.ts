// Where decoders put references: a batch in core memory, drained when it is full.
import type { EventCall } from './events.js'

/** Receives references one by one, or straight into its batch; a subclass says what becomes of full batches. */
export abstract class Sink {
  /** The batch's ids or addresses: low and high half of each, in that order. */
  readonly words: Uint32Array
  /** The batch's kinds: 1 for a write, 0 for a read. */
  readonly kinds: Uint8Array
  /** How many references a batch holds. */
  readonly capacity: number
  /** References in the batch. A decoder that writes into the batch itself adds to it and calls `flush` when it is full. */
  count = 0
  /** Bytes in a page. */
  pageSize = 4096
  /** Whether the references name pages of that size; else objects, which larger pages cannot be made of. */
  paged = false
  /** By how many bits `drain` shifts what is in the batch right to get page numbers. */
  shift = 0

  constructor(words: Uint32Array, kinds: Uint8Array) {
    this.words = words
    this.kinds = kinds
    this.capacity = kinds.length
  }

  /** Takes the first `count` references of the batch. */
  protected abstract drain(count: number): void

  /** Says which process the references that follow are of; passed over unless a subclass wants it. */
  turn(_process: number): void {}

  /** Adds what that process does between two references, as a line of the trace says; passed over unless a subclass wants it. */
  event(_call: EventCall, _line: number): void {}

  /** Called between chunks of input: waits until what was drained has gone where it goes. */
  async settle(): Promise<void> {}

  /** Drains the batch. */
  flush(): void {
    const { count } = this
    this.count = 0
    if (count > 0) this.drain(count)
  }

  /** Adds one reference to an id or address. */
  push(lo: number, hi: number, write: number): void {
    const at = this.count++
    this.words[2 * at] = lo
    this.words[2 * at + 1] = hi
    this.kinds[at] = write
    if (at + 1 === this.capacity) this.flush()
  }

  /** Adds a reference to each page that the `size` bytes at an address touch; size 0 counts as 1. */
  access(lo: number, hi: number, size: number, write: number): void {
    this.push(lo, hi, write)
    let left = size - (this.pageSize - (lo & (this.pageSize - 1)))
    let low = (lo & -this.pageSize) >>> 0
    let high = hi
    for (; left > 0; left -= this.pageSize) {
      low += this.pageSize
      if (low >= 0x1_0000_0000) {
        low -= 0x1_0000_0000
        high = (high + 1) >>> 0
      }
      this.push(low, high, write)
    }
  }

  /** Adds a reference to each page that the `size` bytes behind the start of a 512-byte block touch. */
  blocks(lo: number, hi: number, size: number, write: number): void {
    this.access((lo << 9) >>> 0, ((hi << 9) | (lo >>> 23)) >>> 0, size, write)
  }
}

/** Counts references and forgets them. */
export class CountingSink extends Sink {
  /** References so far, those in the batch left out. */
  drained = 0

  constructor(capacity = 1024) {
    super(new Uint32Array(2 * capacity), new Uint8Array(capacity))
  }

  protected override drain(count: number): void {
    this.drained += count
  }

  /** References so far. */
  get total(): number {
    return this.drained + this.count
  }
}
