import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { onMachines } from '../machines.ts'
import { outcome } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_FIXED
const A = 0x10000000
const KNOWN = [0, 1, 2, 3, 4, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24]

let machine: Machine
let init: Process

// four private pages, a gap of two, two shared pages, a gap of two, a page that may not be written.
onMachines(booted => {
  machine = booted
  init = machine.init
  init.mmap(A, 4 * PAGE, RW, PRIVATE)
  init.mmap(A + 6 * PAGE, 2 * PAGE, RW, SHARED)
  init.mmap(A + 10 * PAGE, PAGE, C.PROT_READ, PRIVATE)
})

describe('madvise', () => {
  it('knows the advice that Linux knows', () => {
    for (let advice = 0; advice < 30; advice++) {
      const wanted = KNOWN.includes(advice) && advice !== C.MADV_REMOVE ? undefined : 'EINVAL'
      expect(
        outcome(() => init.madvise(A, PAGE, advice)),
        `${advice}`,
      ).toBe(wanted)
    }
    for (const advice of [100, 1000, -1]) expect(outcome(() => init.madvise(A, PAGE, advice))).toBe('EINVAL')
  })

  it('goes over holes and then says ENOMEM', () => {
    for (const advice of KNOWN) {
      const refused = ([C.MADV_FREE, C.MADV_REMOVE, C.MADV_WIPEONFORK] as number[]).includes(advice)
      expect(
        outcome(() => init.madvise(A, 8 * PAGE, advice)),
        `${advice}`,
      ).toBe(refused ? 'EINVAL' : 'ENOMEM')
      expect(outcome(() => init.madvise(A + 40 * PAGE, PAGE, advice))).toBe('ENOMEM')
      expect(outcome(() => init.madvise(A + 1, PAGE, advice))).toBe('EINVAL')
      expect(outcome(() => init.madvise(A + 40 * PAGE, 0, advice))).toBeUndefined()
      for (const length of [-1, -4096]) expect(outcome(() => init.madvise(A, length, advice))).toBe('EINVAL')
    }
    expect(outcome(() => init.madvise(2 ** 63, PAGE, C.MADV_DONTNEED))).toBe('ENOMEM')
  })

  it('drops private pages with MADV_DONTNEED, and unmaps shared ones', () => {
    init.store32(A, 5)
    init.store32(A + 6 * PAGE, 6)
    expect(outcome(() => init.madvise(A, 8 * PAGE, C.MADV_DONTNEED))).toBe('ENOMEM')
    expect([init.frameOf(A), init.frameOf(A + 6 * PAGE)]).toEqual([undefined, undefined])
    expect([init.load32(A), init.load32(A + 6 * PAGE)]).toEqual([0, 6])
  })

  it('punches holes into shared memory with MADV_REMOVE, for every process', () => {
    const child = init.fork()
    init.store32(A + 6 * PAGE, 6)
    expect(child.load32(A + 6 * PAGE)).toBe(6)
    child.madvise(A + 6 * PAGE, PAGE, C.MADV_REMOVE)
    expect(init.frameOf(A + 6 * PAGE)).toBeUndefined()
    expect([init.load32(A + 6 * PAGE), child.load32(A + 6 * PAGE)]).toEqual([0, 0])
    child.exit(0)
    init.wait()
    const id = init.shmget(C.IPC_PRIVATE, PAGE, 0o600)
    init.shmctl(id, C.IPC_RMID) // gone at once: nobody has it
    const other = init.shmget(C.IPC_PRIVATE, PAGE, 0o600)
    init.shmat(other, A + 20 * PAGE, C.SHM_RDONLY)
    init.shmctl(other, C.IPC_RMID)
    expect(outcome(() => init.madvise(A + 20 * PAGE, PAGE, C.MADV_REMOVE))).toBe('EACCES')
  })

  it('keeps what MADV_FREE gave away until memory is needed, and takes private memory only', () => {
    init.store32(A, 5)
    init.madvise(A, 4 * PAGE, C.MADV_FREE)
    expect(init.load32(A)).toBe(5)
    init.store32(A, 6)
    expect(init.load32(A)).toBe(6)
    expect(outcome(() => init.madvise(A + 6 * PAGE, PAGE, C.MADV_FREE))).toBe('EINVAL')
  })

  it('keeps mappings from children, or their contents', () => {
    init.store32(A, 1)
    init.store32(A + PAGE, 2)
    init.store32(A + 2 * PAGE, 3)
    init.madvise(A, PAGE, C.MADV_DONTFORK)
    init.madvise(A + PAGE, PAGE, C.MADV_WIPEONFORK)
    const child = init.fork()
    expect(outcome(() => child.load32(A))).toBe('SEGV_MAPERR')
    expect([child.load32(A + PAGE), child.load32(A + 2 * PAGE)]).toEqual([0, 3])
    child.exit(0)
    init.wait()
    init.madvise(A, 2 * PAGE, C.MADV_DOFORK)
    init.madvise(A, 2 * PAGE, C.MADV_KEEPONFORK)
    const second = init.fork()
    expect([second.load32(A), second.load32(A + PAGE)]).toEqual([1, 2])
    second.exit(0)
    init.wait()
  })

  it('makes pages present with MADV_POPULATE, and says why it cannot', () => {
    init.madvise(A, 2 * PAGE, C.MADV_POPULATE_WRITE)
    expect([0, 1, 2].map(i => init.frameOf(A + i * PAGE) !== undefined)).toEqual([true, true, false])
    expect(outcome(() => init.madvise(A + 10 * PAGE, PAGE, C.MADV_POPULATE_WRITE))).toBe('EINVAL')
    expect(outcome(() => init.madvise(A + 10 * PAGE, 2 * PAGE, C.MADV_POPULATE_READ))).toBe('ENOMEM')
    const id = init.shmget(C.IPC_PRIVATE, PAGE, 0o600)
    init.shmat(id, A + 20 * PAGE, 0)
    init.shmctl(id, C.IPC_RMID)
    init.mremap(A + 20 * PAGE, PAGE, 2 * PAGE, 0)
    expect(outcome(() => init.madvise(A + 20 * PAGE, 2 * PAGE, C.MADV_POPULATE_READ))).toBe('EFAULT')
  })
})

describe('msync', () => {
  it('checks its flags and its range', () => {
    const flags = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(value => outcome(() => init.msync(A, PAGE, value)))
    expect(flags).toEqual([...Array(5).fill(undefined), 'EINVAL', undefined, 'EINVAL', 'EINVAL'])
    const cases: [number, number, number, string | undefined][] = [
      [A + 1, PAGE, 4, 'EINVAL'],
      [A, 0, 4, undefined],
      [A, 8 * PAGE, 4, 'ENOMEM'],
      [A, 8 * PAGE, 1, 'ENOMEM'],
      [A + 40 * PAGE, 0, 1, undefined],
      [A + 4 * PAGE, PAGE, 1, 'ENOMEM'],
      [A, -1, 4, undefined],
      [A, -4096, 4, 'ENOMEM'],
      [A + 1, 0, 4, 'EINVAL'],
    ]
    for (const [address, length, flag, wanted] of cases) expect(outcome(() => init.msync(address, length, flag))).toBe(wanted)
  })
})

describe('mincore', () => {
  it('tells which pages are in memory: mapped ones, and those the object has', () => {
    const core = (page: number, pages: number): number[] => [...init.mincore(A + page * PAGE, pages * PAGE)]
    expect(core(0, 4)).toEqual([0, 0, 0, 0])
    init.load32(A)
    init.store32(A + PAGE, 1)
    expect(core(0, 4)).toEqual([1, 1, 0, 0])
    init.store32(A + 6 * PAGE, 1)
    init.madvise(A + 6 * PAGE, 2 * PAGE, C.MADV_DONTNEED)
    expect(core(6, 2)).toEqual([1, 0])
    init.madvise(A + 6 * PAGE, 2 * PAGE, C.MADV_REMOVE)
    expect(core(6, 2)).toEqual([0, 0])
    init.mprotect(A, PAGE, C.PROT_NONE)
    expect([...init.mincore(A, PAGE + 1)]).toEqual([1, 1])
  })

  it('tells of more pages than one call of the core can', () => {
    const at = init.mmap(0, 5000 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE)
    init.store32(at + 4999 * PAGE, 1)
    const vector = init.mincore(at, 5000 * PAGE)
    expect([vector.length, vector[4998], vector[4999]]).toEqual([5000, 0, 1])
  })

  it('answers to bad arguments what Linux answers', () => {
    const cases: [number, number, string | undefined][] = [
      [A, 5 * PAGE, 'ENOMEM'],
      [A + 5 * PAGE, PAGE, 'ENOMEM'],
      [A + 1, PAGE, 'EINVAL'],
      [A + 1, 0, 'EINVAL'],
      [A, 2 ** 63, 'ENOMEM'],
      [2 ** 63, 0, 'ENOMEM'],
      [0x7ffffffff000, 1, 'ENOMEM'],
      [A, -1, 'ENOMEM'],
    ]
    for (const [address, length, wanted] of cases) expect(outcome(() => init.mincore(address, length))).toBe(wanted)
    for (const address of [A, A + 40 * PAGE, 0x7ffffffff000]) expect(init.mincore(address, 0)).toEqual(new Uint8Array(0))
  })
})
