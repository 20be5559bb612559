import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateTrace, openTrace } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultline, scratch } from './run.ts'

let directory = ''
const run = (...args: string[]) => faultline(directory, 'trace', ...args)
const at = (name: string): string => join(directory, name)

const LACKEY = `==1== Lackey
I  04001000,3
 L 1ffeffe7a8,8
 S 1ffeffe7a0,8
 M 0421cffc,8
I  04001003,5
`

beforeAll(() => {
  directory = scratch()
  writeFileSync(at('lackey.txt'), LACKEY)
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('faultline trace generate', () => {
  it('writes what the library generates, packed', async () => {
    const { code, stdout, stderr } = run(
      ...['generate', 'hotscan', '--pages', '5000', '--references', '3e4', '--seed', '9', '--writes', '0.25', '--alpha', '0.8'],
      ...['--hot', '300', '--hot-share', '0.5', '-o', 'hot.flt.gz'],
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^30,000 references are in hot\.flt\.gz: [\d.]+ KiB, [\d.]+ bits each\n$/)
    const trace = await openTrace(at('hot.flt.gz'))
    const options = { pages: 5000, references: 30_000, seed: 9, writes: 0.25, alpha: 0.8, hot: 300, hotShare: 0.5 }
    const expected = generateTrace({ workload: 'hotscan', ...options })
    expect(trace.ids).toEqual(expected.ids)
    expect(trace.chunks).toEqual(expected.chunks)
    expect(trace).toMatchObject({ format: 'packed', pageSize: 4096, writes: expected.writes })
  })

  it('makes the same file from the same seed, and another from another', () => {
    const file = (name: string, seed: string): Buffer => {
      run('generate', 'zipf', '--references', '5000', '--seed', seed, '-o', name)
      return readFileSync(at(name))
    }
    const first = file('a.flt', '1')
    expect(file('b.flt', '1')).toEqual(first)
    expect(file('c.flt', '2')).not.toEqual(first)
  })

  it.each([
    [['generate', 'zip', '-o', 'x.flt'], "faultline: unknown workload 'zip'; did you mean 'zipf'?"],
    [['generate', 'zipf', '-o', 'x.flt', '--pages', 'many'], "faultline: pages is a number, not 'many'"],
    [['generate', 'zipf', '-o', 'x.flt', '--writes', '2'], 'faultline: writes is a number from 0 to 1, not 2'],
    [
      ['generate', 'zipf', '-o', 'x.dat'],
      "faultline: what format to write does not show in 'x.dat'; name it with --to: packed, txt, csv, oracleGeneral",
    ],
    [['generate', 'zipf', '-o', 'x', '--to', 'csvs'], "faultline: cannot write traces as 'csvs'; did you mean 'csv'?"],
    [['generate', 'zipf'], "faultline: required option '-o, --output <file>' not specified"],
  ])('refuses %j in one line, with code 2 and no file', (args, message) => {
    expect(run(...args)).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
    expect(readdirSync(directory).filter(name => name.startsWith('x') || name.includes('.part'))).toEqual([])
  })
})

describe('faultline trace convert', () => {
  beforeAll(() => {
    run('generate', 'phases', '--pages', '900', '--references', '70000', '--writes', '0.4', '-o', 'source.flt')
  })

  const pagesOf = async (name: string): Promise<bigint[]> => {
    const { chunks, ids } = await openTrace(at(name))
    return chunks.flatMap(chunk => Array.from(chunk, reference => ids[reference & 0x7fffffff] as bigint))
  }

  it.each(['p.flt', 'p.flt.gz', 'p.csv', 'p.csv.gz', 'p.txt', 'p.oracleGeneral', 'p.oracleGeneral.gz'])(
    'keeps the pages in %s',
    async name => {
      expect(run('convert', 'source.flt', '-o', name)).toMatchObject({ code: 0, stdout: '' })
      expect(await pagesOf(name)).toEqual(await pagesOf('source.flt'))
      const { writes } = await openTrace(at('source.flt'))
      const keepsWrites = name.includes('flt') || name.includes('csv')
      expect((await openTrace(at(name))).writes).toBe(keepsWrites ? writes : 0)
    },
  )

  it('writes to standard output', () => {
    expect(run('convert', 'lackey.txt', '--to', 'csv', '-o', '-')).toEqual({
      code: 0,
      stdout: 'page,write\n16385,0\n33550334,0\n33550334,1\n16924,0\n16925,0\n16924,1\n16925,1\n16385,0\n',
      stderr: '',
    })
  })

  it('makes pages of addresses, of the size asked for', async () => {
    run('convert', 'lackey.txt', '-o', 'small.flt')
    expect(await pagesOf('small.flt')).toEqual([0x4001n, 0x1ffeffen, 0x1ffeffen, 0x421cn, 0x421dn, 0x421cn, 0x421dn, 0x4001n])
    run('convert', 'lackey.txt', '--page-size', '64KiB', '-o', 'large.flt')
    expect(await pagesOf('large.flt')).toEqual([0x400n, 0x1ffeffn, 0x1ffeffn, 0x421n, 0x421n, 0x400n])
    expect(await openTrace(at('large.flt'))).toMatchObject({ pageSize: 65536, reads: 4, writes: 2 })
  })

  it('leaves the old file, and nothing beside it, when the trace is broken', () => {
    writeFileSync(at('broken.txt'), '1\n2\nthree\n')
    for (const name of ['kept.flt', 'kept.csv']) {
      writeFileSync(at(name), 'old')
      expect(run('convert', 'txt:broken.txt', '-o', name)).toEqual({
        code: 1,
        stdout: '',
        stderr: "faultline: broken.txt: line 3: expected one id, decimal or 0x, found 'three'\n",
      })
      expect(readFileSync(at(name), 'utf8')).toBe('old')
    }
    expect(readdirSync(directory).filter(name => name.includes('.part'))).toEqual([])
  })

  it('says what is wrong with the place to write to', () => {
    const { code, stderr } = run('convert', 'lackey.txt', '-o', 'nowhere/x.flt')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'faultline: cannot write nowhere/x.flt: there is no directory nowhere\n' })
  })
})

describe('faultline trace info', () => {
  it('counts', () => {
    writeFileSync(at('facts.csv'), 'page,write\n7,0\n7,1\n8,0\n7,0\n9,0\n9,0\n')
    expect(JSON.parse(run('info', 'facts.csv', '--json').stdout)).toEqual({
      path: 'facts.csv',
      format: 'csv',
      pageSize: 4096,
      references: 6,
      uniquePages: 3,
      reads: 5,
      writes: 1,
      writtenPages: 1,
      oneHitPages: 1,
      coldShare: 0.5,
      repeatShare: 2 / 6,
      topShare: { '1%': 0.5, '10%': 0.5 },
      mostReferences: 3,
    })
  })

  it('prints an array for several traces', () => {
    const traces = JSON.parse(run('info', 'facts.csv', 'lackey.txt', '--json').stdout)
    expect(traces.map(({ format }: { format: string }) => format)).toEqual(['csv', 'lackey'])
  })

  it('prints lines for people', () => {
    expect(run('info', 'lackey.txt').stdout).toBe(`lackey.txt
  format            lackey
  references        8: 5 reads, 3 writes (38%)
  distinct pages    4 of 4 KiB (16 KiB), 3 written
  first references  50%
  repeats           13% go to the same page as the reference before
  one-hit pages     0 (0%) are referenced once
  top pages         1% get 25% of the references, 10% get 25%; one gets 2
`)
  })
})

describe('faultline trace head', () => {
  it('prints the first references with their addresses', () => {
    expect(run('head', 'lackey.txt', '-n', '6').stdout).toBe(`1  read   0x4001000     page 16385     first
2  read   0x1ffeffe7a8  page 33550334  first
3  write  0x1ffeffe7a0  page 33550334  again
4  read   0x421cffc     page 16924     first
5  read   0x421d000     page 16925     first
6  write  0x421cffc     page 16924     again after 2
`)
  })

  it('reads no further than it has to', () => {
    writeFileSync(at('late.txt'), `${'5\n'.repeat(50_000)}oops\n`)
    expect(run('head', 'txt:late.txt', '-n', '2')).toEqual({
      code: 0,
      stderr: '',
      stdout: '1  read   page 5  first\n2  read   page 5  again\n',
    })
  })

  it('prints all of a short trace', () => {
    expect(run('head', 'facts.csv', '-n', '100').stdout.split('\n')).toHaveLength(7)
  })
})

it('faultline trace alone prints its help and exits with 2', () => {
  const { code, stdout, stderr } = run()
  expect(code).toBe(2)
  expect(stdout + stderr).toContain('generate [options] <workload>')
  expect(stdout + stderr).not.toContain('outputHelp')
  expect(existsSync(at('x.flt'))).toBe(false)
})
