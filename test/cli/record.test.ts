import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openTrace } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultline, MAIN, scratch } from './run.ts'

const missing = spawnSync('valgrind', ['--version']).error !== undefined
if (missing) console.warn('valgrind is not installed: the tests that record a program are left out (apt-get install valgrind)')

let directory = ''
const at = (name: string): string => join(directory, name)
beforeAll(() => {
  directory = scratch()
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(missing)('faultline record', () => {
  it('records a program, whose output is untouched and whose exit code is passed on', async () => {
    const { code, stdout, stderr } = faultline(directory, 'record', '-o', 'sh.flt.gz', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'out\n' })
    expect(stderr).toMatch(/^err\n[\d,]+ references \([\d.]+% writes\) are in sh\.flt\.gz; sh exited with code 3\n$/)
    const trace = await openTrace(at('sh.flt.gz'))
    expect(trace).toMatchObject({ format: 'packed', pageSize: 4096 })
    expect(trace.references).toBeGreaterThan(50_000)
    expect(trace.uniquePages).toBeGreaterThan(50)
    expect(trace.writes).toBeGreaterThan(1000)
  })

  it('leaves instruction fetches out with --data', async () => {
    faultline(directory, 'record', '--data', '-o', 'data.flt', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')
    const [all, data] = [await openTrace(at('sh.flt.gz')), await openTrace(at('data.flt'))]
    expect(data.references).toBeLessThan(all.references / 2)
    expect(data.writes / all.writes).toBeCloseTo(1, 1)
  })

  it('ends the program at --limit and makes pages of --page-size', async () => {
    const { code, stderr } = faultline(
      directory,
      'record',
      '--limit',
      '12345',
      '--page-size',
      '64KiB',
      '-o',
      'limit.flt',
      '--',
      'sleep',
      '60',
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/^12,345 references \([\d.]+% writes\) are in limit\.flt; sleep was ended at the limit\n$/)
    expect(await openTrace(at('limit.flt'))).toMatchObject({ references: 12_345, pageSize: 65536 })
  })

  it('records children only with --children', async () => {
    const command = ['--', 'sh', '-c', 'sh -c "exit 0"; exit 0']
    faultline(directory, 'record', '--data', '-o', 'parent.flt', ...command)
    faultline(directory, 'record', '--data', '--children', '-o', 'family.flt', ...command)
    const [parent, family] = [await openTrace(at('parent.flt')), await openTrace(at('family.flt'))]
    expect(family.references).toBeGreaterThan(1.5 * parent.references)
  })

  it('says by which signal the program was ended', () => {
    const { code, stderr } = faultline(directory, 'record', '-o', 'killed.flt', '--', 'sh', '-c', 'kill -TERM $$')
    expect(code).toBe(143)
    expect(stderr).toContain('; sh was ended by SIGTERM\n')
  })

  it('leaves no file, and the program does not run on, when it is interrupted', async () => {
    const child = spawn(process.execPath, [MAIN, 'record', '-o', 'never.flt.gz', '--', 'sh', '-c', 'echo $$; while :; do :; done'], {
      cwd: directory,
    })
    const [pid] = await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(readdirSync(directory).filter(name => name.includes('never'))).toEqual([])
    for (let tries = 0; tries < 100 && isRunning(Number(pid)); tries++) await setTimeout(50)
    expect(isRunning(Number(pid))).toBe(false)
  })

  it('refuses a program that is not there', () => {
    expect(faultline(directory, 'record', '-o', 'none.flt', '--', 'no-such-program', '-x')).toEqual({
      code: 1,
      stdout: '',
      stderr: "faultline: cannot record 'no-such-program': there is no such program\n",
    })
    expect(readdirSync(directory).filter(name => name.includes('none'))).toEqual([])
  })
})

describe('faultline record', () => {
  it('says what to install when valgrind is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'record', '-o', 'x.flt', '--', '/bin/ls'], {
      cwd: directory,
      env: { PATH: '/nowhere' },
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toBe(
      'faultline: recording needs Valgrind, which is not on PATH; install it, for instance with: apt-get install valgrind\n',
    )
  })

  it.each([
    [['record', '--', 'ls'], "faultline: required option '-o, --output <file>' not specified"],
    [['record', '-o', 'x.flt'], "faultline: missing required argument 'command'"],
    [['record', '-o', 'x.flt', '--limit', '0', '--', 'ls'], "faultline: the limit is a whole number from 1 to 9007199254740991, not '0'"],
  ])('refuses %j', (args, message) => {
    expect(faultline(directory, ...args)).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
  })
})

/** Whether a process is there and no zombie. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/^\d+ \(.*\) Z/.test(readFileSync(stat, 'utf8'))
}
