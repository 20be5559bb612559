// Families: from a private page to who maps it, through all that moves, splits and copies mappings.
import { boot, constants as C, type Inspection, type Machine, type Process } from 'faultline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS
/** Where the tests map, far from anything else. */
const AT = 0x10000000

let machine: Machine
let init: Process
let free: number

beforeEach(async () => {
  machine = await boot({ memory: '8MiB', target: 'debug' })
  init = machine.init
  free = machine.freeFrames
})

afterEach(() => {
  for (const { mm } of machine.inspect().processes.filter(({ pid }) => pid === 1)) {
    for (const { start, end } of mm?.vmas ?? []) init.munmap(start, end - start)
  }
  machine.validate()
  expect(machine.inspect().families).toEqual([])
  expect(machine.freeFrames).toBe(free)
})

/** The machine, once every private page's frame leads to a family that has each VMA that maps it, and each VMA to its family. */
function seen(): Inspection {
  machine.validate()
  const all = machine.inspect()
  const vmas = all.processes.flatMap(({ pid, mm }) => (mm?.vmas ?? []).map(vma => ({ pid, ...vma })))
  for (const { family, address, pid, start } of vmas) {
    if (family !== null) expect(all.families.find(f => f.address === family)?.vmas).toContainEqual({ pid, vma: address, start })
  }
  expect(all.families.flatMap(({ vmas }) => vmas)).toHaveLength(vmas.filter(({ family }) => family !== null).length)
  for (const { state, family, mappings } of all.frames.filter(({ state }) => state === 'anonymous')) {
    expect([state, mappings.length > 0]).toEqual(['anonymous', true])
    for (const { pid, address } of mappings) {
      expect(vmas.find(vma => vma.pid === pid && vma.start <= address && address < vma.end)?.family).toBe(family)
    }
  }
  return all
}

/** The frame behind an address. */
function frame(process: Process, address: number): Inspection['frames'][number] {
  const number = process.frameOf(address)
  const found = seen().frames.find(({ frame }) => frame === number)
  if (!found) throw new Error(`no frame at ${address}`)
  return found
}

/** The families of init's VMAs, by address, as letters in the order of their first VMA; `-` for none. */
function families(process: Process = init): string {
  const vmas = seen().processes.find(({ pid }) => pid === process.pid)?.mm?.vmas ?? []
  const order = [...new Set(vmas.map(({ family }) => family))].filter(family => family !== null)
  return vmas.map(({ family }) => (family === null ? '-' : String.fromCharCode(97 + order.indexOf(family)))).join('')
}

/** Maps pages at AT and beyond, and writes to those named. */
function map(page: number, pages: number, written: readonly number[], rights = RW, flags = 0): number {
  const at = init.mmap(AT + page * PAGE, pages * PAGE, rights, ANONYMOUS | C.MAP_FIXED | flags)
  for (const index of written) init.store32(at + index * PAGE, index)
  return at
}

describe('a private page', () => {
  it('is known by where it was mapped first', () => {
    const at = map(0, 4, [2])
    expect(frame(init, at + 2 * PAGE)).toMatchObject({ state: 'anonymous', index: AT / PAGE + 2, refs: 1 })
    init.load32(at)
    expect(frame(init, at)).toMatchObject({ state: 'zero', family: null, index: null })
  })

  it('of a private file mapping by its page of the file', () => {
    const fd = init.memfd_create('file', 0)
    init.ftruncate(fd, 8 * PAGE)
    const at = init.mmap(0, 4 * PAGE, RW, C.MAP_PRIVATE, fd, 3 * PAGE)
    init.load32(at)
    expect(families()).toBe('-')
    init.store32(at + PAGE, 1)
    init.load32(at + 2 * PAGE)
    expect(frame(init, at + PAGE)).toMatchObject({ state: 'anonymous', index: 4 })
    expect(frame(init, at + 2 * PAGE)).toMatchObject({ state: 'object', index: 5, family: null })
    const moved = init.mremap(at, 4 * PAGE, 8 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, AT)
    expect(frame(init, moved + PAGE)).toMatchObject({ state: 'anonymous', index: 4 })
    init.mprotect(moved + PAGE, PAGE, C.PROT_READ)
    expect(families()).toBe('aaa')
    init.close(fd)
  })

  it('and its copies after fork lead to parent, child and grandchild', () => {
    const at = map(0, 2, [0, 1])
    const child = init.fork()
    const grandchild = child.fork()
    expect(frame(init, at)).toMatchObject({ refs: 3, mappings: [1, 2, 3].map(pid => ({ pid, address: at })) })
    grandchild.store32(at, 7)
    expect(frame(grandchild, at)).toMatchObject({ refs: 1, index: AT / PAGE, mappings: [{ pid: 3, address: at }] })
    expect(frame(init, at).refs).toBe(2)
    expect(seen().families).toHaveLength(1)
    // the family outlives who began it
    init.munmap(at, 2 * PAGE)
    child.exit(0)
    init.wait()
    expect(seen().families.map(({ vmas }) => vmas.map(({ pid }) => pid))).toEqual([[3]])
    grandchild.exit(0)
    init.wait()
  })

  it('moves with mremap, and is known as before', () => {
    const at = map(0, 4, [0, 1, 2, 3])
    const to = init.mremap(at + PAGE, 2 * PAGE, 2 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, AT + 16 * PAGE)
    expect(frame(init, to)).toMatchObject({ index: AT / PAGE + 1, mappings: [{ pid: 1, address: to }] })
    expect(families()).toBe('aaa')
    const child = init.fork()
    child.mremap(to, 2 * PAGE, 2 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, AT + 32 * PAGE)
    expect(frame(init, to).mappings).toEqual([
      { pid: 1, address: to },
      { pid: 2, address: AT + 32 * PAGE },
    ])
    child.exit(0)
    init.wait()
  })
})

describe('a family', () => {
  it('stays one through splits, and holes', () => {
    const at = map(0, 8, [0, 7])
    init.mprotect(at + 2 * PAGE, PAGE, C.PROT_READ)
    init.munmap(at + 4 * PAGE, PAGE)
    init.madvise(at + 6 * PAGE, PAGE, C.MADV_DONTFORK)
    expect(families()).toBe('aaaaaa')
    init.madvise(at + 6 * PAGE, PAGE, C.MADV_DOFORK)
    init.mprotect(at + 2 * PAGE, PAGE, RW)
    expect(families()).toBe('aa')
  })

  it('takes a neighbour in that is one stretch with it but for its rights, when that gets its first page', () => {
    map(0, 2, [0])
    map(2, 2, [], C.PROT_READ)
    map(8, 2, [0])
    expect(families()).toBe('a-b')
    init.mprotect(AT + 2 * PAGE, PAGE, RW)
    init.mprotect(AT + 2 * PAGE, 2 * PAGE, C.PROT_READ | C.PROT_EXEC)
    init.mprotect(AT + 2 * PAGE, 2 * PAGE, RW | C.PROT_EXEC)
    init.store32(AT + 3 * PAGE, 1)
    expect(families()).toBe('aab')
  })

  it('is taken over by a mapping that swallows the one that has it', () => {
    map(0, 2, [])
    map(3, 2, [0])
    expect(families()).toBe('-a')
    map(2, 1, [])
    expect(families()).toBe('a')
    expect(frame(init, AT + 3 * PAGE).index).toBe(AT / PAGE + 3)
    // a border that moves takes the family along
    map(8, 2, [], C.PROT_READ, C.MAP_NORESERVE)
    map(10, 2, [0, 1], RW, C.MAP_NORESERVE)
    init.mprotect(AT + 10 * PAGE, PAGE, C.PROT_READ)
    expect(families()).toBe('abb')
    init.mprotect(AT + 11 * PAGE, PAGE, C.PROT_READ)
    expect(families()).toBe('ab')
  })

  it('is left by a mapping whose pages MREMAP_DONTUNMAP moved all, not by one that kept some', () => {
    const at = map(0, 4, [0, 1, 2, 3])
    const to = init.mremap(at, 4 * PAGE, 4 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_DONTUNMAP | C.MREMAP_FIXED, AT + 16 * PAGE)
    expect(families()).toBe('-a')
    init.mremap(to, 2 * PAGE, 2 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_DONTUNMAP | C.MREMAP_FIXED, AT + 32 * PAGE)
    expect(families()).toBe('-aa')
    // the same index twice in one process: each entry has a frame of its own
    init.store32(to, 9)
    expect(frame(init, to)).toMatchObject({ index: AT / PAGE, mappings: [{ pid: 1, address: to }] })
    expect(frame(init, AT + 32 * PAGE)).toMatchObject({ index: AT / PAGE, mappings: [{ pid: 1, address: AT + 32 * PAGE }] })
  })

  it('is not given to a child by MADV_WIPEONFORK, nor for what had no page', () => {
    map(0, 2, [0])
    map(4, 2, [0])
    map(8, 2, [])
    init.madvise(AT + 4 * PAGE, 2 * PAGE, C.MADV_WIPEONFORK)
    const child = init.fork()
    expect([families(), families(child)]).toEqual(['ab-', 'a--'])
    child.store32(AT + 4 * PAGE, 1)
    child.store32(AT + 8 * PAGE, 1)
    expect(families(child)).toBe('abc')
    expect(seen().families).toHaveLength(4)
    child.exit(0)
    init.wait()
  })

  it('is there before a mapping grows down', () => {
    const at = init.mmap(AT, PAGE, RW, ANONYMOUS | C.MAP_FIXED | C.MAP_GROWSDOWN)
    init.store32(at - PAGE, 1)
    expect(frame(init, at - PAGE).index).toBe(AT / PAGE - 1)
    expect(families()).toBe('a')
  })

  it('of shared memory there is none', () => {
    const at = init.mmap(0, 2 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
    init.store32(at, 1)
    expect(families()).toBe('-')
  })
})

it('who has no memory for a family has none for the page', () => {
  const at = map(0, 1, [])
  const pages = machine.freeFrames
  const hog = init.mmap(AT + 2 ** 20, pages * PAGE, RW, ANONYMOUS | C.MAP_FIXED | C.MAP_NORESERVE)
  let page = 0
  expect(() => {
    for (; page < pages; page++) init.store32(hog + page * PAGE, 1)
  }).toThrow('ENOMEM')
  expect(() => init.store32(at, 1)).toThrow('ENOMEM')
  seen()
})
