import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openTrace, UsageError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { formatNamed, formats } from '#dist/trace/formats.js'
import { Sink } from '#dist/trace/sink.js'
import { champsimRecord, oracleRecord, SAMPLES, titleOf, vscsi1, vscsi2 } from './samples.ts'
import { openBytes, pagesOf, pieces, textOf } from './traces.ts'

/** Remembers references as `textOf` shows them. */
class Recorder extends Sink {
  readonly #found: string[] = []

  constructor(capacity: number) {
    super(new Uint32Array(2 * capacity), new Uint8Array(capacity))
  }

  protected override drain(count: number): void {
    const ids = new BigUint64Array(this.words.buffer)
    for (let i = 0; i < count; i++) this.#found.push(`${(ids[i] as bigint) >> BigInt(this.shift)}${this.kinds[i] ? 'w' : 'r'}`)
  }

  get text(): string {
    this.flush()
    return this.#found.join(' ')
  }
}

/** Some bytes, starting at a multiple of 8 in their buffer. */
function aligned(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** A zstd frame with the bytes as they are, in raw blocks. */
function zstdRaw(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(12)
  header.writeUInt32LE(0xfd2fb528)
  header.writeUInt8(0xa0, 4)
  header.writeUInt32LE(bytes.length, 5)
  header.writeUIntLE((bytes.length << 3) | 1, 9, 3)
  return Buffer.concat([header, bytes])
}

it('has a sample of every format', () => {
  expect([...new Set(SAMPLES.map(s => s.format)), 'packed'].sort()).toEqual(formats.map(f => f.name).sort())
})

describe.each(SAMPLES.map(sample => [titleOf(sample), sample] as const))('%s', (_, { format, bytes, expected }) => {
  it('is told by its contents and decoded', async () => {
    const trace = await openBytes(bytes)
    expect(trace.format).toBe(format)
    expect(textOf(trace)).toBe(expected)
    expect(trace.writes).toBe(expected.split(' ').filter(r => r.endsWith('w')).length)
    expect(trace.reads + trace.writes).toBe(trace.references)
  })

  it('is the same by name, compressed, and in chunks of one byte', async () => {
    expect(textOf(await openBytes(bytes, { format }))).toBe(expected)
    for (const stream of [bytes, gzipSync(bytes), zstdRaw(bytes)]) expect(textOf(await openTrace(pieces(stream, 1)))).toBe(expected)
  })

  it('is the same wherever its bytes are cut and however small the batch', () => {
    const { decoder, unit } = formatNamed(format)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const sink = new Recorder(1 + (cut % 3))
      sink.shift = unit === 'address' ? 12 : 0
      const decode = decoder({ split: false, pageSize: undefined, csv: {} })
      const taken = decode.decode(aligned(bytes.subarray(0, cut)), false, sink)
      expect(decode.decode(aligned(bytes.subarray(taken)), true, sink)).toBe(bytes.length - taken)
      expect(sink.text, `cut at ${cut}`).toBe(expected)
    }
  })
})

describe('text traces', () => {
  it('may lack the last newline and may end lines with carriage returns', async () => {
    for (const { bytes, expected, format } of SAMPLES.filter(({ bytes }) => bytes.at(-1) === 10)) {
      const text = Buffer.from(bytes).toString()
      expect(textOf(await openBytes(text.trimEnd())), format).toBe(expected)
      expect(textOf(await openBytes(text.replaceAll('\n', '\r\n'))), format).toBe(expected)
    }
  })
})

describe('accesses that straddle pages', () => {
  it('count on every page they touch, at any page size', async () => {
    const text = ' L 00000ffc,8\n S 00001ffe,2\n L 00000ff0,9000\n L ffffffff,2\n'
    expect(textOf(await openBytes(text))).toBe('0r 1r 1w 0r 1r 2r 3r 1048575r 1048576r')
    expect(textOf(await openBytes(text, { pageSize: 2 ** 20 }))).toBe('0r 0w 0r 4095r 4096r')
    expect(textOf(await openBytes(' L 10,3\n', { pageSize: 1 }))).toBe('16r 17r 18r')
  })
})

describe('block requests', () => {
  it('are split into the pages they touch when asked for', async () => {
    const split = { split: true }
    expect(textOf(await openBytes(Buffer.concat([vscsi1(0x2a, 7, 1024), vscsi1(0x28, 2n ** 33n, 8192)]), split))).toBe(
      '0w 1w 1073741824r 1073741825r',
    )
    expect(textOf(await openBytes(vscsi2(0x28, 8, 4097), { ...split, format: 'vscsi' }))).toBe('1r 2r')
    expect(textOf(await openBytes('1,hm,1,Write,4095,2,1\n2,hm,1,Read,0,4096,1\n', split))).toBe('0w 1w 0r')
    expect(textOf(await openBytes(oracleRecord(1, 7, 1024, -1), { ...split, format: 'oracleGeneral' }))).toBe('0r 1r')
    expect(textOf(await openBytes('lbn,len\n7,1024\n', split))).toBe('0r 1r')
    expect(textOf(await openBytes('offset,len\n8190,4\n', split))).toBe('1r 2r')
    expect(textOf(await openBytes('3,W,8190,4\n', { ...split, columns: { offset: 3, size: 4, write: 2 } }))).toBe('1w 2w')
    expect(textOf(await openBytes('op,addr\nr,0x5008\n', split))).toBe('5r')
  })

  it('are refused where a format has none', async () => {
    await expect(openBytes('1\n2\n', { split: true })).rejects.toThrow(UsageError)
    await expect(openBytes('id\n2\n', { split: true, format: 'csv' })).rejects.toThrow('to split requests the CSV column of the size')
  })
})

describe('CSV', () => {
  it('takes columns by name or number', async () => {
    const text = 'when;who;kind\n1;0x10;w\n2;17;r\n'
    for (const id of ['WHO', '2', 2]) expect(textOf(await openBytes(text, { columns: { id, write: 'kind' } }))).toBe('16w 17r')
    expect(textOf(await openBytes('1\t5\n2\t6\n', { columns: { id: 2 } }))).toBe('5r 6r')
    expect(textOf(await openBytes('5,7\n6,8\n', { columns: { id: 1 }, header: true }))).toBe('6r')
    expect(textOf(await openBytes('7x5x\n7x6x\n', { format: 'csv', columns: { id: 2 }, delimiter: 'x' }))).toBe('5r 6r')
  })

  it('hashes ids that are text with FNV-1a and keeps numbers', async () => {
    const trace = await openBytes('id,op\nfoobar,get\n"foo,bar",set\n foobar ,get\n99999999999999999999,get\n')
    // The first is a published test vector of the 64-bit hash.
    expect(pagesOf(trace).slice(0, 3)).toEqual([0x85944171f73967e8n, expect.any(BigInt), 0x85944171f73967e8n])
    expect(trace.uniquePages).toBe(3)
    expect(trace.writes).toBe(1)
  })

  it('says which column is wrong', async () => {
    const text = 'when,lbn\n1,2\n'
    await expect(openBytes(text, { columns: { id: 'lbm' } })).rejects.toThrow(
      new UsageError("there is no CSV column 'lbm'; did you mean 'lbn'?"),
    )
    await expect(openBytes(text, { columns: { id: 3 } })).rejects.toThrow('there is no CSV column 3: rows have 2')
    await expect(openBytes('1,2\n3,4\n')).rejects.toThrow(UsageError)
    await expect(openBytes('1,2\n3,4\n', { columns: { id: 'a' } })).rejects.toThrow('has no header')
    await expect(openBytes(text, { delimiter: ', ', format: 'csv' })).rejects.toThrow(UsageError)
  })
})

describe('longer traces', () => {
  it('are decoded across chunks and batches', async () => {
    const ids = Array.from({ length: 150_000 }, (_, i) => (i * i) % 70_001)
    const binary = Buffer.concat(ids.map(id => oracleRecord(1, id, 1, -1)))
    const expected = ids.map(BigInt)
    for (const bytes of [binary, gzipSync(binary, { level: 1 }), Buffer.from(`${ids.join('\n')}\n`)]) {
      expect(pagesOf(await openTrace(pieces(bytes, 99_991)))).toEqual(expected)
    }
    const records = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => champsimRecord(0x1000 * (1 + (i % 5)), [], [0x100000])))
    expect((await openBytes(records)).references).toBe(40_000)
  })

  it('may end just where a chunk ends', async () => {
    // Bytes are read by the mebibyte.
    const mebibyte = Buffer.from('1234567\n'.repeat(2 ** 17))
    for (const mebibytes of [1, 2]) {
      const bytes = Buffer.concat(Array.from({ length: mebibytes }, () => mebibyte))
      const path = join(tmpdir(), `mebibytes-${process.pid}.txt`)
      writeFileSync(path, bytes)
      try {
        for (const source of [path, pieces(bytes, 4096)]) {
          expect(await openTrace(source)).toMatchObject({ references: mebibytes * 2 ** 17, uniquePages: 1 })
        }
      } finally {
        rmSync(path)
      }
    }
  })
})
