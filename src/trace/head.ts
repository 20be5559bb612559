// The first references of a trace, without reading the rest.
import { decodeTrace, type TraceOptions } from './decode.js'
import { Sink } from './sink.js'

/** A reference as the trace has it. */
export interface RawReference {
  /** Page number or object id. */
  page: bigint
  /** The address in the page, for formats that have addresses. */
  address: bigint | undefined
  write: boolean
}

/** Thrown through the decoder when there are enough. */
class Enough extends Error {}

class HeadSink extends Sink {
  readonly references: RawReference[] = []
  readonly #wanted: number

  constructor(wanted: number) {
    const capacity = Math.min(wanted, 4096)
    super(new Uint32Array(2 * capacity), new Uint8Array(capacity))
    this.#wanted = wanted
  }

  protected override drain(count: number): void {
    const shift = BigInt(this.shift)
    for (let i = 0; i < count && this.references.length < this.#wanted; i++) {
      const id = (BigInt(this.words[2 * i + 1] as number) << 32n) | BigInt(this.words[2 * i] as number)
      this.references.push({ page: id >> shift, address: shift > 0n ? id : undefined, write: this.kinds[i] === 1 })
    }
    if (this.references.length === this.#wanted) throw new Enough()
  }
}

/** The first references of a trace, as many as there are; throws what decodeTrace throws. */
export async function headOfTrace(source: string, wanted: number, options: TraceOptions = {}): Promise<RawReference[]> {
  const sink = new HeadSink(wanted)
  await decodeTrace(source, options, sink).catch(error => {
    if (!(error instanceof Enough)) throw error
  })
  return sink.references
}
