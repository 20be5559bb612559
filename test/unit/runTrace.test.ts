import { generateTrace, InputError, openTrace, type RunOptions, type RunReport, replay, runTrace, UsageError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { openBytes } from '../trace/traces.ts'

const run = (options: Partial<RunOptions> & Pick<RunOptions, 'trace'>) => runTrace({ memory: '16MiB', target: 'debug', ...options })
const runEvents = async (lines: string[], options: Partial<RunOptions> = {}) =>
  run({ trace: await openBytes(`${lines.join('\n')}\n`, { format: 'events' }), ...options })

/** How pages were found. */
function found({ references, tlbHits, walks, minorFaults, majorFaults }: RunReport) {
  return { references, tlbHits, walks, minorFaults, majorFaults }
}

/** The message of the error of this kind that a run gives. */
async function failure(kind: typeof InputError | typeof UsageError, run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.catch(e => e)
  expect(error).toBeInstanceOf(kind)
  return (error as Error).message
}

describe('a trace of pages', () => {
  it('is executed: each page faults once, and is then found', async () => {
    const pages = Array.from({ length: 1000 }, (_, i) => i % 100)
    const report = await run({ trace: pages })
    expect(found(report)).toEqual({ references: 1000, tlbHits: 900, walks: 0, minorFaults: 100, majorFaults: 0 })
    expect(report.vmstat).toMatchObject({ pgfault: 100, pgmajfault: 0, zero_mapped: 100 })
    expect(report.trace).toEqual({ path: '(array)', format: 'array', references: 1000, uniquePages: 100, reads: 1000, writes: 0 })
    expect(report.machine).toMatchObject({ memory: 2 ** 24, backing: 'anon', processes: 1, contents: false })
    expect(report.machine.frames).toBeLessThan(4096)
  })

  it('writes what the trace writes: a page that was read gets a frame then', async () => {
    const { vmstat, minorFaults } = await run({ trace: await openBytes('0 0x1000\n1 0x2000\n1 0x1000\n', { format: 'dinero' }) })
    expect(minorFaults).toBe(3)
    expect(vmstat).toMatchObject({ zero_mapped: 1, pgcopy: 1, pgfault: 3 })
  })

  it('lies in the order of the page numbers, where these are none of hashes', async () => {
    // two pages 512 apart displace each other in the TLB; of those that were referenced first, the second stands behind the first
    const numbers = [0, 512, ...Array.from({ length: 511 }, (_, i) => i + 1), ...Array.from({ length: 100 }, (_, i) => 512 * (i % 2))]
    const far = BigUint64Array.from(numbers, number => 2n ** 60n + BigInt(number))
    expect((await run({ trace: numbers })).walks).toBe(100)
    expect((await run({ trace: far })).walks).toBeLessThan(10)
  })

  it('gives the same counts each time', async () => {
    const pages = Array.from({ length: 50_000 }, (_, i) => (i * i) % 1009)
    const timeless = ({ seconds: _, referencesPerSecond: __, ...rest }: RunReport) => rest
    const options = { trace: pages, processes: 3, turn: 100 }
    expect(timeless(await run(options))).toEqual(timeless(await run(options)))
  })

  it('in several processes is executed by each, in memory of its own', async () => {
    const report = await run({ trace: [1, 2, 3, 1, 2, 3], processes: 4, turn: 2 })
    expect(found(report)).toMatchObject({ references: 24, minorFaults: 12 })
    expect(report.machine.processes).toBe(4)
  })

  it('at shared memory is shared out among them', async () => {
    const report = await run({ trace: [1, 2, 3, 1, 2, 3, 1, 2], processes: 2, turn: 3, backing: 'shm' })
    // the first faults at all three pages, the second, which finds them there, at one: reads map around
    expect(found(report)).toMatchObject({ references: 8, minorFaults: 4 })
    expect(report.vmstat.pgalloc).toBeGreaterThanOrEqual(3)
  })

  it('has the contents that it is given, in the end', async () => {
    const trace = await openBytes(Array.from({ length: 300 }, (_, i) => `${i % 2} ${(4096 * (i % 70)).toString(16)}`).join('\n'), {
      format: 'dinero',
    })
    for (const backing of ['anon', 'shm'] as const) {
      const report = await run({ trace, contents: true, processes: 2, turn: 10, backing })
      const [references] = [300 * (backing === 'anon' ? 2 : 1)]
      expect(report).toMatchObject({ references, machine: { contents: true } })
      expect(report.tlbHits + report.walks + report.minorFaults).toBe(references)
    }
  })

  it.each(['anon', 'shm'] as const)('of %s pages goes to swap where it does not fit, and comes back as it was', async backing => {
    const pages = Array.from({ length: 4000 }, (_, i) => (i * 7) % 1000)
    const options = { trace: pages, fill: true, contents: true, backing, swap: '8MiB', memoryMax: 2 ** 21 }
    const report = await run(options)
    expect(report.references).toBe(4000)
    expect(report.tlbHits + report.walks + report.minorFaults + report.majorFaults).toBe(4000)
    // a loop over twice what there is
    expect(report.majorFaults).toBeGreaterThan(2000)
    expect(report.vmstat.pgmajfault).toBe(report.majorFaults)
    expect(report.vmstat.pswpin).toBeGreaterThanOrEqual(report.majorFaults)
    expect(report.time.disk).toBeGreaterThan(0.0127 * 2000)
    expect(report.time.zram).toBeCloseTo(report.minorFaults * 1e-6 + report.majorFaults * 4e-6 + report.vmstat.pswpout * 6e-6)
    expect(report.machine).toMatchObject({ swap: 2 ** 23, memoryMax: 2 ** 21, policy: 'linux-6.12', without: [], fill: true })
    const bare = await run({ ...options, contents: false })
    expect(found(bare)).toEqual(found(report))
  })

  it('of the pages of a file reads them from its disk, and writes those that were written', async () => {
    const references = Array.from({ length: 4000 }, (_, i) => `${i % 3 === 0 ? 1 : 0} ${(4096 * ((i * 7) % 1000)).toString(16)}`)
    const trace = await openBytes(references.join('\n'), { format: 'dinero' })
    for (const processes of [1, 2]) {
      const options = { trace, contents: true, backing: 'file', memoryMax: 2 ** 21, processes, turn: 100 } as const
      const report = await run(options)
      expect(report.tlbHits + report.walks + report.minorFaults + report.majorFaults).toBe(4000)
      expect(report.majorFaults).toBeGreaterThan(2000)
      expect(report.vmstat).toMatchObject({ pgmajfault: report.majorFaults, pgpgin: 4 * report.majorFaults, pswpout: 0 })
      expect(report.vmstat.pgsteal_file).toBeGreaterThan(2000)
      expect(report.vmstat.pgpgout).toBeGreaterThan(0)
      expect(report.machine).toMatchObject({ backing: 'file', swap: 0 })
      expect(found(await run({ ...options, contents: false }))).toEqual(found(report))
    }
  })

  it('of the pages of a file runs with any policy, without swap', async () => {
    const trace = generateTrace({ workload: 'zipf', pages: 3000, references: 40_000, writes: 0.3 })
    const report = await run({ trace, memory: '8MiB', backing: 'file', policy: 'lru' })
    const frames = report.machine.policyFrames as number
    const [wanted] = (await replay({ trace, policies: ['lru'], frames })).results
    expect(report.majorFaults).toBe(wanted?.misses)
    expect(report.vmstat.pgsteal_file).toBeGreaterThan(1000)
  })

  it('runs without a mechanism of the policy', async () => {
    const trace = generateTrace({ workload: 'zipf', pages: 2000, references: 40_000, writes: 1 })
    const options = { trace, swap: '16MiB', memoryMax: 600 * 4096 }
    const without = await run({ ...options, without: ['refault-distance'] })
    expect(without.vmstat.workingset_activate_anon).toBe(0)
    expect((await run(options)).vmstat.workingset_activate_anon).toBeGreaterThan(0)
  })

  it('costs what it is told that faults cost', async () => {
    const report = await run({ trace: [1, 2, 3, 4], cost: { minor: 2, disk: 9 } })
    expect(report.cost).toMatchObject({ minor: 2, disk: 9 })
    expect(report.time).toEqual({ zram: 8, nvme: 8, disk: 8 })
  })

  it('tells how far it is, and can be stopped', async () => {
    const trace = await openTrace(Uint32Array.from({ length: 400_000 }, (_, i) => i % 7))
    const calls: unknown[] = []
    await run({ trace, onProgress: progress => calls.push(progress) })
    expect(calls.length).toBeGreaterThan(2)
    expect(calls.at(-1)).toEqual({ phase: 'running', done: 400_000, total: 400_000 })
    const controller = new AbortController()
    const stopped = run({ trace, signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })
    await expect(stopped).rejects.toThrow('enough')
  })

  it('that needs more memory than there is says so', async () => {
    const trace = await openBytes(Array.from({ length: 5000 }, (_, i) => `1 ${(4096 * i).toString(16)}`).join('\n'), { format: 'dinero' })
    expect(await failure(InputError, run({ trace, memory: '8MiB' }))).toMatch(
      /^\(stream\): reference \d+: out of memory: the machine has too little for this trace, and no swap: give more memory or swap$/,
    )
  })
})

describe('a run that is out of memory', () => {
  const trace = Array.from({ length: 2000 }, (_, i) => i)
  it.each<[string, Partial<RunOptions>, RegExp]>([
    ["a group's limit, without swap", { memoryMax: '4MiB' }, /the group's limit of 4 MiB is reached: raise memoryMax or give swap$/],
    [
      'and with too little',
      { memoryMax: '4MiB', swap: '1MiB' },
      /the group's limit of 4 MiB is reached: raise memoryMax or give more swap$/,
    ],
    ['swap', { memory: '8MiB', swap: '64KiB' }, /too little for this trace, with its swap: give more memory or swap$/],
    ["a policy's swap", { memory: '8MiB', swap: '64KiB', policy: 'lru' }, /, with its swap: give more memory or swap$/],
  ])('says what is short: %s', async (_, options, message) => {
    expect(await failure(InputError, run({ trace, fill: true, ...options }))).toMatch(message)
  })
})

it('a policy other than linux-6.12 tells how many frames it has', async () => {
  const { machine } = await run({ trace: [1, 2, 3], policy: 'sieve', swap: '8MiB' })
  expect(machine.policyFrames).toBeGreaterThan(100)
  expect(machine.policyFrames).toBeLessThanOrEqual(machine.frames)
  expect((await run({ trace: [1, 2, 3], swap: '8MiB' })).machine.policyFrames).toBeNull()
})

describe('a trace of events', () => {
  it('maps, references, forks, unmaps and ends as it says', async () => {
    const report = await runEvents([
      '1 mmap 0x10000000 8192',
      'w 0x10000000',
      'w 0x10001000',
      'fork 2',
      '2 w 0x10000000',
      '1 w 0x10001000',
      '2 munmap 0x10000000 4096',
      '1 exit',
      '2 r 0x10001000',
      '2 exit',
      '2 mmap 0x20000000 4096',
      '2 r 0x20000000',
    ])
    // two first touches, two copies, a read behind a fork, a read of zeros
    expect(found(report)).toMatchObject({ references: 6, minorFaults: 5, walks: 1 })
    expect(report.vmstat).toMatchObject({ pgcopy: 2, zero_mapped: 1 })
    expect(report.machine.processes).toBe(3)
  })

  it('shares objects by name, also with processes that are not related', async () => {
    const shared = await runEvents([
      '1 mmap 0x10000000 8192 shared heap',
      '2 mmap 0x20000000 4096 shared heap 4096',
      '1 w 0x10001000',
      '2 r 0x20000000',
      '3 mmap 0x20000000 4096 ro shared other',
      '3 r 0x20000000',
    ])
    expect(shared.minorFaults).toBe(3)
    expect(shared.vmstat.zero_mapped).toBe(0)
  })

  it('that maps nothing gets memory where it references', async () => {
    const lines = ['1 w 0x10000000', '1 w 0x7fff00000000', '7 w 0x10000000', '7 r 0x10000000']
    expect(found(await runEvents(lines))).toMatchObject({ references: 4, minorFaults: 3, tlbHits: 1 })
    expect((await runEvents(lines, { backing: 'shm' })).minorFaults).toBe(3)
  })

  it('is shared with children where the backing says so', async () => {
    const lines = ['mmap 0x10000000 4096', 'w 0x10000000', 'fork 2', '2 w 0x10000000']
    expect((await runEvents(lines)).vmstat.pgcopy).toBe(1)
    expect((await runEvents(lines, { backing: 'shm' })).vmstat.pgcopy).toBe(0)
  })

  it.each<[string[], RegExp]>([
    [
      ['1 mmap 0x1000000 4096', '1 r 0x1000000', '3 r 0x1000000'],
      /^\(stream\): process 3, reference 2: SIGSEGV: SEGV_MAPERR at 0x1000000, read$/,
    ],
    [['1 mmap 0x1000000 4096 ro', '1 w 0x1000000'], /process 1, reference 1: SIGSEGV: SEGV_ACCERR at 0x1000000, write$/],
    [['1 mmap 0x1000001 4096', '1 r 0x1000000'], /^\(stream\): process 1, line 1: EINVAL: invalid argument, mmap$/],
    [['1 r 0x200000', '1 fork 2', '2 fork 1'], /^\(stream\): line 3: there is a process 1 already$/],
    [['1 mmap 0x1000000 4096 shared a/b', '1 r 0x1000000'], /process 1, line 1: EINVAL: invalid argument, shm_open '\/a\/b'$/],
    [['1 r 0xffffffffffff0000'], /process 1, reference 1: ENOMEM: cannot allocate memory, mmap$/],
  ])('that makes no sense is refused: %j', async (lines, message) => {
    expect(await failure(InputError, runEvents(lines))).toMatch(message)
  })
})

describe('options that make no sense', () => {
  const trace = [1, 2, 3]
  it.each<[Partial<RunOptions>, RegExp]>([
    [{ memory: '16 apples' }, /^"16 apples" is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB$/],
    [{ memory: 4096 }, /^4096 bytes are too little memory for a machine/],
    [{ memory: '1024GiB' }, /the most is 163 GiB$/],
    [{ swap: 'some' }, /^"some" is no size/],
    [{ memoryMax: 'some' }, /^"some" is no size/],
    [{ swap: 4096 }, /^swap is 8 KiB to 128 GiB, not 4096$/],
    [{ swap: 0 }, /^swap is 8 KiB to 128 GiB, not 0$/],
    [{ swap: '200GiB' }, /^swap is 8 KiB to 128 GiB, not 200GiB$/],
    [{ policy: 'lru', swap: '8MiB', memoryMax: '4MiB' }, /^memoryMax works with linux-6\.12 only, not with lru$/],
    [{ policy: 'lru' }, /^a policy other than linux-6\.12 counts only where there is swap: give swap$/],
    [{ policy: 'opt' }, /^policy: opt sees the future, which a machine cannot$/],
    [{ policy: 'lru:foo=2' }, /^policy: lru has no parameters$/],
    [{ policy: './mine.ts' }, /^policy: own policies run in a replay only, not ".\/mine\.ts"$/],
    [{ memorymax: '4MiB' } as object, /^runTrace's options have no "memorymax", but trace, memory, /],
    [{ cost: 'minor=1us' as unknown as object }, /^cost is an object such as \{ minor: 1e-6 \}, in seconds, not "minor=1us"$/],
    [{ policy: 'linux-7' as 'linux-6.12' }, /^policy: "linux-7" is none; there are linux-6\.12, /],
    [{ without: ['batch'] as never }, /^without: "batch" is no mechanism of linux-6.12; there are /],
    [{ backing: 'disk' as 'shm' }, /^pages are backed by anon, shm or file, not 'disk'$/],
    [{ processes: 0 }, /^processes is a whole number from 1 to 4096, not 0$/],
    [{ turn: 1.5 }, /^turn is a whole number from 1 to 4294967295, not 1\.5$/],
    [{ cost: { minor: -1 } }, /^the cost minor is a number of seconds from 0, not -1$/],
    [{ cost: { tape: 1 } as object }, /^there is no cost 'tape'; there are minor, zram, zramOut, nvme, disk$/],
    [{ pageSize: 8192 }, /^\(array\): the machine's pages have 4096 bytes, those of the trace 8192: ask for a page size of 4096$/],
  ])('are refused: %j', async (options, message) => {
    expect(await failure(UsageError, run({ trace, ...options }))).toMatch(message)
  })

  it('are refused if there are none at all', async () => {
    const none = undefined as unknown as RunOptions
    expect(await failure(UsageError, runTrace(none))).toBe("runTrace's options must be an object, not undefined")
  })

  it('for traces of events are refused', async () => {
    expect(await failure(UsageError, runEvents(['1 r 0'], { processes: 2 }))).toMatch(/says itself which processes there are$/)
    expect(await failure(UsageError, runEvents(['1 r 0'], { contents: true }))).toMatch(/have no contents$/)
    expect(await failure(UsageError, runEvents(['1 r 0'], { fill: true }))).toMatch(/writes its pages itself$/)
    expect(await failure(UsageError, runEvents(['1 r 0'], { backing: 'file' }))).toMatch(/its pages are anon or shm$/)
  })
})
