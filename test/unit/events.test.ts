import { boot, constants as C, FaultError, type MachineEvent } from 'faultline'
import { describe, expect, it } from 'vitest'
import { CPUS } from '#dist/abi/layout.gen.js'
import { Kernel } from '#dist/core/kernel.js'
import { CpuLayout } from '#dist/core/layout.gen.js'
import { readEvents } from '#dist/proc/events.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS
/** Bits of an error code. */
const [PRESENT, WRITE, USER] = [1, 2, 4]

/** An event without its place. */
function what({ cpu: _, sequence: __, ...event }: MachineEvent): object {
  return event
}

describe('events', () => {
  it('tell what happened, in order', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', trace: true })
    const { init } = machine
    const from = machine.events().next
    const at = init.mmap(0, 2 * PAGE, RW, ANONYMOUS)
    init.load32(at)
    init.store32(at, 1)
    expect(() => init.store32(8 * PAGE, 1)).toThrow(FaultError)
    const frame = init.frameOf(at)
    const child = init.fork()
    child.store32(at, 2)
    const id = init.shmget(C.IPC_PRIVATE, PAGE, 0o600)
    const here = child.shmat(id, 0, 0)
    child.shmdt(here)
    child.exit(3)
    const { events, lost } = machine.events({ since: from })
    expect(lost).toBe(0)
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => (from[0] as number) + index))
    const kinds = ['page_fault_user', 'vma_store', 'vma_remove', 'shm_attach', 'shm_detach', 'sched_process_fork', 'sched_process_exit']
    const vma = { start: at, end: at + 2 * PAGE }
    const attached = { start: here, end: here + PAGE }
    expect(events.filter(({ event }) => kinds.includes(event)).map(what)).toEqual([
      { event: 'vma_store', pid: 1, ...vma },
      { event: 'page_fault_user', pid: 1, address: at, errorCode: USER },
      { event: 'page_fault_user', pid: 1, address: at, errorCode: USER | WRITE | PRESENT },
      { event: 'page_fault_user', pid: 1, address: 8 * PAGE, errorCode: USER | WRITE },
      { event: 'vma_store', pid: 1, ...vma },
      { event: 'sched_process_fork', pid: 1, child: 2, childCpu: 0 },
      { event: 'page_fault_user', pid: 2, address: at, errorCode: USER | WRITE | PRESENT },
      { event: 'vma_store', pid: 2, ...attached },
      { event: 'shm_attach', pid: 2, id, key: 0 },
      { event: 'vma_remove', pid: 2, ...attached },
      { event: 'shm_detach', pid: 2, id, key: 0 },
      { event: 'vma_remove', pid: 2, ...vma },
      { event: 'sched_process_exit', pid: 2, ended: 2, status: 3 * 256 },
    ])
    const frames = events.filter(event => event.event === 'mm_page_alloc').map(event => event.frame)
    expect(frames).toContain(frame)
    machine.validate()
  })

  it('account for every frame taken and given back', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', trace: 4096 })
    const { init } = machine
    const from = machine.events().next
    const free = machine.freeFrames
    const at = init.mmap(0, 300 * PAGE, RW, ANONYMOUS)
    for (let page = 0; page < 300; page++) init.store8(at + page * PAGE, 1)
    const count = (name: string): number => machine.events({ since: from }).events.filter(({ event }) => event === name).length
    // frames that wait are given back when they are asked for
    const taken = (): number => free - machine.freeFrames
    expect(taken()).toBe(count('mm_page_alloc') - count('mm_page_free'))
    init.munmap(at, 300 * PAGE)
    expect(taken()).toBe(count('mm_page_alloc') - count('mm_page_free'))
  })

  it('show that a mapping that comes and goes takes one frame, once tables and slabs are there', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', trace: 4096 })
    const { init } = machine
    const free = machine.freeFrames
    const cycle = (): void => {
      const at = init.mmap(0, PAGE, RW, ANONYMOUS)
      init.store8(at, 1)
      init.munmap(at, PAGE)
    }
    cycle()
    const since = machine.events().next
    cycle()
    expect(machine.events({ since }).events.filter(({ event }) => event === 'mm_page_alloc')).toHaveLength(1)
    machine.validate()
    expect(machine.freeFrames).toBe(free)
  })

  it('go on where the last look ended, and tell how many were lost', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', cpus: 1, trace: 100 })
    const { init } = machine
    let { next } = machine.events()
    for (let round = 0; round < 5; round++) {
      init.munmap(init.mmap(0, PAGE, RW, ANONYMOUS), PAGE)
      const batch = machine.events({ since: next })
      expect(batch.lost).toBe(0)
      expect(batch.events.map(({ event }) => event).filter(event => event.startsWith('vma'))).toEqual(['vma_store', 'vma_remove'])
      next = batch.next
    }
    expect(machine.events({ since: next })).toEqual({ events: [], lost: 0, next })
    for (let i = 0; i < 1000; i++) init.munmap(init.mmap(0, PAGE, RW, ANONYMOUS), PAGE)
    const { events, lost, next: last } = machine.events({ since: next })
    expect(events).toHaveLength(126)
    expect(events.length + lost).toBe((last[0] as number) - (next[0] as number))
    expect(events.at(-1)).toMatchObject({ sequence: (last[0] as number) - 1, event: 'vma_remove' })
  })

  it('are none in a machine that does not trace', async () => {
    const machine = await boot({ memory: '16MiB' })
    machine.init.mmap(0, PAGE, RW, ANONYMOUS)
    expect(() => machine.events()).toThrow('keeps no events: it was booted without the option `trace`')
  })

  it('survive in a snapshot', async () => {
    const machine = await boot({ memory: '16MiB', trace: true })
    machine.init.mmap(0, PAGE, RW, ANONYMOUS)
    const restored = await boot({ snapshot: machine.snapshot() })
    expect(restored.events()).toEqual(machine.events())
    restored.init.fork()
    expect(restored.events().events.at(-1)?.event).toBe('sched_process_fork')
  })

  it('are left out if they may have been written while they were read', () => {
    const memory = new WebAssembly.Memory({ initial: 65, maximum: 65536, shared: true })
    const kernel = new Kernel({ memory, target: 'debug' })
    kernel.build({ frames: 1024, lowFrames: 1024 }, 1)
    expect(kernel.exports.trace_start(0)).toBe(0)
    for (let i = 0; i < 400; i++) kernel.exports.frames_give(kernel.exports.frames_take(0), 0)
    const whole = readEvents(kernel, 1, [])
    expect(whole.events).toHaveLength(126)
    // a writer that is 50 events further when the reader looks again
    const view = kernel.view
    const published = CPUS + CpuLayout.events
    const ahead = { ...kernel, view: new Proxy(view, { get: (target, name) => bound(target, name) }) } as Kernel
    function bound(target: DataView, name: string | symbol): unknown {
      if (name === 'getBigUint64') view.setBigUint64(published, BigInt((whole.next[0] as number) + 50), true)
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    }
    const torn = readEvents(ahead, 1, [])
    expect(torn.events).toEqual(whole.events.slice(50))
    expect(torn.lost).toBe(whole.lost + 50)
  })

  it('take rings of sizes that make sense', async () => {
    for (const trace of [0, -1, 131073]) await expect(boot({ memory: '16MiB', trace })).rejects.toThrow(RangeError)
    for (const trace of [1.5, Number.NaN, 'much' as never]) await expect(boot({ memory: '16MiB', trace })).rejects.toThrow(TypeError)
    await expect(boot({ memory: '4MiB', trace: 131072 })).rejects.toThrow('the memory is too little for the rings of events')
  })
})
