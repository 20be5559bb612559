import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openTrace, PackedWriter, UsageError } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBytes, type Reference, referencesOf } from './traces.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'packed-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Packs references and returns the file's bytes. */
async function pack(references: readonly Reference[], set: Partial<Pick<PackedWriter, 'pageSize' | 'paged'>> = {}): Promise<Buffer> {
  const path = join(directory, 'trace.flt')
  const writer = Object.assign(new PackedWriter(path), set)
  for (const { page, write } of references) writer.push(Number(page & 0xffffffffn), Number(page >> 32n), write ? 1 : 0)
  await writer.close()
  return readFileSync(path)
}

/** Pages near each other, pages anywhere, and repeats. */
const traces = fc
  .array(
    fc.record({
      page: fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      write: fc.boolean(),
      times: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 300 })),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map(runs => runs.flatMap(({ page, write, times }) => Array.from({ length: times }, () => ({ page, write }))))

describe('a packed trace', () => {
  it('gives back every reference it was written from', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async references => {
        const trace = await openBytes(await pack(references, { paged: true, pageSize: 8192 }))
        expect(trace).toMatchObject({ format: 'packed', pageSize: 8192, references: references.length })
        expect(referencesOf(trace)).toEqual(references)
      }),
      { seed: 2, numRuns: 60 },
    )
  })

  it('is written over many frames, and compressed if the name ends in .gz', async () => {
    const pages = Array.from({ length: 60_000 }, (_, i) => (i * 2654435761) % 1e9)
    const trace = await openTrace(pages)
    for (const name of ['long.flt', 'long.flt.gz']) {
      const writer = new PackedWriter(join(directory, name))
      await writer.append(trace)
      expect(await writer.close()).toEqual({ references: 60_000, reads: 60_000, writes: 0 })
      const { chunks, ids } = await openTrace(join(directory, name))
      expect(Buffer.from(ids.buffer).equals(Buffer.from(trace.ids.buffer))).toBe(true)
      expect(chunks.map(chunk => [...chunk])).toEqual(trace.chunks.map(chunk => [...chunk]))
    }
    expect(readFileSync(join(directory, 'long.flt.gz')).subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b))
  })

  it('makes larger pages of pages, but not smaller ones, and none of objects', async () => {
    const references = [8n, 9n, 15n, 16n].map(page => ({ page, write: false }))
    const packed = await pack(references, { paged: true, pageSize: 4096 })
    const larger = await openBytes(packed, { pageSize: 32768 })
    expect(larger.pageSize).toBe(32768)
    expect(referencesOf(larger).map(r => r.page)).toEqual([1n, 1n, 1n, 2n])
    await expect(openBytes(packed, { pageSize: 1024 })).rejects.toThrow(UsageError)
    expect((await openBytes(await pack(references), { pageSize: 32768 })).uniquePages).toBe(4)
  })

  it('leaves nothing behind when it is given up', async () => {
    const before = readdirSync(directory)
    const writer = new PackedWriter(join(directory, 'half.flt'))
    writer.push(1, 0, 0)
    await writer.abort()
    expect(readdirSync(directory)).toEqual(before)
  })

  it('is written through a symbolic link, and in place to what is no regular file', async () => {
    const [file, link, pipe] = ['behind.flt', 'link.flt', 'pipe.flt'].map(name => join(directory, name)) as [string, string, string]
    writeFileSync(file, 'old')
    symlinkSync(file, link)
    execFileSync('mkfifo', [pipe])
    const read = openTrace(pipe)
    for (const path of [link, pipe]) {
      const writer = new PackedWriter(path)
      writer.push(7, 0, 1)
      await writer.close()
    }
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    expect([await openTrace(file), await read].map(trace => [trace.references, trace.writes])).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('says where it cannot be written', async () => {
    const path = join(directory, 'none', 'trace.flt')
    await expect(new PackedWriter(path).close()).rejects.toThrow(`${path}: cannot be written: ENOENT`)
  })

  it('is refused when it is cut anywhere', async () => {
    const packed = await pack([1n, 1n, 1n, 70n, 2n ** 60n].map(page => ({ page, write: true })))
    for (let length = 1; length < packed.length; length++) {
      await expect(openBytes(packed.subarray(0, length), { format: 'packed' }), `cut to ${length} bytes`).rejects.toThrow(
        /cut short.* at offset \d+/,
      )
    }
  })

  it('is refused when any byte is wrong', async () => {
    const packed = await pack([1n, 1n, 1n, 70n, 2n ** 60n].map(page => ({ page, write: true })))
    for (let at = 0; at < packed.length; at++) {
      const broken = Buffer.from(packed)
      broken[at] = (broken[at] as number) ^ 0x11
      await expect(openBytes(broken, { format: 'packed' }), `byte ${at} changed`).rejects.toThrow(
        /corrupt at offset|cut short|it starts otherwise/,
      )
    }
    await expect(openBytes(Buffer.concat([packed, packed]))).rejects.toThrow(
      `corrupt at offset ${packed.length}: there is something behind`,
    )
  })
})
