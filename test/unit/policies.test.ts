// The policies of assembly/policy/ in the machine: told of every access, each evicts what it evicts in a replay.
import { type BootOptions, boot, constants as C, type Machine, policies } from 'faultline'
import { describe, expect, it } from 'vitest'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const WRITE = 0x80000000
/** The page from which on pages are mapped: its number is the first page's key in the machine, and so in the replay. */
const FIRST = 256
const able = policies.filter(({ sees }) => sees !== 'the future').map(({ name }) => name)

/** References to so many pages, some far more often than others, with a loop over many now and then. */
function trace(pages: number, length: number): Uint32Array {
  let seed = 12345
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
  return Uint32Array.from({ length }, (_, i) => (i % 5000 > 4000 ? i % pages : Math.floor(random() ** 3 * pages)))
}

describe('in the machine, the policy', () => {
  it.each(able)('%s misses as often as in a replay', async policy => {
    const machine = await boot({ memory: '8MiB', cpus: 1, contents: false, target: 'debug', policy })
    const { init } = machine
    const free = machine.freeFrames
    expect(machine.policyFrames).toBe(0)
    machine.swapon({ size: '64MiB', backing: 'none' })
    const frames = machine.policyFrames as number
    const pages = 3 * frames
    const references = trace(pages, 30_000)
    init.mmap(FIRST * PAGE, pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED | C.MAP_NORESERVE)
    const counts = init.run(
      references.map(page => (page | WRITE) >>> 0),
      FIRST * PAGE,
    )
    const replay = new Replayer({ policy: choosePolicy(policy), frames, pages: FIRST + pages })
    replay.run(references.map(page => page + FIRST))
    expect(counts.minorFaults + counts.majorFaults).toBe(replay.counts.misses)
    expect(machine.vmstat.pgsteal_direct).toBe(replay.counts.evictions)
    machine.validate()
    init.munmap(FIRST * PAGE, pages * PAGE)
    machine.validate()
    expect(machine.freeFrames).toBeLessThanOrEqual(free)
  })
})

/** A machine with contents and a swap area, whose pages a policy evicts. */
async function bootWith(policy: string): Promise<Machine> {
  const machine = await boot({ memory: '8MiB', cpus: 1, target: 'debug', policy })
  machine.swapon({ size: '32MiB' })
  return machine
}

describe('a machine with a policy of its own', () => {
  it('tells it of loads and stores, too', async () => {
    const machine = await bootWith('lru')
    const frames = machine.policyFrames as number
    const pages = 2 * frames
    const { init } = machine
    init.mmap(FIRST * PAGE, pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED | C.MAP_NORESERVE)
    const references = trace(pages, 20_000)
    const before = machine.vmstat.pgfault
    references.forEach((page, i) => {
      const at = (FIRST + page) * PAGE
      if (i % 2 === 0) init.store32(at, page)
      else init.store8(at + 4, 1)
    })
    const replay = new Replayer({ policy: choosePolicy('lru'), frames, pages })
    replay.run(references)
    expect(machine.vmstat.pgfault - before).toBe(replay.counts.misses)
    machine.validate()
  })

  it.each(['sieve', 'arc', 'wtinylfu', 'mru'])('keeps contents of private pages, copies and segments, under %s', async policy => {
    const machine = await bootWith(policy)
    const { init } = machine
    const pages = machine.policyFrames as number
    const length = pages * PAGE
    const own = init.mmap(0, length, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    const segment = init.shmat(init.shmget(C.IPC_PRIVATE, length, C.IPC_CREAT | 0o600), 0, 0)
    for (let page = 0; page < pages; page++) {
      init.store32(own + page * PAGE, page + 1)
      init.store32(segment + page * PAGE, ~page >>> 0)
    }
    const child = init.fork()
    for (let page = 0; page < pages; page += 3) child.store32(own + page * PAGE, page + 7)
    for (let page = 0; page < pages; page++) {
      expect(init.load32(own + page * PAGE)).toBe(page + 1)
      expect(child.load32(own + page * PAGE)).toBe(page % 3 === 0 ? page + 7 : page + 1)
      expect(child.load32(segment + page * PAGE)).toBe(~page >>> 0)
    }
    machine.validate()
    child.exit(0)
    init.wait()
    machine.validate()
    expect(machine.vmstat.pswpout).toBeGreaterThan(pages)
  })

  it('loses pages to MADV_PAGEOUT, and goes on from a snapshot', async () => {
    const machine = await bootWith('lirs')
    const { init } = machine
    const pages = machine.policyFrames as number
    const at = init.mmap(0, 2 * pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    for (let page = 0; page < 2 * pages; page++) init.store32(at + page * PAGE, page)
    init.madvise(at + pages * PAGE, pages * PAGE, C.MADV_PAGEOUT)
    expect(init.frameOf(at + (2 * pages - 1) * PAGE)).toBeUndefined()
    machine.validate()
    const restored = await boot({ snapshot: await machine.snapshot() })
    expect(restored.policyFrames).toBe(pages)
    for (const { init } of [machine, restored]) {
      for (let page = 0; page < 2 * pages; page++) expect(init.load32(at + page * PAGE)).toBe(page)
      init.munmap(at, 2 * pages * PAGE)
    }
    machine.validate()
    restored.validate()
  })

  it('goes on with pages that cannot be evicted', async () => {
    const machine = await bootWith('fifo')
    const { init } = machine
    const pages = machine.policyFrames as number
    const locked = Math.floor(pages / 2)
    const at = init.mmap(0, 2 * pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    init.mlock(at, locked * PAGE)
    for (let turn = 0; turn < 3; turn++) for (let page = 0; page < 2 * pages; page++) init.store32(at + page * PAGE, page + turn)
    for (let page = 0; page < locked; page++) expect(init.frameOf(at + page * PAGE)).toBeDefined()
    for (let page = 0; page < 2 * pages; page++) expect(init.load32(at + page * PAGE)).toBe(page + 2)
    machine.validate()
  })

  it('refuses names, settings and mechanisms that there are not', async () => {
    const refused = (options: Partial<BootOptions>): Promise<void> =>
      expect(boot({ memory: '8MiB', ...options })).rejects.toThrow(TypeError)
    await refused({ policy: 'leru' })
    await refused({ policy: 'opt' })
    await refused({ policy: 'lru:foo=2' })
    await refused({ policy: 'own.ts' })
    await refused({ policy: 's3fifo:size=2' })
    await refused({ policy: 'lru', without: [] })
    const machine = await boot({ memory: '8MiB', policy: 's3fifo:small=0.2' })
    expect(machine.policyFrames).toBe(0)
    expect(() => machine.cgroup('limited', { memoryMax: 2 ** 20 })).toThrow('EOPNOTSUPP')
    expect((await boot({ memory: '8MiB' })).policyFrames).toBeUndefined()
  })
})
