import { boot, constants as C, FaultError, type Machine, type Process, SysError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS

async function bootSmall(options: { contents?: boolean } = {}): Promise<Machine> {
  return boot({ memory: '32MiB', target: 'debug', ...options })
}

describe('fill and copy', () => {
  it('fills any range', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const at = init.mmap(0, 8 * PAGE, RW, PRIVATE)
    init.fill(at + 5, 0x1ab, 3 * PAGE)
    expect(init.load32(at + 3)).toBe(0xabab0000)
    expect(init.read(at + 5, 3 * PAGE)).toEqual(new Uint8Array(3 * PAGE).fill(0xab))
    expect(init.load8(at + 5 + 3 * PAGE)).toBe(0)
    init.fill(at, 1, 0)
    expect(init.load8(at)).toBe(0)
    machine.validate()
  })

  it('copies overlapping ranges either way as memmove, at any alignment', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const length = 5 * PAGE
    const at = init.mmap(0, 16 * PAGE, RW, PRIVATE)
    const bytes = Uint8Array.from({ length: 16 * PAGE }, (_, i) => (i * 31 + (i >> 8)) & 255)
    for (const [to, from] of [
      [100, 9000],
      [9000, 100],
      [PAGE, 0],
      [0, PAGE],
      [1, 0],
      [0, 1],
      [PAGE - 1, 3],
      [3 * PAGE + 7, 3 * PAGE + 7],
      [10 * PAGE, 17],
    ] as const) {
      init.write(at, bytes)
      init.copy(at + to, at + from, length)
      // toEqual takes a second for arrays of this length
      expect(Buffer.compare(init.read(at, 16 * PAGE), bytes.slice().copyWithin(to, from, from + length)), `${from} to ${to}`).toBe(0)
    }
    machine.validate()
  })

  it('stop at a bad access, with what lies before it done', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, 4 * PAGE, RW, PRIVATE)
    init.mprotect(at + 2 * PAGE, PAGE, C.PROT_READ)
    expect(errorOf(() => init.fill(at + PAGE, 7, 2 * PAGE))).toMatchObject({ code: 'SEGV_ACCERR', address: at + 2 * PAGE, access: 'write' })
    expect(init.load8(at + 2 * PAGE - 1)).toBe(7)
    init.munmap(at + 3 * PAGE, PAGE)
    expect(errorOf(() => init.copy(at, at + 2 * PAGE, 2 * PAGE))).toMatchObject({
      code: 'SEGV_MAPERR',
      address: at + 3 * PAGE,
      access: 'read',
    })
    expect(errorOf(() => init.copy(at + 2 * PAGE, at, 8))).toMatchObject({ code: 'SEGV_ACCERR', address: at + 2 * PAGE, access: 'write' })
    expect(() => init.fill(at, 0, -1)).toThrow(RangeError)
    expect(() => init.copy(at, at, -1)).toThrow(RangeError)
    for (const bad of [Number.NaN, 0.5, '1', undefined]) {
      expect(() => init.fill(at, bad as number, 1)).toThrow(TypeError)
      expect(() => init.copy(bad as number, at, 1)).toThrow(TypeError)
      expect(() => init.copy(at, at, bad as number)).toThrow(TypeError)
    }
  })
})

type Operation32 = 'add32' | 'sub32' | 'and32' | 'or32' | 'xor32' | 'exchange32'
type Operation64 = 'add64' | 'sub64' | 'and64' | 'or64' | 'xor64' | 'exchange64'

describe('atomic operations', () => {
  it('do what their names say, on 32 and 64 bits, and return what was there', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    const cases: [Operation32, Operation64, (a: bigint, b: bigint) => bigint][] = [
      ['add32', 'add64', (a, b) => a + b],
      ['sub32', 'sub64', (a, b) => a - b],
      ['and32', 'and64', (a, b) => a & b],
      ['or32', 'or64', (a, b) => a | b],
      ['xor32', 'xor64', (a, b) => a ^ b],
      ['exchange32', 'exchange64', (_, b) => b],
    ]
    const [old, value] = [0xf0f0f0f012345678n, 0x8123456787654321n]
    for (const [narrow, wide, expected] of cases) {
      init.store64(at, old)
      expect(init[wide](at, value), wide).toBe(old)
      expect(init.load64(at), wide).toBe(BigInt.asUintN(64, expected(old, value)))
      init.store64(at, old)
      expect(init[narrow](at, Number(value & 0xffffffffn)), narrow).toBe(Number(old & 0xffffffffn))
      expect(init.load32(at), narrow).toBe(Number(BigInt.asUintN(32, expected(old, value))))
      expect(init.load32(at + 4), narrow).toBe(0xf0f0f0f0)
    }
    init.store64(at, old)
    expect([init.compareExchange64(at, 1n, 2n), init.compareExchange64(at, old, value), init.load64(at)]).toEqual([old, old, value])
    expect([init.compareExchange32(at, 1, 2), init.compareExchange32(at, 0x87654321, -1), init.load32(at)]).toEqual([
      0x87654321, 0x87654321, 0xffffffff,
    ])
  })

  it('on words of 8 and 16 bits leave their neighbours alone', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, PAGE, RW, PRIVATE) + 8
    const cases: ['add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange', (a: number, b: number) => number][] = [
      ['add', (a, b) => a + b],
      ['sub', (a, b) => a - b],
      ['and', (a, b) => a & b],
      ['or', (a, b) => a | b],
      ['xor', (a, b) => a ^ b],
      ['exchange', (_, b) => b],
    ]
    for (const [name, expected] of cases) {
      for (const byte of [0, 1, 2, 3]) {
        init.store64(at, 0xa1b2c3d4e5f60718n)
        const old = init.load8(at + byte)
        expect(init[`${name}8`](at + byte, 0x1f7), name).toBe(old)
        expect(init.load8(at + byte), name).toBe(expected(old, 0xf7) & 0xff)
        init.store8(at + byte, old)
        expect(init.load64(at)).toBe(0xa1b2c3d4e5f60718n)
      }
      for (const half of [0, 2, 4, 6]) {
        init.store64(at, 0xa1b2c3d4e5f60718n)
        const old = init.load16(at + half)
        expect(init[`${name}16`](at + half, -0x7fff), name).toBe(old)
        expect(init.load16(at + half), name).toBe(expected(old, 0x8001) & 0xffff)
        init.store16(at + half, old)
        expect(init.load64(at)).toBe(0xa1b2c3d4e5f60718n)
      }
    }
    expect([init.compareExchange8(at, 0, 1), init.compareExchange8(at, 0x18, 0x99), init.load16(at)]).toEqual([0x18, 0x18, 0x799])
    expect([init.compareExchange16(at, 0x99, 1), init.compareExchange16(at, 0x799, 5), init.load32(at)]).toEqual([0x799, 0x799, 0xe5f60005])
    expect(() => init.or16(at + 1, 1)).toThrow('is not a multiple of 2')
    expect(() => init.or8(at, '1' as unknown as number)).toThrow(TypeError)
    init.mprotect(at - 8, PAGE, C.PROT_READ)
    expect(errorOf(() => init.or8(at, 0))).toMatchObject({ code: 'SEGV_ACCERR', access: 'write' })
    expect(errorOf(() => init.add16(at, 0))).toMatchObject({ code: 'SEGV_ACCERR', access: 'write' })
  })

  it('need alignment, the right to write and whole numbers', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    expect(() => init.or32(at + 2, 1)).toThrow('is not a multiple of 4')
    expect(() => init.or64(at + 4, 1n)).toThrow(RangeError)
    expect(() => init.and32(at, 0.5)).toThrow(TypeError)
    expect(() => init.and64(at, 1 as unknown as bigint)).toThrow(TypeError)
    expect(() => init.compareExchange32(at, undefined as unknown as number, 1)).toThrow(TypeError)
    init.mprotect(at, PAGE, C.PROT_READ)
    expect(errorOf(() => init.or32(at, 0))).toMatchObject({ code: 'SEGV_ACCERR', access: 'write' })
    expect(errorOf(() => init.compareExchange64(at, 1n, 0n))).toMatchObject({ code: 'SEGV_ACCERR', access: 'write' })
  })

  it('find 0 in pages without bytes', async () => {
    const { init } = await bootSmall({ contents: false })
    const at = init.mmap(0, PAGE, RW, PRIVATE)
    expect([init.add32(at, 5), init.add32(at, 5), init.exchange64(at, 7n), init.xor64(at, 1n), init.load32(at)]).toEqual([0, 0, 0n, 0n, 0])
    expect([init.add8(at, 5), init.add8(at, 5), init.exchange16(at, 7), init.load16(at)]).toEqual([0, 0, 0, 0])
  })
})

it('refuses to read more than a copy can hold', async () => {
  const { init } = await bootSmall()
  for (const length of [2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    expect(() => init.read(0x10000, length)).toThrow(new RangeError(`length must be less than 4 GiB, it is ${length}`))
  }
})

describe('a handler of bad accesses', () => {
  it('may map what is missing, after which the access is repeated', async () => {
    const machine = await bootSmall()
    const { init } = machine
    const base = 0x10000000
    const faults: FaultError[] = []
    const mend = (fault: FaultError): void => {
      faults.push(fault)
      const page = Math.floor(fault.address / PAGE) * PAGE
      init.mmap(page, PAGE, RW, PRIVATE | C.MAP_FIXED)
    }
    expect(init.sigaction('SIGSEGV', mend)).toBeUndefined()
    expect(init.load32(base)).toBe(0)
    init.store64(base + PAGE, 7n)
    expect(init.add64(base + 2 * PAGE, 5n)).toBe(0n)
    const bytes = Uint8Array.from({ length: 3 * PAGE }, (_, i) => i & 255)
    init.write(base + 10 * PAGE + 100, bytes)
    expect(init.read(base + 10 * PAGE + 100, bytes.length)).toEqual(bytes)
    init.copy(base + 20 * PAGE, base + 10 * PAGE + 100, bytes.length)
    expect(init.read(base + 20 * PAGE, bytes.length)).toEqual(bytes)
    init.copy(base + 12 * PAGE, base + 10 * PAGE + 100, bytes.length)
    expect(init.read(base + 12 * PAGE, bytes.length)).toEqual(bytes)
    init.fill(base + 30 * PAGE, 1, 2 * PAGE)
    expect(init.run(Uint32Array.of(40, 41, 40), base)).toMatchObject({ minorFaults: 2, tlbHits: 1 })
    const pages = faults.map(({ address }) => Math.floor((address - base) / PAGE))
    expect(pages).toEqual([0, 1, 2, 10, 11, 12, 13, 20, 21, 22, 14, 30, 31, 40, 41])
    expect(faults.at(-1)?.index).toBe(1)
    machine.validate()
  })

  it('is for its signal, may be taken away, and is inherited by children', async () => {
    const { init } = await bootSmall()
    const at = init.mmap(0, PAGE, C.PROT_READ, PRIVATE)
    const giveRights = (process: Process) => () => process.mprotect(at, PAGE, RW)
    init.sigaction('SIGBUS', () => expect.unreachable())
    expect(errorOf(() => init.store8(at, 1))).toBeInstanceOf(FaultError)
    let calls = 0
    const handler = (): void => {
      calls++
      giveRights(child)()
    }
    init.sigaction('SIGSEGV', handler)
    const child = init.fork()
    child.store8(at, 1)
    expect([calls, child.load8(at)]).toEqual([1, 1])
    expect(child.sigaction('SIGSEGV')).toBe(handler)
    child.mprotect(at, PAGE, C.PROT_READ)
    expect(errorOf(() => child.store8(at, 1))).toMatchObject({ signal: 'SIGSEGV' })
    expect(init.sigaction('SIGSEGV')).toBe(handler)
    expect(() => init.sigaction('SIGKILL' as 'SIGSEGV')).toThrow(SysError)
    expect(() => init.sigaction('SIGSEGV', 1 as never)).toThrow(TypeError)
  })

  it('may throw, may not fault itself, and is not called for ever', async () => {
    const { init } = await bootSmall()
    init.sigaction('SIGSEGV', () => {
      throw new Error('enough')
    })
    expect(() => init.load8(1)).toThrow('enough')
    let calls = 0
    init.sigaction('SIGSEGV', () => {
      calls++
    })
    expect(errorOf(() => init.fill(PAGE, 1, 10))).toMatchObject({ code: 'SEGV_MAPERR', address: PAGE })
    expect(calls).toBe(100)
    init.sigaction('SIGSEGV', () => void init.load8(2))
    expect(errorOf(() => init.load8(1))).toMatchObject({ address: 2 })
    // the signal is not blocked any more
    init.sigaction('SIGSEGV', () => void init.mmap(PAGE, PAGE, RW, PRIVATE | C.MAP_FIXED))
    expect(init.load8(PAGE)).toBe(0)
  })

  it('is not asked when memory runs out', async () => {
    const { init } = await boot({ memory: '4MiB', target: 'debug' })
    init.sigaction('SIGSEGV', () => expect.unreachable())
    init.sigaction('SIGBUS', () => expect.unreachable())
    const at = init.mmap(0, 4 * 2 ** 20, RW, PRIVATE | C.MAP_NORESERVE)
    expect(errorOf(() => init.fill(at, 1, 4 * 2 ** 20))).toMatchObject({ code: 'ENOMEM' })
  })
})
