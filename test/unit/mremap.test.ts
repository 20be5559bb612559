import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { onMachines } from '../machines.ts'
import { outcome } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_FIXED
const A = 0x10000000
const MOVE = C.MREMAP_MAYMOVE | C.MREMAP_FIXED

let machine: Machine
let init: Process

onMachines(booted => {
  machine = booted
  init = machine.init
})

describe('mremap', () => {
  it('moves pages with their contents and frames, and leaves nothing behind', () => {
    init.mmap(A, 4 * PAGE, RW, PRIVATE)
    for (let i = 0; i < 4; i++) init.store32(A + i * PAGE, i + 1)
    const frames = [0, 1, 2, 3].map(i => init.frameOf(A + i * PAGE))
    expect(init.mremap(A + PAGE, 2 * PAGE, 2 * PAGE, MOVE, A + 16 * PAGE)).toBe(A + 16 * PAGE)
    expect([init.load32(A), init.load32(A + 3 * PAGE)]).toEqual([1, 4])
    expect([init.load32(A + 16 * PAGE), init.load32(A + 17 * PAGE)]).toEqual([2, 3])
    expect([init.frameOf(A + 16 * PAGE), init.frameOf(A + 17 * PAGE)]).toEqual(frames.slice(1, 3))
    expect(outcome(() => init.load32(A + PAGE))).toBe('SEGV_MAPERR')
  })

  it('grows in place where there is room, else elsewhere if it may', () => {
    init.mmap(A, 2 * PAGE, RW, PRIVATE)
    init.store32(A + PAGE, 7)
    expect(init.mremap(A, 2 * PAGE, 4 * PAGE, 0)).toBe(A)
    expect(init.load32(A + 3 * PAGE)).toBe(0)
    init.mmap(A + 4 * PAGE, PAGE, C.PROT_READ, PRIVATE)
    expect(outcome(() => init.mremap(A, 4 * PAGE, 5 * PAGE, 0))).toBe('ENOMEM')
    const at = init.mremap(A, 4 * PAGE, 64 * PAGE, C.MREMAP_MAYMOVE)
    expect(at).not.toBe(A)
    expect([init.load32(at + PAGE), init.load32(at + 63 * PAGE)]).toEqual([7, 0])
    expect(init.mremap(at, 64 * PAGE, PAGE, 0)).toBe(at)
    expect(outcome(() => init.load32(at + PAGE))).toBe('SEGV_MAPERR')
  })

  it('does not grow where the process may map nothing', () => {
    init.mmap(0, PAGE, RW, SHARED)
    const child = init.fork()
    child.setuid(1000)
    expect(child.mremap(0, PAGE, 2 * PAGE, C.MREMAP_MAYMOVE)).not.toBe(0)
    child.exit(0)
    init.wait()
    expect(init.mremap(0, PAGE, 2 * PAGE, C.MREMAP_MAYMOVE)).toBe(0)
  })

  it('leaves an empty mapping behind with MREMAP_DONTUNMAP', () => {
    init.mmap(A, 2 * PAGE, RW, PRIVATE)
    init.store32(A, 7)
    const at = init.mremap(A, 2 * PAGE, 2 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_DONTUNMAP)
    expect([init.load32(at), init.load32(A)]).toEqual([7, 0])
    init.mremap(at, 2 * PAGE, 2 * PAGE, MOVE | C.MREMAP_DONTUNMAP, A + 8 * PAGE)
    expect([init.load32(A + 8 * PAGE), init.load32(at)]).toEqual([7, 0])
  })

  it('moves several mappings at once, with the gaps between them, as Linux does since 6.17', () => {
    init.mmap(A, 2 * PAGE, RW, PRIVATE)
    init.mmap(A + 2 * PAGE, 2 * PAGE, C.PROT_READ, PRIVATE)
    init.mmap(A + 5 * PAGE, PAGE, RW, PRIVATE)
    init.store32(A + 5 * PAGE, 5)
    expect(init.mremap(A, 6 * PAGE, 6 * PAGE, MOVE, A + 20 * PAGE)).toBe(A + 20 * PAGE)
    expect([20, 22, 24, 25].map(i => outcome(() => init.store32(A + i * PAGE, 1)))).toEqual([
      undefined,
      'SEGV_ACCERR',
      'SEGV_MAPERR',
      undefined,
    ])
    expect(outcome(() => init.mremap(A + 19 * PAGE, 3 * PAGE, 3 * PAGE, MOVE, A + 40 * PAGE))).toBe('EFAULT')
  })

  it('maps shared memory once more when the old length is 0', () => {
    init.mmap(A, 2 * PAGE, RW, SHARED)
    const at = init.mremap(A + PAGE, 0, PAGE, C.MREMAP_MAYMOVE)
    init.store32(at, 3)
    expect(init.load32(A + PAGE)).toBe(3)
    expect(init.frameOf(at)).toBe(init.frameOf(A + PAGE))
  })

  it('counts attachments as Linux does, whose borders may move between two of them', () => {
    const id = init.shmget(C.IPC_PRIVATE, 3 * PAGE, 0o600)
    const nattch = (): number => init.shmctl(id, C.IPC_STAT).nattch
    const counts: number[] = []
    const steps = [
      () => init.shmat(id, A, 0),
      () => init.mprotect(A, PAGE, C.PROT_READ),
      () => init.mprotect(A + PAGE, PAGE, C.PROT_READ),
      () => init.mprotect(A + 2 * PAGE, PAGE, C.PROT_READ),
      () => init.mremap(A + PAGE, PAGE, PAGE, MOVE, A + 10 * PAGE),
      () => init.mremap(A + 10 * PAGE, PAGE, PAGE, MOVE, A + PAGE),
      () => init.mremap(A, 0, 3 * PAGE, MOVE, A + 20 * PAGE),
      () => init.mremap(A + 20 * PAGE, 3 * PAGE, 5 * PAGE, 0),
    ]
    for (const step of steps) {
      step()
      machine.validate()
      counts.push(nattch())
    }
    expect(counts).toEqual([1, 2, 2, 2, 3, 2, 3, 3])
    expect(outcome(() => init.load32(A + 23 * PAGE))).toBe('BUS_ADRERR')
    expect(outcome(() => init.mremap(A, 3 * PAGE, 3 * PAGE, MOVE, A + 30 * PAGE))).toBe('EFAULT')
    init.shmdt(A)
    expect(nattch()).toBe(1)
    init.shmdt(A + 20 * PAGE)
    expect(nattch()).toBe(0)
    init.shmctl(id, C.IPC_RMID)
  })

  it('refuses to reach across mappings whose private pages are not kin', () => {
    init.mmap(A, PAGE, RW, PRIVATE)
    init.mmap(A + 8 * PAGE, PAGE, RW, PRIVATE)
    init.store32(A, 1)
    init.store32(A + 8 * PAGE, 2)
    init.mremap(A + 8 * PAGE, PAGE, PAGE, MOVE, A + PAGE)
    expect(outcome(() => init.mremap(A, 2 * PAGE, 3 * PAGE, 0))).toBe('EFAULT')
    init.munmap(A + PAGE, PAGE)
    init.mmap(A + PAGE, PAGE, RW, PRIVATE)
    expect(init.mremap(A, 2 * PAGE, 3 * PAGE, 0)).toBe(A)
  })

  it('answers to bad arguments what Linux answers', () => {
    const cases: [args: [number, number, number, number, number?], wanted: string | number][] = [
      [[A, PAGE, PAGE, 8], 'EINVAL'],
      [[A + 1, PAGE, PAGE, 0], 'EINVAL'],
      [[A, PAGE, 0, 1], 'EINVAL'],
      [[A, 0, PAGE, 1], 'EINVAL'],
      [[A, PAGE, 2 ** 48, 1], 'EINVAL'],
      [[A, PAGE, -1, 1], 'EINVAL'],
      [[A, 5 * PAGE, 5 * PAGE, 0], A],
      [[A, 5 * PAGE, 6 * PAGE, 1], 'EFAULT'],
      [[A, 5 * PAGE, 4 * PAGE, 0], A],
      [[A + 40 * PAGE, PAGE, PAGE, 0], 'EFAULT'],
      [[A + 40 * PAGE, 2 * PAGE, PAGE, 0], 'EFAULT'],
      [[A, PAGE, PAGE, 2, A + 20 * PAGE], 'EINVAL'],
      [[A, PAGE, PAGE, 4], 'EINVAL'],
      [[A, PAGE, PAGE, 3, A + 20 * PAGE + 1], 'EINVAL'],
      [[A, PAGE, PAGE, 3, A], 'EINVAL'],
      [[A, 2 * PAGE, 2 * PAGE, 3, A + PAGE], 'EINVAL'],
      [[A, PAGE, PAGE, 3, 0x7ffffffff000], 'EINVAL'],
      [[A, PAGE, PAGE, 3, 2 ** 63], 'EINVAL'],
      [[A, 2 * PAGE, PAGE, 5], 'EINVAL'],
      [[A, 2 ** 64 - 4096, PAGE, 0], 'EINVAL'],
      [[A, 0, PAGE, 3, A + 30 * PAGE], 'EINVAL'],
      [[A + 40 * PAGE, PAGE, PAGE, 3, A + 20 * PAGE], 'EFAULT'],
      [[A, 8 * PAGE, 9 * PAGE, 3, A + 30 * PAGE], 'EFAULT'],
      [[A, 8 * PAGE, 8 * PAGE, 3, A + 30 * PAGE], A + 30 * PAGE],
    ]
    for (const [args, wanted] of cases) {
      init.mmap(A, 4 * PAGE, RW, PRIVATE)
      expect(
        outcome(() => init.mremap(...args)),
        `${args}`,
      ).toBe(wanted)
    }
  })

  it('moves nothing when there is no memory for tables', () => {
    init.mmap(A, 8 * PAGE, RW, PRIVATE)
    for (let i = 0; i < 8; i++) init.store32(A + i * PAGE, i)
    const room = init.mmap(0, 64 * 2 ** 20, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE)
    for (let at = room; outcome(() => init.store32(at, 1)) === undefined; ) at += PAGE
    // tables take what users' pages may not: places far apart use that up
    for (let at = 2 ** 40; outcome(() => init.mmap(at, PAGE, C.PROT_READ, PRIVATE | C.MAP_POPULATE)) === at && init.frameOf(at); )
      at += 2 ** 39
    expect(outcome(() => init.mremap(A, 8 * PAGE, 8 * PAGE, MOVE, 2 ** 46))).toBe('ENOMEM')
    machine.validate()
    for (let i = 0; i < 8; i++) expect(init.load32(A + i * PAGE)).toBe(i)
  })
})
