import { boot, constants as C, type Machine } from 'faultline'
import { expect, it } from 'vitest'

const PAGE = 4096
const A = 0x10000000
const RW = C.PROT_READ | C.PROT_WRITE

/** The soft-dirty bits of pages in init's pagemap. */
function written(machine: Machine, address: number, pages: number): number[] {
  const bytes = machine.proc('/proc/1/pagemap', { offset: (address / PAGE) * 8, length: pages * 8 })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return Array.from({ length: pages }, (_, page) => Number((view.getBigUint64(page * 8, true) >> 55n) & 1n))
}

it.each([
  ['private', C.MAP_PRIVATE],
  ['shared', C.MAP_SHARED],
])('tells which pages of %s memory were written since it was cleared', async (_, kind) => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  init.mmap(A, 4 * PAGE, RW, kind | C.MAP_ANONYMOUS | C.MAP_FIXED)
  for (const page of [0, 1]) init.store32(A + page * PAGE, 1)
  init.load32(A + 2 * PAGE)
  expect(written(machine, A, 4)).toEqual([1, 1, 0, 0])
  init.clearRefs(4)
  machine.validate()
  expect(written(machine, A, 4)).toEqual([0, 0, 0, 0])
  expect([init.load32(A), written(machine, A, 1)]).toEqual([1, [0]])
  init.store32(A, 2)
  init.store32(A + 3 * PAGE, 2)
  expect([init.load32(A), init.load32(A + PAGE)]).toEqual([2, 1])
  expect(written(machine, A, 4)).toEqual([1, 0, 0, 1])
  init.mremap(A, 4 * PAGE, 4 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 2 * A)
  expect(written(machine, 2 * A, 4)).toEqual([1, 1, 1, 1])
  for (const value of [1, 2, 3, 5]) init.clearRefs(value)
  machine.validate()
  for (const value of [0, 6, -1]) expect(() => init.clearRefs(value)).toThrow('EINVAL')
})
