import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MissRatioReport, missRatioCurve } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldenTrace } from '../policy/traces.ts'
import { faultline, scratch } from './run.ts'

const pages = goldenTrace('hotscan', 20_000)
let directory = ''
const mrc = (...args: string[]) => faultline(directory, 'mrc', 'hot.txt', ...args)

beforeAll(() => {
  directory = scratch()
  writeFileSync(join(directory, 'hot.txt'), pages.join('\n'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('faultline mrc', () => {
  it('prints the object that the library returns with --json, but for the misses at every size', async () => {
    const { code, stdout, stderr } = mrc('--sample', '20%', '--check', '--points', '5', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const report = JSON.parse(stdout) as MissRatioReport
    const own = await missRatioCurve({ trace: pages, sample: 0.2, check: true, points: 5 })
    expect(Object.keys(report)).toEqual(['trace', 'pageSize', 'curves'])
    expect(report.trace).toEqual({ ...own.trace, path: 'hot.txt', format: 'txt' })
    const [{ misses: _, seconds: __, ...curve }] = own.curves as [MissRatioReport['curves'][number]]
    expect(report.curves).toEqual([{ ...curve, seconds: expect.any(Number) }])
    expect(curve.curve.length).toBe(5)
    expect(curve.meanAbsoluteError).toBeGreaterThan(0)
  })

  it('prints a row a size and policy with --csv', () => {
    const { code, stdout } = mrc('--policy', 'lru,clock', '--frames', '100,1000', '--csv')
    expect(code).toBe(0)
    expect(stdout.split('\r\n').map(line => line.replace(/\d+,[\d.]+$/, 'N'))).toEqual([
      'policy,method,frames,misses,missRatio',
      ...['lru,exact,100,N', 'lru,exact,1000,N', 'clock,exact,100,N', 'clock,exact,1000,N'],
      '',
    ])
  })

  it('prints a short table without colour into a pipe, the working sets below', () => {
    const { code, stdout, stderr } = mrc()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/^hot\.txt\ntxt, 20,000 references/)
    expect(stdout.match(/^ +[\d,]+ +[\d.]+% .*$/gm)?.length).toBe(20)
    expect(stdout).toMatch(/^20 of \d+ sizes are shown/m)
    expect(stdout).toMatch(
      /^lru: besides the first references \(41% of all\), 10% or fewer miss with [\d,]+ frames \([\d.]+ MiB\), 5% with/m,
    )
  })

  it('says how a sampled curve was found and how far it is off', () => {
    const { stdout } = mrc('--policy', 'lru,clock', '--sample-size', '2000', '--check', '--frames', '400,4000')
    expect(stdout).toMatch(
      /^lru: SHARDS of [\d,]+ references to 2,000 pages \(24%\), [\d.]+ s; mean absolute error \d\.\d{3} percentage points over all sizes$/m,
    )
    expect(stdout).toMatch(
      /^clock: in miniature of [\d,]+ references to [\d,]+ pages \(2\d%\), .*; mean absolute error \d\.\d{3} percentage points over these sizes$/m,
    )
    expect(stdout.match(/^ +[\d,]+ +\d/gm)?.length).toBe(2)
  })

  it('says that a sample of few pages makes rough numbers', () => {
    expect(mrc('--sample-size', '500').stdout).toMatch(/^lru: SHARDS of .* to 500 pages .*; so few pages make rough numbers/m)
  })

  it('draws the curves', () => {
    const { code, stdout } = mrc('--policy', 'lru,fifo', '--plot', 'curves.svg')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\nThe curves are drawn in curves\.svg\n$/)
    const svg = readFileSync(join(directory, 'curves.svg'), 'utf8')
    for (const word of ['hot.txt', 'lru', 'fifo', 'misses in % of references']) expect(svg).toContain(word)
  })

  it.each([
    ['--sample 0', 2, "a sampling rate is above 0 and at most 1, not '0'"],
    ['--sample 101%', 2, "a sampling rate is above 0 and at most 1, not '101%'"],
    ['--sample often', 2, "a sampling rate is above 0 and at most 1, not 'often'"],
    ['--sample 0.1 --sample-size 100', 2, 'a sample has a rate or a size, not both'],
    ['--sample-size 0', 2, "a sample size is a whole number from 1 to 4294967295, not '0'"],
    ['--points 0', 2, "the number of points is a whole number from 1 to 1000000, not '0'"],
    ['--points 3 --frames 100', 2, 'either the sizes are given or how many points there are, not both'],
    ['--check', 2, 'there is nothing to check: the curve is exact without a sample'],
    ['--policy clocks', 2, "unknown policy 'clocks'; did you mean 'clock'?"],
    ['--json --csv', 2, '--json and --csv exclude each other'],
    ['--plot curve.png', 2, "a plot is an .svg or an .html file, not 'curve.png'"],
    ['more.txt', 2, "too many arguments for 'mrc'. Expected 1 argument but got 2."],
    [
      '--policy clock --sample 0.0015',
      2,
      /^\d+ frames are \d+ in miniature, and fewer than 16 say little; take a larger sample or larger sizes$/,
    ],
  ] as const)('refuses %s', (args, code, message) => {
    const result = mrc(...args.split(' '))
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(/^faultline: [^\n]+\n$/)
    expect(result.stderr.slice('faultline: '.length, -1)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })
})
