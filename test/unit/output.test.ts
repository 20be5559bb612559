import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requireWritable, writeWhole } from '#dist/cli/output.js'
import { InputError } from '#dist/core/errors.js'

let directory = ''
const at = (name: string): string => join(directory, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

async function* pieces(...texts: (string | Error)[]): AsyncGenerator<string> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield text
  }
}

describe('writeWhole', () => {
  it('writes text, bytes and streams', async () => {
    await writeWhole(at('text'), 'abc')
    await writeWhole(at('bytes'), Uint8Array.of(65, 66))
    await writeWhole(at('stream'), pieces('one', 'two'))
    expect([read('text'), read('bytes'), read('stream')]).toEqual(['abc', 'AB', 'onetwo'])
    expect(readdirSync(directory).sort()).toEqual(['bytes', 'stream', 'text'])
  })

  it('leaves the old file, and nothing beside it, if the writing fails half-way', async () => {
    writeFileSync(at('file'), 'old')
    await expect(writeWhole(at('file'), pieces('new', new Error('broken pipe')))).rejects.toThrow(/^broken pipe$/)
    expect(read('file')).toBe('old')
    expect(readdirSync(directory)).toEqual(['file'])
  })

  it('writes through a symbolic link and keeps it', async () => {
    writeFileSync(at('target'), 'old')
    symlinkSync('target', at('link'))
    await writeWhole(at('link'), 'new')
    expect(read('target')).toBe('new')
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
  })

  it('writes to what is no file directly', async () => {
    await requireWritable('/dev/null')
    await writeWhole('/dev/null', 'abc')
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it.each([
    ['a directory', 'folder', /^cannot write .*folder: it is a directory$/],
    ['a missing directory', 'none/file', /^cannot write .*none\/file: there is no directory .*none$/],
    ['a path through a file', 'file/file', /^cannot write .*: there is no directory .*file$/],
    ['a name that is too long', 'x'.repeat(300), /^cannot write .*: name too long$/],
  ])('refuses %s, also when asked before', async (_, name, message) => {
    mkdirSync(at('folder'))
    writeFileSync(at('file'), 'old')
    for (const act of [() => requireWritable(at(name)), () => writeWhole(at(name), 'new')]) {
      const failure = await act().catch(error => error)
      expect(failure).toBeInstanceOf(InputError)
      expect(failure.message).toMatch(message)
    }
    expect(readdirSync(directory).sort()).toEqual(['file', 'folder'])
  })
})
