import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from '#dist/cli/main.js'
import { MAIN, scratch } from './run.ts'

let directory = ''
beforeAll(() => {
  directory = scratch()
  writeFileSync(join(directory, 'good.txt'), '1\n2\n3\n')
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(() => void vi.restoreAllMocks())

describe('the command line ends', () => {
  it('quietly when nobody reads its output', () => {
    const command = `{ "$0" "$1" replay good.txt --policy all --frames 1,2,3 --json; echo $? > code; } | true`
    const { stderr } = spawnSync('sh', ['-c', command, process.execPath, MAIN], { cwd: directory, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(readFileSync(join(directory, 'code'), 'utf8')).toBe('0\n')
    rmSync(join(directory, 'code'))
  })

  it('at once on Ctrl-C, with code 130 and no file', async () => {
    const child = spawn(process.execPath, [MAIN, 'replay', 'txt:-', '--plot', 'curves.svg'], { cwd: directory })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
    // More than pipes hold: when it is drained, the program is running and reads.
    child.stdin.write('1\n'.repeat(4_000_000))
    await once(child.stdin, 'drain')
    child.stdin.on('error', () => {})
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(output).toBe('')
    expect(readdirSync(directory)).toEqual(['good.txt'])
  })

  it('loudly, with the stack and code 70, on a bug of its own', async () => {
    const written: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
    vi.spyOn(process.stdout, 'write').mockImplementation(() => {
      throw new TypeError('x is not a function')
    })
    expect(await main(['policies'])).toBe(70)
    expect(written.join('')).toMatch(/^faultline: this is a bug in faultline: x is not a function\nTypeError: x is not a function\n +at /)
  })

  it('with the stack of an expected error if FAULTLINE_DEBUG is set', () => {
    const env = { ...process.env, FAULTLINE_DEBUG: '1' }
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'replay', 'none.txt'], { cwd: directory, env, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^faultline: none\.txt: no such file\nInputError: none\.txt: no such file\n +at /)
  })
})
