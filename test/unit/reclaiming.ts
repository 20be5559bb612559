// What both ways of reclaim must do, and machines to see it on.
import { boot, constants as C, type Machine, type Mechanism, type Process, type Vmstat } from 'faultline'
import { describe, expect, it } from 'vitest'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const WRITE = 0x80000000

/** Boots a machine of 4 MiB with swap that holds no bytes, or some; without some of its policy's mechanisms. */
export type BootSmall = (without?: readonly Mechanism[], contents?: boolean) => Promise<Machine>

/** How small machines of a policy are booted. */
export function smallMachines(policy: 'linux-6.12' | 'linux-6.12-mglru'): BootSmall {
  return async (without = [], contents = false) => {
    const machine = await boot({ memory: '4MiB', contents, cpus: 1, policy, without, target: 'debug' })
    machine.swapon({ size: '64MiB', backing: contents ? 'memory' : 'none' })
    return machine
  }
}

/** Frames that users' pages can have. */
export function frames(m: Machine): number {
  return m.zones.at(-1)?.managed ?? 0
}

/** Maps pages of memory; returns their address. */
export function mapped(process: Process, pages: number, kind: number = C.MAP_PRIVATE): number {
  return process.mmap(0, pages * PAGE, RW, C.MAP_ANONYMOUS | C.MAP_NORESERVE | kind)
}

/** References that write to pages, in this order. */
export function writes(pages: Iterable<number>): Uint32Array {
  return Uint32Array.from(pages, page => (page | WRITE) >>> 0)
}

/** Random pages below `pages`, the same ones every time. */
export function* random(pages: number, count: number): Generator<number> {
  for (let i = 0, state = 1; i < count; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    yield (state >>> 8) % pages
  }
}

/** Tests what reclaim must do whatever it evicts; its own memory may take `kept` frames for good. */
export function reclaims(machine: BootSmall, kept = 0): void {
  describe.each([
    ['private', C.MAP_PRIVATE],
    ['shared', C.MAP_SHARED],
  ])('more %s pages than memory', (_, kind) => {
    it('are all served, the books balance, and nothing is lost in the end', async () => {
      const m = await machine()
      const free = m.freeFrames
      const pages = 3 * frames(m)
      const at = mapped(m.init, pages, kind)
      const counts = m.init.run(writes(random(pages, 30_000)), at)
      m.validate()
      const { vmstat } = m
      expect(counts.majorFaults).toBe(vmstat.pgmajfault)
      expect(vmstat.pgsteal_anon).toBe(vmstat.pgsteal_direct + vmstat.pgsteal_kswapd)
      expect(vmstat.pgscan_anon).toBe(vmstat.pgscan_direct + vmstat.pgscan_kswapd)
      expect(vmstat.pswpout).toBe(vmstat.pgsteal_anon)
      expect(vmstat.workingset_refault_anon).toBe(vmstat.pgmajfault)
      expect(vmstat.pgmajfault).toBeGreaterThan(10_000)
      m.init.munmap(at, pages * PAGE)
      m.validate()
      expect(free - m.freeFrames).toBeLessThanOrEqual(kept)
    })

    it('come back with what was written to them', async () => {
      const m = await machine([], true)
      const pages = 2 * frames(m)
      const at = mapped(m.init, pages, kind)
      for (let round = 1; round < 4; round++) {
        for (let page = 0; page < pages; page++) {
          if (round > 1) expect(m.init.load32(at + page * PAGE)).toBe(page * 10 + round - 1)
          m.init.store32(at + page * PAGE, page * 10 + round)
        }
      }
      m.validate()
    })
  })

  it('the same input gives the same counts', async () => {
    const run = async (): Promise<Vmstat> => {
      const m = await machine()
      const pages = 2 * frames(m)
      m.init.run(writes(random(pages, 20_000)), mapped(m.init, pages))
      return m.vmstat
    }
    expect(await run()).toEqual(await run())
  })
}
