import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunReport, runTrace } from 'faultline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goldenTrace } from '../policy/traces.ts'
import { faultline, scratch } from './run.ts'

const pages = goldenTrace('hotscan', 20_000)
let directory = ''
const run = (...args: string[]) => faultline(directory, 'run', ...args)

beforeAll(() => {
  directory = scratch()
  writeFileSync(join(directory, 'hot.txt'), pages.join('\n'))
  writeFileSync(join(directory, 'two.events'), '1 mmap 0x10000000 8192\n1 w 0x10000000\n1 fork 2\n2 w 0x10000000\n2 exit\n')
  writeFileSync(join(directory, 'wild.events'), '1 mmap 0x10000000 8192\n1 w 0x20000000\n')
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('faultline run', () => {
  it('prints the object that the library returns with --json', async () => {
    const { code, stdout, stderr } = run(
      'hot.txt',
      '--memory',
      '64MiB',
      '--processes',
      '2',
      '--turn',
      '100',
      '--cost',
      'minor=2us',
      '--json',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const report = JSON.parse(stdout) as RunReport
    const own = await runTrace({ trace: pages, memory: '64MiB', processes: 2, turn: 100, cost: { minor: 2e-6 } })
    expect(Object.keys(report)).toEqual(Object.keys(own))
    expect({ ...report, seconds: 0, referencesPerSecond: 0 }).toEqual({
      ...own,
      trace: { ...own.trace, path: 'hot.txt', format: 'txt' },
      seconds: 0,
      referencesPerSecond: 0,
    })
    expect(report.references).toBe(40_000)
  })

  it('prints tables without colour into a pipe', () => {
    const { code, stdout, stderr } = run('hot.txt', '--memory', '64MiB', '--backing', 'shm')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/^hot\.txt\ntxt, 20,000 references/)
    expect(stdout).toMatch(/^64 MiB of memory, [\d,]+ frames free, no swap, linux-6\.12; one process, shared memory$/m)
    expect(stdout).toMatch(/^ +[\d,]+ +\d+% +TLB *$/m)
    expect(stdout).toMatch(/^ +[\d,]+ +pgfault *$/m)
    expect(stdout).toMatch(/^ +[\d.]+ [mµ]s +[\d.]+ ns +NVMe *$/m)
  })

  it('swaps where there is too little memory, and leaves out of the policy what it is told', () => {
    const args = ['hot.txt', '-m', '64MiB', '--swap', '64MiB', '--memory-max', '4MiB', '--fill', '--without', 'refault-distance,batches']
    const { vmstat, machine, majorFaults } = JSON.parse(run(...args, '--json').stdout) as RunReport
    expect(machine).toMatchObject({ swap: 2 ** 26, memoryMax: 2 ** 22, without: ['refault-distance', 'batches'], fill: true })
    expect(vmstat.pswpin).toBeGreaterThanOrEqual(majorFaults)
    expect(majorFaults).toBeGreaterThan(1000)
    expect(run(...args).stdout).toMatch(
      /frames free, 4 MiB for the processes' pages, 64 MiB of swap, linux-6\.12 without refault-distance, batches; one process, anonymous memory$/m,
    )
  })

  it('says how many frames a policy has', () => {
    const { stdout } = run('hot.txt', '-m', '64MiB', '--swap', '64MiB', '--policy', 'lru')
    expect(stdout).toMatch(/, 64 MiB of swap, lru in [\d,]+ frames; one process, anonymous memory$/m)
  })

  it('executes traces of events', () => {
    const { vmstat, machine } = JSON.parse(run('two.events', '-m', '16MiB', '--json').stdout) as RunReport
    expect([vmstat.pgcopy, machine.processes]).toEqual([1, 2])
  })

  it.each([
    ['hot.txt', 2, "required option '-m, --memory <size>' not specified"],
    ['hot.txt -m much', 2, `"much" is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB`],
    ['hot.txt -m 64KiB', 2, /^65536 bytes are too little memory for a machine/],
    ['hot.txt -m 64MiB --backing disk', 2, "pages are backed by anon, shm or file, not 'disk'"],
    ['hot.txt -m 64MiB --swap lots', 2, `"lots" is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB`],
    ['hot.txt -m 64MiB --policy fast', 2, /^policy: "fast" is none; there are linux-6\.12, /],
    ['hot.txt -m 64MiB --without brains', 2, /^without: "brains" is no mechanism of linux-6.12; there are /],
    ['hot.txt -m 64MiB --policy opt --swap 8MiB', 2, 'policy: opt sees the future, which a machine cannot'],
    ['hot.txt -m 64MiB --policy lru:foo=2 --swap 8MiB', 2, 'policy: lru has no parameters'],
    ['hot.txt -m 64MiB --policy ./mine.ts --swap 8MiB', 2, 'policy: own policies run in a replay only, not "./mine.ts"'],
    ['hot.txt -m 64MiB --policy lru', 2, 'a policy other than linux-6.12 counts only where there is swap: give --swap'],
    ['hot.txt -m 64MiB --policy lru --memory-max 4MiB', 2, '--memory-max works with linux-6.12 only, not with lru'],
    ['hot.txt -m 64MiB --swap 1', 2, '--swap is 8 KiB to 128 GiB, not 1'],
    [
      'hot.txt -m 64MiB --memory-max 4MiB --fill --swap 1MiB',
      1,
      /^hot\.txt: reference \d+: out of memory: the group's limit of 4 MiB is reached: raise --memory-max or give more --swap$/,
    ],
    [
      'hot.txt -m 16MiB --memory-max 64KiB --fill',
      1,
      /^hot\.txt: reference \d+: out of memory: the group's limit of 64 KiB is reached: raise --memory-max or give --swap$/,
    ],
    ['hot.txt -m 64MiB --processes 0', 2, "the number of processes is a whole number from 1 to 4096, not '0'"],
    ['hot.txt -m 64MiB --turn 0', 2, "a turn is a whole number from 1 to 4294967295, not '0'"],
    ['hot.txt -m 64MiB --cost minor=1', 2, /^costs are given as minor=1us,zram=4us,.*, in ns, us, ms or s, not 'minor=1'$/],
    ['hot.txt -m 64MiB --cost tape=1s', 2, "there is no cost 'tape'; there are minor, zram, zramOut, nvme, disk"],
    ['hot.txt -m 64MiB --page-size 8KiB --format dinero', 1, /^hot\.txt: line 1: /],
    ['two.events -m 64MiB --page-size 8KiB', 2, /^two\.events: the machine's pages have 4096 bytes, those of the trace 8192/],
    ['two.events -m 64MiB --processes 2', 2, 'two.events: a trace of events says itself which processes there are'],
    ['two.events -m 64MiB --contents', 2, 'two.events: the pages of a trace of events have no contents'],
    ['wild.events -m 64MiB', 1, 'wild.events: process 1, reference 1: SIGSEGV: SEGV_MAPERR at 0x20000000, write'],
    ['none.txt -m 64MiB', 1, 'none.txt: no such file'],
    ['hot.txt none.txt -m 64MiB', 2, "too many arguments for 'run'. Expected 1 argument but got 2."],
  ] as const)('refuses %s', (args, code, message) => {
    const result = run(...args.split(' '))
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(/^faultline: [^\n]+\n$/)
    expect(result.stderr.slice('faultline: '.length, -1)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })
})
