import { boot, constants as C, type Machine, type Process } from 'faultline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const A = 0x10000000
const B = 0x20000000
const PAGES = 40

let machine: Machine
let init: Process
let free: number
let file: number

/** A file whose pages are all in memory but the fourth, mapped nowhere any more. */
beforeEach(async () => {
  machine = await boot({ memory: '16MiB', target: 'debug' })
  init = machine.init
  free = machine.freeFrames
  file = init.memfd_create('pages', 0)
  init.ftruncate(file, PAGES * PAGE)
  init.mmap(A, PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, file)
  for (let page = 0; page < PAGES; page++) if (page !== 3) init.store32(A + page * PAGE, page)
  init.munmap(A, PAGES * PAGE)
})

afterEach(() => {
  machine.validate()
  init.munmap(0, 0x7ffffffff000)
  init.close(file)
  expectBalanced(machine, free)
})

/** Which pages have an entry of a page table. */
function mapped(at: number): number[] {
  return Array.from({ length: PAGES }, (_, page) => page).filter(page => init.frameOf(at + page * PAGE) !== undefined)
}

const range = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i)

describe('a read of a page of a file', () => {
  it('maps those of the sixteen around it that are in memory', () => {
    init.mmap(A, PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, file)
    const { pgfault } = machine.vmstat
    expect(init.load32(A + 5 * PAGE)).toBe(5)
    expect(mapped(A)).toEqual(range(0, 16).filter(page => page !== 3))
    for (const page of range(4, 16)) expect(init.load32(A + page * PAGE)).toBe(page)
    init.store32(A + 7 * PAGE, 77)
    expect(machine.vmstat.pgfault - pgfault).toBe(1)
    expect(init.load32(A + 3 * PAGE)).toBe(0)
    expect(machine.vmstat.pgfault - pgfault).toBe(2)
  })

  it('goes no further than the mapping and the file', () => {
    init.mmap(A, PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, file)
    init.munmap(A, 20 * PAGE)
    init.ftruncate(file, 30 * PAGE)
    init.load32(A + 21 * PAGE)
    expect(mapped(A)).toEqual(range(20, 30))
  })

  it('in a private mapping maps them to be copied when they are written', () => {
    init.mmap(A, PAGES * PAGE, RW, C.MAP_PRIVATE | C.MAP_FIXED, file)
    init.mmap(B, PAGES * PAGE, C.PROT_READ, C.MAP_SHARED | C.MAP_FIXED, file)
    init.load32(A + 17 * PAGE)
    expect(mapped(A)).toEqual(range(16, 32))
    init.store32(A + 18 * PAGE, 1)
    expect([init.load32(A + 18 * PAGE), init.load32(B + 18 * PAGE)]).toEqual([1, 18])
  })

  it('leaves alone what is mapped already', () => {
    init.mmap(A, PAGES * PAGE, RW, C.MAP_PRIVATE | C.MAP_FIXED, file)
    init.store32(A + 18 * PAGE, 1)
    const frame = init.frameOf(A + 18 * PAGE)
    init.load32(A + 17 * PAGE)
    expect(init.frameOf(A + 18 * PAGE)).toBe(frame)
    expect(init.load32(A + 18 * PAGE)).toBe(1)
  })
})

it('without fault-around, a read maps the page alone', async () => {
  const plain = await boot({ memory: '16MiB', target: 'debug', without: ['fault-around'] })
  const at = plain.init.mmap(0, PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
  const child = plain.init.fork()
  for (let page = 0; page < PAGES; page++) plain.init.store32(at + page * PAGE, page)
  child.load32(at)
  expect([child.frameOf(at), child.frameOf(at + PAGE)]).toEqual([plain.init.frameOf(at), undefined])
  plain.validate()
})

it('a write maps the page alone', () => {
  init.mmap(A, PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, file)
  init.store32(A + 5 * PAGE, 1)
  expect(mapped(A)).toEqual([5])
})
