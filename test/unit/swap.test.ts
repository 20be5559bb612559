// Swap areas: making and ending them, and all that may be wrong with what is asked for.
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { boot, type Machine, type SwaponOptions } from '#dist/index.js'

const folder = mkdtempSync(join(tmpdir(), 'swap-'))
afterAll(() => rmSync(folder, { recursive: true }))

function machineOf(memory = '16MiB', contents = true): Promise<Machine> {
  return boot({ memory, contents, target: 'debug' })
}

/** The code and the last words of what a call throws. */
function refusal(call: () => unknown): { code: string; message: string } {
  try {
    call()
  } catch (error) {
    return error as { code: string; message: string }
  }
  throw new Error('nothing was thrown')
}

describe('swapon', () => {
  it('makes areas, each behind those before unless a priority is given, and gives all back at swapoff', async () => {
    const machine = await machineOf()
    const free = machine.freeFrames
    const areas = [machine.swapon({ size: '4MiB' }), machine.swapon({ size: 1 << 20, priority: 5 }), machine.swapon({ size: '1MiB' })]
    expect(areas).toEqual([0, 1, 2])
    expect(machine.swaps.map(({ path, type, size, used, priority }) => [path, type, size, used, priority])).toEqual([
      ['/dev/zram0', 'partition', (4 << 20) - 4096, 0, -2],
      ['/dev/zram1', 'partition', (1 << 20) - 4096, 0, 5],
      ['/dev/zram2', 'partition', (1 << 20) - 4096, 0, -3],
    ])
    expect(machine.proc('/proc/swaps')).toBe(
      [
        'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority',
        '/dev/zram0                              partition\t4092\t\t0\t\t-2',
        '/dev/zram1                              partition\t1020\t\t0\t\t5',
        '/dev/zram2                              partition\t1020\t\t0\t\t-3',
        '',
      ].join('\n'),
    )
    expect(machine.proc('/proc/meminfo')).toContain('SwapTotal:          6132 kB\nSwapFree:           6132 kB\n')
    machine.validate()
    machine.swapoff('/dev/zram0')
    // what came behind it moves up
    expect(machine.swaps.map(({ area, priority }) => [area, priority])).toEqual([
      [1, 5],
      [2, -2],
    ])
    machine.swapoff(1)
    machine.swapoff(2)
    expect(machine.swaps).toEqual([])
    expect(machine.freeFrames).toBe(free)
    await machine.shutdown()
  })

  it('counts in what may be promised', async () => {
    const machine = await machineOf()
    const limit = (): number => Number(/CommitLimit: +(\d+)/.exec(machine.proc('/proc/meminfo'))?.[1])
    const before = limit()
    machine.swapon({ size: '4MiB' })
    expect(limit()).toBe(before + 4092)
    machine.swapoff(0)
    expect(limit()).toBe(before)
    await machine.shutdown()
  })

  const bad: readonly (readonly [string, SwaponOptions, string, RegExp])[] = [
    ['no room for a page', { size: 4096 }, 'EINVAL', /a header and one page/],
    ['more than an area can have', { size: '256GiB' }, 'EINVAL', /at most/],
    ['more than the host allows', { size: '5GiB' }, 'ENOMEM', /4 GiB at most in all/],
    ['a priority that is none', { size: '1MiB', priority: 32768 }, 'EINVAL', /0 to 32767/],
    ['a negative priority', { size: '1MiB', priority: -1 }, 'EINVAL', /0 to 32767/],
    ['contents nowhere', { size: '1MiB', backing: 'none' }, 'EINVAL', /go somewhere/],
    ['more slots than the machine has memory to note', { size: '4GiB' }, 'ENOMEM', /map of its slots/],
  ]
  it.each(bad)('refuses %s', async (_, options, code, words) => {
    const machine = await machineOf('4MiB')
    const free = machine.freeFrames
    const error = refusal(() => machine.swapon(options))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(words)
    expect(machine.swaps).toEqual([])
    expect(machine.freeFrames).toBe(free)
    machine.validate()
    await machine.shutdown()
  })

  it('refuses wrong types, with a TypeError', async () => {
    const machine = await machineOf()
    for (const options of [
      {},
      { size: 'much' },
      { size: '1MiB', backing: 'tape' },
      { size: '1MiB', prio: 1 },
      { size: '1MiB', priority: 1.5 },
    ])
      expect(() => machine.swapon(options as SwaponOptions)).toThrow(TypeError)
    await machine.shutdown()
  })

  it('refuses a ninth area', async () => {
    const machine = await machineOf()
    for (let area = 0; area < 8; area++) machine.swapon({ size: '64KiB' })
    expect(refusal(() => machine.swapon({ size: '64KiB' })).code).toBe('EPERM')
    machine.validate()
    await machine.shutdown()
  })

  it('takes any size that its tables have room for in a machine without contents', async () => {
    const machine = await machineOf('1GiB', false)
    machine.swapon({ size: '1GiB', backing: 'none' })
    machine.swapon({ size: '1GiB' })
    machine.validate()
    await machine.shutdown()
  })
})

describe('a swap file', () => {
  it('is made with a header where there is none, as mkswap would', async () => {
    const machine = await machineOf()
    const file = join(folder, 'new')
    machine.swapon({ backing: { file }, size: '1MiB' })
    expect(statSync(file).size).toBe(1 << 20)
    const header = readFileSync(file).subarray(0, 4096)
    expect(header.toString('latin1', 4086)).toBe('SWAPSPACE2')
    expect([header.readUInt32LE(1024), header.readUInt32LE(1028)]).toEqual([1, 255])
    expect(machine.swaps).toMatchObject([{ path: file, type: 'file', size: (1 << 20) - 4096 }])
    const error = refusal(() => machine.swapon({ backing: { file } }))
    expect(error).toMatchObject({ code: 'EBUSY' })
    expect(error.message).toMatch(/already/)
    machine.swapoff(file)
    // its header says how large it is
    machine.swapon({ backing: { file } })
    expect(machine.swaps).toMatchObject([{ size: (1 << 20) - 4096 }])
    await machine.shutdown()
  })

  it('is left as it is if it is something else, too small, or not there', async () => {
    const machine = await machineOf()
    const file = join(folder, 'foreign')
    writeFileSync(file, 'words')
    expect(refusal(() => machine.swapon({ backing: { file } })).message).toMatch(/EINVAL.*too small for a header/)
    writeFileSync(file, 'words'.repeat(10000))
    expect(refusal(() => machine.swapon({ backing: { file } })).message).toMatch(/EINVAL.*no header of a swap area/)
    expect(readFileSync(file, 'latin1')).toBe('words'.repeat(10000))
    const short = join(folder, 'short')
    machine.swapon({ backing: { file: short }, size: '1MiB' })
    machine.swapoff(short)
    expect(refusal(() => machine.swapon({ backing: { file: short }, size: '2MiB' })).message).toMatch(/EINVAL.*256 pages only/)
    truncateSync(short, 65536)
    expect(refusal(() => machine.swapon({ backing: { file: short } })).message).toMatch(/EINVAL.*too small for/)
    expect(refusal(() => machine.swapon({ backing: { file: join(folder, 'missing') } })).code).toBe('ENOENT')
    expect(refusal(() => machine.swapon({ backing: { file: folder } })).code).toBe('EISDIR')
    expect(machine.swaps).toEqual([])
    machine.validate()
    await machine.shutdown()
  })
})

it('swapoff refuses what is no area', async () => {
  const machine = await machineOf()
  for (const area of [0, -1, 99, '/dev/zram0']) expect(refusal(() => machine.swapoff(area)).code).toBe('EINVAL')
  expect(() => machine.swapoff(undefined as unknown as number)).toThrow(
    new TypeError("swapoff takes an area's number or its path, not undefined"),
  )
  await machine.shutdown()
})
