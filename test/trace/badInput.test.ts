import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { InputError, openTrace, type TraceOptions, UsageError } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { binary, oracleRecord, SAMPLES, titleOf } from './samples.ts'
import { openBytes, pagesOf, pieces, textOf } from './traces.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bad-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Writes a file and returns its path. */
function file(name: string, contents: Uint8Array | string): string {
  const path = join(directory, name)
  writeFileSync(path, contents)
  return path
}

/** The one-line message of the InputError that opening gives. */
async function failure(path: string, options?: TraceOptions): Promise<string> {
  const error: unknown = await openTrace(path, options).catch(e => e)
  expect(error).toBeInstanceOf(InputError)
  const { message } = error as InputError
  expect(message).not.toContain('\n')
  expect(message.startsWith(`${path}: `), message).toBe(true)
  return message.slice(path.length + 2)
}

const ids = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 5000)
const records = Buffer.concat(ids.map((id, i) => oracleRecord(i, id, 1, -1)))
const zstd = Buffer.from('KLUv/QRYjQAAWDE3CjB4MTIKMTcKAQBWihfJpfxs', 'base64')

describe('a path', () => {
  it('that is not there, or a directory, is refused', async () => {
    expect(await failure(join(directory, 'none.bin'))).toBe('no such file')
    expect(await failure(directory)).toBe('is a directory, not a trace')
  })

  it('may name the format in front, unless there is such a file', async () => {
    const path = file('plain', '16\n17\n')
    expect(textOf(await openTrace(`dinero:${file('din', '0 16\n')}`, { pageSize: 1 }))).toBe('22r')
    mkdirSync(join(directory, 'lirs:'))
    const odd = file('lirs:/odd', '1\n')
    expect((await openTrace(odd)).format).toBe('txt')
    await expect(openTrace(`lakey:${path}`)).rejects.toThrow(new UsageError("unknown trace format 'lakey'; did you mean 'lackey'?"))
    await expect(openTrace(path, { format: 'oraclegenral' })).rejects.toThrow("did you mean 'oracleGeneral'?")
    expect(await failure(`C:${path}x`)).toBe('no such file')
  })

  it('reports how far it has been read', async () => {
    const path = file('progress.bin', records)
    const calls: unknown[] = []
    await openTrace(path, { onProgress: (...call) => calls.push(call) })
    expect(calls.at(-1)).toEqual([records.length, records.length])
  })
})

describe('a page size', () => {
  it.each([0, 3000, -4096, 1.5, Number.NaN, 2 ** 31])('of %s is refused', async pageSize => {
    await expect(openTrace(file('a.txt', '1\n'), { pageSize })).rejects.toThrow(
      new UsageError(`the page size must be a power of two up to 1073741824, not ${pageSize}`),
    )
  })
})

describe('an empty trace', () => {
  it('is refused, whether it has no byte or no reference', async () => {
    expect(await failure(file('empty', ''))).toBe('the trace is empty')
    expect(await failure(file('empty.gz', gzipSync('')))).toBe('the trace is empty')
    expect(await failure(file('noise', '==1== hello\n'), { format: 'lackey' })).toBe('there is no reference in the trace')
    expect(await failure(file('sizeless', oracleRecord(1, 2, 0, -1)))).toBe('there is no reference in the trace')
  })
})

describe('a truncated last record', () => {
  it.each(SAMPLES.filter(s => s.bytes.at(-1) !== 10).map(s => [titleOf(s), s] as const))(
    'is refused in %s, wherever it is cut',
    async (_, sample) => {
      const { format, bytes } = sample
      const size = { oracleGeneral: 24, champsim: 64, vscsi: sample.what === 'version 2' ? 40 : 32 }[format] as number
      for (let length = 1; length < bytes.length; length++) {
        const rest = length % size
        if (rest === 0 || (format === 'vscsi' && length < 16)) continue
        const message = `the last record is cut short: ${rest} bytes at offset ${length - rest} are no whole ${format} record`
        await expect(openBytes(bytes.subarray(0, length), { format })).rejects.toThrow(message)
      }
    },
  )

  it('does not hide the format of a longer trace', async () => {
    const instruction = binary([8, 0x400000], [8, 0], [8, 0x7000], [8, 0], [8, 0x9000], [8, 0], [8, 0], [8, 0])
    const cut = Buffer.concat(Array.from({ length: 20 }, () => instruction)).subarray(0, -3)
    expect(await failure(file('cut.trace', cut))).toBe('the last record is cut short: 61 bytes at offset 1216 are no whole champsim record')
  })

  it('names the offset in the decompressed trace', async () => {
    const cut = records.subarray(0, records.length - 5)
    const message = `the last record is cut short: 19 bytes at offset ${records.length - 24} are no whole oracleGeneral record`
    expect(await failure(file('cut.bin', cut))).toBe(message)
    expect(await failure(file('cut.bin.gz', gzipSync(cut)))).toBe(message)
  })
})

describe('a broken compressed stream', () => {
  it('is refused if it is cut', async () => {
    const gzip = gzipSync(records)
    expect(await failure(file('cut.gz', gzip.subarray(0, gzip.length - 9)))).toMatch(
      /^truncated gzip stream behind byte \d+ of its contents/,
    )
    expect(await failure(file('cut.zst', zstd.subarray(0, 14)))).toMatch(/^truncated zstd stream behind byte \d+ of its contents/)
  })

  it('is refused if it is corrupt', async () => {
    const gzip = gzipSync(records)
    gzip.fill(0xff, 100, 120)
    expect(await failure(file('corrupt.gz', gzip))).toMatch(/^corrupt gzip stream behind byte \d+ of its contents/)
    const corrupt = Buffer.from(zstd)
    corrupt.fill(0xff, 6, 9)
    expect(await failure(file('corrupt.zst', corrupt))).toMatch(/^(corrupt|truncated) zstd stream behind byte \d+ of its contents/)
  })

  it('is refused if any of its bytes is wrong, or it is cut anywhere', async () => {
    // The first bytes say how large a window is needed, which a short stream does not care about.
    for (let at = 6; at < zstd.length; at++) {
      const corrupt = Buffer.from(zstd)
      corrupt[at] = (corrupt[at] as number) ^ 0x20
      await expect(openBytes(corrupt), `byte ${at} changed`).rejects.toThrow(/(corrupt|truncated) zstd stream behind byte \d+/)
      await expect(openBytes(zstd.subarray(0, at)), `cut to ${at} bytes`).rejects.toThrow(/truncated zstd stream behind byte \d+/)
    }
  })

  it('is read if it is whole, one stream behind another too', async () => {
    expect(pagesOf(await openBytes(zstd))).toEqual([17n, 18n, 17n, 17n, 18n, 17n, 17n, 18n, 17n])
    const skippable = binary([4, 0x184d2a53], [4, 5], [5, 0])
    expect((await openBytes(Buffer.concat([zstd, skippable, zstd]))).references).toBe(18)
    expect((await openTrace(pieces(Buffer.concat([zstd, skippable, zstd]), 1))).references).toBe(18)
    expect((await openBytes(Buffer.concat([gzipSync('1\n'), gzipSync('2\n')]))).references).toBe(2)
  })

  it('of another kind is named', async () => {
    expect(await failure(file('a.xz', binary([4, 0x587a37fd], [4, 0x5a])))).toMatch(/^is compressed with xz/)
    expect(await failure(file('a.bz2', 'BZh91AY'))).toMatch(/^is compressed with bzip2/)
  })
})

describe('any bytes', () => {
  it.each([...SAMPLES.map(s => [titleOf(s), s] as const)])(
    'changed in a trace in %s give a trace or an error that says what is wrong',
    async (_, sample) => {
      const changes = fc.array(fc.tuple(fc.nat(sample.bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(changes, fc.boolean(), async (bytes, split) => {
          const broken = Buffer.from(sample.bytes)
          for (const [at, byte] of bytes) broken[at] = byte
          const error: unknown = await openBytes(broken, { format: sample.format, ...(split && { split }) }).catch(e => e)
          if (error instanceof Error && !(error instanceof InputError || error instanceof UsageError)) throw error
        }),
        { seed: 3, numRuns: 50 },
      )
    },
  )
})

describe('text that is not of its format', () => {
  const GARBAGE: Readonly<Record<string, string>> = {
    lackey: ' L 4000,8\n L 4000,4294967296\n',
    events: '1 r 0x4000\n1 fork\n',
    ucsd: 'l 0x4000 1\nl 4000 1\n',
    pinatrace: '0x1: R 0x4000\n0x1: R\n',
    drmemtrace: '1 1: 9 read 4 byte(s) @ 0x4000 by PC 0x1\n2 1: 9 read 4 bytes\n',
    dinero: '0 4000\n7 4000\n',
    msr: '1,hm,1,Read,4096,512,1\n1,hm,1,Erase,4096,512,1\n',
    csv: 'op,id\nr,1\nr\n',
    lirs: '1\n+\n',
    txt: '1\n18446744073709551616\n',
  }

  it.each(Object.entries(GARBAGE))('is refused in %s, with the line named', async (format, text) => {
    const line = format === 'csv' ? 3 : 2
    expect(await failure(file('garbage', text), { format })).toMatch(new RegExp(`^line ${line}: expected .*, found '.*'$`))
  })

  it('is shown so that it can be printed', async () => {
    expect(await failure(file('binary', binary([8, 0x00ff1b31])), { format: 'txt' })).toBe(
      "line 1: expected one id, decimal or 0x, found '1\\x1b\\xff\\x00\\x00\\x00\\x00\\x00'",
    )
    expect(await failure(file('line', 'x'.repeat(100)), { format: 'txt' })).toBe(
      `line 1: expected one id, decimal or 0x, found '${'x'.repeat(40)}'…`,
    )
    expect(await failure(file('long', new Uint8Array(70_000)), { format: 'lackey' })).toBe(
      'line 1 is longer than 65536 bytes; this is no text trace',
    )
  })

  it('may start with a byte order mark', async () => {
    expect(pagesOf(await openTrace(file('marked.txt', '\ufeff1\r\n2\r\n')))).toEqual([1n, 2n])
    expect(pagesOf(await openTrace(file('marked.csv', '\ufeffid,op\n3,r\n4,w\n')))).toEqual([3n, 4n])
  })

  it('asks for the format if none fits', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 251)
    expect(await failure(file('unknown', bytes))).toMatch(/^its format is none that is known; name it: packed, vscsi, /)
  })
})
