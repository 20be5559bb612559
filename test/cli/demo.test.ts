import { readFileSync } from 'node:fs'
import type { Inspection } from 'faultline'
import { expect, it } from 'vitest'
import { faultline } from './run.ts'

const { code, stdout } = faultline('.', 'demo', 'shm')

it('demo shm prints a diagram of at most 80 columns', () => {
  expect(code).toBe(0)
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})

it('demo shm shows the addresses and frames that the machine has', () => {
  const { steps, inspection } = JSON.parse(faultline('.', 'demo', 'shm', '--json').stdout) as {
    steps: { call: string; result: string }[]
    inspection: Inspection
  }
  for (const { call, result } of steps) expect(stdout).toContain(result === '' ? call : `= ${result}`)
  const pages = inspection.processes.flatMap(({ pid, mm }) => mm?.vmas.flatMap(({ pages }) => pages.map(page => ({ pid, ...page }))) ?? [])
  expect(pages).toHaveLength(7)
  const back = stdout.slice(stdout.indexOf('And back')).split(/^ frame /m)
  for (const { pid, address, frame } of pages) {
    const hex = address.toString(16)
    expect(stdout).toMatch(pid === 1 ? new RegExp(`^ ${hex} .*▶.*frame ${frame}\\b`, 'm') : new RegExp(`frame ${frame} .*◀.* ${hex}$`, 'm'))
    expect(back.find(lines => lines.startsWith(`${frame} `))).toContain(`◀── process ${pid} at ${hex}\n`)
  }
  const [segment] = inspection.segments
  expect(segment).toMatchObject({ nattch: 2, key: 0x1234 })
  const inode = inspection.inodes.find(({ address }) => address === segment?.inode)
  expect(inode?.vmas.map(({ pid }) => pid)).toEqual([1, 2])
})

it('the README shows what demo shm prints, but for the numbers of frames and tables', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, printed] = /^```sh\nnpx faultline demo shm\n```\n\n```text\n([\s\S]*?)^```$/m.exec(readme) ?? []
  const shape = (text: string): string => text.replace(/(frame|VMAs,) +\d+/g, (_, what: string) => `${what} #`).replace(/ +/g, ' ')
  expect(shape(printed ?? '')).toBe(shape(stdout))
})

it('demo says which demos there are', () => {
  const { code, stdout } = faultline('.', 'demo')
  expect(code).toBe(2)
  expect(stdout + faultline('.', 'demo', '--help').stdout).toContain('shm')
  expect(faultline('.', 'demo', 'shn')).toMatchObject({ code: 2, stderr: "faultline: unknown command 'shn'; did you mean 'shm'?\n" })
})
