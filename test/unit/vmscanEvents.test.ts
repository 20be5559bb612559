// What reclaim tells the rings of events, against what it counts.
import { constants as C, type EventName, type MachineEvent, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { withMachine } from '../machines.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** Maps pages, and writes to them all. */
function use(process: Process, pages: number): void {
  const at = process.mmap(0, pages * PAGE, RW, PRIVATE)
  for (let i = 0; i < pages; i++) process.store32(at + i * PAGE, i + 1)
}

/** The events of a name. */
function named<Name extends EventName>(events: readonly MachineEvent[], name: Name): Extract<MachineEvent, { event: Name }>[] {
  return events.filter((event): event is Extract<MachineEvent, { event: Name }> => event.event === name)
}
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

describe('events of reclaim', () => {
  it('tell of each round, list and page what is counted', () =>
    withMachine(
      (machine, init) => {
        machine.swapon({ size: '4MiB' })
        const group = machine.cgroup('a', { memoryMax: 100 * PAGE })
        const p = init.fork()
        group.assign(p)
        const from = machine.events().next
        for (let round = 0; round < 4; round++) use(p, 60)
        const { events, lost } = machine.events({ since: from })
        expect(lost).toBe(0)
        const stat = group.stat()
        const begins = named(events, 'mm_vmscan_memcg_reclaim_begin')
        const ends = named(events, 'mm_vmscan_memcg_reclaim_end')
        expect(begins.length).toBeGreaterThan(3)
        expect(begins[0]).toMatchObject({ order: 0, group: 1, pid: p.pid })
        expect([ends.length, sum(ends.map(({ nr_reclaimed }) => nr_reclaimed))]).toEqual([begins.length, stat.pgsteal])
        const inactive = named(events, 'mm_vmscan_lru_shrink_inactive')
        expect(sum(inactive.map(({ nr_scanned }) => nr_scanned))).toBe(stat.pgscan)
        expect(sum(inactive.map(({ nr_reclaimed }) => nr_reclaimed))).toBe(stat.pgsteal)
        expect(sum(inactive.map(({ nr_activate }) => nr_activate))).toBe(stat.pgactivate)
        for (const { priority } of inactive) expect(priority).toBeLessThanOrEqual(12)
        const active = named(events, 'mm_vmscan_lru_shrink_active')
        expect(sum(active.map(({ nr_deactivated }) => nr_deactivated))).toBe(stat.pgdeactivate)
        expect(sum(active.map(({ nr_taken }) => nr_taken))).toBe(stat.pgrefill)
        const isolated = named(events, 'mm_vmscan_lru_isolate')
        expect(sum(isolated.map(({ nr_scanned }) => nr_scanned))).toBe(stat.pgscan + stat.pgrefill)
        for (const { nr_requested, nr_scanned, nr_taken, lru } of isolated) {
          expect(nr_requested).toBeGreaterThanOrEqual(nr_scanned)
          expect(nr_scanned).toBeGreaterThanOrEqual(nr_taken)
          expect([0, 1]).toContain(lru)
        }
        const written = named(events, 'mm_vmscan_write_folio')
        expect(written.length).toBe(stat.pswpout)
        expect(new Set(written.map(({ reclaim_flags }) => reclaim_flags))).toEqual(new Set([9]))
        p.exit(0)
        init.wait()
        group.remove()
        machine.swapoff(0)
      },
      { trace: 2 ** 14 },
    ))

  it('tell of kswapd, and of calls that reclaim for themselves', () =>
    withMachine(
      (machine, init) => {
        machine.swapon({ size: '8MiB' })
        const from = machine.events().next
        use(init, 1200)
        const { events } = machine.events({ since: from })
        const [wakes, sleeps] = [named(events, 'mm_vmscan_kswapd_wake'), named(events, 'mm_vmscan_kswapd_sleep')]
        expect(wakes.length).toBeGreaterThan(0)
        expect(sleeps.length).toBe(wakes.length)
        const begins = named(events, 'mm_vmscan_direct_reclaim_begin')
        expect(named(events, 'mm_vmscan_direct_reclaim_end').length).toBe(begins.length)
        init.munmap(0, 2 ** 47 - PAGE)
        machine.swapoff(0)
      },
      { memory: '4MiB', cpus: 1, trace: 2 ** 14 },
    ))
})
