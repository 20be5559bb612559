// What an area of swap in memory says its pages take compressed, against what zram said of the same pages on Linux 6.18 (test/fixtures/zram.py).
import { readFileSync } from 'node:fs'
import { boot, constants as C, type SwaponOptions } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const recorded = readFileSync(new URL('../fixtures/zram.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(line => line.split(' ').map(Number) as [number, number, number])

/** As page() of zram.py. */
function page(number: number): Uint8Array {
  let state = number + 1
  const random = (): number => {
    state = (state * 48271) % 0x7fffffff
    return (state >>> 8) & 255
  }
  const bytes = new Uint8Array(PAGE)
  const fill = (byte: (i: number) => number): Uint8Array => {
    for (let i = 0; i < PAGE; i++) bytes[i] = byte(i)
    return bytes
  }
  const part = (length: number): number[] => Array.from({ length }, random)
  switch (number % 6) {
    case 0:
      return fill(random)
    case 1:
      return fill(() => 97 + (random() % (2 + Math.floor(number / 6))))
    case 2:
      return fill(i => (i % 8 < 2 + Math.floor(number / 24) ? random() : i % 8 === 5 ? 0x7f : 0))
    case 3:
      return fill(i => (i < 85 * number ? random() : 0))
    case 4: {
      const repeated = part(3 + 13 * number)
      return fill(i => (i < 4090 ? (repeated[i % repeated.length] as number) : random()))
    }
  }
  const word = part(8)
  return fill(i => word[i % 8] as number)
}

it('an area counts what its pages take compressed, as zram does, until they leave it', () =>
  withMachine((machine, init) => {
    machine.swapon({ size: '4MiB', compression: 'lz4' })
    const stat = (): (number | undefined)[] => {
      const { compr_data_size, same_pages, huge_pages, orig_data_size } = machine.swaps[0]?.mm_stat ?? {}
      return [compr_data_size, same_pages, huge_pages, orig_data_size]
    }
    expect(recorded.length).toBe(48)
    const at = init.mmap(0, 49 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    const sums = [0, 0, 0, 0]
    for (const [i, counts] of recorded.entries()) {
      init.write(at + i * PAGE, page(i))
      init.madvise(at + i * PAGE, PAGE, C.MADV_PAGEOUT)
      for (const [field, count] of [...counts, PAGE].entries()) sums[field] = (sums[field] as number) + count
      expect([i, ...stat()]).toEqual([i, ...sums])
    }
    // a page of zeros does not come to the device
    init.store8(at + 48 * PAGE, 0)
    init.madvise(at + 48 * PAGE, PAGE, C.MADV_PAGEOUT)
    expect([stat(), machine.swaps[0]?.zeros]).toEqual([sums, PAGE])
    machine.validate()
    for (const [i, counts] of recorded.entries()) {
      expect(init.read(at + i * PAGE, PAGE)).toEqual(page(i))
      for (const [field, count] of [...counts, PAGE].entries()) sums[field] = (sums[field] as number) - count
      expect([i, ...stat()]).toEqual([i, ...sums])
    }
    init.munmap(at, 49 * PAGE)
    machine.swapoff(0)
    machine.swapon({ size: '4MiB' })
    expect(machine.swaps[0]).not.toHaveProperty('mm_stat')
    machine.swapoff(0)
  }))

it('an object`s page that is cut while it is in swap is counted anew', () =>
  withMachine((machine, init) => {
    machine.swapon({ size: '4MiB', compression: 'lz4' })
    const fd = init.memfd_create('file', 0)
    init.pwrite(fd, page(0), 0)
    const at = init.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
    init.load8(at)
    init.madvise(at, PAGE, C.MADV_PAGEOUT)
    expect(machine.swaps[0]?.mm_stat).toEqual({ orig_data_size: PAGE, compr_data_size: PAGE, same_pages: 0, huge_pages: 1 })
    init.ftruncate(fd, 1000)
    const { compr_data_size = 0, ...rest } = machine.swaps[0]?.mm_stat ?? {}
    expect(compr_data_size).toBeGreaterThan(1000)
    expect(compr_data_size).toBeLessThan(1100)
    expect(rest).toEqual({ orig_data_size: PAGE, same_pages: 0, huge_pages: 0 })
    machine.validate()
    init.munmap(at, PAGE)
    init.close(fd)
    machine.swapoff(0)
  }))

it('compression is refused where there is none to count', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const refuse = (options: object): (() => void) => {
    return () => machine.swapon({ size: '1MiB', ...options } as SwaponOptions)
  }
  expect(refuse({ compression: 'zstd' })).toThrow(new TypeError('compression must be \'lz4\', not "zstd"'))
  expect(refuse({ compression: 'lz4', backing: { file: 'swap' } })).toThrow(/^compression is counted of pages with contents/)
  await machine.shutdown()
})
