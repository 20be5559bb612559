import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReplayReport, type ReplayResult, replay } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldenTrace } from '../policy/traces.ts'
import { faultline, scratch } from './run.ts'

const pages = goldenTrace('hotscan', 20_000)
let directory = ''
const run = (...args: string[]) => faultline(directory, ...args)

beforeAll(() => {
  directory = scratch()
  writeFileSync(join(directory, 'hot.txt'), pages.join('\n'))
  writeFileSync(join(directory, 'a, "b".txt'), pages.slice(0, 5000).join('\n'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function timeless(results: readonly ReplayResult[]) {
  return results.map(({ seconds: _, referencesPerSecond: __, ...counts }) => counts)
}

describe('faultline replay', () => {
  it('prints the object that the library returns with --json', async () => {
    const { code, stdout, stderr } = run('replay', 'hot.txt', '--policy', 'lru,clock', '--frames', '100,10%', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const report = JSON.parse(stdout) as ReplayReport
    const own = await replay({ trace: pages, policies: ['lru', 'clock'], frames: [100, '10%'] })
    expect(Object.keys(report)).toEqual(['trace', 'pageSize', 'results'])
    expect(report.trace).toEqual({ ...own.trace, path: 'hot.txt', format: 'txt' })
    expect(report.pageSize).toBe(4096)
    expect(timeless(report.results)).toEqual(timeless(own.results))
    expect(Object.keys(report.results[0] as object)).toEqual(
      'policy frames references hits misses missRatio coldMisses evictions dirtyEvictions seconds referencesPerSecond'.split(' '),
    )
  })

  it('names the trace in each result if there are several', () => {
    const { trace, results } = JSON.parse(
      run('replay', 'hot.txt', 'a, "b".txt', 'hot.txt', '--policy', 'lru', '--frames', '10', '--json').stdout,
    )
    const paths = ['hot.txt', 'a, "b".txt', 'hot.txt (2)']
    expect(trace.map((t: { path: string }) => t.path)).toEqual(paths)
    expect(results.map((r: ReplayResult) => [r.trace, r.references])).toEqual([
      ['hot.txt', 20_000],
      ['a, "b".txt', 5000],
      ['hot.txt (2)', 20_000],
    ])
    expect(results[2].misses).toBe(results[0].misses)
  })

  it('prints rows by RFC 4180 with --csv', () => {
    const { code, stdout } = run('replay', 'hot.txt', 'a, "b".txt', '--policy', 'lru', '--frames', '10', '--csv')
    expect(code).toBe(0)
    const lines = stdout.split('\r\n')
    expect(lines[0]).toBe(
      'trace,policy,frames,references,hits,misses,missRatio,coldMisses,evictions,dirtyEvictions,seconds,referencesPerSecond',
    )
    expect(lines[1]).toMatch(/^hot\.txt,lru,10,20000,\d+,\d+,0\.\d+,\d+,\d+,0,[\d.e-]+,[\d.]+$/)
    expect(lines[2]).toMatch(/^"a, ""b"".txt",lru,10,5000,/)
    expect(lines.slice(3)).toEqual([''])
  })

  it('prints a table without colour into a pipe', () => {
    const { code, stdout, stderr } = run('replay', 'hot.txt', '--policy', 'lru,clock', '--frames', '100,1000')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/^hot\.txt\ntxt, 20,000 references/)
    expect(stdout).toMatch(/^ lru +[\d.]+\*? +[\d.]+\*? +[\d.]+ *$/m)
  })

  it('replays the main policies at a few sizes when told nothing else', () => {
    const { results } = JSON.parse(run('replay', 'hot.txt', '--json').stdout) as ReplayReport
    expect(new Set(results.map(r => r.policy)).size).toBeGreaterThan(1)
    expect(new Set(results.map(r => r.frames)).size).toBe(6)
  })

  it('draws the curves to a file', () => {
    const { code, stdout } = run('replay', 'hot.txt', '--policy', 'lru,clock', '--plot', 'curves.svg')
    expect(code).toBe(0)
    expect(stdout).toContain('The curves are drawn in curves.svg')
    expect(readFileSync(join(directory, 'curves.svg'), 'utf8')).toMatch(/^<svg [\s\S]*hot\.txt[\s\S]*<\/svg>\s*$/)
    expect(readdirSync(directory).filter(name => name.startsWith('.'))).toEqual([])
    rmSync(join(directory, 'curves.svg'))
  })

  it('gives the same counts whatever the number of jobs, and other ones for other seeds only where policies are random', () => {
    const results = (...args: string[]) =>
      timeless((JSON.parse(run('replay', 'hot.txt', '--frames', '500', '--json', ...args).stdout) as ReplayReport).results)
    expect(results('--policy', 'all', '--jobs', '3')).toEqual(results('--policy', 'all', '--jobs', '1'))
    expect(results('--policy', 'lru', '--seed', '7')).toEqual(results('--policy', 'lru'))
  })
})
