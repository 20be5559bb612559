import { constants as C, type Machine, type Process } from 'faultline'
import { beforeEach, describe, expect, it } from 'vitest'
import { onMachines } from '../machines.ts'
import { outcome } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED
const A = 0x10000000
const B = 0x20000000

let machine: Machine
let init: Process

onMachines(booted => {
  machine = booted
  init = machine.init
})

describe('resource limits', () => {
  it("are Linux's defaults at first, and a child's are its parent's", () => {
    expect(init.getrlimit(C.RLIMIT_AS)).toEqual({ soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY })
    expect(init.getrlimit(C.RLIMIT_STACK)).toEqual({ soft: 8 * 2 ** 20, hard: Number.POSITIVE_INFINITY })
    expect(init.getrlimit(C.RLIMIT_NOFILE)).toEqual({ soft: 1024, hard: 4096 })
    init.setrlimit(C.RLIMIT_AS, { soft: 8 * PAGE, hard: Number.POSITIVE_INFINITY })
    const child = init.fork()
    expect(child.getrlimit(C.RLIMIT_AS)).toEqual({ soft: 8 * PAGE, hard: Number.POSITIVE_INFINITY })
    child.exit(0)
    init.wait()
  })

  it('may be lowered by anyone and raised by root', () => {
    const child = init.fork()
    expect(outcome(() => child.setrlimit(C.RLIMIT_DATA, { soft: 2, hard: 1 }))).toBe('EINVAL')
    expect(outcome(() => child.setrlimit(16, { soft: 0, hard: 0 }))).toBe('EINVAL')
    expect(outcome(() => child.getrlimit(-1))).toBe('EINVAL')
    expect(outcome(() => child.setrlimit(C.RLIMIT_NOFILE, { soft: 0, hard: 1048577 }))).toBe('EPERM')
    child.setuid(1000)
    child.setrlimit(C.RLIMIT_DATA, { soft: 5, hard: 10 })
    expect(outcome(() => child.setrlimit(C.RLIMIT_DATA, { soft: 5, hard: 11 }))).toBe('EPERM')
    for (const bad of [0.5, Number.NaN, Number.NEGATIVE_INFINITY, '1'])
      expect(() => child.setrlimit(C.RLIMIT_DATA, { soft: bad as number, hard: 1 })).toThrow(TypeError)
    child.exit(0)
    init.wait()
  })

  it('hold address space down: in mmap, mremap, shmat and brk', () => {
    init.mmap(A, 4 * PAGE, RW, PRIVATE)
    const id = init.shmget(C.IPC_PRIVATE, 2 * PAGE, 0o600)
    init.setrlimit(C.RLIMIT_AS, { soft: 5 * PAGE, hard: Number.POSITIVE_INFINITY })
    expect(outcome(() => init.mmap(0, 2 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS))).toBe('ENOMEM')
    expect(outcome(() => init.mremap(A, 4 * PAGE, 6 * PAGE, C.MREMAP_MAYMOVE))).toBe('ENOMEM')
    expect(outcome(() => init.shmat(id, 0, 0))).toBe('ENOMEM')
    const start = init.brk(0)
    expect(init.brk(start + 2 * PAGE)).toBe(start)
    expect(init.brk(start + PAGE)).toBe(start + PAGE)
    init.brk(start)
    expect(init.mmap(A, 5 * PAGE, RW, PRIVATE), 'what goes makes room').toBe(A)
    init.shmctl(id, C.IPC_RMID)
    init.setrlimit(C.RLIMIT_AS, { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY })
  })

  it('hold data down, which memory becomes when it may be written', () => {
    init.setrlimit(C.RLIMIT_DATA, { soft: 2 * PAGE, hard: 2 * PAGE })
    init.mmap(A, 4 * PAGE, C.PROT_READ, PRIVATE)
    expect(outcome(() => init.mprotect(A, 3 * PAGE, RW))).toBe('ENOMEM')
    init.mprotect(A, 2 * PAGE, RW)
    expect(outcome(() => init.mmap(B, PAGE, RW, PRIVATE))).toBe('ENOMEM')
    init.mmap(B, PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_FIXED)
    expect(init.brk(init.brk(0) + PAGE)).toBe(init.brk(0))
  })
})

describe('locked memory', () => {
  it('is made present, is the lock of its process, and stands in the way of advice', () => {
    init.mmap(A, 4 * PAGE, RW, PRIVATE)
    init.mlock(A + PAGE, 2 * PAGE)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([0, 1, 1, 0])
    expect(outcome(() => init.madvise(A, 4 * PAGE, C.MADV_DONTNEED))).toBe('EINVAL')
    expect(outcome(() => init.msync(A, 4 * PAGE, C.MS_INVALIDATE))).toBe('EBUSY')
    const child = init.fork()
    child.madvise(A, 4 * PAGE, C.MADV_DONTNEED)
    child.exit(0)
    init.wait()
    init.munlock(A, 4 * PAGE)
    init.madvise(A, 4 * PAGE, C.MADV_DONTNEED)
    init.mlock(A, PAGE, C.MLOCK_ONFAULT)
    expect([...init.mincore(A, PAGE)]).toEqual([0])
    expect(outcome(() => init.mlock(A, PAGE, 2))).toBe('EINVAL')
  })

  it('is written as it becomes writable, up to where mprotect comes', () => {
    init.mmap(A, 3 * PAGE, C.PROT_READ, PRIVATE)
    init.munmap(A + PAGE, PAGE)
    init.mlock(A, PAGE)
    init.mlock(A + 2 * PAGE, PAGE)
    const frames = [0, 2].map(page => init.frameOf(A + page * PAGE))
    expect(frames[0]).toBe(frames[1])
    expect(outcome(() => init.mprotect(A, 3 * PAGE, RW))).toBe('ENOMEM')
    expect(init.frameOf(A)).not.toBe(frames[0])
    expect(init.frameOf(A + 2 * PAGE)).toBe(frames[1])
  })

  it('is limited, but for root', () => {
    const child = init.fork()
    child.setrlimit(C.RLIMIT_MEMLOCK, { soft: 2 * PAGE, hard: 2 * PAGE })
    child.mmap(A, 8 * PAGE, RW, PRIVATE)
    child.mlock(A, 8 * PAGE)
    child.munlock(A, 8 * PAGE)
    child.setuid(1000)
    expect(outcome(() => child.mlock(A, 3 * PAGE))).toBe('ENOMEM')
    child.mlock(A, 2 * PAGE)
    child.mlock(A, 2 * PAGE)
    expect(outcome(() => child.mlock(A + 2 * PAGE, PAGE))).toBe('ENOMEM')
    expect(outcome(() => child.mmap(B, PAGE, RW, PRIVATE | C.MAP_LOCKED))).toBe('EAGAIN')
    expect(outcome(() => child.mlockall(C.MCL_CURRENT))).toBe('ENOMEM')
    child.setrlimit(C.RLIMIT_MEMLOCK, { soft: 0, hard: 0 })
    expect(outcome(() => child.mmap(B, PAGE, RW, PRIVATE | C.MAP_LOCKED))).toBe('EPERM')
    expect(outcome(() => child.mlockall(C.MCL_FUTURE))).toBe('EPERM')
    child.exit(0)
    init.wait()
  })

  it('grows with mremap and brk, present from the start', () => {
    init.mmap(A, 2 * PAGE, RW, PRIVATE | C.MAP_LOCKED)
    init.mremap(A, 2 * PAGE, 4 * PAGE, 0)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([1, 1, 1, 1])
    init.mlockall(C.MCL_FUTURE)
    const start = init.brk(0)
    init.brk(start + 2 * PAGE)
    expect([...init.mincore(start, 2 * PAGE)]).toEqual([1, 1])
    init.munlockall()
  })
})

describe('the heap', () => {
  it('ends where brk says, over what it may grow', () => {
    const start = init.brk(0)
    expect(init.brk(start + 10000)).toBe(start + 10000)
    init.store32(start + 12284, 2)
    expect(outcome(() => init.load32(start + 12288))).toBe('SEGV_MAPERR')
    expect(init.brk(start - 1)).toBe(start + 10000)
    expect(init.brk(start + 2 ** 47)).toBe(start + 10000)
    init.mmap(start + 5 * PAGE, PAGE, RW, PRIVATE)
    expect(init.brk(start + 5 * PAGE), 'a page is left between').toBe(start + 10000)
    expect(init.brk(start + 4 * PAGE)).toBe(start + 4 * PAGE)
    expect(init.brk(start)).toBe(start)
    expect(outcome(() => init.load32(start))).toBe('SEGV_MAPERR')
  })
})

describe('a mapping that grows down', () => {
  const STACK = PRIVATE | C.MAP_GROWSDOWN

  it('grows when what lies below is touched, as far as RLIMIT_STACK', () => {
    init.mmap(B, 2 * PAGE, RW, STACK)
    init.store32(B - 10 * PAGE, 1)
    expect(init.load32(B - PAGE)).toBe(0)
    expect(outcome(() => init.store32(B - 2047 * PAGE, 1))).toBe('SEGV_MAPERR')
    init.store32(B - 2046 * PAGE, 1)
    machine.validate()
    expect(
      outcome(() => init.madvise(B - 2047 * PAGE, PAGE, C.MADV_POPULATE_READ)),
      'populating grows nothing',
    ).toBe('ENOMEM')
  })

  it('keeps a gap of 256 pages to what lies below, unless that allows no access', () => {
    init.mmap(B, 2 * PAGE, RW, STACK)
    init.mmap(B - 600 * PAGE, PAGE, RW, PRIVATE)
    expect(outcome(() => init.store32(B - 344 * PAGE, 1))).toBe('SEGV_MAPERR')
    expect(outcome(() => init.store32(B - 343 * PAGE, 1))).toBeUndefined()
    init.mprotect(B - 600 * PAGE, PAGE, C.PROT_NONE)
    expect(outcome(() => init.store32(B - 599 * PAGE, 1))).toBeUndefined()
    expect(outcome(() => init.store32(B - 600 * PAGE, 1))).toBe('SEGV_ACCERR')
  })

  it('keeps other mappings away', () => {
    init.mmap(B, 2 * PAGE, RW, STACK)
    const anywhere = C.MAP_PRIVATE | C.MAP_ANONYMOUS
    expect(init.mmap(B - 256 * PAGE, PAGE, RW, anywhere)).not.toBe(B - 256 * PAGE)
    expect(init.mmap(B - 257 * PAGE, PAGE, RW, anywhere)).toBe(B - 257 * PAGE)
    expect(outcome(() => init.mmap(B, PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS | C.MAP_FIXED | C.MAP_GROWSDOWN))).toBe('EINVAL')
  })

  it('has its rights changed down to its start', () => {
    init.mmap(B, 2 * PAGE, RW, STACK)
    expect(outcome(() => init.mprotect(B - PAGE, PAGE, C.PROT_READ | C.PROT_GROWSDOWN))).toBe('ENOMEM')
    expect(outcome(() => init.mprotect(B + PAGE, PAGE, C.PROT_READ | C.PROT_GROWSUP))).toBe('EINVAL')
    init.mprotect(B + PAGE, PAGE, C.PROT_READ | C.PROT_GROWSDOWN)
    expect(outcome(() => init.store32(B, 1))).toBe('SEGV_ACCERR')
  })
})

describe('MAP_32BIT', () => {
  it('maps below 2 GiB, from 1 GiB up', () => {
    const low = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_32BIT
    expect(init.mmap(0, PAGE, RW, low)).toBe(0x40000000)
    expect(init.mmap(0, PAGE, RW, low)).toBe(0x40001000)
    expect(init.mmap(0x50000000, PAGE, RW, low)).toBe(0x50000000)
    expect(init.mmap(0x50000001, PAGE, RW, low)).toBe(0x40002000)
    expect(init.mmap(0x10000, PAGE, RW, low)).toBe(0x10000)
    expect(init.mmap(0x90000000, PAGE, RW, low)).toBe(0x40003000)
    for (const length of [2 ** 31, 2 ** 32]) expect(outcome(() => init.mmap(0, length, C.PROT_NONE, low))).toBe('ENOMEM')
  })
})

describe('promised memory', () => {
  const limit = 100

  /** In mode 2, with a limit of 100 pages and nothing kept back. */
  beforeEach(() => {
    machine.sysctl('vm.overcommit_memory', 2)
    machine.sysctl('vm.overcommit_kbytes', limit * 4)
    machine.sysctl('vm.user_reserve_kbytes', 0)
    machine.sysctl('vm.admin_reserve_kbytes', 0)
  })

  it('is what private mappings that may be written hold, and shared ones', () => {
    init.mmap(A, 50 * PAGE, RW, PRIVATE)
    expect(outcome(() => init.mmap(B, 50 * PAGE, RW, PRIVATE))).toBe('ENOMEM')
    init.mmap(B, 49 * PAGE, RW, PRIVATE | C.MAP_NORESERVE)
    expect(outcome(() => init.mmap(0, PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS))).toBe('ENOMEM')
    expect(outcome(() => init.shmget(C.IPC_PRIVATE, PAGE, C.SHM_NORESERVE | 0o600))).toBe('ENOMEM')
    init.mmap(2 * B, 1000 * PAGE, C.PROT_READ, PRIVATE)
    expect(outcome(() => init.mprotect(2 * B, PAGE, RW))).toBe('ENOMEM')
    init.munmap(B, PAGE)
    init.mprotect(2 * B, PAGE, RW)
    expect(outcome(() => init.mremap(A, 50 * PAGE, 51 * PAGE, C.MREMAP_MAYMOVE))).toBe('ENOMEM')
    expect(init.mremap(A, 50 * PAGE, 50 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 4 * B)).toBe(4 * B)
    expect(outcome(() => init.fork())).toBe('ENOMEM')
    expect(init.brk(init.brk(0) + PAGE)).toBe(init.brk(0))
    machine.validate()
  })

  it('comes back as it is unmapped, and replaced', () => {
    init.mmap(A, 90 * PAGE, RW, PRIVATE)
    expect(init.mmap(A, 95 * PAGE, RW, PRIVATE)).toBe(A)
    init.mprotect(A, 95 * PAGE, C.PROT_READ)
    const id = init.shmget(C.IPC_PRIVATE, 90 * PAGE, 0o600)
    init.shmctl(id, C.IPC_RMID)
    init.munmap(A, 95 * PAGE)
    init.mmap(A, 99 * PAGE, RW, PRIVATE)
  })

  it('is kept for root, and for who has to mend things', () => {
    machine.sysctl('vm.admin_reserve_kbytes', 40)
    const child = init.fork()
    child.setuid(1000)
    expect(outcome(() => child.mmap(A, 90 * PAGE, RW, PRIVATE))).toBe('ENOMEM')
    child.mmap(A, 89 * PAGE, RW, PRIVATE)
    child.exit(0)
    init.wait()
    machine.sysctl('vm.user_reserve_kbytes', 400)
    init.mmap(A, 96 * PAGE, RW, PRIVATE)
    expect(outcome(() => init.mmap(B, PAGE, RW, PRIVATE))).toBe('ENOMEM')
  })

  it('is anything in mode 1, and anything that could fit in mode 0', () => {
    machine.sysctl('vm.overcommit_memory', 1)
    const address = init.mmap(0, 2 ** 40, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    machine.sysctl('vm.overcommit_memory', 0)
    expect(outcome(() => init.mmap(0, 2 ** 40, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS))).toBe('ENOMEM')
    init.mmap(0, 2 ** 40, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE)
    init.munmap(address, 2 ** 40)
  })

  it('is taken page by page for segments and files that reserve nothing', () => {
    machine.sysctl('vm.overcommit_memory', 0)
    const id = init.shmget(C.IPC_PRIVATE, 200 * PAGE, C.SHM_NORESERVE | 0o600)
    const at = init.shmat(id, 0, 0)
    machine.sysctl('vm.overcommit_memory', 2)
    let pages = 0
    while (outcome(() => init.store32(at + pages * PAGE, 1)) === undefined) pages++
    expect(pages).toBe(limit - 1)
    expect(outcome(() => init.store32(at + pages * PAGE, 1))).toBe('BUS_ADRERR')
    machine.validate()
    init.shmctl(id, C.IPC_RMID)
  })
})

describe('vm.max_map_count', () => {
  it('is the most mappings of a process, one more while it is reached', () => {
    machine.sysctl('vm.max_map_count', 8)
    for (let i = 0; i < 9; i++) init.mmap(A + i * 2 * PAGE, PAGE, RW, PRIVATE)
    expect(outcome(() => init.mmap(B, PAGE, RW, PRIVATE))).toBe('ENOMEM')
    expect(outcome(() => init.mremap(A, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B))).toBe('ENOMEM')
    init.munmap(A, 18 * PAGE)
    init.mmap(A, 16 * PAGE, RW, PRIVATE)
    for (let i = 1; i < 7; i++) init.munmap(A + i * 2 * PAGE, PAGE)
    expect(outcome(() => init.mprotect(A + 15 * PAGE, PAGE, C.PROT_READ))).toBeUndefined()
    expect(
      outcome(() => init.mprotect(A + 14 * PAGE, PAGE, C.PROT_READ)),
      'borders move without one more',
    ).toBeUndefined()
    expect(outcome(() => init.munmap(A + PAGE, 1))).toBeUndefined()
  })
})
