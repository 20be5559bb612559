import { constants as C, type Machine, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { codeOf } from '../outcome.ts'
import { ModelProcess, type ModelSegment, READ, WRITE } from './machineModel.ts'
import { type Below, type Twin, walk } from './random.ts'

const PAGE = 4096
/** Fixed mappings go here, in pages, so that they meet. */
const ARENA = 0x10000
const ARENA_PAGES = 48
const STEPS = 1500

/** The machine and its model, and steps that do the same to both. */
class Pair implements Twin {
  readonly processes: { real: Process; model: ModelProcess }[]
  readonly segments: ModelSegment[] = []

  constructor(
    readonly machine: Machine,
    readonly next: Below,
  ) {
    this.processes = [{ real: machine.init, model: new ModelProcess() }]
  }

  /** How often the model has a segment attached. */
  attachments(segment: ModelSegment): number {
    return this.processes.flatMap(({ model }) => model.stretches).filter(({ object }) => object?.segment === segment).length
  }

  /** Forgets the segments that nobody has attached, and that are marked or in a namespace that nobody is in or has a segment of. */
  sweep(): void {
    for (const segment of [...this.segments]) {
      if (this.attachments(segment) > 0) continue
      if (segment.marked || !this.isReached(segment.namespace)) this.segments.splice(this.segments.indexOf(segment), 1)
    }
  }

  /** Whether a process is in a namespace or has attached a segment of it. */
  isReached(namespace: symbol): boolean {
    return this.processes.some(
      ({ model }) => model.namespace === namespace || model.stretches.some(({ object }) => object?.segment?.namespace === namespace),
    )
  }

  /** A segment that a process sees. */
  someSegment(model: ModelProcess): ModelSegment | undefined {
    const visible = this.segments.filter(segment => segment.namespace === model.namespace)
    return visible[this.next(Math.max(1, visible.length))]
  }

  step(): string {
    const process = this.processes[this.next(this.processes.length)]
    if (!process) throw new Error('no process')
    const steps = [
      this.map,
      this.unmap,
      this.protect,
      this.advise,
      this.lock,
      this.remap,
      this.remap,
      this.store,
      this.store,
      this.fill,
      this.copy,
      this.copy,
      this.operate,
      this.loadAll,
      this.load,
      this.fork,
      this.exit,
      this.kill,
      this.get,
      this.attach,
      this.attach,
      this.detach,
      this.remove,
      this.stat,
      this.unshare,
    ]
    const step = steps[this.next(steps.length)]
    step?.call(this, process)
    this.sweep()
    return step?.name ?? ''
  }

  range(): [number, number] {
    const start = this.next(ARENA_PAGES)
    return [ARENA + start, ARENA + start + 1 + this.next(ARENA_PAGES - start)]
  }

  map({ real, model }: Pair['processes'][number]): void {
    const rights = this.next(4)
    const shared = this.next(2) === 1
    const kind = shared ? C.MAP_SHARED : C.MAP_PRIVATE
    const populate = this.next(4) === 0 ? C.MAP_POPULATE : 0
    let [start, end] = this.range()
    const fixed = this.next(4) > 0
    const address = real.mmap(
      fixed ? start * PAGE : 0,
      (end - start) * PAGE - this.next(PAGE),
      rights,
      kind | C.MAP_ANONYMOUS | populate | (fixed ? C.MAP_FIXED : 0),
      -1,
      0,
    )
    if (fixed) expect(address).toBe(start * PAGE)
    else {
      ;[start, end] = [address / PAGE, address / PAGE + end - start]
      expect(model.isFree(start, end), 'the machine chose an address that is in use').toBe(true)
    }
    model.map(start, end, rights, shared ? { contents: new Map(), pages: end - start } : undefined)
  }

  unmap({ real, model }: Pair['processes'][number]): void {
    const [start, end] = this.next(4) > 0 ? this.range() : this.someStretch(model)
    real.munmap(start * PAGE, (end - start) * PAGE)
    model.unmap(start, end)
  }

  someStretch(model: ModelProcess): [number, number] {
    const stretch = model.stretches[this.next(Math.max(1, model.stretches.length))]
    return stretch ? [stretch.start, stretch.end] : this.range()
  }

  protect({ real, model }: Pair['processes'][number]): void {
    const [start, end] = this.range()
    const rights = this.next(4)
    const code = codeOf(() => real.mprotect(start * PAGE, (end - start) * PAGE, rights))
    expect(code).toBe(model.protect(start, end, rights))
  }

  advise({ real, model }: Pair['processes'][number]): void {
    const [start, end] = this.next(3) > 0 ? this.someStretch(model) : this.range()
    const advice = (['remove', 'dontneed', 'dontfork', 'dofork'] as const)[this.next(4)] ?? 'dontneed'
    const number = { remove: C.MADV_REMOVE, dontneed: C.MADV_DONTNEED, dontfork: C.MADV_DONTFORK, dofork: C.MADV_DOFORK }[advice]
    expect(codeOf(() => real.madvise(start * PAGE, (end - start) * PAGE, number))).toBe(model.advise(start, end, advice))
  }

  lock({ real, model }: Pair['processes'][number]): void {
    const [start, end] = this.next(3) > 0 ? this.someStretch(model) : this.range()
    const locked = this.next(3) === 0
    const code = codeOf(() => real[locked ? 'mlock' : 'munlock'](start * PAGE, (end - start) * PAGE))
    expect(code).toBe(model.lock(start, end, locked))
  }

  remap({ real, model }: Pair['processes'][number]): void {
    const [start, end] = this.someStretch(model)
    if (!model.find(start)) return
    const from = start + this.next(end - start)
    // what shows an object may be mapped once more
    const object = model.find(from)?.object
    const old = object && this.next(6) === 0 ? 0 : 1 + this.next(end - from)
    // the whole VMA that is left is unlocked then, and the model does not know how far it reaches
    const keep = old > 0 && !model.find(from)?.locked && this.next(5) === 0
    const pages = keep || this.next(3) === 0 ? Math.max(old, 1) : 1 + this.next(ARENA_PAGES / 2)
    const to = ARENA + this.next(ARENA_PAGES - Math.min(pages, ARENA_PAGES - 1))
    if (keep || this.next(2) === 0) this.moveTo({ real, model }, from, old, to, pages, keep)
    else this.resize({ real, model }, from, old, pages)
  }

  /** mremap to a place that is named; whatever is there goes. */
  moveTo({ real, model }: Pair['processes'][number], from: number, old: number, to: number, pages: number, keep: boolean): void {
    const flags = C.MREMAP_MAYMOVE | C.MREMAP_FIXED | (keep ? C.MREMAP_DONTUNMAP : 0)
    const code = codeOf(() => real.mremap(from * PAGE, old * PAGE, pages * PAGE, flags, to * PAGE))
    const overlaps = from + old > to && to + pages > from
    // of no length, the source may be where the copy goes, and goes first
    const lost = to <= from && from < to + pages
    expect(code).toBe(overlaps ? 'EINVAL' : lost ? 'EFAULT' : undefined)
    if (overlaps) return
    model.unmap(to, to + pages)
    if (lost) return
    if (old > pages) model.unmap(from + pages, from + old)
    model.move(from, old, to, pages, keep)
  }

  /** mremap to a length, moving if it may. */
  resize({ real, model }: Pair['processes'][number], from: number, old: number, pages: number): void {
    const mayMove = this.next(3) > 0
    let at = 0
    const code = codeOf(() => {
      at = real.mremap(from * PAGE, old * PAGE, pages * PAGE, mayMove ? C.MREMAP_MAYMOVE : 0) / PAGE
    })
    const stays = pages <= old || model.canGrow(from, from + old, pages)
    expect(code).toBe(stays || mayMove ? undefined : 'ENOMEM')
    if (code !== undefined) return
    if (stays) expect(at).toBe(from)
    if (pages < old) model.unmap(from + pages, from + old)
    else if (stays && pages > old) model.grow(from, pages)
    else if (!stays) {
      expect(model.isFree(at, at + pages), 'the machine chose an address that is in use').toBe(true)
      model.move(from, old, at, pages, false)
    }
  }

  /** An address to reach for: half of the time one that was written before. */
  address(model: ModelProcess): number {
    const written = [...model.memory.keys()]
    const again = written[this.next(2 * written.length + 1)]
    if (again !== undefined) return again
    const [start, end] = this.someStretch(model)
    return (start + this.next(end - start)) * PAGE + this.next(4) * 4
  }

  store({ real, model }: Pair['processes'][number]): void {
    const address = this.address(model)
    const value = this.next(0xffffffff)
    expect(codeOf(() => real.store32(address, value))).toBe(model.store(address, value))
  }

  fill({ real, model }: Pair['processes'][number]): void {
    const [address, byte, length] = [this.address(model), this.next(256), 4 * this.next(64)]
    // sometimes across the end of the page
    const from = this.next(2) === 0 ? address : address - (address % PAGE) + PAGE - 16
    expect(codeOf(() => real.fill(from, byte, length))).toBe(model.fill(from, byte, length))
  }

  copy({ real, model }: Pair['processes'][number]): void {
    const from = this.address(model)
    const to = this.next(2) === 0 ? this.address(model) : Math.max(0, from + 4 * (this.next(64) - 32))
    const length = 4 * (this.next(4) === 0 ? this.next(1500) : this.next(40))
    expect(codeOf(() => real.copy(to, from, length))).toBe(model.copy(to, from, length))
  }

  /** An atomic operation. */
  operate({ real, model }: Pair['processes'][number]): void {
    const address = this.address(model)
    const value = this.next(0xffffffff)
    const reached = model.reach(address, true)
    const old = typeof reached === 'string' ? 0 : (reached.contents.get(reached.at) ?? 0)
    const operations: [(process: Process) => number, number][] = [
      [process => process.add32(address, value), old + value],
      [process => process.sub32(address, value), old - value],
      [process => process.and32(address, value), old & value],
      [process => process.or32(address, value), old | value],
      [process => process.xor32(address, value), old ^ value],
      [process => process.exchange32(address, value), value],
      [process => process.compareExchange32(address, old, value), value],
      [process => process.compareExchange32(address, old ^ 1, value), old],
    ]
    const [operation, result] = operations[this.next(operations.length)] as (typeof operations)[number]
    if (typeof reached === 'string') expect(codeOf(() => void operation(real))).toBe(reached)
    else {
      expect(operation(real)).toBe(old)
      reached.contents.set(reached.at, result >>> 0)
    }
  }

  load({ real, model }: Pair['processes'][number]): void {
    const address = this.address(model)
    const reached = model.reach(address, false)
    if (typeof reached === 'string') expect(codeOf(() => real.load32(address))).toBe(reached)
    else expect(real.load32(address)).toBe(reached.contents.get(reached.at) ?? 0)
  }

  /** Reads every private word that was ever written and may be read. */
  loadAll({ real, model }: Pair['processes'][number]): void {
    for (const [address, value] of model.memory)
      if (typeof model.reach(address, false) !== 'string') expect(real.load32(address)).toBe(value)
  }

  fork({ real, model }: Pair['processes'][number]): void {
    if (this.processes.length < 5) this.processes.push({ real: real.fork(), model: model.fork() })
  }

  exit(process: Pair['processes'][number]): void {
    if (process.real.pid === 1) return
    const code = this.next(256)
    process.real.exit(code)
    this.processes.splice(this.processes.indexOf(process), 1)
    expect(codeOf(() => process.real.load8(0))).toBe('ESRCH')
  }

  kill({ real }: Pair['processes'][number]): void {
    const victim = this.processes[this.next(this.processes.length)]
    if (!victim || victim.real.pid === 1 || this.next(2) === 0) return
    real.kill(victim.real.pid, C.SIGTERM)
    this.processes.splice(this.processes.indexOf(victim), 1)
    expect(codeOf(() => victim.real.load8(0))).toBe('ESRCH')
  }

  get({ real, model }: Pair['processes'][number]): void {
    const key = this.next(6)
    const pages = 1 + this.next(8)
    const { namespace } = model
    const known = this.segments.find(segment => segment.namespace === namespace && segment.key === key && !segment.marked && key !== 0)
    let id = -1
    const code = codeOf(() => {
      id = real.shmget(key, pages * PAGE - this.next(PAGE), C.IPC_CREAT | 0o600)
    })
    if (known) {
      // the size may be asked for in bytes that round up to the same pages
      if (pages < known.pages) expect(code).toBeUndefined()
      if (code === undefined) expect(id).toBe(known.id)
      else expect(code).toBe('EINVAL')
      return
    }
    expect(code).toBeUndefined()
    expect(this.segments.some(segment => segment.namespace === namespace && segment.id === id)).toBe(false)
    const segment: ModelSegment = { namespace, id, key, pages, marked: false, object: { contents: new Map(), pages } }
    segment.object.segment = segment
    this.segments.push(segment)
  }

  attach({ real, model }: Pair['processes'][number]): void {
    const segment = this.someSegment(model)
    if (!segment) return
    const readOnly = this.next(3) === 0
    const flags = readOnly ? C.SHM_RDONLY : 0
    const rights = readOnly ? READ : READ | WRITE
    const page = this.next(2) === 0 ? 0 : ARENA + this.next(ARENA_PAGES)
    const remap = page !== 0 && this.next(2) === 0
    let at = 0
    const code = codeOf(() => {
      at = real.shmat(segment.id, page * PAGE, flags | (remap ? C.SHM_REMAP : 0))
    })
    if (page !== 0 && !remap && !model.isFree(page, page + segment.pages)) {
      expect(code).toBe('EINVAL')
      return
    }
    expect(code).toBeUndefined()
    expect(page === 0 ? model.isFree(at / PAGE, at / PAGE + segment.pages) : at === page * PAGE).toBe(true)
    model.map(at / PAGE, at / PAGE + segment.pages, rights, segment.object, !readOnly)
  }

  detach({ real, model }: Pair['processes'][number]): void {
    const [start] = this.someStretch(model)
    const parts = model.attachedAt(start)
    expect(codeOf(() => real.shmdt(start * PAGE))).toBe(parts.length === 0 ? 'EINVAL' : undefined)
    model.stretches = model.stretches.filter(stretch => !parts.includes(stretch))
  }

  remove({ real, model }: Pair['processes'][number]): void {
    const segment = this.someSegment(model)
    if (!segment || this.next(2) === 0) return
    real.shmctl(segment.id, C.IPC_RMID)
    segment.marked = true
  }

  stat({ real, model }: Pair['processes'][number]): void {
    for (const segment of this.segments.filter(({ namespace }) => namespace === model.namespace)) {
      const stat = real.shmctl(segment.id, C.IPC_STAT)
      expect(stat.nattch).toBe(this.attachments(segment))
      expect(stat.perm.mode & C.SHM_DEST).toBe(segment.marked ? C.SHM_DEST : 0)
    }
  }

  /** Moves a process to a namespace of its own, once in a while. */
  unshare({ real, model }: Pair['processes'][number]): void {
    if (this.next(4) > 0) return
    real.unshare(C.CLONE_NEWIPC)
    model.namespace = Symbol('namespace')
  }

  /** Ends everything, on both sides. */
  finish(): void {
    for (const process of [...this.processes]) this.exit(process)
    while (codeOf(() => void this.machine.init.wait()) !== 'ECHILD') {}
    const [init] = this.processes
    for (const { start, end } of init?.model.stretches ?? []) init?.real.munmap(start * PAGE, (end - start) * PAGE)
    if (init) init.model.stretches = []
    this.sweep()
    for (const segment of this.segments) init?.real.shmctl(segment.id, C.IPC_RMID)
  }
}

it.each([1, 2, 3, 4])('does what the model does, with balanced books after each step, seed %i', seed =>
  walk(seed, STEPS, (machine, next) => new Pair(machine, next)),
)
