import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { InputError, missRatioCurve, openTrace, replay, type Trace, UsageError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { pagesOf } from './traces.ts'

async function* chunks<T>(...values: T[]): AsyncGenerator<T> {
  yield* values
}

describe('openTrace of page numbers in memory', () => {
  it('numbers pages densely in order of first appearance', async () => {
    const trace = await openTrace([7, 3, 7, 2 ** 40, 3])
    expect([...(trace.chunks[0] as Uint32Array)]).toEqual([0, 1, 0, 2, 1])
    expect([...trace.ids]).toEqual([7n, 3n, 2n ** 40n])
    expect(trace).toMatchObject({ path: '(array)', format: 'array', pageSize: 4096, references: 5, uniquePages: 3, reads: 5, writes: 0 })
  })

  it('takes arrays, typed arrays and streams of them alike', async () => {
    const pages = [5, 6, 5, 9]
    const wide = BigUint64Array.from(pages, BigInt)
    for (const source of [
      pages,
      Uint32Array.from(pages),
      wide,
      chunks(pages.slice(0, 1), pages.slice(1)),
      chunks(wide, new BigUint64Array()),
    ]) {
      expect(pagesOf(await openTrace(source))).toEqual([5n, 6n, 5n, 9n])
    }
  })

  it('keeps any 64-bit page numbers in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1 }), async pages => {
        const trace: Trace = await openTrace(BigUint64Array.from(pages))
        expect(pagesOf(trace)).toEqual(pages)
        expect(trace.uniquePages).toBe(new Set(pages).size)
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  it('takes typed arrays of another realm', async () => {
    const pages = runInNewContext('[new Uint32Array([7, 8, 7]), new BigUint64Array([7n, 8n, 7n])]') as [Uint32Array, BigUint64Array]
    for (const source of pages) expect(await openTrace(source)).toMatchObject({ references: 3, uniquePages: 2 })
  })

  it('says so if there is no address space for the id map', async () => {
    const { Memory } = WebAssembly
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory')
      }
    } as never
    const failure = await openTrace([1]).catch(error => error)
    WebAssembly.Memory = Memory
    expect(failure).toBeInstanceOf(InputError)
    expect(failure.message).toMatch(/^this process gets no address space for another engine, .*; raise its limit \(ulimit -v\)/)
  })

  it('refuses what is no trace in one sentence', async () => {
    for (const source of [undefined, null, 5, {}, new Uint8Array(4), new Float64Array(2), new Set([1])]) {
      await expect(openTrace(source as never)).rejects.toThrow(UsageError)
      await expect(replay({ trace: source as never })).rejects.toThrow(/^a trace is a path, /)
      await expect(missRatioCurve({ trace: source as never })).rejects.toThrow(/^a trace is a path, /)
    }
    await expect(replay({ trace: [1], frames: null as never })).rejects.toThrow(/^'null' is no cache size/)
  })

  it('refuses what is no page number, and traces without a reference', async () => {
    await expect(openTrace([1, -1])).rejects.toThrow(
      new UsageError('page numbers are whole numbers from 0, not -1 (number 1 of the array)'),
    )
    await expect(openTrace([1.5])).rejects.toThrow(UsageError)
    await expect(openTrace([])).rejects.toThrow(new InputError('(array): there is no reference in the trace'))
    await expect(openTrace([1], { pageSize: 3000 })).rejects.toThrow(UsageError)
  })
})
