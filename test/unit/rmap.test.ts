// From a frame to the entries that map it: who used it, and taking it away from all of them.
import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import type { Kernel } from '#dist/core/kernel.js'
import { reap, withMachine } from '../machines.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const LOCKED = 2 ** 31
const EXEC = 2 ** 30
const [ENOMEM, EINVAL] = [12, 22]

const exportsOf = (machine: Machine): Kernel['exports'] => (machine.init as unknown as { kernel: Kernel }).kernel.exports

/** What is found of the frame behind an address: how many used it since this was asked last, and marks. */
const referenced = (machine: Machine, process: Process, at: number): number =>
  exportsOf(machine).frames_referenced(process.frameOf(at) as number)

/** As withMachine, with a swap area, which is empty in the end. */
const withSwap = (test: (machine: Machine, init: Process) => void): Promise<void> =>
  withMachine((machine, init) => {
    machine.swapon({ size: '1MiB' })
    test(machine, init)
    expect(machine.swaps[0]).toMatchObject({ used: 0 })
    machine.swapoff(0)
  })

/** A segment of one page that processes attach by turns. */
const segment = (process: Process): number => process.shmget(C.IPC_PRIVATE, PAGE, C.IPC_CREAT | 0o666)

describe('who used a private page', () => {
  it('is told once, and the next access counts again though the TLB had it', () =>
    withMachine((machine, init) => {
      const at = init.mmap(0, PAGE, RW, ANONYMOUS)
      init.store32(at, 7)
      init.store32(at, 8)
      expect([referenced(machine, init, at), referenced(machine, init, at)]).toEqual([1, 0])
      expect(init.load32(at)).toBe(8)
      expect([referenced(machine, init, at), referenced(machine, init, at)]).toEqual([1, 0])
      init.munmap(at, PAGE)
    }))

  it('is told of all who map it, wherever it was moved', () =>
    withMachine((machine, init) => {
      const at = init.mmap(0, 2 * PAGE, RW, ANONYMOUS)
      init.store32(at + PAGE, 7)
      expect(referenced(machine, init, at + PAGE)).toBe(1)
      const [child, other] = [init.fork(), init.fork()]
      const moved = other.mremap(at + PAGE, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 0x20000000)
      const uses = [() => init.load32(at + PAGE), () => child.load32(at + PAGE), () => other.load32(moved)]
      for (const used of [[0], [1, 2], [2], [0, 1, 2], []]) {
        for (const index of used) uses[index]?.()
        expect(referenced(machine, init, at + PAGE)).toBe(used.length)
      }
      // a copy is another page
      child.store32(at + PAGE, 8)
      expect([referenced(machine, init, at + PAGE), referenced(machine, child, at + PAGE)]).toEqual([0, 1])
      child.exit(0)
      other.exit(0)
      reap(init)
      init.munmap(at, 2 * PAGE)
    }))

  it('of a private mapping of a file is told by its place in the file', () =>
    withMachine((machine, init) => {
      const fd = init.memfd_create('file', 0)
      init.ftruncate(fd, 4 * PAGE)
      const [copied, shown] = [init.mmap(0, 4 * PAGE, RW, C.MAP_PRIVATE, fd, 0), init.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 2 * PAGE)]
      init.load32(copied + 2 * PAGE)
      init.store32(shown, 3)
      expect(referenced(machine, init, shown)).toBe(2)
      init.store32(copied + 2 * PAGE, 4)
      expect([referenced(machine, init, copied + 2 * PAGE), referenced(machine, init, shown)]).toEqual([1, 0])
      init.munmap(copied, 4 * PAGE)
      init.munmap(shown, PAGE)
      init.close(fd)
    }))
})

describe("who used an object's page", () => {
  it('leaves out what is read at random or in order, and marks what may be executed, if it was used', () =>
    withMachine((machine, init) => {
      const id = segment(init)
      const [plain, random, code] = [init.shmat(id, 0, 0), init.shmat(id, 0, 0), init.shmat(id, 0, C.SHM_EXEC)]
      init.shmctl(id, C.IPC_RMID)
      init.madvise(random, PAGE, C.MADV_RANDOM)
      init.store32(random, 1)
      expect(referenced(machine, init, random)).toBe(0)
      init.load32(plain)
      expect(referenced(machine, init, plain)).toBe(1)
      init.load32(code)
      init.load32(plain)
      expect(referenced(machine, init, plain)).toBe(2 + EXEC)
      init.load32(plain)
      expect(referenced(machine, init, plain)).toBe(1)
      for (const at of [plain, random, code]) init.shmdt(at)
    }))

  it('stops at who has it locked', () =>
    withMachine((machine, init) => {
      const id = segment(init)
      const child = init.fork()
      const [here, there] = [init.shmat(id, 0, 0), child.shmat(id, 0, 0)]
      init.shmctl(id, C.IPC_RMID)
      init.store32(here, 1)
      child.store32(there, 1)
      child.mlock(there, PAGE)
      expect(referenced(machine, init, here)).toBe(1 + LOCKED)
      expect(exportsOf(machine).frames_unmap(init.frameOf(here) as number)).toBe(0)
      child.munlock(there, PAGE)
      // the entries before it are gone
      expect([init.frameOf(here), referenced(machine, child, there)]).toEqual([undefined, 1])
      child.exit(0)
      reap(init)
      init.shmdt(here)
    }))
})

describe('a page that is taken from all who map it', () => {
  it('comes back with what was written, wherever it is touched', () =>
    withMachine((machine, init) => {
      const id = segment(init)
      const child = init.fork()
      const [here, there] = [init.shmat(id, 0, 0), child.shmat(id, 0, 0)]
      init.shmctl(id, C.IPC_RMID)
      init.store32(here, 5)
      child.load32(there)
      const frame = init.frameOf(here) as number
      expect(exportsOf(machine).frames_unmap(frame)).toBe(1)
      expect([init.frameOf(here), child.frameOf(there)]).toEqual([undefined, undefined])
      machine.validate()
      child.store32(there + 4, 6)
      expect([init.load32(here), init.load32(here + 4), init.frameOf(here)]).toEqual([5, 6, frame])
      child.exit(0)
      reap(init)
      init.shmdt(here)
    }))

  it('of private memory leaves its swap entry, counted for each, and is back without being read', () =>
    withSwap((machine, init) => {
      const at = init.mmap(0, 4 * PAGE, RW, ANONYMOUS)
      for (let page = 0; page < 4; page++) init.store32(at + page * PAGE, page)
      init.mprotect(at + 3 * PAGE, PAGE, C.PROT_NONE)
      const [child, other] = [init.fork(), init.fork()]
      const moved = other.mremap(at, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, 0x20000000)
      const frames = [0, 1, 3].map(page => init.frameOf(at + page * PAGE) as number)
      for (const frame of frames) expect(exportsOf(machine).frames_unmap(frame)).toBe(1)
      machine.validate()
      expect(machine.swaps[0]).toMatchObject({ used: 3 * PAGE, cached: 3 * PAGE })
      expect([init, child, other].map(process => process.frameOf(at + PAGE))).toEqual([undefined, undefined, undefined])
      expect([init.load32(at), child.load32(at), other.load32(moved)]).toEqual([0, 0, 0])
      expect(init.frameOf(at)).toBe(frames[0])
      child.store32(at + PAGE, 9)
      expect([init.load32(at + PAGE), child.load32(at + PAGE), other.load32(at + PAGE)]).toEqual([1, 9, 1])
      expect(() => init.load32(at + 3 * PAGE)).toThrow('SEGV_ACCERR')
      init.mprotect(at + 3 * PAGE, PAGE, RW)
      init.store32(at + 3 * PAGE, 5)
      other.mprotect(at + 3 * PAGE, PAGE, C.PROT_READ)
      expect([init.load32(at + 3 * PAGE), other.load32(at + 3 * PAGE)]).toEqual([5, 3])
      expect(machine.vmstat.pgmajfault).toBe(0)
      machine.validate()
      child.exit(0)
      other.exit(0)
      reap(init)
      init.munmap(at, 4 * PAGE)
    }))

  it('keeps the mark of having been written, and the frame learns that it was', () =>
    withSwap((machine, init) => {
      const at = init.mmap(0, 2 * PAGE, RW, ANONYMOUS)
      init.store32(at, 1)
      init.store32(at + PAGE, 1)
      init.clearRefs(4)
      init.store32(at, 2)
      for (const page of [0, 1]) expect(exportsOf(machine).frames_unmap(init.frameOf(at + page * PAGE) as number)).toBe(1)
      const bytes = machine.proc('/proc/1/pagemap', { offset: (at / PAGE) * 8, length: 16 })
      const entries = new BigUint64Array(bytes.slice().buffer)
      // in swap, the second not written since
      expect([...entries].map(entry => entry >> 55n)).toEqual([0x81n, 0x80n])
      init.munmap(at, 2 * PAGE)
      expect(machine.swaps[0]).toMatchObject({ used: 0 })
    }))

  it('stays where it is if it is private and there is no swap, free, or none', () =>
    withMachine((machine, init) => {
      const { frames_referenced, frames_unmap } = exportsOf(machine)
      const at = init.mmap(0, PAGE, RW, ANONYMOUS)
      init.store32(at, 1)
      expect(frames_unmap(init.frameOf(at) as number)).toBe(-ENOMEM)
      expect(init.load32(at)).toBe(1)
      init.munmap(at, PAGE)
      for (const pfn of [0, 2 ** 20]) expect([frames_referenced(pfn), frames_unmap(pfn)]).toEqual([-EINVAL, -EINVAL])
    }))
})
