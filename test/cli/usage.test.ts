import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultline, MAIN, scratch } from './run.ts'

let directory = ''
let before: string[] = []
const files = (): string[] => readdirSync(directory).sort()

beforeAll(() => {
  directory = scratch()
  const record = Buffer.alloc(24)
  record.writeBigUInt64LE(7n, 4)
  record.writeUInt32LE(4096, 12)
  writeFileSync(join(directory, 'good.txt'), '1\n2\n3\n')
  writeFileSync(join(directory, 'empty.txt'), '')
  writeFileSync(join(directory, 'cut.bin'), Buffer.concat([record, record, record.subarray(0, 10)]))
  writeFileSync(join(directory, 'cut.gz'), gzipSync('1\n2\n3\n'.repeat(1000)).subarray(0, 30))
  writeFileSync(join(directory, 'corrupt.zst'), Buffer.from('28b52ffd0458ffffffffffffff', 'hex'))
  writeFileSync(join(directory, 'broken.ts'), 'export class Broken {}\n')
  mkdirSync(join(directory, 'folder.svg'))
  before = files()
})
afterAll(() => rmSync(directory, { recursive: true }))

/** What is asked for, the exit code, and what the one line on stderr says. */
const cases: [args: string, code: 1 | 2, message: RegExp][] = [
  ['repaly good.txt', 2, /^unknown command 'repaly'; did you mean 'replay'\?$/],
  ['replay', 2, /^missing required argument 'trace'$/],
  ['replay good.txt --polcy lru', 2, /^unknown option '--polcy'; did you mean '--policy'\?$/],
  ['replay good.txt --frames', 2, /^option '-f, --frames <list>' argument missing$/],
  ['replay good.txt --policy lrru', 2, /^unknown policy 'lrru'; did you mean 'lru'\?$/],
  ['replay good.txt --policy lur', 2, /^unknown policy 'lur'; did you mean 'lru'\?$/],
  ['replay good.txt --policy lruk:k=3:k=4', 2, /^policy lruk: k is given twice$/],
  ['replay good.txt --policy lruk:k=1.5', 2, /^policy lruk: k is a whole number from 1 to 8, not '1\.5'$/],
  ['replay good.txt --policy s3fifo:small=0.1=2', 2, /^policy s3fifo: small is a number from 0 to 1, not '0\.1=2'$/],
  ['replay good.txt --policy lru,', 2, /^unknown policy ''/],
  ['replay good.txt --policy lru:size=3', 2, /^policy lru has no parameter 'size': it has none$/],
  ['replay good.txt --policy ./none.ts', 1, /^\.\/none\.ts: no such file$/],
  ['replay good.txt --policy ./broken.ts', 2, /broken\.ts: no exported class with a doc comment extends Policy$/],
  ['replay good.txt --format oracle', 2, /^unknown (trace )?format 'oracle'; did you mean 'oracleGeneral'\?$/],
  ['replay oracle:good.txt', 2, /^unknown (trace )?format 'oracle'; did you mean 'oracleGeneral'\?$/],
  ['replay good.txt --frames 0', 2, /^a cache needs at least 1 frame, not '0'$/],
  ['replay good.txt --frames -5', 2, /^a cache needs at least 1 frame, not '-5'$/],
  ['replay good.txt --frames 0%', 2, /^a cache needs at least 1 frame, not '0%'$/],
  ['replay good.txt --frames 1e12', 2, /^'1e12' is more than an engine can hold: 1073741824 frames \(2\^30\)$/],
  ['replay good.txt --frames 10TiB', 2, /^'10TiB' is more than an engine can hold/],
  ['replay good.txt --frames lots', 2, /^'lots' is no cache size; write counts of frames/],
  [
    'replay good.txt --frames 1073741824',
    2,
    /^policy \S+ with 1073741824 frames over 3 pages needs [\d.]+ GiB and an engine holds 4, where \d+ frames fit/,
  ],
  ['replay good.txt --page-size 1000', 2, /^a page size is a power of two, such as 4096 or 4KiB, not '1000'$/],
  ['replay good.txt --page-size 0', 2, /^a page size is a power of two/],
  ['replay good.txt --columns page=3', 2, /^columns are given as id=COLUMN/],
  ['replay good.txt --jobs 0', 2, /^the number of jobs is a whole number from 1 to 1024, not '0'$/],
  ['replay good.txt --seed x', 2, /^the seed is a whole number from 1 to 4294967295, not 'x'$/],
  ['replay good.txt --json --csv', 2, /^--json and --csv exclude each other$/],
  ['replay good.txt --plot curves.png', 2, /^a plot is an \.svg or an \.html file, not 'curves\.png'$/],
  ['replay good.txt --plot folder.svg', 1, /^cannot write folder\.svg: it is a directory$/],
  ['replay good.txt --plot nowhere/curves.svg', 1, /^cannot write nowhere\/curves\.svg: there is no directory nowhere$/],
  ['replay empty.txt --plot curves.svg', 1, /^empty\.txt: .*\bempty\b|no reference/],
  ['replay none.txt', 1, /^none\.txt: no such file$/],
  ['replay good.txt none.txt --plot curves.svg', 1, /^none\.txt: no such file$/],
  ['replay .', 1, /directory/],
  ['replay oracleGeneral:cut.bin --plot curves.svg', 1, /^cut\.bin: .*\b48\b/],
  ['replay cut.gz --plot curves.html', 1, /^cut\.gz: /],
  ['replay corrupt.zst --plot curves.svg', 1, /^corrupt\.zst: /],
  ['trace convert good.txt --to packed -o ', 2, /^the file to write has no name$/],
  ['record -o  -- true', 2, /^the file to write has no name$/],
  ['policies lru', 2, /^too many arguments for 'policies'/],
]

describe('bad input', () => {
  it.each(cases)('faultline %s: exit code %i', (args, code, message) => {
    const result = faultline(directory, ...args.split(' '))
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(/^faultline: [^\n]+\n$/)
    expect(result.stderr.slice('faultline: '.length, -1)).toMatch(message)
    expect(files()).toEqual(before)
  })
})

describe('faultline', () => {
  it('prints its version', () => {
    expect(faultline(directory, '--version')).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  it('can be run by name once it is built', () => {
    expect(statSync(MAIN).mode & 0o111).toBe(0o111)
  })

  it.each([[''], ['--help'], ['help'], ['replay --help'], ['policies --help']])('helps: %s', args => {
    const { code, stdout, stderr } = faultline(directory, ...args.split(' ').filter(arg => arg))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: faultline /)
  })

  it('lists every policy with what it sees and its paper', () => {
    const list = JSON.parse(faultline(directory, 'policies', '--json').stdout) as { name: string; sees: string; paper: string }[]
    const { stdout } = faultline(directory, 'policies')
    const text = stdout.replace(/\s+/g, ' ')
    for (const { name, sees, paper } of list) {
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'))
      expect(text).toContain(`Sees ${sees}.`)
      expect(text).toContain(paper)
    }
  })
})
