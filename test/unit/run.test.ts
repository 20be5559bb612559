import { boot, constants as C, FaultError, type Machine, type RunCounts, type SysError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { errorOf } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const WRITE = 0x80000000
/** Entries of a TLB. */
const TLB = 512

async function bootSmall(): Promise<Machine> {
  return boot({ memory: '16MiB', target: 'debug' })
}

function counts(given: Partial<RunCounts>): RunCounts {
  return { tlbHits: 0, walks: 0, minorFaults: 0, majorFaults: 0, ...given }
}

function faultOf(call: () => unknown): FaultError {
  const error = errorOf(call)
  if (error instanceof FaultError) return error
  throw error
}

describe('a run of references', () => {
  it('counts faults, walks and hits of the TLB, and dirties what it writes', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const free = machine.freeFrames
    const pages = 2 * TLB
    const at = init.mmap(0, pages * PAGE, RW, PRIVATE)
    const all = Uint32Array.from({ length: pages }, (_, i) => i)
    expect(init.run(all, at)).toEqual(counts({ minorFaults: pages }))
    // the second half has displaced the first in the TLB
    expect(init.run(all.subarray(0, TLB), at)).toEqual(counts({ walks: TLB }))
    expect(init.run(all.subarray(0, TLB), at)).toEqual(counts({ tlbHits: TLB }))
    // a read page shows zeros, so a write faults again; then the TLB lets it through
    expect(init.run(Uint32Array.of(WRITE | 3, WRITE | 3, 3), at)).toEqual(counts({ minorFaults: 1, tlbHits: 2 }))
    init.munmap(at, pages * PAGE)
    expectBalanced(machine, free)
  })

  it('makes a page that was only read dirty by a walk before the TLB lets writes through', async () => {
    const { init } = await bootSmall()
    const id = init.shmget(C.IPC_PRIVATE, PAGE, 0o600)
    const [at, other] = [init.shmat(id, 0, 0), init.shmat(id, 0, 0)]
    init.store32(other, 1)
    expect(init.run(Uint32Array.of(0, 0, WRITE, WRITE), at)).toEqual(counts({ minorFaults: 1, tlbHits: 2, walks: 1 }))
  })

  it('takes whole page numbers in 64 bits', async () => {
    const { init } = await bootSmall()
    const [low, high] = [init.mmap(0x10000, PAGE, RW, PRIVATE | C.MAP_FIXED), init.mmap(0, PAGE, RW, PRIVATE)]
    const references = BigUint64Array.from([low, high, low, high], at => BigInt(at / PAGE) | (1n << 63n))
    expect(init.run(references)).toEqual(counts({ minorFaults: 2, tlbHits: 2 }))
    expect(init.frameOf(low)).not.toBe(init.frameOf(high))
  })

  it('does more than a batch at once', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, 4 * PAGE, RW, PRIVATE)
    const near = Uint32Array.from({ length: 10_001 }, (_, i) => (i % 4) | WRITE)
    expect(init.run(near, at)).toEqual(counts({ minorFaults: 4, tlbHits: 9997 }))
    expect(init.run(BigUint64Array.from({ length: 3001 }, () => BigInt(at / PAGE)))).toEqual(counts({ tlbHits: 3001 }))
    expect(init.run(new Uint32Array(0))).toEqual(counts({}))
  })

  it('stops at a bad reference and says which', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const at = init.mmap(0, 2 * PAGE, C.PROT_READ, PRIVATE)
    const references = new Uint32Array(2000).fill(1)
    references[1500] = WRITE
    const fault = faultOf(() => init.run(references, at))
    expect(fault).toMatchObject({ signal: 'SIGSEGV', code: 'SEGV_ACCERR', address: at, access: 'write', index: 1500 })
    expect(init.frameOf(at + PAGE)).toBeDefined()
    expect(faultOf(() => init.run(Uint32Array.of(1, 2), at))).toMatchObject({ code: 'SEGV_MAPERR', address: at + 2 * PAGE, index: 1 })
    const beyond = BigUint64Array.of(2n ** 35n + BigInt(at / PAGE))
    expect(faultOf(() => init.run(beyond))).toMatchObject({ code: 'SEGV_MAPERR', address: at + 2 ** 47, index: 0, access: 'read' })
    expect(faultOf(() => init.run(BigUint64Array.of(2n ** 63n)))).toMatchObject({ address: 0, access: 'write' })
    machine.validate()
  })

  it('does not count a SIGBUS among the faults that served a reference', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const fd = init.memfd_create('short', 0)
    init.ftruncate(fd, PAGE)
    const at = init.mmap(0, 2 * PAGE, RW, C.MAP_SHARED, fd, 0)
    init.sigaction('SIGBUS', () => init.ftruncate(fd, 2 * PAGE))
    expect(init.run(Uint32Array.of(0, WRITE | 1, 0, 1), at)).toEqual(counts({ minorFaults: 2, tlbHits: 2 }))
    machine.validate()
  })

  it('says which reference found no memory', async () => {
    const machine = await boot({ memory: '4MiB', target: 'debug' })
    const { init } = machine
    const free = machine.freeFrames
    const pages = 2000
    const at = init.mmap(0, pages * PAGE, RW, PRIVATE | C.MAP_NORESERVE)
    const all = Uint32Array.from({ length: pages }, (_, i) => i | WRITE)
    const error = errorOf(() => init.run(all, at)) as SysError
    expect(error).toMatchObject({ name: 'SysError', code: 'ENOMEM', syscall: 'run' })
    const index = error.index as number
    expect(init.frameOf(at + (index - 1) * PAGE)).toBeDefined()
    expect(init.frameOf(at + index * PAGE)).toBeUndefined()
    // a load or store names itself
    expect(errorOf(() => init.store8(at + index * PAGE, 1))).toMatchObject({ code: 'ENOMEM', syscall: 'write', index: undefined })
    init.munmap(at, pages * PAGE)
    expectBalanced(machine, free)
  })

  it('does without bytes what it does with them', async () => {
    const machine = await boot({ memory: '64MiB', contents: false, target: 'debug' })
    const { init } = machine
    const free = machine.freeFrames
    const at = init.mmap(0, 1000 * PAGE, RW, PRIVATE)
    const all = Uint32Array.from({ length: 1000 }, (_, i) => i | WRITE)
    expect(init.run(all, at)).toEqual(counts({ minorFaults: 1000 }))
    const child = init.fork()
    expect(child.run(all, at)).toEqual(counts({ minorFaults: 1000 }))
    expect(machine.vmstat.pgcopy).toBe(1000)
    machine.validate()
    child.exit(0)
    init.wait()
    init.munmap(at, 1000 * PAGE)
    expect(machine.freeFrames).toBe(free)
  })

  it('refuses what is no batch, and a base within a page', async () => {
    const { init } = await bootSmall()
    for (const bad of [[1], new Int32Array(1), new Float64Array(1), undefined]) {
      expect(() => init.run(bad as never)).toThrow(TypeError)
    }
    expect(() => init.run(new Uint32Array(1), 1)).toThrow(RangeError)
    expect(() => init.run(new Uint32Array(1), 0.5)).toThrow(TypeError)
    const child = init.fork()
    child.exit(0)
    expect(() => child.run(new Uint32Array(1))).toThrow(/ESRCH/)
  })
})
