// Random steps on files and their mappings, done to a machine and to a model.
import { constants as C, type Machine, type Process } from 'faultline'
import { expect } from 'vitest'
import { outcome } from '../outcome.ts'
import { ModelFile, ModelMapping, PAGE } from './fileModel.ts'
import type { Below, Twin } from './random.ts'

const MAX_PAGES = 8
const ARENA = 0x10000000
const SLOTS = 6
const PUNCH = C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE

/** A process, and its mappings in the model. */
export interface Pair {
  real: Process
  model: Map<number, ModelMapping>
}

/** A machine and its model, and steps that do the same to both. */
export class Files implements Twin {
  readonly files: readonly ModelFile[]
  readonly processes: Pair[]
  readonly fds: number[]

  constructor(
    readonly machine: Machine,
    readonly next: Below,
  ) {
    this.processes = [{ real: machine.init, model: new Map() }]
    this.files = [0, 1].map(() => this.newFile())
    this.fds = this.open()
  }

  protected newFile(): ModelFile {
    return new ModelFile()
  }

  /** Makes the files; returns their descriptors. */
  protected open(): number[] {
    const { init } = this.machine
    return [init.memfd_create('m', 0), init.shm_open('/f', C.O_CREAT | C.O_RDWR, 0o600)]
  }

  /** Takes the names of the files away. */
  protected unlink(): void {
    this.machine.init.shm_unlink('/f')
  }

  /** What is done beside what can be done to any file. */
  protected get others(): ((pair: Pair, file: ModelFile, fd: number) => void)[] {
    return []
  }

  protected any<T>(list: readonly T[]): T {
    return list[this.next(list.length)] as T
  }

  #offset(): number {
    return this.next(MAX_PAGES) * PAGE + (this.next(2) ? this.next(PAGE) : 0)
  }

  step(): string {
    const steps = [this.write, this.write, this.read, this.resize, this.reserve, this.punch, this.seek, this.stat]
    const more = [this.map, this.map, this.unmap, this.store, this.store, this.store, this.load, this.load, this.load, this.fork, this.exit]
    const step = this.any([...steps, ...more, ...this.others])
    const which = this.next(2)
    step.call(this, this.any(this.processes), this.files[which] as ModelFile, this.fds[which] as number)
    return step.name
  }

  write({ real }: Pair, file: ModelFile, fd: number): void {
    const offset = this.#offset()
    const bytes = Uint8Array.from({ length: this.next(3) ? this.next(20) : this.next(2 * PAGE) }, () => 1 + this.next(255))
    expect(real.pwrite(fd, bytes, offset)).toBe(bytes.length)
    file.write(bytes, offset)
  }

  read({ real }: Pair, file: ModelFile, fd: number): void {
    const [offset, length] = [this.#offset(), this.next(3 * PAGE)]
    expect(Buffer.compare(real.pread(fd, length, offset), file.read(length, offset))).toBe(0)
  }

  resize({ real }: Pair, file: ModelFile, fd: number): void {
    const size = this.#offset()
    real.ftruncate(fd, size)
    file.resize(size)
    for (const { model } of this.processes) for (const mapping of model.values()) if (mapping.file === file) mapping.cut()
  }

  reserve({ real }: Pair, file: ModelFile, fd: number): void {
    const [from, keep] = [this.#offset(), this.next(2) === 1]
    const to = from + 1 + this.next(3 * PAGE)
    real.fallocate(fd, keep ? C.FALLOC_FL_KEEP_SIZE : 0, from, to - from)
    file.reserve(from, to, keep)
  }

  punch({ real }: Pair, file: ModelFile, fd: number): void {
    const from = this.#offset()
    const to = from + 1 + this.next(3 * PAGE)
    real.fallocate(fd, PUNCH, from, to - from)
    file.punch(from, to)
  }

  seek({ real }: Pair, file: ModelFile, fd: number): void {
    const [offset, data] = [this.#offset(), this.next(2) === 1]
    expect(outcome(() => real.lseek(fd, offset, data ? C.SEEK_DATA : C.SEEK_HOLE))).toBe(file.seek(offset, data) ?? 'ENXIO')
  }

  stat({ real }: Pair, file: ModelFile, fd: number): void {
    expect(real.fstat(fd)).toMatchObject({ size: file.size, blocks: file.pages.size * 8 })
  }

  map({ real, model }: Pair, file: ModelFile, fd: number): void {
    const slot = this.next(SLOTS)
    const [first, pages, shared] = [this.next(MAX_PAGES), 1 + this.next(MAX_PAGES), this.next(2) === 1]
    const at = ARENA + slot * 16 * PAGE
    real.munmap(at, 16 * PAGE)
    const flags = C.MAP_FIXED | (shared ? C.MAP_SHARED : C.MAP_PRIVATE)
    real.mmap(at, pages * PAGE, C.PROT_READ | C.PROT_WRITE, flags, fd, first * PAGE)
    model.set(slot, new ModelMapping(file, at, first, pages, shared))
  }

  unmap({ real, model }: Pair): void {
    const slot = this.next(SLOTS)
    real.munmap(ARENA + slot * 16 * PAGE, 16 * PAGE)
    model.delete(slot)
  }

  store({ real, model }: Pair): void {
    if (model.size === 0) return
    const mapping = this.any([...model.values()])
    const page = this.next(mapping.pages)
    const [offset, value] = [4 * this.next(this.room(mapping, page) / 4), this.next(2 ** 32)]
    const bytes = mapping.reach(page, true)
    expect(outcome(() => real.store32(mapping.at + page * PAGE + offset, value))).toBe(bytes ? undefined : 'BUS_ADRERR')
    if (bytes) new DataView(bytes.buffer).setUint32(offset, value, true)
  }

  /** The bytes of a mapping's page that may be stored to. */
  protected room(_mapping: ModelMapping, _page: number): number {
    return PAGE
  }

  load({ real, model }: Pair): void {
    if (model.size === 0) return
    const mapping = this.any([...model.values()])
    const page = this.next(mapping.pages)
    const bytes = mapping.reach(page, false)
    const read = outcome(() => real.read(mapping.at + page * PAGE, PAGE))
    if (bytes && typeof read !== 'string') expect(Buffer.compare(read, bytes)).toBe(0)
    else expect([read, bytes]).toEqual(['BUS_ADRERR', undefined])
  }

  fork({ real, model }: Pair): void {
    if (this.processes.length >= 4) return
    this.processes.push({ real: real.fork(), model: new Map([...model].map(([slot, mapping]) => [slot, mapping.fork()])) })
  }

  exit(pair: Pair): void {
    if (pair.real.pid === 1) return
    pair.real.exit(0)
    this.processes.splice(this.processes.indexOf(pair), 1)
  }

  /** Ends everything; whatever was left of the files goes with the last that held them. */
  finish(): void {
    for (const pair of [...this.processes]) this.exit(pair)
    const { init } = this.machine
    while (outcome(() => init.wait()) !== 'ECHILD') {}
    for (const fd of this.fds) init.close(fd)
    this.unlink()
    init.munmap(ARENA, SLOTS * 16 * PAGE)
  }
}
